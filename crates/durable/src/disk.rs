//! The disk, in the few steps that a file's life takes. Each step is one that a power cut can fall
//! after; what is synced outlives it, and nothing else is promised.

use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Where files lie. Production has [`RealDisk`] and nothing else; the tests' double forgets what was
/// not synced.
pub trait Disk: Debug + Send + Sync {
    /// The file's bytes, from `offset` on.
    ///
    /// # Errors
    /// Whatever the system says.
    fn read_from(&self, path: &Path, offset: u64) -> io::Result<Vec<u8>>;

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// Whatever the system says.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Opens a file for writing at its end; makes it when there is none.
    ///
    /// # Errors
    /// Whatever the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;

    /// Gives a file another name. Not durable until both folders are synced.
    ///
    /// # Errors
    /// Whatever the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Not durable until its folder is synced.
    ///
    /// # Errors
    /// Whatever the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes one folder. Not durable until the one above is synced.
    ///
    /// # Errors
    /// Whatever the system says.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Whether there is such a folder.
    fn is_folder(&self, path: &Path) -> bool;

    /// Makes a folder's entries durable.
    ///
    /// # Errors
    /// Whatever the system says; never try again.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Holds a file locked as long as the result lives; `None` when another process holds it.
    ///
    /// # Errors
    /// Whatever else the system says.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>>;
}

/// A file that is being written.
pub trait OpenFile: Debug + Send {
    /// Writes at the end.
    ///
    /// # Errors
    /// Whatever the system says; the end is then unknown.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file off after its first `length` bytes.
    ///
    /// # Errors
    /// Whatever the system says.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// Whatever the system says; never try again.
    fn sync(&mut self) -> io::Result<()>;
}

/// The machine's disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read_from(&self, path: &Path, offset: u64) -> io::Result<Vec<u8>> {
        if offset == 0 {
            return fs::read(path);
        }
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(for_the_station_alone().append(true).open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let file = for_the_station_alone().write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl OpenFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        // The length is data too: fdatasync(2) syncs what is needed to read the bytes again.
        self.sync_data()
    }
}

/// A file that is made, if it is not there, readable by nobody else.
fn for_the_station_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}
