//! Proofs that an entry stands under a head, and that one head continues another (RFC 6962,
//! sections 2.1.1 and 2.1.2), made from the tiles on the disk.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tlog_tiles::{
    Checkpoint, Error, Hash, HashReader, Tile, check_record, check_tree, prove_record, prove_tree,
    record_hash, tree_hash,
};

use crate::files::LogFiles;
use crate::tiles::{WIDTH, path, split_bundle};
use crate::{LedgerError, VerifyingKey};

/// A tile's height in the tree: 256 hashes.
const HEIGHT: u8 = 8;
/// The first line of a proof (c2sp.org/tlog-proof).
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The hashes of a sealed tree, out of its tiles.
pub(crate) struct TreeOnDisk<'a> {
    files: &'a LogFiles,
    size: u64,
}

impl<'a> TreeOnDisk<'a> {
    /// The tree of the first `size` entries, whose tiles are on the disk.
    pub(crate) fn new(files: &'a LogFiles, size: u64) -> Self {
        Self { files, size }
    }

    /// The root over the first `size` entries, which are no more than the tree has.
    pub(crate) fn root(&self, size: u64) -> Result<Hash, LedgerError> {
        tree_hash(size, self).map_err(damaged)
    }

    /// That the tree continues the one of its first `old` entries.
    pub(crate) fn consistency(&self, old: u64) -> Result<Vec<Hash>, LedgerError> {
        if old == 0 || old == self.size {
            return Ok(Vec::new());
        }
        prove_tree(self.size, old, self).map_err(damaged)
    }

    fn tile(&self, level: u8, n: u64) -> Result<Vec<u8>, Error> {
        let hashes = self.size >> (HEIGHT * level);
        let width = (hashes - n * WIDTH as u64).min(WIDTH as u64) as usize;
        let path = path(&self.files.root, &level.to_string(), n, width);
        let bytes = (self.files.read(&path)).map_err(|e| Error::InvalidInput(e.to_string()))?;
        bytes
            .filter(|bytes| bytes.len() == 32 * width)
            .ok_or_else(|| Error::InvalidInput(format!("{} is not whole", path.display())))
    }
}

impl HashReader for TreeOnDisk<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let mut held: Option<(Tile, Vec<u8>)> = None;
        let read = |&index: &u64| {
            let tile = Tile::from_index(HEIGHT, index);
            let held = match &mut held {
                Some(held)
                    if held.0.level() == tile.level()
                        && held.0.level_index() == tile.level_index() =>
                {
                    held
                }
                other => other.insert((tile, self.tile(tile.level(), tile.level_index())?)),
            };
            tile.hash_at_index(&held.1, index)
        };
        indexes.iter().map(read).collect()
    }
}

fn damaged(error: Error) -> LedgerError {
    LedgerError::Damaged(error.to_string())
}

/// Proves that entry `index` stands under the head in `note`, whose tree is on the disk: a text as
/// c2sp.org/tlog-proof says.
pub(crate) fn prove(
    files: &LogFiles,
    head: &Checkpoint,
    note: &str,
    index: u64,
) -> Result<String, LedgerError> {
    if index >= head.size() {
        return Err(LedgerError::NoSuchEntry(index));
    }
    let entry = sealed_entry(files, head.size(), index)?;
    let tree = TreeOnDisk::new(files, head.size());
    let hashes = prove_record(head.size(), index, &tree).map_err(damaged)?;
    // A damaged tile gives a proof that proves nothing: better none.
    check_record(
        &hashes,
        head.size(),
        *head.hash(),
        index,
        record_hash(&entry),
    )
    .map_err(|_| LedgerError::Damaged(format!("entry {index} does not stand under the head")))?;
    let lines: String = hashes.iter().map(|hash| format!("{hash}\n")).collect();
    let extra = BASE64_STANDARD.encode(&entry);
    Ok(format!(
        "{FIRST_LINE}\nextra {extra}\nindex {index}\n{lines}\n{note}"
    ))
}

fn sealed_entry(files: &LogFiles, size: u64, index: u64) -> Result<Vec<u8>, LedgerError> {
    let n = index / WIDTH as u64;
    let width = (size - n * WIDTH as u64).min(WIDTH as u64) as usize;
    let file = path(&files.root, "entries", n, width);
    let bytes = files.read(&file)?.unwrap_or_default();
    let entry = split_bundle(&bytes).0;
    let entry = entry.get((index % WIDTH as u64) as usize);
    entry.map(|entry| entry.to_vec()).ok_or_else(|| {
        LedgerError::Damaged(format!("entry {index} is gone from {}", file.display()))
    })
}

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The entry's number.
    pub index: u64,
    /// The entry, word for word.
    pub entry: String,
    /// How many entries the head has that it stands under.
    pub size: u64,
}

/// Checks a proof against the log's published key. Nothing else is needed. The proof carries its
/// entry; that it is the one in the log is what is proved.
///
/// # Errors
/// In words, why it proves nothing.
pub fn check_proof(text: &str, key: &VerifyingKey) -> Result<Proved, String> {
    let (proof, note) = text
        .split_once("\n\n")
        .ok_or("it is no proof: there is no empty line before its head")?;
    let mut lines = proof.lines();
    if lines.next() != Some(FIRST_LINE) {
        return Err(format!(
            "it is no proof: it does not begin with {FIRST_LINE}"
        ));
    }
    let entry = lines
        .next()
        .and_then(|line| line.strip_prefix("extra "))
        .and_then(|extra| BASE64_STANDARD.decode(extra).ok())
        .ok_or("it does not carry its entry")?;
    let index = lines
        .next()
        .and_then(|line| line.strip_prefix("index "))
        .and_then(number)
        .ok_or("it does not say which entry it proves")?;
    let hashes = hashes(lines).ok_or("a line of it is no hash")?;
    let head = key.open(note.as_bytes())?;
    check_record(
        &hashes,
        head.size(),
        *head.hash(),
        index,
        record_hash(&entry),
    )
    .map_err(|_| format!("entry {index} does not stand under this head"))?;
    Ok(Proved {
        index,
        entry: String::from_utf8(entry).map_err(|_| "the entry is no text")?,
        size: head.size(),
    })
}

/// Whether the head `new` continues the head `old`, by this proof. A proof from nothing is empty.
pub(crate) fn continues(proof: &[Hash], new: (u64, Hash), old: (u64, Hash)) -> bool {
    match old.0 {
        0 => proof.is_empty(),
        size if size == new.0 => proof.is_empty() && old.1 == new.1,
        size if size > new.0 => false,
        size => check_tree(&proof.to_vec(), new.0, new.1, size, old.1).is_ok(),
    }
}

/// One hash a line.
pub(crate) fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<Hash>> {
    lines
        .map(|line| {
            let bytes = BASE64_STANDARD.decode(line).ok()?;
            Some(Hash(bytes.try_into().ok()?))
        })
        .collect()
}

/// A decimal without leading zeroes.
pub(crate) fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
