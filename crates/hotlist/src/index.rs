//! A list, compiled: finds its entries by text in constant time.

use crate::entry::Entry;
use crate::texts::pack;

/// Marks a slot in which nothing stands.
const EMPTY: u32 = u32::MAX;

/// A list's entries, found by the text of the plate with O as 0.
#[derive(Debug)]
pub struct Index {
    /// Entries of one text stand together.
    entries: Vec<Entry>,
    /// The entries' texts, packed, in the same order.
    texts: Vec<u64>,
    /// A table of open addresses: where the first entry of a text stands. A power of two, at most
    /// half full.
    slots: Vec<u32>,
    /// How many plates with their states are listed.
    plates: usize,
}

impl Index {
    /// Compiles a list.
    pub fn compile(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_cached_key(|entry| (pack(&entry.plate), entry.jurisdiction));
        let texts: Vec<u64> = entries.iter().map(|entry| pack(&entry.plate)).collect();
        let same = |a: &Entry, b: &Entry| {
            pack(&a.plate) == pack(&b.plate) && a.jurisdiction == b.jurisdiction
        };
        let plates = entries.chunk_by(same).count();
        let mut slots = vec![EMPTY; (2 * texts.len()).next_power_of_two().max(2)];
        let mut first = 0;
        for run in texts.chunk_by(|a, b| a == b) {
            let mut slot = begin(run[0], slots.len());
            while slots[slot] != EMPTY {
                slot = (slot + 1) & (slots.len() - 1);
            }
            // A list of four thousand million entries does not fit in memory before it fails here.
            slots[slot] = u32::try_from(first).unwrap_or(EMPTY);
            first += run.len();
        }
        Self {
            entries,
            texts,
            slots,
            plates,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many plates with their states are listed.
    pub(crate) fn plates(&self) -> usize {
        self.plates
    }

    /// The entries of this packed text, one state's after the other's.
    pub(crate) fn of(&self, text: u64) -> &[Entry] {
        let mut slot = begin(text, self.slots.len());
        while self.slots[slot] != EMPTY {
            let first = self.slots[slot] as usize;
            if self.texts[first] == text {
                let run = self.texts[first..].iter().take_while(|t| **t == text);
                return &self.entries[first..first + run.count()];
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        &[]
    }
}

/// Where the search for a text begins: Fibonacci hashing, after Knuth, The Art of Computer
/// Programming, volume 3, 6.4.
fn begin(text: u64, slots: usize) -> usize {
    let bits = slots.trailing_zeros();
    (text.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - bits)) as usize
}
