//! A disk for tests, in memory, that loses what was not synced.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Disk, OpenFile};

/// A disk that keeps its promises and not one more. After the set number of steps the power is gone:
/// every further step fails. [`ForgetfulDisk::after_the_cut`] is what the next start finds.
#[derive(Clone, Debug, Default)]
pub struct ForgetfulDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: Vec<FileState>,
    folders: BTreeMap<PathBuf, Folder>,
    /// Steps until the power goes.
    steps_left: Option<u64>,
    /// Steps taken that change something.
    steps: u64,
    /// Files with this in their path are synced late.
    late: Option<&'static str>,
    /// Syncs until one fails.
    syncs_left: Option<u64>,
    /// Whether a sync that failed is tried again.
    retries: bool,
}

#[derive(Clone, Debug, Default)]
struct FileState {
    synced: Vec<u8>,
    written: Vec<u8>,
    /// What a failed sync left out: it can be read, is called clean, and never comes to the disk.
    dropped: Vec<Range<usize>>,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    synced: BTreeMap<String, usize>,
    now: BTreeMap<String, usize>,
    /// What was done to the names since the last sync.
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Made(String, usize),
    Renamed(String, String),
    Removed(String),
}

impl ForgetfulDisk {
    /// A disk with this folder on it, whose power goes after `steps` changes.
    pub fn with_power_for(folder: &Path, steps: u64) -> Self {
        let disk = Self::default();
        disk.state()
            .folders
            .insert(folder.to_owned(), Folder::default());
        disk.power_for(steps);
        disk
    }

    /// The power goes after `steps` changes more.
    pub fn power_for(&self, steps: u64) {
        self.state().steps_left = Some(steps);
    }

    /// The mutant that acknowledges before it syncs: a file with `part` in its path is synced only
    /// when more is written to it.
    pub fn sync_late(&self, part: &'static str) {
        self.state().late = Some(part);
    }

    /// After `syncs` more one sync fails, once: later ones succeed, and what that one was to make durable
    /// never is, as the kernel has it.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.state().syncs_left = Some(syncs);
    }

    /// Whether that sync has failed.
    pub fn has_failed(&self) -> bool {
        self.state().syncs_left.is_none()
    }

    /// The mutant that tries a failed sync again.
    pub fn retry_syncs(&self) {
        self.state().retries = true;
    }

    /// Changes made so far.
    pub fn steps(&self) -> u64 {
        self.state().steps
    }

    /// What the next start finds: what was synced, and of the rest what `choose` says. `choose(n)`
    /// gives a number below `n`.
    pub fn after_the_cut(&self, mut choose: impl FnMut(usize) -> usize) -> Self {
        let state = self.state();
        let folders = state.folders.iter().map(|(path, folder)| {
            let mut names = folder.synced.clone();
            for change in &folder.unsynced {
                // Forgotten or kept, each by itself: so they are reordered too.
                if choose(2) == 0 {
                    change.apply(&mut names);
                }
            }
            let folder = Folder {
                synced: names.clone(),
                now: names,
                unsynced: Vec::new(),
            };
            (path.clone(), folder)
        });
        let folders = folders.collect();
        let files = state.files.iter().map(|file| file.after(&mut choose));
        let survived = State {
            files: files.collect(),
            folders,
            ..State::default()
        };
        Self(Arc::new(Mutex::new(survived)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileState {
    fn sync(&mut self) {
        self.synced = self.on_its_way();
    }

    /// What the disk takes of it from now on.
    fn on_its_way(&self) -> Vec<u8> {
        let mut bytes = self.written.clone();
        for dropped in &self.dropped {
            bytes[dropped.clone()].fill(0);
        }
        bytes
    }

    fn fail_sync(&mut self) {
        self.dropped.push(self.same()..self.written.len());
    }

    /// How many bytes from the start are as they were synced.
    fn same(&self) -> usize {
        let both = self.synced.iter().zip(&self.written);
        both.take_while(|(a, b)| a == b).count()
    }

    fn cut(&mut self, length: usize) {
        self.written.truncate(length);
        let length = self.written.len();
        self.dropped.retain_mut(|dropped| {
            dropped.end = dropped.end.min(length);
            dropped.start < dropped.end
        });
    }

    fn after(&self, choose: &mut impl FnMut(usize) -> usize) -> Self {
        const SECTOR: usize = 32;
        let same = self.same();
        let written = self.on_its_way();
        let mut bytes = match choose(4) {
            _ if self.synced == written => written.clone(),
            0 => self.synced.clone(),
            1 => written.clone(),
            // Torn: a part of it.
            2 => written[..same + choose(written.len() - same + 1)].to_vec(),
            // Reordered: some sectors came, some did not.
            _ => {
                let mut bytes = written.clone();
                for sector in bytes[same..].chunks_mut(SECTOR) {
                    if choose(2) == 0 {
                        sector.fill(0);
                    }
                }
                bytes
            }
        };
        if bytes.len() < self.synced.len() && written.len() >= self.synced.len() {
            bytes.clone_from(&self.synced);
        }
        Self {
            synced: bytes.clone(),
            written: bytes,
            dropped: Vec::new(),
        }
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Made(name, file) => {
                names.insert(name.clone(), *file);
            }
            Self::Renamed(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Self::Removed(name) => {
                names.remove(name);
            }
        }
    }
}

impl State {
    fn step(&mut self) -> io::Result<()> {
        self.steps += 1;
        match &mut self.steps_left {
            Some(0) => Err(io::Error::other("the power is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether the sync that is about to be made comes to be.
    fn sync(&mut self) -> io::Result<()> {
        self.step()?;
        match &mut self.syncs_left {
            Some(0) => {
                self.syncs_left = None;
                Err(io::Error::other("the sync failed"))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn change(&mut self, folder: &Path, change: Change) -> io::Result<()> {
        self.step()?;
        let folder = self.folders.get_mut(folder).ok_or_else(not_there)?;
        change.apply(&mut folder.now);
        folder.unsynced.push(change);
        Ok(())
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        let (folder, name) = split(path);
        let folder = self.folders.get(&folder).ok_or_else(not_there)?;
        folder.now.get(&name).copied().ok_or_else(not_there)
    }
}

fn not_there() -> io::Error {
    io::ErrorKind::NotFound.into()
}

fn split(path: &Path) -> (PathBuf, String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (crate::folder_of(path), name.into_owned())
}

impl Disk for ForgetfulDisk {
    fn read_from(&self, path: &Path, offset: u64) -> io::Result<Vec<u8>> {
        let state = self.state();
        let written = &state.files[state.file(path)?].written;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(written.get(offset..).unwrap_or_default().to_vec())
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let folder = state.folders.get(folder).ok_or_else(not_there)?;
        Ok(folder.now.keys().cloned().collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut state = self.state();
        let file = match state.file(path) {
            Ok(file) => file,
            Err(_) => {
                let (folder, name) = split(path);
                let file = state.files.len();
                state.change(&folder, Change::Made(name, file))?;
                state.files.push(FileState::default());
                file
            }
        };
        let late = state
            .late
            .is_some_and(|part| path.to_string_lossy().contains(part));
        Ok(Box::new(Opened {
            disk: self.clone(),
            file,
            late,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.file(from)?;
        let ((folder, from), (into, to)) = (split(from), split(to));
        if folder != into {
            return Err(io::Error::other("this disk renames within a folder only"));
        }
        state.change(&folder, Change::Renamed(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.file(path)?;
        let (folder, name) = split(path);
        state.change(&folder, Change::Removed(name))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        // Folders are few and made at the founding; their loss is not played.
        let mut state = self.state();
        state.step()?;
        state.folders.entry(path.to_owned()).or_default();
        Ok(())
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.state().folders.contains_key(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.sync()?;
        let folder = state.folders.get_mut(folder).ok_or_else(not_there)?;
        folder.synced.clone_from(&folder.now);
        folder.unsynced.clear();
        Ok(())
    }

    fn lock(&self, _path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        Ok(Some(Box::new(())))
    }
}

#[derive(Debug)]
struct Opened {
    disk: ForgetfulDisk,
    file: usize,
    late: bool,
}

impl OpenFile for Opened {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let powered = state.step();
        if self.late && powered.is_ok() {
            state.files[self.file].sync();
        }
        // The step during which the power goes may have been done in part.
        state.files[self.file].written.extend_from_slice(bytes);
        powered
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.step()?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        state.files[self.file].cut(length);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let synced = state.sync();
        if synced.is_err() && state.steps_left != Some(0) {
            state.files[self.file].fail_sync();
        }
        if !state.retries {
            synced?;
        }
        if !self.late {
            state.files[self.file].sync();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GrowingFile, replace_all};

    #[test]
    fn what_was_synced_outlives_every_cut_and_the_rest_may_not() {
        let folder = Path::new("/station");
        let (mut kept, mut lost, mut torn) = (0, 0, 0);
        for seed in 0..200_usize {
            let disk = ForgetfulDisk::with_power_for(folder, 1_000);
            replace_all(&disk, &[(folder.join("file"), b"one")]).unwrap();
            let mut growing = GrowingFile::open(&disk, &folder.join("growing"), 0).unwrap();
            growing.append(b"synced").unwrap();
            growing.file.append(&[b'x'; 100]).unwrap();
            let mut n = seed;
            let after = disk.after_the_cut(|below| {
                n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (n >> 33) % below
            });
            assert_eq!(after.read_from(&folder.join("file"), 0).unwrap(), b"one");
            let bytes = after.read_from(&folder.join("growing"), 0).unwrap();
            assert!(bytes.starts_with(b"synced"));
            match bytes.len() {
                6 => lost += 1,
                106 if bytes.ends_with(&[b'x'; 100]) => kept += 1,
                _ => torn += 1,
            }
        }
        assert!(
            kept > 10 && lost > 10 && torn > 10,
            "{kept} kept, {lost} lost, {torn} torn"
        );
    }
}
