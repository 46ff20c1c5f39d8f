//! Proving a log, offline, with nothing but its files and the public key.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use durable::{Disk, RealDisk};
use jiff::Timestamp;
use tlog_tiles::{Checkpoint, Hash, Tile, record_hash};

use crate::LedgerError;
use crate::cosign::{Cosignature, WitnessPublicKey};
use crate::files::LogFiles;
use crate::log::parse;
use crate::signing::VerifyingKey;
use crate::tiles::{Edge, WIDTH, path, split_bundle};
use crate::witnessed::{cosignatures, kept_heads};

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Entries under the signed head, every one of them as it was signed.
    pub signed: u64,
    /// Entries newer than the signed head.
    pub newer: u64,
    /// The tree's hash at the signed head, in base64.
    pub root: String,
    /// The newest cosignature of each witness whose key was given.
    pub cosigned: Vec<Cosignature>,
    /// How many heads that witnesses cosigned were held against the log.
    pub heads: usize,
}

/// What a log is held against, besides its own head and key.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// Heads that the log signed once, as notes: from a witness, an older export, the store.
    pub heads: Vec<String>,
    /// The witnesses whose cosignatures count.
    pub witnesses: Vec<WitnessPublicKey>,
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
    verify_against(root, key, &Against::default())
}

/// [`verify`], and that the log still has every entry of the heads that are known elsewhere.
///
/// # Errors
/// As there.
pub fn verify_against(
    root: &Path,
    key: &VerifyingKey,
    against: &Against,
) -> Result<Verified, Finding> {
    verify_on(Arc::new(RealDisk), root, key, against)
}

/// [`verify_against`] on a disk of the caller's.
///
/// # Errors
/// As there.
pub fn verify_on(
    disk: Arc<dyn Disk>,
    root: &Path,
    key: &VerifyingKey,
    against: &Against,
) -> Result<Verified, Finding> {
    const TRIES: usize = 10;
    let files = LogFiles {
        disk,
        root: root.to_owned(),
    };
    let head = || files.read(&files.checkpoint()).ok();
    for _ in 1..TRIES {
        let before = head();
        let verified = verify_at_rest(&files, key, against);
        if verified.is_ok() || head() == before {
            return verified;
        }
    }
    verify_at_rest(&files, key, against)
}

fn verify_at_rest(
    files: &LogFiles,
    key: &VerifyingKey,
    against: &Against,
) -> Result<Verified, Finding> {
    let note = read(files, &files.checkpoint())?
        .ok_or_else(|| finding(None, "there is no signed head (checkpoint)"))?;
    let head = key
        .open(&note)
        .map_err(|e| finding(None, format!("the signed head does not verify: {e}")))?;
    let elsewhere = |error: LedgerError| finding(None, error.to_string());
    let mut known: Vec<(u64, Hash)> = Vec::new();
    let kept = kept_heads(files, key).map_err(elsewhere)?;
    let notes = kept.iter().map(|head| &head.note).chain(&against.heads);
    for note in notes {
        let head = key
            .open(note.as_bytes())
            .map_err(|e| finding(None, format!("a head given to compare with: {e}")))?;
        known.push((head.size(), *head.hash()));
    }
    let heads = known.len();
    let mut check = Check {
        edge: Edge::default(),
        last_at: Timestamp::MIN,
        turn: None,
        known,
    };
    let full = head.size() / WIDTH as u64;
    let at = |n, width| path(&files.root, "entries", n, width);
    for n in 0..full {
        let hashes = tile(files, n, WIDTH, full)?;
        let bundle = read(files, &at(n, WIDTH))?.ok_or_else(|| {
            finding(
                Some(n * WIDTH as u64),
                "the file with this entry and the next 255 is missing",
            )
        })?;
        check.bundle(&bundle, &hashes, WIDTH)?;
    }
    let width = (head.size() % WIDTH as u64) as usize;
    let mut signed = Vec::new();
    if width > 0 {
        signed = tile(files, full, width, full)?;
        let bundle = read(files, &at(full, width))?
            .ok_or_else(|| finding(Some(full * WIDTH as u64), "the newest entries are missing"))?;
        check.bundle(&bundle, &signed, width)?;
    }
    check.against(&head)?;
    let newer = newer(files, full * WIDTH as u64, &signed, &mut check)?;
    check.all_known()?;
    Ok(Verified {
        signed: head.size(),
        newer,
        root: head.hash().to_string(),
        cosigned: cosignatures(files, key, &against.witnesses).map_err(elsewhere)?,
        heads,
    })
}

/// The entries that the station wrote after the signed head. They lie with those of the newest
/// bundle, from number `first` on, which must be the signed ones.
fn newer(files: &LogFiles, first: u64, signed: &[u8], check: &mut Check) -> Result<u64, Finding> {
    let unreadable = |e: LedgerError| finding(None, e.to_string());
    if files.growing_firsts().map_err(unreadable)?.is_empty() {
        // An export has what is under its head and nothing else.
        return Ok(0);
    }
    let entries = files.newest_from(first).map_err(unreadable)?;
    let width = signed.len() / 32;
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    // First what is there: a length that was changed makes an entry another, and cuts off those after it.
    let there = entries.len().min(width);
    check.same(first, &entries[..there], signed)?;
    if there < width {
        return Err(finding(
            Some(first + there as u64),
            "it was signed and is cut off here",
        ));
    }
    let mut newer = 0;
    for entry in &entries[width..] {
        // An entry that does not parse was cut short by a crash: it was never acknowledged, and
        // ends the log.
        if parse(first, entry).is_err() {
            break;
        }
        check.follow(entry)?;
        newer += 1;
    }
    Ok(newer)
}

struct Check {
    edge: Edge,
    last_at: Timestamp,
    /// The last turn that was told.
    turn: Option<u64>,
    /// Heads known elsewhere, by size.
    known: Vec<(u64, Hash)>,
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
        entries.into_iter().try_for_each(|entry| self.follow(entry))
    }

    /// The next entry: one of the log's, and later than the one before.
    fn follow(&mut self, entry: &[u8]) -> Result<(), Finding> {
        let index = self.edge.size();
        let parsed = parse(index, entry).map_err(|e| finding(Some(index), e.to_string()))?;
        if parsed.at <= self.last_at {
            return Err(finding(
                Some(index),
                "its time is not after the entry before it",
            ));
        }
        self.last_at = parsed.at;
        if parsed.turn < self.turn {
            return Err(finding(
                Some(index),
                "it was written by a station whose turn was over",
            ));
        }
        self.turn = parsed.turn;
        self.edge.push(entry);
        let size = self.edge.size();
        if self
            .known
            .iter()
            .any(|(known, root)| *known == size && *root != self.edge.root())
        {
            return Err(finding(
                Some(index),
                "it, or one before it, is not the entry that a witness or another holder of a head knew: the log was rewritten",
            ));
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

    /// Every head that is known elsewhere is one of this log's.
    fn all_known(&self) -> Result<(), Finding> {
        let there = self.edge.size();
        match self.known.iter().map(|(size, _)| *size).max() {
            Some(known) if known > there => Err(finding(
                Some(there),
                format!(
                    "it is gone: {known} entries are known elsewhere, {there} are here; the log was rolled back"
                ),
            )),
            _ => Ok(()),
        }
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

/// Of a log with `full` full bundles.
fn tile(files: &LogFiles, n: u64, width: usize, full: u64) -> Result<Vec<u8>, Finding> {
    let first = n * WIDTH as u64;
    let hashes = read(files, &path(&files.root, "0", n, width))?
        .ok_or_else(|| finding(Some(first), "the tile with its hash is missing"))?;
    if hashes.len() != 32 * width {
        return Err(finding(
            Some(first),
            "the tile with its hash has the wrong length",
        ));
    }
    // Above a full tile stands its hash, in the next level: a rewritten tile differs from it.
    let parent = n / WIDTH as u64;
    let siblings = (full - parent * WIDTH as u64).min(WIDTH as u64) as usize;
    if width == WIDTH
        && let Some(above) = read(files, &path(&files.root, "1", parent, siblings))?
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

fn read(files: &LogFiles, path: &Path) -> Result<Option<Vec<u8>>, Finding> {
    (files.read(path)).map_err(|error| finding(None, error.to_string()))
}
