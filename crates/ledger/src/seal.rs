//! Making tiles of the newest entries, and signing the head. Nobody who writes waits for it.

use std::path::PathBuf;

use tlog_tiles::Checkpoint;

use crate::LedgerError;
use crate::files::{LogFiles, failed};
use crate::signing::SigningKey;
use crate::tiles::{Edge, WIDTH, framed, path, split_bundle};

/// What has been sealed so far: 256 hashes a level and at most one bundle are held in memory,
/// however long the log.
pub(crate) struct Sealer {
    files: LogFiles,
    edge: Edge,
    /// The entries of the unfinished bundle.
    bundle: Vec<u8>,
    /// The size that the newest signed head is for.
    sealed: u64,
    /// The file that is being read, by its first entry's number, and how far it has been read.
    reading: (u64, u64),
}

impl Sealer {
    /// Goes on after the full bundles of `edge`.
    pub(crate) fn new(files: LogFiles, edge: Edge, sealed: u64) -> Self {
        Self {
            files,
            edge,
            bundle: Vec::new(),
            sealed,
            reading: (0, 0),
        }
    }

    /// Takes in an entry that was read at the start.
    pub(crate) fn push(&mut self, entry: &[u8]) -> Result<(), LedgerError> {
        let full = self.joined(entry);
        self.write(&full)
    }

    /// The tree so far.
    pub(crate) fn edge(&self) -> &Edge {
        &self.edge
    }

    pub(crate) fn sealed(&self) -> u64 {
        self.sealed
    }

    /// The entries of the unfinished bundle, as they were sealed.
    pub(crate) fn bundle(&self) -> &[u8] {
        &self.bundle
    }

    /// Writes the tiles of the first `size` entries; their head, signed, that nobody has yet. A reader
    /// never finds a head without tiles.
    pub(crate) fn prepare(&mut self, size: u64, key: &SigningKey) -> Result<String, LedgerError> {
        while self.edge.size() < size {
            self.take_in(size)?;
        }
        let root = self.files.root.clone();
        let mut newest = Vec::new();
        for (level, n, hashes) in self.edge.partial() {
            let width = hashes.len() / 32;
            newest.push((path(&root, &level.to_string(), n, width), hashes));
            if level == 0 {
                newest.push((path(&root, "entries", n, width), self.bundle.clone()));
            }
        }
        self.write(&newest)?;
        let head = Checkpoint::new(key.origin(), size, self.edge.root(), "")
            .map_err(|e| LedgerError::Damaged(e.to_string()))?;
        String::from_utf8(key.sign(&head)?).map_err(|e| LedgerError::Damaged(e.to_string()))
    }

    /// Writes that head.
    pub(crate) fn publish(&mut self, size: u64, head: String) -> Result<(), LedgerError> {
        self.write(&[(self.files.checkpoint(), head.into_bytes())])?;
        let old = std::mem::replace(&mut self.sealed, size);
        self.tidy(old)
    }

    /// Takes in what one file of the newest entries has, up to `size`.
    fn take_in(&mut self, size: u64) -> Result<(), LedgerError> {
        let (first, offset) = self.reading;
        let file = self.files.growing(first);
        let bytes = (self.files.disk.read_from(&file, offset)).map_err(failed(&file))?;
        let before = self.edge.size();
        let mut full = Vec::new();
        for entry in split_bundle(&bytes).0 {
            if self.edge.size() == size {
                break;
            }
            self.reading.1 += 2 + entry.len() as u64;
            full.extend(self.joined(entry));
        }
        self.write(&full)?;
        if self.edge.size() < size {
            // The file is read to its end; the next begins where it ends.
            if self.edge.size() == before && self.reading.0 == before {
                let what = format!("entry {before} is gone from {}", file.display());
                return Err(LedgerError::Damaged(what));
            }
            self.reading = (self.edge.size(), 0);
        }
        Ok(())
    }

    /// Adds an entry to the tree; the files that it made full.
    fn joined(&mut self, entry: &[u8]) -> Vec<(PathBuf, Vec<u8>)> {
        self.bundle.extend_from_slice(&framed(entry));
        let root = &self.files.root;
        let mut full: Vec<_> = (self.edge.push(entry).into_iter())
            .map(|tile| {
                let path = path(root, &tile.level.to_string(), tile.n, WIDTH);
                (path, tile.hashes)
            })
            .collect();
        if self.edge.size().is_multiple_of(WIDTH as u64) {
            let n = self.edge.size() / WIDTH as u64 - 1;
            let bundle = std::mem::take(&mut self.bundle);
            full.push((path(root, "entries", n, WIDTH), bundle));
        }
        full
    }

    /// Removes what serves nobody any more: the partial tiles of the head before, and the files of
    /// entries that have their tiles. What a crash leaves of them is harmless.
    fn tidy(&mut self, old: u64) -> Result<(), LedgerError> {
        let root = &self.files.root;
        let mut stale: Vec<PathBuf> = Vec::new();
        let mut hashes = old;
        for level in 0.. {
            if hashes == 0 {
                break;
            }
            let (n, width) = (hashes / WIDTH as u64, (hashes % WIDTH as u64) as usize);
            if width > 0 && self.sealed >> (8 * level) != hashes {
                stale.push(path(root, &level.to_string(), n, width));
                if level == 0 {
                    stale.push(path(root, "entries", n, width));
                }
            }
            hashes /= WIDTH as u64;
        }
        let full = self.sealed / WIDTH as u64 * WIDTH as u64;
        let firsts = self.files.growing_firsts()?;
        for pair in firsts.windows(2) {
            if pair[1] <= full && pair[0] != self.reading.0 {
                stale.push(self.files.growing(pair[0]));
            }
        }
        durable::remove_all(&*self.files.disk, &stale).map_err(failed(root))
    }

    /// Removes every file of the newest entries but this one.
    pub(crate) fn keep_only(&mut self, first: u64, read: u64) -> Result<(), LedgerError> {
        self.reading = (first, read);
        let firsts = self.files.growing_firsts()?.into_iter();
        let stale: Vec<_> = firsts
            .filter(|&other| other != first)
            .map(|other| self.files.growing(other))
            .collect();
        durable::remove_all(&*self.files.disk, &stale).map_err(failed(&self.files.root))
    }

    fn write(&self, files: &[(PathBuf, Vec<u8>)]) -> Result<(), LedgerError> {
        durable::replace_all(&*self.files.disk, files).map_err(failed(&self.files.root))
    }
}
