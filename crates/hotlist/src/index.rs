//! A list, compiled: finds its entries by text in constant time, and is kept so that a station that
//! starts need not compile it again.

mod kept;

use std::collections::BTreeSet;
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
    /// Every entry's text, O as 0, packed: ascending.
    texts: Vec<u64>,
    /// Every entry's state: a place in `jurisdictions`. Among the same texts, ascending.
    states: Vec<u8>,
    /// The states that are listed; `None` for entries that name none.
    jurisdictions: Vec<Option<Jurisdiction>>,
    /// Where the texts begin that share their leading bits; one more than there are such buckets.
    starts: Vec<u32>,
    /// By how many bits a text is shifted to give its bucket.
    shift: u32,
    /// How many plates with their states are listed.
    plates: usize,
}

impl Index {
    /// Compiles a list, and brings its entries into the index's order.
    pub fn compile(entries: &mut [Entry]) -> Self {
        entries.sort_by_cached_key(|entry| (pack(&entry.plate), entry.jurisdiction));
        let keys = entries.iter().map(|e| (pack(&e.plate), e.jurisdiction));
        Self::of_sorted(keys)
    }

    /// The index of packed texts with their states, which are in its order already.
    pub(crate) fn of_sorted(
        keys: impl Iterator<Item = (u64, Option<Jurisdiction>)> + Clone,
    ) -> Self {
        let jurisdictions: BTreeSet<_> = keys.clone().map(|(_, state)| state).collect();
        let jurisdictions: Vec<_> = jurisdictions.into_iter().collect();
        let place = |state| {
            // Every state there is has a number below 256.
            let place = jurisdictions.binary_search(&state).unwrap_or_default();
            u8::try_from(place).unwrap_or_default()
        };
        let texts = keys.clone().map(|(text, _)| text).collect();
        let states = keys.map(|(_, state)| place(state)).collect();
        Self::of(texts, states, jurisdictions)
    }

    /// The index of what is sorted.
    fn of(texts: Vec<u64>, states: Vec<u8>, jurisdictions: Vec<Option<Jurisdiction>>) -> Self {
        let bits = texts
            .last()
            .map_or(0, |text| u64::BITS - text.leading_zeros());
        let wanted = (texts.len() / TOGETHER).max(1).ilog2();
        let shift = bits.saturating_sub(wanted);
        let bucket = |text: &u64| (text >> shift) as usize;
        let buckets = texts.last().map_or(0, |text| bucket(text) + 1);
        let mut starts = Vec::with_capacity(buckets + 1);
        let mut plates = 0;
        let mut last = None;
        for (at, (text, state)) in texts.iter().zip(&states).enumerate() {
            // A list of four thousand million entries does not fit in memory before it fails here.
            starts.resize(starts.len().max(bucket(text) + 1), at as u32);
            plates += usize::from(last.replace((text, state)) != Some((text, state)));
        }
        starts.push(texts.len() as u32);
        Self {
            texts,
            states,
            jurisdictions,
            starts,
            shift,
            plates,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        8 * self.texts.capacity() + self.states.capacity() + 4 * self.starts.capacity()
    }

    /// How many plates with their states are listed.
    pub(crate) fn plates(&self) -> usize {
        self.plates
    }

    /// The entries of this packed text, one state's after the other's.
    pub(crate) fn entries_of(&self, text: u64) -> Range<usize> {
        let bucket = (text >> self.shift) as usize;
        let Some(&[from, to]) = self.starts.get(bucket..).and_then(<[u32]>::first_chunk) else {
            return 0..0;
        };
        let (from, to) = (from as usize, to as usize);
        let texts = &self.texts[from..to];
        let first = texts.partition_point(|known| *known < text);
        let same = texts[first..].iter().take_while(|known| **known == text);
        from + first..from + first + same.count()
    }

    /// The state of an entry.
    pub(crate) fn state_of(&self, entry: usize) -> Option<Jurisdiction> {
        self.jurisdictions[usize::from(self.states[entry])]
    }
}
