//! Finding one's way in a log's folder.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use durable::Disk;

use crate::LedgerError;
use crate::tiles::{WIDTH, path, split_bundle};

/// A log's folder.
#[derive(Clone, Debug)]
pub(crate) struct LogFiles {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) root: PathBuf,
}

impl LogFiles {
    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.root.join("checkpoint")
    }

    /// The file of the newest entries that begins with this one.
    pub(crate) fn growing(&self, first: u64) -> PathBuf {
        self.growing_folder().join(format!("{first:020}"))
    }

    fn growing_folder(&self) -> PathBuf {
        self.root.join("growing")
    }

    /// The file's bytes, if it is there.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.disk.read_from(path, 0) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(path)(source)),
        }
    }

    /// The entries of the bundle of this number, if it is full and has its own file.
    pub(crate) fn bundle(&self, n: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(&path(&self.root, "entries", n, WIDTH))
    }

    /// Where the files of the newest entries begin, in order.
    pub(crate) fn growing_firsts(&self) -> Result<Vec<u64>, LedgerError> {
        let folder = self.growing_folder();
        match self.disk.names(&folder) {
            // A name that is no number is what a crash left of a file that was being written.
            Ok(names) => Ok(names.iter().filter_map(|name| name.parse().ok()).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(failed(&folder)(source)),
        }
    }

    /// The newest entries, from number `from` on, as far as they are whole. Each file speaks up to
    /// where the next begins.
    pub(crate) fn newest_from(&self, from: u64) -> Result<Vec<Vec<u8>>, LedgerError> {
        // The station may remove a file meanwhile, when its entries have tiles.
        const TRIES: usize = 5;
        for _ in 1..TRIES {
            if let Some(entries) = self.try_newest_from(from)? {
                return Ok(entries);
            }
        }
        Ok(self.try_newest_from(from)?.unwrap_or_default())
    }

    fn try_newest_from(&self, from: u64) -> Result<Option<Vec<Vec<u8>>>, LedgerError> {
        let firsts = self.growing_firsts()?;
        let mut entries: Vec<Vec<u8>> = Vec::new();
        for (n, &first) in firsts.iter().enumerate() {
            let next = firsts.get(n + 1).copied();
            if next.is_some_and(|next| next <= from) {
                continue;
            }
            let Some(bytes) = self.read(&self.growing(first))? else {
                return Ok(None);
            };
            let expected = from.max(first);
            if entries.is_empty() && first > from || from + entries.len() as u64 != expected {
                // A gap: what follows it is not the log's end.
                break;
            }
            let end = next.unwrap_or(u64::MAX);
            let here = (first..end).zip(split_bundle(&bytes).0);
            entries.extend(
                here.filter(|(number, _)| *number >= from)
                    .map(|(_, entry)| entry.to_vec()),
            );
        }
        Ok(Some(entries))
    }
}

/// For `map_err`: what the system said about the file at `path`.
pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::File { path, source }
}
