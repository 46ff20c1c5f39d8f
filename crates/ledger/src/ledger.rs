//! The ledger: the log that is being written, and how another continues it.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crypt::Digest;
use durable::{Disk, RealDisk};
use jiff::Timestamp;

use crate::LedgerError;
use crate::cosign::{Cosignature, WitnessPublicKey};
use crate::entry::{Decision, DecisionId, Entry, Event};
use crate::files::failed;
use crate::log::{Log, Pending, PendingReceipt, Receipt, Recorded};
use crate::signing::{SigningKey, SigningKeyError, VerifyingKey};
use crate::turn::Turn;
use crate::witnessed::SignedHead;

/// A ledger open for writing. One process at a time holds it.
///
/// Those who come at once share one sync. Signing the head, by whoever calls [`Ledger::seal`], holds
/// nobody up.
///
/// It is one log, unless that was found damaged: then another log, of a new origin, goes on from it
/// ([`Ledger::continue_in`]). Entries are numbered anew in each.
pub struct Ledger(RwLock<Arc<Log>>);

impl Ledger {
    /// Begins a log in `root`, where there is none.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when there is one, or a part of one.
    pub fn begin(root: &Path, key: SigningKey) -> Result<Self, LedgerError> {
        Self::begin_on(Arc::new(RealDisk), root, key)
    }

    /// Opens the log in `root`. A log without a signed head is none: whoever takes the head away
    /// cannot have the station sign what is left. What was cut short, because the power went, was
    /// never acknowledged and is dropped; everything that was acknowledged is there.
    ///
    /// # Errors
    /// Every [`LedgerError`] but `TooLong` and `Stopped`.
    pub fn open(root: &Path, key: SigningKey) -> Result<Self, LedgerError> {
        Self::open_on(Arc::new(RealDisk), root, key)
    }

    /// [`Ledger::begin`] on a disk of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn begin_on(
        disk: Arc<dyn Disk>,
        root: &Path,
        key: SigningKey,
    ) -> Result<Self, LedgerError> {
        Ok(Self(RwLock::new(Arc::new(Log::begin_on(disk, root, key)?))))
    }

    /// [`Ledger::open`] on a disk of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(disk: Arc<dyn Disk>, root: &Path, key: SigningKey) -> Result<Self, LedgerError> {
        Ok(Self(RwLock::new(Arc::new(Log::open_on(disk, root, key)?))))
    }

    /// Goes on in a new log, where the one before was found damaged. What is on its way is still
    /// written there; then its folder is moved to `aside`, and a new log is begun in its place. Its
    /// first entry is `first`: it says what was found, and commits to the last head. `keep` remembers
    /// the new log's key for the next start. Whoever comes meanwhile waits.
    ///
    /// # Errors
    /// Whatever the disk or `keep` says; then nothing more is written before the next start.
    pub fn continue_anew<E: From<LedgerError>>(
        &self,
        aside: &Path,
        key: SigningKey,
        now: Timestamp,
        first: Event,
        keep: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let log = {
            let before = Arc::clone(&current);
            let _sealing = before.end();
            move_aside(before.root(), aside)?;
            let log = Log::begin_on(Arc::new(RealDisk), before.root(), key)?;
            if let Some(turn) = before.turn() {
                log.take_turn(Arc::clone(turn));
            }
            Arc::new(log)
        };
        log.append(now, first)?;
        log.seal()?;
        keep()?;
        *current = log;
        Ok(())
    }

    /// Writes an event. On return it is on the disk, and stands in the log for good.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`] when the disk is full, read-only or broken;
    /// [`LedgerError::TooLong`], after which the log goes on.
    pub fn append(&self, now: Timestamp, event: Event) -> Result<Recorded, LedgerError> {
        self.log().append(now, event)
    }

    /// Sends an event on its way, so that something else can be made durable beside it.
    ///
    /// # Errors
    /// [`LedgerError::TooLong`].
    pub fn submit(&self, now: Timestamp, event: &Event) -> Result<Pending, LedgerError> {
        self.log().submit(now, event)
    }

    /// Sends a decision on its way.
    ///
    /// # Errors
    /// As [`Ledger::submit`].
    pub fn submit_decision(
        &self,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<PendingReceipt, LedgerError> {
        self.log().submit_decision(now, decision)
    }

    /// Writes a decision and gives the receipt that a permit is made of.
    ///
    /// # Errors
    /// As [`Ledger::append`].
    pub fn record(&self, now: Timestamp, decision: &Decision) -> Result<Receipt, LedgerError> {
        self.submit_decision(now, decision)?.wait()
    }

    /// Signs the log as it stands and writes the head and the newest tiles, so that the folder is a
    /// complete log for any reader of the format. Called about once a second and at the end; an
    /// entry is safe before it, and none waits for it. Says whether there was anything new to sign.
    ///
    /// # Errors
    /// [`LedgerError::File`], after which the log has stopped; [`LedgerError::Stopped`].
    pub fn seal(&self) -> Result<bool, LedgerError> {
        self.log().seal()
    }

    /// The same, and `keep` keeps the new head elsewhere before anybody finds it here: where it must not
    /// be kept, because another station has the turn, there is none.
    ///
    /// # Errors
    /// As there; what `keep` says.
    pub fn seal_with<E: From<LedgerError>>(
        &self,
        keep: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<bool, E> {
        self.log().seal_with(keep)
    }

    /// Where stations take turns at this log: it is written in this turn from now on, and asked for it
    /// before everything that is written.
    pub fn take_turn(&self, turn: Arc<dyn Turn>) {
        self.log().take_turn(turn);
    }

    /// Ends writing until the next start: whoever may write this log is somebody else now.
    pub fn stop(&self, reason: &str) {
        self.log().stop(reason);
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        self.log().size()
    }

    /// A text, signed by the log's key as its heads are: a note. The text ends with a line's end.
    ///
    /// # Errors
    /// When it cannot be a note's text.
    pub fn sign_text(&self, text: &str) -> Result<String, SigningKeyError> {
        let note = self.log().sign_text(text.as_bytes())?;
        String::from_utf8(note).map_err(|e| SigningKeyError::because(&e.to_string()))
    }

    /// The public half of the signing key.
    pub fn verifying(&self) -> VerifyingKey {
        self.log().verifying().clone()
    }

    /// The newest `most` entries before number `end`, newest first, with their numbers.
    ///
    /// # Errors
    /// [`LedgerError::File`]; [`LedgerError::Damaged`] for an entry that is none.
    pub fn newest(&self, end: u64, most: usize) -> Result<Vec<(u64, Entry)>, LedgerError> {
        self.log().newest(end, most)
    }

    /// How many entries are older than `at`. Entries stand in the order of their times.
    ///
    /// # Errors
    /// As [`Ledger::newest`].
    pub fn entries_before(&self, at: Timestamp) -> Result<u64, LedgerError> {
        self.log().entries_before(at)
    }

    /// The tree's hash over the first `size` entries: a head that anybody who has the log works out
    /// again.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchEntry`] when fewer are signed; [`LedgerError::Damaged`].
    pub fn root_of(&self, size: u64) -> Result<Digest, LedgerError> {
        self.log().root_of(size)
    }

    /// Permits given since the station last came up or went down that have no outcome.
    ///
    /// # Errors
    /// As [`Ledger::newest`].
    pub fn unfinished(&self) -> Result<Vec<DecisionId>, LedgerError> {
        self.log().unfinished()
    }

    /// The newest signed head.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn head(&self) -> Result<SignedHead, LedgerError> {
        self.log().head()
    }

    /// What is sent to a witness that has seen `old` entries: the newest head, with the proof that it
    /// continues those.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the witness has seen more than there is: the log was rolled back.
    pub fn submission(&self, old: u64) -> Result<(SignedHead, String), LedgerError> {
        self.log().submission(old)
    }

    /// Keeps a witness's answer to the submission of `head`.
    ///
    /// # Errors
    /// [`LedgerError::NotCosigned`] when it is not that witness's cosignature of that head.
    pub fn keep_cosignature(
        &self,
        witness: &WitnessPublicKey,
        head: &SignedHead,
        answer: &str,
    ) -> Result<Cosignature, LedgerError> {
        self.log().keep_cosignature(witness, head, answer)
    }

    /// The newest cosignature of each of these witnesses.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn cosignatures(
        &self,
        witnesses: &[WitnessPublicKey],
    ) -> Result<Vec<Cosignature>, LedgerError> {
        self.log().cosignatures(witnesses)
    }

    /// Whether the log still has every entry of a head that it signed once, kept elsewhere.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it was rolled back or rewritten.
    pub fn continues(&self, note: &str) -> Result<(), LedgerError> {
        self.log().continues(note)
    }

    /// Proves that an entry stands under the newest head: a text as c2sp.org/tlog-proof says, that
    /// carries the entry.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchEntry`]; [`LedgerError::Damaged`].
    pub fn prove(&self, index: u64) -> Result<String, LedgerError> {
        self.log().prove(index)
    }

    fn log(&self) -> Arc<Log> {
        let log = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&log)
    }
}

/// Moves a log's folder aside, where it is kept as evidence.
///
/// # Errors
/// What the disk says.
pub fn move_aside(root: &Path, aside: &Path) -> Result<(), LedgerError> {
    durable::rename(root, aside).map_err(failed(root))
}
