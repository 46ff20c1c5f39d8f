//! The log, open for writing.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crypt::Digest;
use durable::{Disk, Seat, Together};
use jiff::Timestamp;
use thiserror::Error;
use tlog_tiles::Checkpoint;

use crate::entry::{self, Decision, DecisionId, Entry, Event, Verdict};
use crate::files::{LogFiles, failed};
use crate::seal::Sealer;
use crate::signing::{SigningKey, SigningKeyError};
use crate::tiles::{Edge, LONGEST_ENTRY, WIDTH, path, split_bundle};
use crate::turn::Turn;
use crate::witnessed::read_head;
use crate::writer::{Progress, Wanted, Writer};

type Answer = Result<Recorded, LedgerError>;

/// One log, open for writing. One process at a time holds it.
///
/// One thread writes it: entries of those who come at once share one sync. Another, whoever calls
/// [`Log::seal`], makes tiles of them and signs the head; nobody waits for that.
pub(crate) struct Log {
    files: LogFiles,
    key: SigningKey,
    wanted: Arc<Together<Wanted, Answer>>,
    progress: Arc<Progress>,
    sealer: Mutex<Sealer>,
    writing: Mutex<Option<JoinHandle<()>>>,
    /// Held as long as the log is open; the system releases it when the process ends.
    _lock: Box<dyn Send + Sync>,
}

/// Where and when an event stands in the log, durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The entry's number, from 0.
    pub index: u64,
    /// Its time.
    pub at: Timestamp,
}

/// Proof that a decision stands in the log. It cannot be made or copied outside this crate: a
/// permit is made of one, and only one.
#[derive(Debug)]
pub struct Receipt {
    decision: Digest,
    recorded: Recorded,
}

impl Receipt {
    /// The digest of the decision that was written.
    pub fn decision(&self) -> Digest {
        self.decision
    }

    /// Where it stands.
    pub fn recorded(&self) -> Recorded {
        self.recorded
    }
}

/// An event on its way into the log. It may not be acted upon before [`Pending::wait`] returned.
#[must_use = "an entry stands in the log when `wait` returned, not before"]
pub struct Pending {
    log: Arc<Log>,
    seat: Seat,
}

impl Pending {
    /// Waits until the event is on the disk, where it stands for good.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`] when the disk is full, read-only or broken; nothing more is written
    /// then, before the next start.
    pub fn wait(self) -> Result<Recorded, LedgerError> {
        let answer = self.log.wanted.wait(self.seat);
        answer.unwrap_or_else(|| Err(LedgerError::Stopped("its writer broke off".to_owned())))
    }
}

/// A decision on its way into the log.
#[must_use = "there is a receipt when `wait` returned, not before"]
pub struct PendingReceipt {
    pending: Pending,
    decision: Digest,
}

impl PendingReceipt {
    /// Waits until the decision is on the disk, and gives the receipt that a permit is made of.
    ///
    /// # Errors
    /// As [`Pending::wait`].
    pub fn wait(self) -> Result<Receipt, LedgerError> {
        let recorded = self.pending.wait()?;
        Ok(Receipt {
            decision: self.decision,
            recorded,
        })
    }
}

/// Why the log cannot be opened or written. Nothing is permitted until it can.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// Another process writes it.
    #[error("the ledger in {} is in use: another station runs on this data directory", .0.display())]
    InUse(PathBuf),
    /// A file could not be read or written.
    #[error("the ledger cannot use {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is there contradicts the signed head.
    #[error("the ledger is damaged: {0}; run `lictor ledger verify` on it")]
    Damaged(String),
    /// The signing key does not work.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// There is no such entry under the signed head.
    #[error("entry {0} does not stand under the signed head")]
    NoSuchEntry(u64),
    /// A witness did not answer with a cosignature of its own.
    #[error("the witness {0} answered, but not with its cosignature of this head")]
    NotCosigned(String),
    /// The entry does not fit.
    #[error("an entry of {0} bytes does not fit in the ledger ({LONGEST_ENTRY} at most)")]
    TooLong(usize),
    /// Whether this station may write cannot be found out.
    #[error(
        "the ledger is not written now: whether it is this station's turn cannot be found out ({0})"
    )]
    NoTurn(String),
    /// An earlier write failed, so the log's end is unknown.
    #[error("the ledger has stopped: {0}; restart the station once the cause is mended")]
    Stopped(String),
}

impl Log {
    /// Begins a log in `root`, where there is none.
    pub(crate) fn begin_on(
        disk: Arc<dyn Disk>,
        root: &Path,
        key: SigningKey,
    ) -> Result<Self, LedgerError> {
        durable::create_folder_on(&*disk, root).map_err(failed(root))?;
        if !disk.names(root).map_err(failed(root))?.is_empty() {
            return Err(LedgerError::Damaged(
                "a log is begun in an empty folder".to_owned(),
            ));
        }
        durable::create_folder_on(&*disk, &root.join("growing")).map_err(failed(root))?;
        let head = Checkpoint::new(key.origin(), 0, Edge::default().root(), "")
            .map_err(|e| LedgerError::Damaged(e.to_string()))?;
        let head = [(root.join("checkpoint"), key.sign(&head)?)];
        durable::replace_all(&*disk, &head).map_err(failed(root))?;
        Self::open_on(disk, root, key)
    }

    /// Opens the log in `root`.
    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        root: &Path,
        key: SigningKey,
    ) -> Result<Self, LedgerError> {
        let files = LogFiles {
            disk,
            root: root.to_owned(),
        };
        if !files.disk.is_folder(root) {
            let gone = format!("its folder {} is gone", root.display());
            return Err(LedgerError::Damaged(gone));
        }
        let lock = root.join("lock");
        let lock = (files.disk.lock(&lock).map_err(failed(&lock))?)
            .ok_or_else(|| LedgerError::InUse(root.to_owned()))?;
        let (head, _) = read_head(&files, key.verifying())?;
        // Go on from the last full bundle below the signed head; what is newer is read again.
        let full = head.size() / WIDTH as u64;
        let edge = Edge::load(&*files.disk, root, full).map_err(failed(root))?;
        let mut sealer = Sealer::new(files.clone(), edge, head.size());
        let mut last_at = last_time_before(&files, full)?;
        check_head(&head, sealer.edge())?;
        for entry in files.newest_from(full * WIDTH as u64)? {
            let index = sealer.edge().size();
            match parse(index, &entry) {
                Ok(entry) => last_at = entry.at,
                // Beyond the signed head an entry that does not parse is a torn write.
                Err(_) if index >= head.size() => break,
                Err(damaged) => return Err(damaged),
            }
            sealer.push(&entry)?;
            check_head(&head, sealer.edge())?;
        }
        let size = sealer.edge().size();
        if head.size() > size {
            return Err(LedgerError::Damaged(format!(
                "{} entries were signed, {size} are there",
                head.size()
            )));
        }
        if size > head.size() {
            let head = sealer.prepare(size, &key)?;
            sealer.publish(size, head)?;
        }
        // Written anew: after a failed sync the kernel may show pages that the disk never took.
        let first = size / WIDTH as u64 * WIDTH as u64;
        let growing = [(files.growing(first), sealer.bundle().to_vec())];
        durable::replace_all(&*files.disk, &growing).map_err(failed(root))?;
        let length = sealer.bundle().len() as u64;
        sealer.keep_only(first, length)?;

        let progress = Arc::new(Progress::at(size));
        let mut writer =
            Writer::open(files.clone(), Arc::clone(&progress), first, length, last_at)?;
        let wanted = Arc::new(Together::default());
        let serving = Arc::clone(&wanted);
        let writing = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || serving.serve(|batch| writer.write(batch)))
            .map_err(failed(root))?;
        Ok(Self {
            files,
            key,
            wanted,
            progress,
            sealer: Mutex::new(sealer),
            writing: Mutex::new(Some(writing)),
            _lock: lock,
        })
    }

    /// Writes an event. On return it is on the disk, and stands in the log for good.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`] when the disk is full, read-only or broken;
    /// [`LedgerError::TooLong`], after which the log goes on.
    pub(crate) fn append(
        self: &Arc<Self>,
        now: Timestamp,
        event: Event,
    ) -> Result<Recorded, LedgerError> {
        self.submit(now, &event)?.wait()
    }

    /// Sends an event on its way, so that something else can be made durable beside it.
    ///
    /// # Errors
    /// [`LedgerError::TooLong`].
    pub(crate) fn submit(
        self: &Arc<Self>,
        now: Timestamp,
        event: &Event,
    ) -> Result<Pending, LedgerError> {
        let event = event
            .to_json()
            .map_err(|e| LedgerError::Damaged(format!("an event cannot be written: {e}")))?;
        let length = entry::entry(now, self.progress.turn_number(), &event).len();
        if length > LONGEST_ENTRY {
            return Err(LedgerError::TooLong(length));
        }
        Ok(Pending {
            log: Arc::clone(self),
            seat: self.wanted.join(Wanted { now, event }),
        })
    }

    /// Sends a decision on its way.
    ///
    /// # Errors
    /// As [`Log::submit`].
    pub(crate) fn submit_decision(
        self: &Arc<Self>,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<PendingReceipt, LedgerError> {
        Ok(PendingReceipt {
            pending: self.submit(now, &Event::Decision(decision.clone()))?,
            decision: decision.digest(),
        })
    }

    /// Signs the log as it stands and writes the head and the newest tiles, so that the folder is a
    /// complete log for any reader of the format. Called about once a second and at the end; an
    /// entry is safe before it, and none waits for it. Says whether there was anything new to sign.
    /// `keep` keeps the head elsewhere first; where that fails there is no new head.
    ///
    /// # Errors
    /// [`LedgerError::File`], after which the log has stopped; [`LedgerError::Stopped`]; what `keep`
    /// says.
    pub(crate) fn seal_with<E: From<LedgerError>>(
        &self,
        keep: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut sealer = self.sealer();
        self.progress.check()?;
        let size = self.progress.size();
        if sealer.sealed() == size {
            return Ok(false);
        }
        let stop = |error: &LedgerError| self.progress.stop(error);
        let head = sealer.prepare(size, &self.key).inspect_err(stop)?;
        keep(&head)?;
        sealer.publish(size, head).inspect_err(stop)?;
        Ok(true)
    }

    pub(crate) fn seal(&self) -> Result<bool, LedgerError> {
        self.seal_with(|_| Ok(()))
    }

    /// Everything is written in this turn from now on.
    pub(crate) fn take_turn(&self, turn: Arc<dyn Turn>) {
        self.progress.take_turn(turn);
    }

    pub(crate) fn turn(&self) -> Option<&Arc<dyn Turn>> {
        self.progress.turn()
    }

    /// Ends writing until the next start: whoever may write this log is somebody else now.
    pub(crate) fn stop(&self, reason: &str) {
        self.progress.stop(&reason);
    }

    /// How many entries there are.
    pub(crate) fn size(&self) -> u64 {
        self.progress.size()
    }

    pub(crate) fn sign_text(&self, text: &[u8]) -> Result<Vec<u8>, SigningKeyError> {
        self.key.sign_text(text)
    }

    /// The public half of the signing key.
    pub(crate) fn verifying(&self) -> &crate::VerifyingKey {
        self.key.verifying()
    }

    /// The newest `most` entries before number `end`, newest first, with their numbers.
    ///
    /// # Errors
    /// [`LedgerError::File`]; [`LedgerError::Damaged`] for an entry that is none.
    pub(crate) fn newest(&self, end: u64, most: usize) -> Result<Vec<(u64, Entry)>, LedgerError> {
        let mut end = end.min(self.size());
        let mut found = Vec::new();
        while end > 0 && found.len() < most {
            let bundle = (end - 1) / WIDTH as u64;
            let first = bundle * WIDTH as u64;
            let entries = match self.files.bundle(bundle)? {
                Some(bytes) => split_bundle(&bytes).0.iter().map(|e| e.to_vec()).collect(),
                None => self.files.newest_from(first)?,
            };
            let here: Vec<_> = (first..end).zip(entries).collect();
            if first + (here.len() as u64) < end {
                let gone = first + here.len() as u64;
                return Err(LedgerError::Damaged(format!("entry {gone} is gone")));
            }
            for (index, entry) in here.iter().rev().take(most - found.len()) {
                found.push((*index, parse(*index, entry)?));
            }
            end = first;
        }
        Ok(found)
    }

    /// How many entries are older than `at`.
    ///
    /// # Errors
    /// As [`Log::newest`].
    pub(crate) fn entries_before(&self, at: Timestamp) -> Result<u64, LedgerError> {
        let (mut older, mut end) = (0, self.size());
        while older < end {
            let middle = older + (end - older) / 2;
            match self.newest(middle + 1, 1)?.first() {
                Some((_, entry)) if entry.at < at => older = middle + 1,
                _ => end = middle,
            }
        }
        Ok(older)
    }

    /// Permits given since the station last came up or went down that have no outcome.
    ///
    /// # Errors
    /// As [`Log::newest`].
    pub(crate) fn unfinished(&self) -> Result<Vec<DecisionId>, LedgerError> {
        let mut finished = BTreeSet::new();
        let mut open = Vec::new();
        let mut end = self.size();
        while end > 0 {
            for (index, entry) in self.newest(end, WIDTH)? {
                end = index;
                match entry.event {
                    Event::Started { .. } | Event::Stopped => return Ok(open),
                    Event::Outcome(outcome) => {
                        finished.insert(outcome.decision());
                    }
                    Event::Decision(d)
                        if d.verdict == Verdict::Permit && !finished.contains(&d.id) =>
                    {
                        open.push(d.id)
                    }
                    Event::Founding(_)
                    | Event::Login(_)
                    | Event::Decision(_)
                    | Event::Batch(_)
                    | Event::Backup(_)
                    | Event::AtTheMachine(_)
                    | Event::KeyFile { .. }
                    | Event::TimeDoubtful { .. }
                    | Event::TimeConfirmed { .. }
                    | Event::TimeAgreed { .. }
                    | Event::Restored(_)
                    | Event::Witnesses { .. }
                    | Event::Continued { .. }
                    | Event::FindingNoted { .. }
                    | Event::Certificate { .. }
                    | Event::Alert(_)
                    | Event::Pushed(_)
                    | Event::Escalated(_)
                    | Event::Packed { .. }
                    | Event::Question(_)
                    | Event::Held(_)
                    | Event::Purged(_)
                    | Event::PurgeCertified { .. }
                    | Event::PurgeLate { .. }
                    | Event::AuditLate { .. } => {}
                }
            }
        }
        Ok(open)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.files.root
    }

    /// Ends writing for good: what is on its way is written, and nothing is sealed any more once the
    /// result is let go.
    pub(crate) fn end(&self) -> MutexGuard<'_, Sealer> {
        self.finish_writing();
        let sealing = self.sealer();
        self.progress.stop(&"another log goes on from here");
        sealing
    }

    fn finish_writing(&self) {
        self.wanted.close();
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writing) = writing.take() {
            let _ = writing.join();
        }
    }

    pub(crate) fn files(&self) -> &LogFiles {
        &self.files
    }

    pub(crate) fn sealer(&self) -> MutexGuard<'_, Sealer> {
        // A panic while sealing leaves entries untouched; the disk decides at the next start.
        self.sealer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Log {
    /// What was sent on its way is written before the lock is let go.
    fn drop(&mut self) {
        self.finish_writing();
    }
}

fn check_head(head: &Checkpoint, edge: &Edge) -> Result<(), LedgerError> {
    if head.size() == edge.size() && *head.hash() != edge.root() {
        return Err(LedgerError::Damaged(format!(
            "its first {} entries are not the ones that were signed",
            head.size()
        )));
    }
    Ok(())
}

/// The time of the last entry before bundle `first`: the next may not be earlier.
fn last_time_before(files: &LogFiles, first: u64) -> Result<Timestamp, LedgerError> {
    let Some(before) = first.checked_sub(1) else {
        return Ok(Timestamp::MIN);
    };
    let bytes = files.bundle(before)?.ok_or_else(|| {
        let path = path(&files.root, "entries", before, WIDTH);
        LedgerError::Damaged(format!("{} is missing", path.display()))
    })?;
    match split_bundle(&bytes).0.last() {
        Some(entry) => Ok(parse(first * WIDTH as u64 - 1, entry)?.at),
        None => Err(LedgerError::Damaged(format!("bundle {before} is empty"))),
    }
}

pub(crate) fn parse(index: u64, entry: &[u8]) -> Result<Entry, LedgerError> {
    serde_json::from_slice(entry)
        .map_err(|e| LedgerError::Damaged(format!("entry {index} is no entry: {e}")))
}
