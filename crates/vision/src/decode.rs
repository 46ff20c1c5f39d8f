//! From columns of character probabilities to a reading.
//!
//! The reader is trained with connectionist temporal classification (Graves et al. 2006): each of
//! its columns is a distribution over "nothing here" and the 36 characters; a text's probability
//! is the sum over all ways to spread it over the columns. A prefix beam search (Hannun et al.
//! 2014) finds the probable texts with those sums.

use std::collections::BTreeSet;

use plate::{Candidate, Character, PlateText};

/// What a column distinguishes: nothing, then the characters in [`Character::from_index`]'s order.
pub(crate) const SYMBOLS: usize = 1 + Character::COUNT;

/// Prefixes kept from column to column. With 8 the spike's reader had the right text among its
/// best three in 95 % of plates; more keeps the tails that a distribution is made of.
const BEAM: usize = 24;
/// A symbol below this probability does not extend a prefix in that column.
const NEGLIGIBLE: f64 = 1e-4;

/// A prefix's probability, by whether its last column was "nothing" (only then may the same
/// character follow as a new one).
#[derive(Clone, Copy, Default)]
struct Mass {
    after_nothing: f64,
    after_character: f64,
}

impl Mass {
    fn total(self) -> f64 {
        self.after_nothing + self.after_character
    }
}

/// The probable texts, each as probable as all the ways to spell it together; none when "no
/// characters at all" is all the columns say.
pub(crate) fn candidates(columns: &[f32]) -> Vec<Candidate> {
    as_candidates(beam(columns))
}

/// The probable texts of a plate that was looked at several times: each as probable as it is on
/// average, for what one look mistakes the others mostly do not.
pub(crate) fn candidates_of(looks: &[&[f32]]) -> Vec<Candidate> {
    let spelled: BTreeSet<Vec<u8>> = (looks.iter().flat_map(|columns| beam(columns)))
        .map(|(text, _)| text)
        .collect();
    let average = |text: &[u8]| {
        let all = looks.iter().map(|columns| probability_of(text, columns));
        all.sum::<f64>() / looks.len() as f64
    };
    let mut texts: Vec<(Vec<u8>, f64)> = spelled
        .into_iter()
        .map(|text| {
            let p = average(&text);
            (text, p)
        })
        .collect();
    texts.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    texts.truncate(BEAM);
    as_candidates(texts)
}

/// The sum over all ways to spread a text's symbols over the columns: the forward algorithm
/// (Graves et al. 2006, section 4.1).
pub(crate) fn probability_of(text: &[u8], columns: &[f32]) -> f64 {
    // The text with "nothing" before, between and after its symbols.
    let states: Vec<u8> = std::iter::once(0)
        .chain(text.iter().flat_map(|&symbol| [symbol, 0]))
        .collect();
    let mut reached = vec![0.0; states.len()];
    for (step, column) in columns.chunks_exact(SYMBOLS).enumerate() {
        // From the last one on, so that those before it still are as they were a column ago.
        for i in (0..states.len()).rev() {
            let symbol = states[i];
            let arriving = if step == 0 {
                f64::from(u8::from(i < 2))
            } else {
                let from = |back: usize| i.checked_sub(back).map_or(0.0, |i| reached[i]);
                // Two different symbols may follow each other without "nothing" between them.
                let skips = symbol != 0 && i >= 2 && states[i - 2] != symbol;
                from(0) + from(1) + if skips { from(2) } else { 0.0 }
            };
            reached[i] = arriving * f64::from(column[usize::from(symbol)]);
        }
    }
    reached.iter().rev().take(2).sum()
}

fn as_candidates(texts: Vec<(Vec<u8>, f64)>) -> Vec<Candidate> {
    let candidate = |(symbols, probability): (Vec<u8>, f64)| {
        let characters: Option<Vec<_>> = symbols
            .iter()
            .map(|&symbol| Character::from_index(usize::from(symbol) - 1))
            .collect();
        Some(Candidate {
            text: PlateText::new(characters?).ok()?,
            probability,
        })
    };
    texts.into_iter().filter_map(candidate).collect()
}

/// The first symbols of a text, six bits each, the first one highest: they compare as texts do, and
/// what is searched for in them is one number.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix {
    symbols: u128,
    length: usize,
}

impl Prefix {
    const fn place(i: usize) -> usize {
        6 * (PlateText::MAX - 1 - i)
    }

    fn symbol(self, i: usize) -> u8 {
        (self.symbols >> Self::place(i) & 63) as u8
    }

    fn last(self) -> Option<u8> {
        Some(self.symbol(self.length.checked_sub(1)?))
    }

    /// With one more; `None` where a plate has no room for it.
    fn longer(self, symbol: u8) -> Option<Self> {
        (self.length < PlateText::MAX).then(|| Self {
            symbols: self.symbols | u128::from(symbol) << Self::place(self.length),
            length: self.length + 1,
        })
    }

    fn text(self) -> Vec<u8> {
        (0..self.length).map(|i| self.symbol(i)).collect()
    }
}

/// The prefix beam search: the symbols of the probable texts, most probable first.
fn beam(columns: &[f32]) -> Vec<(Vec<u8>, f64)> {
    let nothing_yet = Mass {
        after_nothing: 1.0,
        after_character: 0.0,
    };
    let mut beam = vec![(Prefix::default(), nothing_yet)];
    // Ties are broken by the text, so that a picture always gives the same reading.
    let order = |a: &(Prefix, Mass), b: &(Prefix, Mass)| {
        (b.1.total().total_cmp(&a.1.total())).then_with(|| a.0.cmp(&b.0))
    };
    for column in columns.chunks_exact(SYMBOLS) {
        let likely: Vec<(u8, f64)> = column
            .iter()
            .enumerate()
            .map(|(symbol, &p)| (symbol as u8, f64::from(p)))
            .filter(|&(_, p)| p > NEGLIGIBLE)
            .collect();
        // Those that stay as they are come first, at their places.
        let stays = |&(prefix, _): &(Prefix, Mass)| (prefix, Mass::default());
        let mut next: Vec<(Prefix, Mass)> = beam.iter().map(stays).collect();
        for (i, &(prefix, mass)) in beam.iter().enumerate() {
            for &(symbol, p) in &likely {
                if symbol == 0 {
                    next[i].1.after_nothing += mass.total() * p;
                    continue;
                }
                let repeated = prefix.last() == Some(symbol);
                if repeated {
                    next[i].1.after_character += mass.after_character * p;
                }
                let Some(longer) = prefix.longer(symbol) else {
                    continue;
                };
                let from = if repeated {
                    mass.after_nothing
                } else {
                    mass.total()
                };
                // Only one that was in the beam can be reached in two ways.
                if let Some(j) = beam.iter().position(|&(other, _)| other == longer) {
                    next[j].1.after_character += from * p;
                } else if from > 0.0 {
                    let mass = Mass {
                        after_nothing: 0.0,
                        after_character: from * p,
                    };
                    next.push((longer, mass));
                }
            }
        }
        next.retain(|(_, mass)| mass.total() > 0.0);
        if next.len() > BEAM {
            next.select_nth_unstable_by(BEAM, order);
            next.truncate(BEAM);
        }
        next.sort_by(order);
        beam = next;
    }
    (beam.into_iter())
        .map(|(prefix, mass)| (prefix.text(), mass.total()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A column that says `c` with probability `p` and nothing otherwise; '-' is nothing.
    fn column(c: char, p: f32) -> [f32; SYMBOLS] {
        let mut column = [0.0; SYMBOLS];
        column[0] = 1.0 - p;
        let symbol =
            (0..Character::COUNT).find(|&i| Character::from_index(i).unwrap().as_char() == c);
        column[symbol.map_or(0, |i| i + 1)] += p;
        column
    }

    fn text(columns: &[[f32; SYMBOLS]]) -> Option<String> {
        candidates(&columns.concat())
            .first()
            .map(|c| c.text.to_string())
    }

    #[test]
    fn a_character_seen_in_neighbouring_columns_is_one_character() {
        assert_eq!(
            text(&[column('A', 1.0), column('A', 1.0), column('B', 1.0)]).unwrap(),
            "AB"
        );
    }

    #[test]
    fn the_same_character_twice_needs_a_gap() {
        assert_eq!(
            text(&[column('A', 1.0), column('-', 1.0), column('A', 1.0)]).unwrap(),
            "AA"
        );
    }

    #[test]
    fn a_text_is_as_probable_as_all_its_spellings_together() {
        // A-, -A and AA all spell A: 1 - 0.4 * 0.4.
        let read = candidates(&[column('A', 0.6), column('A', 0.6)].concat());
        assert!((read[0].probability - 0.84).abs() < 1e-4);
    }

    #[test]
    fn an_empty_plate_has_no_reading() {
        assert_eq!(text(&[column('-', 1.0); 5]), None);
    }

    #[test]
    fn a_doubled_letter_needs_nothing_between() {
        let sure = |symbols: &[u8]| {
            let column = |&s: &u8| (0..SYMBOLS as u8).map(move |i| f32::from(u8::from(i == s)));
            symbols.iter().flat_map(column).collect::<Vec<f32>>()
        };
        assert!((probability_of(&[5, 5], &sure(&[5, 0, 5])) - 1.0).abs() < 1e-9);
        assert!(probability_of(&[5, 5], &sure(&[5, 5, 5])).abs() < 1e-9);
        assert!((probability_of(&[5], &sure(&[0, 5, 5])) - 1.0).abs() < 1e-9);
        assert!((probability_of(&[], &sure(&[0, 0])) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_one_look_mistakes_the_others_mend() {
        let [wrong, right] = [column('B', 0.6), column('8', 0.9)];
        let read = candidates_of(&[&wrong, &right, &right]);
        assert_eq!(read[0].text.to_string(), "8");
        assert!((read[0].probability - 0.6).abs() < 1e-6);
        let once = candidates_of(&[&wrong]);
        assert_eq!(once.len(), candidates(&wrong).len());
        assert_eq!(once[0], candidates(&wrong)[0]);
    }

    /// Columns over "nothing", A and B.
    fn columns() -> impl Strategy<Value = Vec<[f64; 3]>> {
        prop::collection::vec([0.01..1.0f64, 0.01..1.0, 0.01..1.0], 1..5).prop_map(|columns| {
            let whole = |column: [f64; 3]| column.map(|p| p / column.iter().sum::<f64>());
            columns.into_iter().map(whole).collect()
        })
    }

    /// Every text's probability, by trying every way to spell it.
    fn by_every_spelling(columns: &[[f64; 3]]) -> BTreeMap<String, f64> {
        let mut spellings = vec![(String::new(), 1.0)];
        for column in columns {
            spellings = spellings
                .iter()
                .flat_map(|(spelling, p)| {
                    let of = |(symbol, q): (char, &f64)| (format!("{spelling}{symbol}"), p * q);
                    "-AB".chars().zip(column).map(of).collect::<Vec<_>>()
                })
                .collect();
        }
        let mut texts = BTreeMap::new();
        for (spelling, p) in spellings {
            let mut characters: Vec<char> = spelling.chars().collect();
            characters.dedup();
            let text = characters.into_iter().filter(|c| *c != '-').collect();
            *texts.entry(text).or_default() += p;
        }
        texts
    }

    proptest! {
        // Four columns make few enough texts for the beam to hold them all.
        #[test]
        fn a_texts_probability_is_that_of_trying_every_spelling(columns in columns()) {
            let flat: Vec<f32> = columns
                .iter()
                .flat_map(|&[nothing, a, b]| {
                    let mut column = [0.0; SYMBOLS];
                    // The letters come after the ten digits.
                    (column[0], column[11], column[12]) = (nothing as f32, a as f32, b as f32);
                    column
                })
                .collect();
            for (text, p) in beam(&flat) {
                let summed = probability_of(&text, &flat);
                prop_assert!((p - summed).abs() < 1e-6, "{:?}: {}, not {}", text, summed, p);
            }
            let found: BTreeMap<String, f64> = candidates(&flat)
                .into_iter()
                .filter(|candidate| candidate.probability > 0.0)
                .map(|candidate| (candidate.text.to_string(), candidate.probability))
                .collect();
            let mut tried = by_every_spelling(&columns);
            tried.remove("");
            prop_assert_eq!(found.len(), tried.len());
            for (text, p) in tried {
                prop_assert!((found[&text] - p).abs() < 1e-6, "{}: {}, not {}", text, found[&text], p);
            }
        }
    }
}
