//! Proving a log, offline, with nothing but its files and the public key.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use tlog_tiles::{Checkpoint, Tile, record_hash};

use crate::log::parse;
use crate::signing::VerifyingKey;
use crate::tiles::{Edge, WIDTH, path, split_bundle};

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Entries under the signed head, every one of them as it was signed.
    pub signed: u64,
    /// Entries newer than the signed head.
    pub newer: u64,
    /// The tree's hash at the signed head, in base64.
    pub root: String,
}

/// What is wrong, and with which entry first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The first bad entry's number, where it can be told.
    pub entry: Option<u64>,
    /// In words.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry {
            Some(n) => write!(f, "entry {n}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

fn finding(entry: Option<u64>, what: impl Into<String>) -> Finding {
    Finding {
        entry,
        what: what.into(),
    }
}

/// Checks every entry of the log in `root` against its tiles and the signed head, one bundle in
/// memory at a time.
///
/// A station may go on writing meanwhile: when the head was renewed in between, it is tried again.
///
/// # Errors
/// The first thing found to be wrong.
pub fn verify(root: &Path, key: &VerifyingKey) -> Result<Verified, Finding> {
    const TRIES: usize = 10;
    let head = || fs::read(root.join("checkpoint")).ok();
    for _ in 1..TRIES {
        let before = head();
        let verified = verify_at_rest(root, key);
        if verified.is_ok() || head() == before {
            return verified;
        }
    }
    verify_at_rest(root, key)
}

fn verify_at_rest(root: &Path, key: &VerifyingKey) -> Result<Verified, Finding> {
    let note = read(&root.join("checkpoint"))?
        .ok_or_else(|| finding(None, "there is no signed head (checkpoint)"))?;
    let head = key
        .open(&note)
        .map_err(|e| finding(None, format!("the signed head does not verify: {e}")))?;
    let mut check = Check {
        edge: Edge::default(),
        last_at: Timestamp::MIN,
    };
    let full = head.size() / WIDTH as u64;
    for n in 0..full {
        let hashes = tile(root, n, WIDTH)?;
        let bundle = read(&path(root, "entries", n, WIDTH))?.ok_or_else(|| {
            finding(
                Some(n * WIDTH as u64),
                "the file with this entry and the next 255 is missing",
            )
        })?;
        check.bundle(&bundle, &hashes, WIDTH)?;
    }
    let width = (head.size() % WIDTH as u64) as usize;
    if width > 0 {
        let hashes = tile(root, full, width)?;
        let bundle = read(&path(root, "entries", full, width))?
            .ok_or_else(|| finding(Some(full * WIDTH as u64), "the newest entries are missing"))?;
        check.bundle(&bundle, &hashes, width)?;
    }
    check.against(&head)?;
    let newer = newer(root, full, width, &check)?;
    Ok(Verified {
        signed: head.size(),
        newer,
        root: head.hash().to_string(),
    })
}

/// The entries that the station wrote after the signed head: they must follow it, and must be the
/// signed ones up to there.
fn newer(root: &Path, full: u64, width: usize, check: &Check) -> Result<u64, Finding> {
    let mut n = full;
    let mut newer = 0;
    loop {
        let named = read(&path(root, "entries", n, WIDTH))?;
        let last = named.is_none();
        let Some(bytes) = named.map_or_else(|| read(&root.join("growing")), |b| Ok(Some(b)))?
        else {
            return Ok(newer);
        };
        let (entries, whole) = split_bundle(&bytes);
        let skip = if n == full { width } else { 0 };
        if entries.len() < skip {
            return Err(finding(
                Some(n * WIDTH as u64 + entries.len() as u64),
                "it was signed and is cut off here",
            ));
        }
        if n == full && width > 0 {
            let signed = tile(root, full, width)?;
            check.same(n * WIDTH as u64, &entries[..width], &signed)?;
        }
        newer += (entries.len() - skip) as u64;
        if last {
            // What stands after the last whole entry was never acknowledged: a write cut short.
            return Ok(newer);
        }
        if entries.len() != WIDTH || whole != bytes.len() {
            let at = n * WIDTH as u64 + entries.len() as u64;
            return Err(finding(
                Some(at),
                "the file with it is not of 256 whole entries",
            ));
        }
        n += 1;
    }
}

struct Check {
    edge: Edge,
    last_at: Timestamp,
}

impl Check {
    fn bundle(&mut self, bytes: &[u8], hashes: &[u8], width: usize) -> Result<(), Finding> {
        let first = self.edge.size();
        let (entries, whole) = split_bundle(bytes);
        self.same(first, &entries[..entries.len().min(width)], hashes)?;
        if entries.len() != width || whole != bytes.len() {
            let at = first + entries.len().min(width) as u64;
            return Err(finding(
                Some(at),
                format!(
                    "its file holds {} whole entries, not {width}",
                    entries.len()
                ),
            ));
        }
        for entry in entries {
            let index = self.edge.size();
            let parsed = parse(index, entry).map_err(|e| finding(Some(index), e.to_string()))?;
            if parsed.at <= self.last_at {
                return Err(finding(
                    Some(index),
                    "its time is not after the entry before it",
                ));
            }
            self.last_at = parsed.at;
            self.edge.push(entry);
        }
        Ok(())
    }

    fn same(&self, first: u64, entries: &[&[u8]], hashes: &[u8]) -> Result<(), Finding> {
        for ((index, entry), hash) in (first..).zip(entries).zip(hashes.chunks_exact(32)) {
            if record_hash(entry).0 != hash {
                return Err(finding(Some(index), "it is not the entry that was written"));
            }
        }
        Ok(())
    }

    fn against(&self, head: &Checkpoint) -> Result<(), Finding> {
        if self.edge.root() == *head.hash() {
            Ok(())
        } else {
            Err(finding(
                None,
                "entries and tiles agree with each other but not with the signed head: they were replaced together",
            ))
        }
    }
}

fn tile(root: &Path, n: u64, width: usize) -> Result<Vec<u8>, Finding> {
    let first = n * WIDTH as u64;
    let hashes = read(&path(root, "0", n, width))?
        .ok_or_else(|| finding(Some(first), "the tile with its hash is missing"))?;
    if hashes.len() != 32 * width {
        return Err(finding(
            Some(first),
            "the tile with its hash has the wrong length",
        ));
    }
    // Above a full tile stands its hash, in the next level: a rewritten tile differs from it.
    if width == WIDTH
        && let Some(above) = read(&path(root, "1", n / WIDTH as u64, WIDTH))?
    {
        let at = 32 * (n % WIDTH as u64) as usize;
        if above.get(at..at + 32) != Some(Tile::subtree_hash(&hashes).0.as_slice()) {
            return Err(finding(
                Some(first),
                "the tile with its hash is not the one that was written",
            ));
        }
    }
    Ok(hashes)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Finding> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(finding(
            None,
            format!("{} cannot be read: {error}", path.display()),
        )),
    }
}
