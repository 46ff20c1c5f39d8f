//! Writing the log.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crypt::Digest;
use durable::GrowingFile;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use tlog_tiles::Checkpoint;

use crate::entry::{Decision, DecisionId, Entry, Event, Verdict};
use crate::signing::{SigningKey, SigningKeyError};
use crate::tiles::{Edge, FullTile, LONGEST_ENTRY, WIDTH, path, split_bundle};

/// A log open for writing. One process at a time holds it.
pub struct Ledger {
    root: PathBuf,
    key: SigningKey,
    writer: Mutex<Writer>,
    /// Held as long as the log is open; the system releases it when the process ends.
    _lock: File,
}

struct Writer {
    edge: Edge,
    growing: GrowingFile,
    /// The bytes of `growing`.
    bundle: Vec<u8>,
    last_at: Timestamp,
    /// The size that the newest signed head is for.
    sealed: u64,
    /// Why nothing more is written, once something failed.
    stopped: Option<String>,
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
    /// The entry does not fit.
    #[error("an entry of {0} bytes does not fit in the ledger ({LONGEST_ENTRY} at most)")]
    TooLong(usize),
    /// An earlier write failed, so the log's end is unknown.
    #[error("the ledger has stopped: {0}; restart the station once the cause is mended")]
    Stopped(String),
}

impl Ledger {
    /// Begins a log in `root`, where there is none.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when there is one, or a part of one.
    pub fn begin(root: &Path, key: SigningKey) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError::File {
            path: root.to_owned(),
            source,
        };
        durable::create_folder(root).map_err(failed)?;
        if root.read_dir().map_err(failed)?.next().is_some() {
            return Err(LedgerError::Damaged(
                "a log is begun in an empty folder".to_owned(),
            ));
        }
        let head = Checkpoint::new(key.origin(), 0, Edge::default().root(), "")
            .map_err(|e| LedgerError::Damaged(e.to_string()))?;
        durable::replace(&root.join("checkpoint"), &key.sign(&head)?).map_err(failed)?;
        Self::open(root, key)
    }

    /// Opens the log in `root`. A log without a signed head is none: whoever takes the head away
    /// cannot have the station sign what is left. What was written but never acknowledged, because the
    /// power went, is cut off; everything that was acknowledged is there.
    ///
    /// # Errors
    /// Every [`LedgerError`] but `TooLong` and `Stopped`.
    pub fn open(root: &Path, key: SigningKey) -> Result<Self, LedgerError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| LedgerError::File { path, source }
        };
        let lock = root.join("lock");
        let lock = File::create(&lock).map_err(failed(&lock))?;
        lock.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => LedgerError::InUse(root.to_owned()),
            TryLockError::Error(source) => LedgerError::File {
                path: root.join("lock"),
                source,
            },
        })?;

        let head = read_head(root, &key)?;
        // Go on from the last full bundle below the signed head; what is newer is read again.
        let first = head.size() / WIDTH as u64;
        let edge = Edge::load(root, first).map_err(failed(root))?;
        let mut replay = Replay {
            edge,
            head,
            last_at: last_time_before(root, first)?,
            completed: Vec::new(),
        };
        replay.check_head()?;
        let mut full = first;
        loop {
            let path = path(root, "entries", full, WIDTH);
            match fs::read(&path) {
                Ok(bytes) if replay.bundle(&bytes)? == bytes.len() => full += 1,
                Ok(_) => {
                    return Err(LedgerError::Damaged(format!(
                        "{} ends in the middle of an entry",
                        path.display()
                    )));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(source) => return Err(LedgerError::File { path, source }),
            }
        }
        let growing = root.join("growing");
        let mut bundle = match fs::read(&growing) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other.map_err(failed(&growing))?,
        };
        let whole = replay.bundle(&bundle)?;
        bundle.truncate(whole);
        replay.finish()?;
        // Written anew: after a failed sync the kernel may show pages that the disk never took.
        durable::replace(&growing, &bundle).map_err(failed(&growing))?;
        let file = GrowingFile::open(&growing, bundle.len() as u64).map_err(failed(&growing))?;
        let mut writer = Writer {
            sealed: replay.head.size(),
            edge: replay.edge,
            growing: file,
            bundle,
            last_at: replay.last_at,
            stopped: None,
        };
        if writer.edge.size() == (full + 1) * WIDTH as u64 {
            // The station stopped between the bundle's last entry and the bundle's new name.
            writer.finish_bundle(root, &replay.completed)?;
        }
        let ledger = Self {
            root: root.to_owned(),
            key,
            writer: Mutex::new(writer),
            _lock: lock,
        };
        ledger.seal()?;
        Ok(ledger)
    }

    /// Writes an event. On return it is on the disk, and stands in the log for good.
    ///
    /// # Errors
    /// [`LedgerError::File`] when the disk is full, read-only or broken, after which the log has
    /// stopped; [`LedgerError::TooLong`], after which it goes on.
    pub fn append(&self, now: Timestamp, event: Event) -> Result<Recorded, LedgerError> {
        let mut writer = self.writer();
        if let Some(reason) = &writer.stopped {
            return Err(LedgerError::Stopped(reason.clone()));
        }
        // Times never run backwards, and no two entries share one.
        let at = now.max(
            writer
                .last_at
                .saturating_add(SignedDuration::from_millis(10))
                .unwrap_or(now),
        );
        let entry = serde_json::to_vec(&Entry { at, event })
            .map_err(|e| LedgerError::Damaged(format!("an event cannot be written: {e}")))?;
        let length = u16::try_from(entry.len()).map_err(|_| LedgerError::TooLong(entry.len()))?;
        let bytes = [length.to_be_bytes().as_slice(), &entry].concat();
        let index = writer.edge.size();
        if let Err(source) = writer.growing.append(&bytes) {
            // What the disk holds is unknown now. Never write, and never sync, again: the next
            // start reads what is really there.
            writer.stopped = Some(source.to_string());
            return Err(LedgerError::File {
                path: self.root.join("growing"),
                source,
            });
        }
        writer.bundle.extend_from_slice(&bytes);
        writer.last_at = at;
        writer.join_tree(&entry, &self.root)?;
        Ok(Recorded { index, at })
    }

    /// Writes a decision and gives the receipt that a permit is made of.
    ///
    /// # Errors
    /// As [`Ledger::append`].
    pub fn record(&self, now: Timestamp, decision: &Decision) -> Result<Receipt, LedgerError> {
        let recorded = self.append(now, Event::Decision(decision.clone()))?;
        Ok(Receipt {
            decision: decision.digest(),
            recorded,
        })
    }

    /// Signs the log as it stands and writes the head and the newest tiles, so that the folder is a
    /// complete log for any reader of the format. Called about once a second and at the end; an
    /// entry is safe before it.
    ///
    /// # Errors
    /// [`LedgerError::File`], [`LedgerError::Stopped`].
    pub fn seal(&self) -> Result<(), LedgerError> {
        let mut writer = self.writer();
        if let Some(reason) = &writer.stopped {
            return Err(LedgerError::Stopped(reason.clone()));
        }
        if writer.sealed == writer.edge.size() {
            return Ok(());
        }
        writer.seal(&self.root, &self.key)
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        self.writer().edge.size()
    }

    /// The public half of the signing key.
    pub fn verifying(&self) -> &crate::VerifyingKey {
        self.key.verifying()
    }

    /// The newest `most` entries before number `end`, newest first, with their numbers.
    ///
    /// # Errors
    /// [`LedgerError::File`]; [`LedgerError::Damaged`] for an entry that is none.
    pub fn newest(&self, end: u64, most: usize) -> Result<Vec<(u64, Entry)>, LedgerError> {
        let (size, growing) = {
            let writer = self.writer();
            (writer.edge.size(), writer.bundle.clone())
        };
        let mut found = Vec::new();
        let mut end = end.min(size);
        while end > 0 && found.len() < most {
            let bundle = (end - 1) / WIDTH as u64;
            let first = bundle * WIDTH as u64;
            let bytes = if first + WIDTH as u64 > size {
                growing.clone()
            } else {
                let path = path(&self.root, "entries", bundle, WIDTH);
                fs::read(&path).map_err(|source| LedgerError::File { path, source })?
            };
            let (entries, _) = split_bundle(&bytes);
            for (index, entry) in (first..)
                .zip(entries)
                .take((end - first) as usize)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
            {
                if found.len() == most {
                    break;
                }
                found.push((index, parse(index, entry)?));
            }
            end = first;
        }
        Ok(found)
    }

    /// Permits given since the station last came up or went down that have no outcome.
    ///
    /// # Errors
    /// As [`Ledger::newest`].
    pub fn unfinished(&self) -> Result<Vec<DecisionId>, LedgerError> {
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
                    Event::Founding(_) | Event::Login(_) | Event::Decision(_) | Event::Batch(_) => {
                    }
                }
            }
        }
        Ok(open)
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Writer> {
        // A panic while writing leaves the writer as it was before the entry; the disk decides.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// The entry is durable; now its hash joins the tree.
    fn join_tree(&mut self, entry: &[u8], root: &Path) -> Result<(), LedgerError> {
        let completed = self.edge.push(entry);
        if completed.is_empty() {
            Ok(())
        } else {
            self.finish_bundle(root, &completed)
        }
    }

    /// Gives the full bundle its name and begins the next. The tiles that its last entry completed
    /// are written before: a bundle under its own name always has them, and after a crash in between
    /// the next start completes them again.
    fn finish_bundle(&mut self, root: &Path, completed: &[FullTile]) -> Result<(), LedgerError> {
        for tile in completed {
            let path = path(root, &tile.level.to_string(), tile.n, WIDTH);
            self.write(&path, &tile.hashes)?;
        }
        let named = path(root, "entries", self.edge.size() / WIDTH as u64 - 1, WIDTH);
        let growing = root.join("growing");
        let renamed = (|| {
            durable::create_folder(named.parent().unwrap_or(root))?;
            durable::rename(&growing, &named)?;
            GrowingFile::open(&growing, 0)
        })();
        self.growing = self.or_stop(&growing, renamed)?;
        self.bundle.clear();
        Ok(())
    }

    fn seal(&mut self, root: &Path, key: &SigningKey) -> Result<(), LedgerError> {
        let old = self.sealed;
        let size = self.edge.size();
        // First what the head speaks of, then the head: a reader never finds a head without tiles.
        let partial: Vec<_> = self.edge.partial().collect();
        for (level, n, hashes) in partial {
            let width = hashes.len() / 32;
            self.write(&path(root, &level.to_string(), n, width), &hashes)?;
            if level == 0 {
                let bundle = self.bundle.clone();
                self.write(&path(root, "entries", n, width), &bundle)?;
            }
        }
        let head = Checkpoint::new(key.origin(), size, self.edge.root(), "")
            .map_err(|e| LedgerError::Damaged(e.to_string()))?;
        let note = key.sign(&head)?;
        self.write(&root.join("checkpoint"), &note)?;
        self.sealed = size;
        // The partial tiles of the head before serve nobody any more; what a crash leaves of them
        // is harmless.
        if old != size {
            let mut edge_size = old;
            for level in 0.. {
                if edge_size == 0 {
                    break;
                }
                let (n, width) = (
                    edge_size / WIDTH as u64,
                    (edge_size % WIDTH as u64) as usize,
                );
                let unchanged = size >> (8 * level) == edge_size;
                if width > 0 && !unchanged {
                    let names = [
                        Some(level.to_string()),
                        (level == 0).then(|| "entries".to_owned()),
                    ];
                    for name in names.into_iter().flatten() {
                        let stale = path(root, &name, n, width);
                        let removed = durable::remove(&stale);
                        self.or_stop(&stale, removed)?;
                    }
                }
                edge_size /= WIDTH as u64;
            }
        }
        Ok(())
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
        let written = durable::create_folder(path.parent().unwrap_or(path))
            .and_then(|()| durable::replace(path, bytes));
        self.or_stop(path, written)
    }

    fn or_stop<T>(&mut self, path: &Path, result: io::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|source| {
            self.stopped = Some(source.to_string());
            LedgerError::File {
                path: path.to_owned(),
                source,
            }
        })
    }
}

/// Reading again, at the start, what the disk holds.
struct Replay {
    edge: Edge,
    head: Checkpoint,
    last_at: Timestamp,
    /// The tiles that the newest entry completed.
    completed: Vec<FullTile>,
}

impl Replay {
    /// Takes in a bundle; returns how many bytes of it are acknowledged entries. Beyond the signed
    /// head an entry that does not parse is a torn write, and ends the log.
    fn bundle(&mut self, bytes: &[u8]) -> Result<usize, LedgerError> {
        let signed = self.head.size();
        let mut whole = 0;
        for entry in split_bundle(bytes).0 {
            match parse(self.edge.size(), entry) {
                Ok(entry) => self.last_at = entry.at,
                Err(_) if self.edge.size() >= signed => return Ok(whole),
                Err(damaged) => return Err(damaged),
            }
            whole += 2 + entry.len();
            self.completed = self.edge.push(entry);
            self.check_head()?;
        }
        Ok(whole)
    }

    fn check_head(&self) -> Result<(), LedgerError> {
        let head = &self.head;
        if head.size() == self.edge.size() && *head.hash() != self.edge.root() {
            let what = format!(
                "its first {} entries are not the ones that were signed",
                head.size()
            );
            return Err(LedgerError::Damaged(what));
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), LedgerError> {
        let (signed, there) = (self.head.size(), self.edge.size());
        if signed > there {
            return Err(LedgerError::Damaged(format!(
                "{signed} entries were signed, {there} are there"
            )));
        }
        Ok(())
    }
}

/// The time of the last entry before bundle `first`: the next may not be earlier.
fn last_time_before(root: &Path, first: u64) -> Result<Timestamp, LedgerError> {
    let Some(before) = first.checked_sub(1) else {
        return Ok(Timestamp::MIN);
    };
    let path = path(root, "entries", before, WIDTH);
    let bytes = fs::read(&path).map_err(|source| LedgerError::File { path, source })?;
    match split_bundle(&bytes).0.last() {
        Some(entry) => Ok(parse(first * WIDTH as u64 - 1, entry)?.at),
        None => Err(LedgerError::Damaged(format!("bundle {before} is empty"))),
    }
}

fn read_head(root: &Path, key: &SigningKey) -> Result<Checkpoint, LedgerError> {
    let path = root.join("checkpoint");
    let note = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(LedgerError::Damaged(
                "its signed head is missing".to_owned(),
            ));
        }
        other => other.map_err(|source| LedgerError::File { path, source })?,
    };
    let opened = key.verifying().open(&note);
    opened.map_err(|e| LedgerError::Damaged(format!("its signed head: {e}")))
}

pub(crate) fn parse(index: u64, entry: &[u8]) -> Result<Entry, LedgerError> {
    serde_json::from_slice(entry)
        .map_err(|e| LedgerError::Damaged(format!("entry {index} is no entry: {e}")))
}
