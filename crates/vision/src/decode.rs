//! From columns of character probabilities to a reading.
//!
//! The reader is trained with connectionist temporal classification (Graves et al. 2006): each of
//! its columns is a distribution over "nothing here" and the 36 characters; a text's probability
//! is the sum over all ways to spread it over the columns. A prefix beam search (Hannun et al.
//! 2014) finds the probable texts with those sums.

use std::collections::HashMap;

use plate::{Candidate, Character, PlateText, Reading};

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

/// The reading that the columns amount to; `None` when "no characters at all" is all they say.
pub(crate) fn reading(columns: &[f32]) -> Option<Reading> {
    let mut beam: Vec<(Vec<u8>, Mass)> = vec![(
        Vec::new(),
        Mass {
            after_nothing: 1.0,
            after_character: 0.0,
        },
    )];
    for column in columns.chunks_exact(SYMBOLS) {
        let likely: Vec<(u8, f64)> = column
            .iter()
            .enumerate()
            .map(|(symbol, &p)| (symbol as u8, f64::from(p)))
            .filter(|&(_, p)| p > NEGLIGIBLE)
            .collect();
        let mut next: HashMap<Vec<u8>, Mass> = HashMap::with_capacity(beam.len() * 4);
        for (prefix, mass) in &beam {
            for &(symbol, p) in &likely {
                if symbol == 0 {
                    next.entry(prefix.clone()).or_default().after_nothing += mass.total() * p;
                    continue;
                }
                let repeated = prefix.last() == Some(&symbol);
                if repeated {
                    next.entry(prefix.clone()).or_default().after_character +=
                        mass.after_character * p;
                }
                if prefix.len() < PlateText::MAX {
                    let mut longer = prefix.clone();
                    longer.push(symbol);
                    let from = if repeated {
                        mass.after_nothing
                    } else {
                        mass.total()
                    };
                    next.entry(longer).or_default().after_character += from * p;
                }
            }
        }
        beam = next.into_iter().collect();
        // Ties are broken by the text, so that a picture always gives the same reading.
        beam.sort_by(|a, b| {
            b.1.total()
                .total_cmp(&a.1.total())
                .then_with(|| a.0.cmp(&b.0))
        });
        beam.truncate(BEAM);
    }
    let candidates: Vec<Candidate> = beam
        .into_iter()
        .filter_map(|(prefix, mass)| {
            let characters: Option<Vec<_>> = prefix
                .iter()
                .map(|&symbol| Character::from_index(usize::from(symbol) - 1))
                .collect();
            Some(Candidate {
                text: PlateText::new(characters?).ok()?,
                probability: mass.total(),
            })
        })
        .collect();
    Reading::from_candidates(&candidates)
}

#[cfg(test)]
mod tests {
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
        reading(&columns.concat()).map(|r| r.most_likely().text.to_string())
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
        let read = reading(&[column('A', 0.6), column('A', 0.6)].concat()).unwrap();
        assert!((read.most_likely().probability - 0.84).abs() < 1e-4);
    }

    #[test]
    fn an_empty_plate_has_no_reading() {
        assert_eq!(text(&[column('-', 1.0); 5]), None);
    }
}
