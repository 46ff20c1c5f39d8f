//! The one way a file is written so that it outlives a power cut.
//!
//! Every file of the station but the database's goes through here. A function that returns `Ok`
//! has synced what it wrote, and the folder entry that leads to it; before that, nothing may be
//! told to anybody. A failed sync is never tried again: the kernel may have dropped the pages, so
//! the caller must stop.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Writes `bytes` to `path`, whole or not at all: a reader sees the old file or the new one.
///
/// # Errors
/// Whatever the system says; the old file is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("writing");
    let mut file = for_the_station_alone()
        .write(true)
        .truncate(true)
        .open(&aside)?;
    file.write_all(bytes)?;
    // A crash before this line leaves a stray `.writing` file, which the next call overwrites.
    file.sync_all()?;
    fs::rename(&aside, path)?;
    sync_folder_of(path)
}

/// Makes a folder, and those above it, for the station's own user alone.
///
/// # Errors
/// Whatever the system says.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        create_folder(above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder_of(path),
    }
}

/// Renames within one file system, whole or not at all.
///
/// # Errors
/// Whatever the system says.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder_of(to)?;
    sync_folder_of(from)
}

/// Removes a file; that it is not there is no error.
///
/// # Errors
/// Whatever else the system says.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder_of(path),
    }
}

/// A file that is made, if it is not there, readable by nobody else.
fn for_the_station_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// A file that only grows.
#[derive(Debug)]
pub struct GrowingFile {
    file: File,
    length: u64,
}

impl GrowingFile {
    /// Opens the file to go on after its first `length` bytes; what stands beyond them is a write
    /// that was never acknowledged, and is cut off. Creates the file when there is none.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn open(path: &Path, length: u64) -> io::Result<Self> {
        let file = for_the_station_alone().read(true).append(true).open(path)?;
        file.set_len(length)?;
        file.sync_all()?;
        sync_folder_of(path)?;
        Ok(Self { file, length })
    }

    /// Appends and syncs. After an error the file's end is unknown: open it anew.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
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
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/c");
        create_folder(path.parent().unwrap()).unwrap();
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
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
        let mut file = GrowingFile::open(&path, 0).unwrap();
        file.append(b"kept").unwrap();
        file.append(b"torn").unwrap();
        drop(file);
        let mut file = GrowingFile::open(&path, 4).unwrap();
        file.append(b" and more").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kept and more");
    }
}
