//! The log's files, named and shaped as c2sp.org/tlog-tiles says, and its hashes.
//!
//! ```text
//! checkpoint             the signed head
//! tile/0/000             256 hashes of entries; tile/1/000: 256 hashes of such tiles; ...
//! tile/entries/000       256 entries, each with its length in two bytes before it
//! tile/0/000.p/17        the newest tile, as it stood at the signed head
//! growing/00…042         the newest entries, from number 42 on; several files while tiles are made
//! lock                   held by the one process that writes
//! ```

use std::io;
use std::path::{Path, PathBuf};

use durable::Disk;

use tlog_tiles::{Hash, Tile, node_hash, record_hash};

/// Entries, or hashes, in a full tile.
pub(crate) const WIDTH: usize = 256;
/// The longest entry: its length is written in two bytes.
pub(crate) const LONGEST_ENTRY: usize = u16::MAX as usize;

/// `000`, `001`, ..., `x001/000`: the number of a tile in a path.
fn number(mut n: u64) -> String {
    let mut path = format!("{:03}", n % 1000);
    while n >= 1000 {
        n /= 1000;
        path = format!("x{:03}/{path}", n % 1000);
    }
    path
}

/// Where a tile lies; `width` is `WIDTH` for a full one. `level` is a number, or `entries`.
pub(crate) fn path(root: &Path, level: &str, n: u64, width: usize) -> PathBuf {
    let number = number(n);
    let partial = if width == WIDTH {
        String::new()
    } else {
        format!(".p/{width}")
    };
    root.join(format!("tile/{level}/{number}{partial}"))
}

/// The entries in the bytes of a bundle, and how many bytes whole entries take: what follows them
/// is an entry cut short.
pub(crate) fn split_bundle(bytes: &[u8]) -> (Vec<&[u8]>, usize) {
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(length) = bytes.get(at..at + 2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let Some(entry) = bytes.get(at + 2..at + 2 + length) else {
            break;
        };
        entries.push(entry);
        at += 2 + length;
    }
    (entries, at)
}

/// The entry as it stands in a bundle, its length before it. A longer one is never written.
pub(crate) fn framed(entry: &[u8]) -> Vec<u8> {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), entry].concat()
}

/// The tree's newest, unfinished tiles: all that a writer must know to go on, 256 hashes a level.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    levels: Vec<Vec<Hash>>,
    size: u64,
}

/// A tile that an added entry made full.
pub(crate) struct FullTile {
    pub(crate) level: usize,
    pub(crate) n: u64,
    pub(crate) hashes: Vec<u8>,
}

impl Edge {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds an entry; returns the tiles that it completed, lowest first.
    pub(crate) fn push(&mut self, entry: &[u8]) -> Vec<FullTile> {
        self.size += 1;
        self.push_at(0, record_hash(entry))
    }

    fn push_at(&mut self, mut level: usize, mut hash: Hash) -> Vec<FullTile> {
        let mut full = Vec::new();
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(hash);
            if self.levels[level].len() < WIDTH {
                return full;
            }
            let hashes = flat(&std::mem::take(&mut self.levels[level]));
            hash = Tile::subtree_hash(&hashes);
            let n = (self.size >> (8 * (level + 1))) - 1;
            full.push(FullTile { level, n, hashes });
            level += 1;
        }
    }

    /// The tree's hash (RFC 6962, section 2.1): perfect subtrees joined from the right.
    pub(crate) fn root(&self) -> Hash {
        let mut subtrees = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = flat(hashes);
            // A level's hashes split into perfect subtrees by the binary digits of their number.
            while !rest.is_empty() {
                let count = rest.len() / 32;
                let perfect = 1 << (usize::BITS - 1 - count.leading_zeros());
                let tail = rest.split_off(32 * perfect);
                subtrees.push(Tile::subtree_hash(&rest));
                rest = tail;
            }
        }
        subtrees
            .into_iter()
            .rev()
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or(tlog_tiles::EMPTY_HASH)
    }

    /// The unfinished tiles: level, number, hashes.
    pub(crate) fn partial(&self) -> impl Iterator<Item = (usize, u64, Vec<u8>)> + '_ {
        self.levels
            .iter()
            .enumerate()
            .filter(|(_, hashes)| !hashes.is_empty())
            .map(|(level, hashes)| (level, self.size >> (8 * (level + 1)), flat(hashes)))
    }

    /// Rebuilds the edge of a tree whose full entry tiles number `full`, from the hash tiles on
    /// disk: at most 255 tiles a level are read, however long the log.
    pub(crate) fn load(disk: &dyn Disk, root: &Path, full: u64) -> io::Result<Self> {
        let mut edge = Self {
            levels: Vec::new(),
            size: full * WIDTH as u64,
        };
        let mut tiles = full;
        let mut level = 0;
        edge.levels.push(Vec::new());
        while tiles > 0 {
            let in_parent = tiles % WIDTH as u64;
            let hashes = (tiles - in_parent..tiles)
                .map(|n| {
                    let bytes = disk.read_from(&path(root, &level.to_string(), n, WIDTH), 0)?;
                    if bytes.len() == 32 * WIDTH {
                        Ok(Tile::subtree_hash(&bytes))
                    } else {
                        Err(io::Error::other(format!(
                            "tile/{level}/{} is not of 256 hashes",
                            number(n)
                        )))
                    }
                })
                .collect::<io::Result<Vec<_>>>()?;
            edge.levels.push(hashes);
            tiles /= WIDTH as u64;
            level += 1;
        }
        Ok(edge)
    }
}

/// The Merkle tree hash (RFC 6962, section 2.1) over `leaves`: one digest for a batch.
pub fn merkle_root<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> crypt::Digest {
    let mut edge = Edge::default();
    for leaf in leaves {
        edge.push(leaf);
    }
    crypt::Digest(edge.root().0)
}

/// A leaf's hash (RFC 6962, section 2.1).
pub fn leaf_hash(leaf: &[u8]) -> crypt::Digest {
    crypt::Digest(record_hash(leaf).0)
}

/// The Merkle tree hash over leaves of which only the hashes are at hand.
pub fn root_of_leaves(hashes: &[crypt::Digest]) -> crypt::Digest {
    let mut edge = Edge::default();
    for hash in hashes {
        edge.size += 1;
        edge.push_at(0, Hash(hash.0));
    }
    crypt::Digest(edge.root().0)
}

/// A read's leaf in its batch: its id, the SHA-256 of its picture where the batch has those, and its
/// reading as it is kept. The id is random: nobody finds the rest by trying.
pub fn read_leaf(id: &[u8; 16], picture: Option<&crypt::Digest>, reading: &str) -> Vec<u8> {
    let picture = picture.map_or(&[][..], |digest| &digest.0);
    [id.as_slice(), picture, reading.as_bytes()].concat()
}

fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962, section 2.1, word for word.
    fn slow_root(entries: &[Vec<u8>]) -> Hash {
        match entries.len() {
            0 => tlog_tiles::EMPTY_HASH,
            1 => record_hash(&entries[0]),
            n => {
                let k = n.next_power_of_two() / 2;
                node_hash(slow_root(&entries[..k]), slow_root(&entries[k..]))
            }
        }
    }

    #[test]
    fn the_root_is_the_one_of_the_standard_at_every_size() {
        let mut edge = Edge::default();
        let mut entries = Vec::new();
        for i in 0..700u32 {
            assert_eq!(edge.root(), slow_root(&entries), "{i} entries");
            let hashes: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
            assert_eq!(root_of_leaves(&hashes).0, edge.root().0, "{i} entries");
            entries.push(i.to_be_bytes().to_vec());
            edge.push(&i.to_be_bytes());
        }
        // Beyond one tile of tiles.
        for i in 700..66_000u32 {
            entries.push(i.to_be_bytes().to_vec());
            edge.push(&i.to_be_bytes());
        }
        assert_eq!(edge.root(), slow_root(&entries));
    }

    #[test]
    fn tiles_are_numbered_as_the_format_says() {
        let at = |n, width| path(Path::new(""), "0", n, width).display().to_string();
        assert_eq!(at(7, WIDTH), "tile/0/007");
        assert_eq!(at(1_234_067, WIDTH), "tile/0/x001/x234/067");
        assert_eq!(at(0, 17), "tile/0/000.p/17");
    }
}
