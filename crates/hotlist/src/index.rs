//! A list, compiled: finds its entries by text in constant time, and is kept so that a station that
//! starts need not compile it again.

mod kept;

use std::ops::Range;

use plate::Jurisdiction;

use crate::entry::Entry;
use crate::texts::pack;

pub use kept::IndexError;

/// Entries to a bucket, about.
const TOGETHER: usize = 4;

/// A list's plates and states in memory, nine bytes an entry. What else an entry says stays where
/// the list is kept: the index tells which entry is meant, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Every entry's text, O as 0, scattered by [`scatter`]: ascending.
    keys: Vec<u64>,
    /// Every entry's state: a place in `jurisdictions`. Among the same keys, ascending.
    states: Vec<u8>,
    /// The states that are listed; `None` for entries that name none.
    jurisdictions: Vec<Option<Jurisdiction>>,
    /// Where the keys begin that share their leading bits; one more than there are such buckets.
    starts: Vec<u32>,
    /// By how many bits a key is shifted to give its bucket.
    shift: u32,
    /// How many plates with their states are listed.
    plates: usize,
}

impl Index {
    /// Compiles a list, and brings its entries into the index's order.
    pub fn compile(entries: &mut [Entry]) -> Self {
        entries.sort_by_cached_key(|entry| (key(entry), entry.jurisdiction));
        let mut jurisdictions: Vec<_> = entries.iter().map(|e| e.jurisdiction).collect();
        jurisdictions.sort_unstable();
        jurisdictions.dedup();
        let place = |state| {
            // Every state there is has a number below 256.
            let place = jurisdictions.binary_search(&state).unwrap_or_default();
            u8::try_from(place).unwrap_or_default()
        };
        let keys = entries.iter().map(key).collect();
        let states = entries.iter().map(|e| place(e.jurisdiction)).collect();
        Self::of(keys, states, jurisdictions)
    }

    /// The index of what is sorted.
    fn of(keys: Vec<u64>, states: Vec<u8>, jurisdictions: Vec<Option<Jurisdiction>>) -> Self {
        let buckets = (keys.len() / TOGETHER).next_power_of_two().max(2);
        let shift = u64::BITS - buckets.trailing_zeros();
        let mut starts = Vec::with_capacity(buckets + 1);
        let mut plates = 0;
        let mut last = None;
        for (at, (&key, &state)) in keys.iter().zip(&states).enumerate() {
            let bucket = (key >> shift) as usize;
            while starts.len() <= bucket {
                starts.push(at as u32);
            }
            plates += usize::from(last.replace((key, state)) != Some((key, state)));
        }
        starts.resize(buckets + 1, keys.len() as u32);
        Self {
            keys,
            states,
            jurisdictions,
            starts,
            shift,
            plates,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        8 * self.keys.capacity() + self.states.capacity() + 4 * self.starts.capacity()
    }

    /// How many plates with their states are listed.
    pub(crate) fn plates(&self) -> usize {
        self.plates
    }

    /// The entries of this packed text, one state's after the other's.
    pub(crate) fn entries_of(&self, text: u64) -> Range<usize> {
        let key = scatter(text);
        let bucket = (key >> self.shift) as usize;
        let (from, to) = (
            self.starts[bucket] as usize,
            self.starts[bucket + 1] as usize,
        );
        let keys = &self.keys[from..to];
        let first = keys.iter().take_while(|known| **known < key).count();
        let same = keys[first..].iter().take_while(|known| **known == key);
        from + first..from + first + same.count()
    }

    /// The state of an entry.
    pub(crate) fn state_of(&self, entry: usize) -> Option<Jurisdiction> {
        self.jurisdictions[usize::from(self.states[entry])]
    }
}

fn key(entry: &Entry) -> u64 {
    scatter(pack(&entry.plate))
}

/// Spreads texts evenly over all numbers, no two to one: the finaliser of MurmurHash3 (Appleby, in
/// the public domain), each step of which can be undone.
fn scatter(text: u64) -> u64 {
    let mut key = text;
    key = (key ^ (key >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    key = (key ^ (key >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    key ^ (key >> 33)
}
