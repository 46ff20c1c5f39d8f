//! The one way a file is written so that it outlives a power cut.
//!
//! Every file of the station but the database's goes through here. A function that returns `Ok`
//! has synced what it wrote, and the folder entry that leads to it; before that, nothing may be
//! told to anybody. A failed sync is never tried again: the kernel may have dropped the pages, so
//! the caller must stop.

#[cfg(test)]
mod cuts;
mod disk;
#[cfg(any(test, feature = "double"))]
mod double;
mod together;

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use disk::{Disk, OpenFile, RealDisk};
#[cfg(any(test, feature = "double"))]
pub use double::ForgetfulDisk;
pub use together::{Seat, Together};

/// Writes `bytes` to `path`, whole or not at all: a reader sees the old file or the new one.
///
/// # Errors
/// Whatever the system says; the old file is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_all(&RealDisk, &[(path.to_owned(), bytes)])
}

/// Writes several files on `disk`, each whole or not at all, making the folders they lie in. The
/// files of one folder share the sync of that folder.
///
/// # Errors
/// Whatever the system says; each old file is then still there, or the new one is.
pub fn replace_all(disk: &dyn Disk, files: &[(PathBuf, impl AsRef<[u8]>)]) -> io::Result<()> {
    for (path, bytes) in files {
        create_folder_on(disk, &folder_of(path))?;
        let mut file = disk.open(&aside(path))?;
        file.cut(0)?;
        file.append(bytes.as_ref())?;
        // A crash before this line leaves a stray `.writing` file, which the next call overwrites.
        file.sync()?;
    }
    for (path, _) in files {
        disk.rename(&aside(path), path)?;
    }
    sync_folders(disk, files.iter().map(|(path, _)| path))
}

/// Writes what `from` has to say to `path`, as [`replace`] does.
///
/// # Errors
/// Whatever the system or `from` says; the old file is then still there.
pub fn replace_from(path: &Path, from: &mut dyn Read) -> io::Result<()> {
    let mut whole = Whole::create(path)?;
    io::copy(from, &mut whole)?;
    whole.finish()
}

/// A file that is written piece by piece and is there, whole, once it is finished; before that it is
/// not, and one that is given up leaves nothing behind.
#[derive(Debug)]
pub struct Whole {
    disk: Arc<dyn Disk>,
    file: Box<dyn OpenFile>,
    path: PathBuf,
    aside: PathBuf,
    finished: bool,
}

impl Whole {
    /// Begins to write what will be at `path`.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::create_on(Arc::new(RealDisk), path)
    }

    /// The same on `disk`.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn create_on(disk: Arc<dyn Disk>, path: &Path) -> io::Result<Self> {
        // The whole name is kept: two files may differ in what follows the dot alone.
        let mut aside = path.as_os_str().to_owned();
        aside.push(".writing");
        let aside = PathBuf::from(aside);
        let mut file = disk.open(&aside)?;
        file.cut(0)?;
        Ok(Self {
            disk,
            file,
            path: path.to_owned(),
            aside,
            finished: false,
        })
    }

    /// Puts it in its place, durably.
    ///
    /// # Errors
    /// Whatever the system says; what was there before is then still there.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.sync()?;
        self.disk.rename(&self.aside, &self.path)?;
        self.finished = true;
        self.disk.sync_folder(&folder_of(&self.path))
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed is overwritten by the next attempt.
            let _ = self.disk.remove(&self.aside);
        }
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.append(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes a folder, and those above it, for the station's own user alone.
///
/// # Errors
/// Whatever the system says.
pub fn create_folder(path: &Path) -> io::Result<()> {
    create_folder_on(&RealDisk, path)
}

/// The same on `disk`.
///
/// # Errors
/// Whatever the system says.
pub fn create_folder_on(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    if disk.is_folder(path) {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        create_folder_on(disk, above)?;
    }
    match disk.create_folder(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => disk.sync_folder(&folder_of(path)),
    }
}

/// Renames within one file system, whole or not at all.
///
/// # Errors
/// Whatever the system says.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    rename_on(&RealDisk, from, to)
}

/// The same on `disk`.
///
/// # Errors
/// Whatever the system says.
pub fn rename_on(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    disk.rename(from, to)?;
    sync_folders(disk, [to, from])
}

/// Removes a file; that it is not there is no error.
///
/// # Errors
/// Whatever else the system says.
pub fn remove(path: &Path) -> io::Result<()> {
    remove_all(&RealDisk, &[path.to_owned()])
}

/// Removes files on `disk`; that one is not there is no error.
///
/// # Errors
/// Whatever else the system says.
pub fn remove_all(disk: &dyn Disk, paths: &[PathBuf]) -> io::Result<()> {
    let mut removed = Vec::new();
    for path in paths {
        match disk.remove(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(()) => removed.push(path),
        }
    }
    sync_folders(disk, removed)
}

/// Beside the file, under a name of its own: `reads.json` and `reads.pdf` may be written together.
fn aside(path: &Path) -> PathBuf {
    path.with_added_extension("writing")
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned()
}

fn sync_folders<P: AsRef<Path>>(
    disk: &dyn Disk,
    paths: impl IntoIterator<Item = P>,
) -> io::Result<()> {
    let folders: BTreeSet<_> = paths.into_iter().map(|p| folder_of(p.as_ref())).collect();
    folders
        .iter()
        .try_for_each(|folder| disk.sync_folder(folder))
}

/// A file that only grows.
#[derive(Debug)]
pub struct GrowingFile {
    file: Box<dyn OpenFile>,
    length: u64,
}

impl GrowingFile {
    /// Opens the file to go on after its first `length` bytes; what stands beyond them is a write
    /// that was never acknowledged, and is cut off. Creates the file when there is none.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn open(disk: &dyn Disk, path: &Path, length: u64) -> io::Result<Self> {
        let mut file = disk.open(path)?;
        file.cut(length)?;
        file.sync()?;
        disk.sync_folder(&folder_of(path))?;
        Ok(Self { file, length })
    }

    /// Appends and syncs. After an error the file's end is unknown: open it anew.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)?;
        self.file.sync()?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// How long it is.
    pub fn length(&self) -> u64 {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/c");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn files_that_differ_only_in_their_kind_are_written_together() {
        let dir = tempfile::tempdir().unwrap();
        let [json, pdf] = ["reads.json", "reads.pdf"].map(|name| dir.path().join(name));
        let files = [(json.clone(), b"one"), (pdf.clone(), b"two")];
        replace_all(&RealDisk, &files).unwrap();
        assert_eq!(fs::read(&json).unwrap(), b"one");
        assert_eq!(fs::read(&pdf).unwrap(), b"two");
    }

    #[test]
    fn a_file_that_is_given_up_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.b");
        let mut given_up = Whole::create(&path).unwrap();
        given_up.write_all(b"one").unwrap();
        drop(given_up);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        replace_from(&path, &mut b"two".as_slice()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn nobody_else_on_the_machine_can_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("a"), dir.path().join("a/b"));
        create_folder(&folder).unwrap();
        replace(&file, b"one").unwrap();
        for (path, mode) in [(folder, 0o700), (file, 0o600)] {
            assert_eq!(
                fs::metadata(path).unwrap().permissions().mode() & 0o777,
                mode
            );
        }
    }

    #[test]
    fn what_was_not_acknowledged_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("growing");
        let mut file = GrowingFile::open(&RealDisk, &path, 0).unwrap();
        file.append(b"kept").unwrap();
        file.append(b"torn").unwrap();
        drop(file);
        let mut file = GrowingFile::open(&RealDisk, &path, 4).unwrap();
        file.append(b" and more").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kept and more");
    }
}
