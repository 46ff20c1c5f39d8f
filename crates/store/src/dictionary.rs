//! The dictionary: every plate that reads may be, once, so packed that all of it is compared with part
//! of a plate at the memory's speed.
//!
//! Reads grow without end, distinct plates slowly; so a search by part of a plate goes through the
//! plates, and then to the reads of those that fit.

mod compact;
mod pages;

use std::collections::{BTreeSet, HashSet};

use plate::{Character, Part, Pattern, PlateText};

pub(crate) use compact::Lost;
pub(crate) use pages::enter;

/// A plate as a word: the first ten characters of six bits each from the lowest bit on, the number of
/// characters in the highest four bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word(u64);

/// The longest plate that a word holds.
const LONGEST: usize = 10;
const BITS: usize = 6;
/// Words compared together before the next ones are looked at; so many fit the processor's registers.
const BLOCK: usize = 64;
/// Where a pattern leaves more ways than this to lay its known characters out, plates are compared one
/// by one.
const MOST_LAYOUTS: usize = 16;

impl Word {
    /// None where the plate is too long.
    fn pack(plate: &PlateText) -> Option<Self> {
        let characters = plate.characters();
        let packed = |word, (place, c): (usize, &Character)| word | Self::at(place, c.index());
        (characters.len() <= LONGEST).then(|| {
            let length = (characters.len() as u64) << 60;
            Self(characters.iter().enumerate().fold(length, packed))
        })
    }

    const fn at(place: usize, bits: usize) -> u64 {
        (bits as u64) << (place * BITS)
    }

    fn length(self) -> usize {
        (self.0 >> 60) as usize
    }

    /// None where the word is no plate's.
    fn unpack(self) -> Option<PlateText> {
        let character = |place| {
            let index = (self.0 >> (place * BITS)) as usize & ((1 << BITS) - 1);
            Character::from_index(index)
        };
        let characters = (0..self.length()).map(character).collect::<Option<_>>()?;
        PlateText::new(characters).ok()
    }
}

/// Every plate that reads may be, with O as 0.
#[derive(Default)]
pub(crate) struct Dictionary {
    /// By their number of characters, 0 to 10.
    words: [Vec<u64>; LONGEST + 1],
    long: BTreeSet<PlateText>,
    /// How many stand on no page yet.
    new: usize,
    /// While it is compacted: words that left their pages.
    gone: HashSet<u64>,
    /// While it is compacted: words, and plates too long for one, that were added meanwhile.
    added: Option<HashSet<u64>>,
    added_long: HashSet<PlateText>,
}

/// More plates fit than are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Dictionary {
    /// Adds a plate that is not in it.
    fn add(&mut self, plate: PlateText) {
        match Word::pack(&plate) {
            Some(word) => self.add_word(word),
            None => {
                if self.added.is_some() {
                    self.added_long.insert(plate.clone());
                }
                self.long.insert(plate);
            }
        }
    }

    fn add_word(&mut self, word: Word) {
        if let Some(added) = &mut self.added {
            added.insert(word.0);
        }
        if let Some(words) = self.words.get_mut(word.length()) {
            words.push(word.0);
        }
    }

    /// The plates that fit, in order; each is a text with O as 0.
    pub(crate) fn fitting(
        &self,
        pattern: &Pattern,
        most: usize,
    ) -> Result<Vec<PlateText>, TooMany> {
        let mut found = BTreeSet::new();
        let mut take = |plate: PlateText| {
            if pattern.fits(&plate) {
                found.insert(plate);
            }
            found.len() <= most
        };
        for (length, words) in self.words.iter().enumerate() {
            let go_on = match layouts(pattern, length) {
                Some(layouts) => {
                    compare(words, &layouts, |word| word.unpack().is_none_or(&mut take))
                }
                None => words
                    .iter()
                    .all(|&word| Word(word).unpack().is_none_or(&mut take)),
            };
            if !go_on {
                return Err(TooMany);
            }
        }
        if self.long.iter().cloned().all(&mut take) {
            Ok(found.into_iter().collect())
        } else {
            Err(TooMany)
        }
    }
}

/// A way to lay a pattern's known characters out: which bits of a word they take, and what these are.
#[derive(Clone, Copy, Debug, Default)]
struct Layout {
    mask: u64,
    known: u64,
}

/// Each word that one of the layouts allows, for as long as `take` wants more; whether it does.
fn compare(words: &[u64], layouts: &[Layout], mut take: impl FnMut(Word) -> bool) -> bool {
    let allowed = |word: u64| {
        layouts
            .iter()
            .any(|layout| word & layout.mask == layout.known)
    };
    for block in words.chunks(BLOCK) {
        // Without a branch, so that the processor compares several words at once.
        let some = layouts.iter().any(|layout| {
            block.iter().fold(false, |some, word| {
                some | (word & layout.mask == layout.known)
            })
        });
        if some && !block.iter().all(|&word| !allowed(word) || take(Word(word))) {
            return false;
        }
    }
    true
}

/// Every way to lay the pattern out in a plate of this length; none where there are too many ways, or
/// one that knows no character.
fn layouts(pattern: &Pattern, length: usize) -> Option<Vec<Layout>> {
    let mut all = Vec::new();
    lay_out(pattern.parts(), 0, length, Layout::default(), &mut all)?;
    all.iter().all(|layout| layout.mask != 0).then_some(all)
}

fn lay_out(
    parts: &[Part],
    place: usize,
    length: usize,
    so_far: Layout,
    all: &mut Vec<Layout>,
) -> Option<()> {
    match parts.split_first() {
        None if place == length => {
            all.push(so_far);
            (all.len() <= MOST_LAYOUTS).then_some(())
        }
        None => Some(()),
        Some((Part::Any, rest)) => {
            let needed = rest.iter().filter(|part| **part != Part::Any).count();
            (place..=length.saturating_sub(needed))
                .try_for_each(|next| lay_out(rest, next, length, so_far, all))
        }
        Some((Part::One(_), _)) if place == length => Some(()),
        Some((Part::One(one), rest)) => {
            let mut layout = so_far;
            if let Some(c) = one.only() {
                layout.mask |= Word::at(place, (1 << BITS) - 1);
                layout.known |= Word::at(place, c.index());
            }
            lay_out(rest, place + 1, length, layout, all)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dictionary(plates: &[&str]) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for plate in plates {
            dictionary.add(plate.parse().unwrap());
        }
        dictionary
    }

    fn fitting(
        dictionary: &Dictionary,
        pattern: &str,
        most: usize,
    ) -> Result<Vec<String>, TooMany> {
        let found = dictionary.fitting(&pattern.parse().unwrap(), most)?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_plate_is_packed_and_unpacked_as_itself() {
        for text in ["A", "7KX4821", "Z9Z9Z9Z9Z9"] {
            let plate: PlateText = text.parse().unwrap();
            assert_eq!(Word::pack(&plate).unwrap().unpack().unwrap(), plate);
        }
        assert_eq!(Word::pack(&"ABCDE123456".parse().unwrap()), None);
        assert_eq!(Word(0).unpack(), None);
        assert_eq!(Word(u64::MAX).unpack(), None);
    }

    #[test]
    fn plates_too_long_for_a_word_are_found_too() {
        let dictionary = dictionary(&["ABCDE123456", "ABCDE12345"]);
        assert_eq!(fitting(&dictionary, "ABC*6", 9).unwrap(), ["ABCDE123456"]);
        assert_eq!(fitting(&dictionary, "ABC*", 9).unwrap().len(), 2);
    }

    #[test]
    fn more_than_is_wanted_is_said_and_not_given() {
        let dictionary = dictionary(&["AB1", "AB2", "AB3", "XB3"]);
        assert_eq!(fitting(&dictionary, "AB?", 3).unwrap().len(), 3);
        assert_eq!(fitting(&dictionary, "AB?", 2), Err(TooMany));
        assert_eq!(fitting(&dictionary, "?B?", 3), Err(TooMany));
    }

    proptest! {
        #[test]
        fn it_finds_what_comparing_plate_by_plate_finds(
            plates in prop::collection::btree_set("[AB01]{1,12}", 0..200),
            pattern in "(\\*|\\?|[AB01]|\\[A1\\]){1,6}",
        ) {
            prop_assume!(pattern.parse::<Pattern>().is_ok());
            let expected: Vec<&str> = {
                let pattern: Pattern = pattern.parse().unwrap();
                let fits = |plate: &&str| pattern.fits(&plate.parse().unwrap());
                plates.iter().map(String::as_str).filter(fits).collect()
            };
            let plates: Vec<&str> = plates.iter().map(String::as_str).collect();
            prop_assert_eq!(fitting(&dictionary(&plates), &pattern, 1_000).unwrap(), expected);
        }
    }
}
