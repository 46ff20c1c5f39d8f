//! The one thread that writes a log: it gives every entry its number and its time.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use durable::GrowingFile;
use jiff::Timestamp;

use crate::entry::{TICK, entry};
use crate::files::{LogFiles, failed};
use crate::tiles::framed;
use crate::{LedgerError, NoTurn, Recorded, Turn};

/// A file of the newest entries is ended after so many entries or bytes, and the next begun: what is
/// read of it at once is bounded.
const MOST_ENTRIES: u64 = 4096;
const MOST_BYTES: u64 = 4 << 20;

/// What somebody wants written.
pub(crate) struct Wanted {
    pub(crate) now: Timestamp,
    /// As [`crate::Event::to_json`] made it.
    pub(crate) event: Vec<u8>,
}

/// How far the log has come, for everybody to see.
pub(crate) struct Progress {
    /// Entries that are on the disk.
    size: AtomicU64,
    /// Why nothing more is written, once something failed.
    stopped: Mutex<Option<String>>,
    /// The station's turn, where stations take turns.
    turn: OnceLock<Arc<dyn Turn>>,
}

impl Progress {
    pub(crate) fn at(size: u64) -> Self {
        Self {
            size: AtomicU64::new(size),
            stopped: Mutex::default(),
            turn: OnceLock::new(),
        }
    }

    /// From now on everything is written in this turn.
    pub(crate) fn take_turn(&self, turn: Arc<dyn Turn>) {
        // A log is opened for one turn: the first is the one.
        let _ = self.turn.set(turn);
    }

    pub(crate) fn turn(&self) -> Option<&Arc<dyn Turn>> {
        self.turn.get()
    }

    /// The number of the turn, as it stands in entries.
    pub(crate) fn turn_number(&self) -> Option<u64> {
        self.turn().map(|turn| turn.number())
    }

    /// # Errors
    /// [`LedgerError::Stopped`] when the turn is another station's; [`LedgerError::NoTurn`].
    fn check_turn(&self) -> Result<(), LedgerError> {
        match self.turn().map_or(Ok(()), |turn| turn.check()) {
            Ok(()) => Ok(()),
            Err(NoTurn::Over) => {
                self.stop(&"another station has the database now");
                self.check()
            }
            Err(NoTurn::Unknown(why)) => Err(LedgerError::NoTurn(why)),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    /// # Errors
    /// [`LedgerError::Stopped`].
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stopped {
            Some(reason) => Err(LedgerError::Stopped(reason.clone())),
            None => Ok(()),
        }
    }

    /// What the disk holds is unknown after an error. Never write, and never sync, again: the next
    /// start reads what is really there.
    pub(crate) fn stop(&self, reason: &dyn Display) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.get_or_insert_with(|| reason.to_string());
    }
}

pub(crate) struct Writer {
    files: LogFiles,
    progress: Arc<Progress>,
    file: GrowingFile,
    /// The number of the file's first entry.
    first: u64,
    last_at: Timestamp,
}

impl Writer {
    /// Goes on in the file that begins with entry `first` and has `length` good bytes.
    pub(crate) fn open(
        files: LogFiles,
        progress: Arc<Progress>,
        first: u64,
        length: u64,
        last_at: Timestamp,
    ) -> Result<Self, LedgerError> {
        let path = files.growing(first);
        let file = GrowingFile::open(&*files.disk, &path, length).map_err(failed(&path))?;
        Ok(Self {
            files,
            progress,
            file,
            first,
            last_at,
        })
    }

    /// Writes a batch with one sync. What is answered `Ok` is on the disk.
    pub(crate) fn write(&mut self, batch: Vec<Wanted>) -> Vec<Result<Recorded, LedgerError>> {
        let written = (self.progress.check())
            .and_then(|()| self.progress.check_turn())
            .and_then(|()| self.try_write(&batch));
        match written {
            Ok(recorded) => recorded.into_iter().map(Ok).collect(),
            // Nothing was touched.
            Err(LedgerError::NoTurn(why)) => {
                let not_now = || Err(LedgerError::NoTurn(why.clone()));
                batch.iter().map(|_| not_now()).collect()
            }
            Err(error) => {
                self.progress.stop(&error);
                let stopped = || match self.progress.check() {
                    Err(stopped) => Err(stopped),
                    Ok(()) => Err(LedgerError::Stopped(error.to_string())),
                };
                batch.iter().map(|_| stopped()).collect()
            }
        }
    }

    fn try_write(&mut self, batch: &[Wanted]) -> Result<Vec<Recorded>, LedgerError> {
        let mut size = self.progress.size();
        if size - self.first >= MOST_ENTRIES || self.file.length() >= MOST_BYTES {
            let path = self.files.growing(size);
            self.file = GrowingFile::open(&*self.files.disk, &path, 0).map_err(failed(&path))?;
            self.first = size;
        }
        let turn = self.progress.turn_number();
        let mut bytes = Vec::new();
        let mut recorded = Vec::with_capacity(batch.len());
        for wanted in batch {
            // Times never run backwards, and no two entries share one.
            let next = self.last_at.saturating_add(TICK).unwrap_or(wanted.now);
            let at = wanted.now.max(next);
            bytes.extend(framed(&entry(at, turn, &wanted.event)));
            recorded.push(Recorded { index: size, at });
            self.last_at = at;
            size += 1;
        }
        let path = self.files.growing(self.first);
        self.file.append(&bytes).map_err(failed(&path))?;
        self.progress.size.store(size, Ordering::Release);
        Ok(recorded)
    }
}
