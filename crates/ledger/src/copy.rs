//! A copy of a log, and whether one log goes on from another.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crypt::Digest;
use durable::RealDisk;

use crate::LedgerError;
use crate::files::{LogFiles, failed};
use crate::signing::VerifyingKey;
use crate::tiles::{Edge, WIDTH, path, split_bundle};

/// A signed head: how many entries it speaks of, and the tree's hash over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub size: u64,
    /// The tree's hash.
    pub root: Digest,
}

impl Head {
    /// The head in a checkpoint's text, if `key` signed it.
    ///
    /// # Errors
    /// In words, when it is no such head.
    pub fn read(note: &[u8], key: &VerifyingKey) -> Result<Self, String> {
        let checkpoint = key.open(note)?;
        Ok(Self {
            size: checkpoint.size(),
            root: Digest(checkpoint.hash().0),
        })
    }
}

/// Hands over the files of the log in `root` as they stand at its signed head, each by its path
/// within the folder, its length and its bytes: what `Ledger::open` goes on from. The log may be
/// written meanwhile.
///
/// # Errors
/// What the disk says; what `each` says; a head that `key` did not sign.
pub fn copy(
    root: &Path,
    key: &VerifyingKey,
    each: &mut dyn FnMut(&Path, u64, &mut dyn Read) -> io::Result<()>,
) -> io::Result<Head> {
    let (note, head, newest) = at_rest(root, key)?;
    let mut level = 0;
    loop {
        // Full tiles never change.
        let tiles = head.size >> (8 * (level + 1));
        if tiles == 0 {
            break;
        }
        for n in 0..tiles {
            let names = [
                Some(level.to_string()),
                (level == 0).then(|| "entries".to_owned()),
            ];
            for name in names.into_iter().flatten() {
                let path = path(root, &name, n, WIDTH);
                let mut file = File::open(&path)?;
                let length = file.metadata()?.len();
                each(within(root, &path), length, &mut file)?;
            }
        }
        level += 1;
    }
    for (path, bytes) in &newest {
        each(
            within(root, path),
            bytes.len() as u64,
            &mut bytes.as_slice(),
        )?;
    }
    each(
        Path::new("checkpoint"),
        note.len() as u64,
        &mut note.as_slice(),
    )?;
    Ok(head)
}

/// The signed head with the newest tiles that belong to it: they are replaced about once a second,
/// so a reader tries until it has them together.
type Newest = Vec<(PathBuf, Vec<u8>)>;

fn at_rest(root: &Path, key: &VerifyingKey) -> io::Result<(Vec<u8>, Head, Newest)> {
    const TRIES: usize = 20;
    let mut tries = 0;
    loop {
        tries += 1;
        let note = fs::read(root.join("checkpoint"))?;
        let head = Head::read(&note, key).map_err(io::Error::other)?;
        match newest(root, head.size) {
            Ok(newest) => return Ok((note, head, newest)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

fn newest(root: &Path, size: u64) -> io::Result<Newest> {
    let files = files(root);
    let mut found = Vec::new();
    let mut level = 0;
    let mut left = size;
    while left > 0 {
        let (n, width) = (left / WIDTH as u64, (left % WIDTH as u64) as usize);
        if width > 0 {
            let tile = path(root, &level.to_string(), n, width);
            found.push((tile.clone(), fs::read(&tile)?));
            if level == 0 {
                let bundle = path(root, "entries", n, width);
                let bytes = fs::read(&bundle)?;
                found.push((files.growing(n * WIDTH as u64), bytes.clone()));
                found.push((bundle, bytes));
            }
        }
        left = n;
        level += 1;
    }
    Ok(found)
}

fn within<'a>(root: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// Whether some process has the log in `root` open for writing.
///
/// # Errors
/// What the disk says.
pub fn is_in_use(root: &Path) -> io::Result<bool> {
    match File::open(root.join("lock")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(lock) => match lock.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
    }
}

/// Whether the log in `root` begins with the entries of `head`.
///
/// # Errors
/// What the disk says.
pub fn goes_on_from(root: &Path, head: &Head) -> Result<bool, LedgerError> {
    let files = files(root);
    let full = head.size / WIDTH as u64;
    let mut edge = Edge::load(&*files.disk, root, full).map_err(failed(root))?;
    let wanted = (head.size % WIDTH as u64) as usize;
    let entries = match files.bundle(full)? {
        Some(bundle) => (split_bundle(&bundle).0.into_iter())
            .map(<[u8]>::to_vec)
            .collect(),
        None => files.newest_from(full * WIDTH as u64)?,
    };
    let Some(entries) = entries.get(..wanted) else {
        return Ok(false);
    };
    for entry in entries {
        edge.push(entry);
    }
    Ok(edge.root().0 == head.root.0)
}

fn files(root: &Path) -> LogFiles {
    LogFiles {
        disk: Arc::new(RealDisk),
        root: root.to_owned(),
    }
}
