//! A reading: a mixture over lengths of independent positions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::parts::{UNIT, probability, quantise};
use crate::{Character, Jurisdictions, Pattern, PlateText};

/// Characters kept at a position; the rest of the probability is spread evenly over the others.
const KEPT: usize = 6;

/// Numbers of characters kept in a reading.
const KEPT_LENGTHS: usize = 4;

/// The distribution of the character at one place of the plate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(Vec<(Character, u16)>);

impl Position {
    /// The characters kept here with their probabilities, most probable first.
    pub fn characters(&self) -> impl Iterator<Item = (Character, f64)> + '_ {
        self.0.iter().map(|&(c, p)| (c, probability(p)))
    }

    /// The probability that `character` stands here: its own, if it was kept, else an even share
    /// of what the kept ones leave over.
    pub fn probability_of(&self, character: Character) -> f64 {
        match self.0.iter().find(|(c, _)| *c == character) {
            Some(&(_, p)) => probability(p),
            None => {
                let left = UNIT - self.0.iter().map(|&(_, p)| p).sum::<u16>();
                probability(left) / (Character::COUNT - self.0.len()) as f64
            }
        }
    }

    /// The same, with O and 0 counted as one.
    fn probability_of_folded(&self, character: Character) -> f64 {
        Character::all()
            .filter(|c| c.folded() == character.folded())
            .map(|c| self.probability_of(c))
            .sum()
    }
}

/// The positions of a plate of one length, and how probable that length is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    parts: u16,
    /// One to [`PlateText::MAX`] positions, each with at least one character.
    positions: Vec<Position>,
}

impl Branch {
    fn most_likely(&self) -> Candidate {
        let (characters, probability) = self
            .positions
            .iter()
            .filter_map(|p| p.characters().next())
            .fold(
                (Vec::new(), probability(self.parts)),
                |(mut text, p), (c, q)| {
                    text.push(c);
                    (text, p * q)
                },
            );
        Candidate {
            text: PlateText::trusted(characters),
            probability,
        }
    }
}

/// A plate text with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The text.
    pub text: PlateText,
    /// Its probability, 0 to 1.
    pub probability: f64,
}

/// What the reader made of one plate.
///
/// `P(text) = P(length) * product over i of P(character i | length)`: positions are independent
/// given the length. At most four lengths and six characters a position are kept. The lengths'
/// probabilities may add up to less than one; the rest is "something else".
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Reading {
    /// The most probable length.
    first: Branch,
    others: Vec<Branch>,
    jurisdictions: Jurisdictions,
}

impl Reading {
    /// Builds the mixture from whole texts and their probabilities (a beam search's result):
    /// a length's probability is the sum over its texts, a position's distribution their
    /// marginal. Returns `None` when there is no text with a positive probability.
    pub fn from_candidates(candidates: &[Candidate]) -> Option<Self> {
        let mut lengths: Vec<(usize, f64)> = Vec::new();
        for candidate in candidates.iter().filter(|c| c.probability > 0.0) {
            let n = candidate.text.characters().len();
            match lengths.iter_mut().find(|(length, _)| *length == n) {
                Some((_, p)) => *p += candidate.probability,
                None => lengths.push((n, candidate.probability)),
            }
        }
        lengths.sort_by(|a, b| b.1.total_cmp(&a.1));
        lengths.truncate(KEPT_LENGTHS);
        let total = lengths.iter().map(|(_, p)| p).sum::<f64>().max(1.0);
        let mut branches = lengths
            .iter()
            .map(|&(n, p)| Branch {
                parts: quantise(p / total),
                positions: (0..n).map(|i| marginal(candidates, n, i, p)).collect(),
            })
            .filter(|branch| branch.parts > 0);
        Some(Self {
            first: branches.next()?,
            others: branches.collect(),
            jurisdictions: Jurisdictions::default(),
        })
    }

    /// The same reading with what was read of the jurisdiction.
    #[must_use]
    pub fn with_jurisdictions(self, jurisdictions: Jurisdictions) -> Self {
        Self {
            jurisdictions,
            ..self
        }
    }

    /// Which jurisdiction issued the plate; empty when nothing was read of it.
    pub fn jurisdictions(&self) -> &Jurisdictions {
        &self.jurisdictions
    }

    fn branches(&self) -> impl Iterator<Item = &Branch> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The positions of the most probable length.
    pub fn positions(&self) -> &[Position] {
        &self.first.positions
    }

    /// Each length that was kept: its probability, and its positions. The most probable one first.
    pub fn lengths(&self) -> impl Iterator<Item = (f64, &[Position])> {
        self.branches()
            .map(|branch| (probability(branch.parts), branch.positions.as_slice()))
    }

    /// The most probable text.
    pub fn most_likely(&self) -> Candidate {
        // The most probable length does not always hold the most probable text: unsure characters
        // may lose to a less probable length that is read clearly.
        self.branches()
            .map(Branch::most_likely)
            .fold(self.first.most_likely(), |a, b| {
                if b.probability > a.probability { b } else { a }
            })
    }

    /// The probability that the plate is exactly `text`.
    pub fn probability_of(&self, text: &PlateText) -> f64 {
        let characters = text.characters();
        self.branches()
            .find(|branch| branch.positions.len() == characters.len())
            .map_or(0.0, |branch| {
                branch
                    .positions
                    .iter()
                    .zip(characters)
                    .fold(probability(branch.parts), |p, (position, &c)| {
                        p * position.probability_of(c)
                    })
            })
    }

    /// The probability that the plate fits the pattern, O counted as 0: the sum of
    /// [`Reading::probability_of`] over every text that fits, without naming them.
    ///
    /// Position by position, how probable it is to have come to each set of the pattern's parts.
    pub fn probability_of_fit(&self, pattern: &Pattern) -> f64 {
        self.branches()
            .map(|branch| {
                let mut reached = vec![(pattern.start(), probability(branch.parts))];
                for position in &branch.positions {
                    let mut next: Vec<(u32, f64)> = Vec::new();
                    for (from, p) in reached {
                        for c in (0..Character::COUNT).filter_map(Character::from_index) {
                            let to = pattern.step(from, c);
                            if to == 0 {
                                continue;
                            }
                            let q = p * position.probability_of(c);
                            match next.iter_mut().find(|(known, _)| *known == to) {
                                Some((_, sum)) => *sum += q,
                                None => next.push((to, q)),
                            }
                        }
                    }
                    reached = next;
                }
                let fit = reached.iter().filter(|(to, _)| pattern.is_end(*to));
                fit.map(|(_, p)| p).sum::<f64>()
            })
            .sum()
    }

    /// [`Reading::probability_of`] with the letter O counted as the digit 0: how probable it is
    /// that the plate is this one, as plates are compared.
    pub fn probability_of_folded(&self, text: &PlateText) -> f64 {
        let text = text.folded();
        self.branches()
            .find(|branch| branch.positions.len() == text.characters().len())
            .map_or(0.0, |branch| {
                (branch.positions.iter().zip(text.characters()))
                    .fold(probability(branch.parts), |p, (position, &c)| {
                        p * position.probability_of_folded(c)
                    })
            })
    }

    /// The `n` most probable texts made of kept characters, most probable first.
    ///
    /// Exact: a prefix outside the best `n` prefixes cannot lead to one of the best `n` texts of
    /// its length, because the positions are independent.
    pub fn best(&self, n: usize) -> Vec<Candidate> {
        let mut all: Vec<(Vec<Character>, f64)> = Vec::new();
        for branch in self.branches() {
            let mut prefixes = vec![(Vec::new(), probability(branch.parts))];
            for position in &branch.positions {
                prefixes = prefixes
                    .iter()
                    .flat_map(|(prefix, p)| {
                        position.characters().map(move |(c, q)| {
                            let mut longer = prefix.clone();
                            longer.push(c);
                            (longer, p * q)
                        })
                    })
                    .collect();
                keep_best(&mut prefixes, n);
            }
            all.append(&mut prefixes);
        }
        keep_best(&mut all, n);
        all.into_iter()
            .filter_map(|(characters, probability)| {
                Some(Candidate {
                    text: PlateText::new(characters).ok()?,
                    probability,
                })
            })
            .collect()
    }
}

fn keep_best(candidates: &mut Vec<(Vec<Character>, f64)>, n: usize) {
    // Ties are broken by the text, so that the order is always the same.
    candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    candidates.truncate(n);
}

fn marginal(candidates: &[Candidate], length: usize, place: usize, total: f64) -> Position {
    let mut characters: Vec<(Character, f64)> = Vec::new();
    for candidate in candidates {
        let text = candidate.text.characters();
        let Some(&c) = text.get(place).filter(|_| text.len() == length) else {
            continue;
        };
        match characters.iter_mut().find(|(known, _)| *known == c) {
            Some((_, p)) => *p += candidate.probability,
            None => characters.push((c, candidate.probability)),
        }
    }
    characters.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    characters.truncate(KEPT);
    Position(
        characters
            .into_iter()
            .map(|(c, p)| (c, quantise(p / total)))
            .filter(|(_, p)| *p > 0)
            .collect(),
    )
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = self.most_likely();
        write!(f, "Reading({} at {:.3})", best.text, best.probability)
    }
}

/// The stored form: `[[length's parts, [["K", parts], ["X", parts]], ...], ...]`; with a
/// jurisdiction, `{"text": [as above], "jurisdictions": [["US-IL", parts], ...]}`. Readings kept
/// before jurisdictions were read have the first form.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(Vec<StoredBranch>),
    WithJurisdictions {
        text: Vec<StoredBranch>,
        jurisdictions: Jurisdictions,
    },
}

type StoredBranch = (u16, Vec<StoredPosition>);

type StoredPosition = Vec<(char, u16)>;

/// A stored reading that breaks its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingError(&'static str);

impl fmt::Display for ReadingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stored reading is not one: {}", self.0)
    }
}

impl std::error::Error for ReadingError {}

impl From<Reading> for Stored {
    fn from(reading: Reading) -> Self {
        let position = |p: Position| {
            p.0.into_iter()
                .map(|(c, parts)| (c.as_char(), parts))
                .collect()
        };
        let text = std::iter::once(reading.first)
            .chain(reading.others)
            .map(|branch| {
                (
                    branch.parts,
                    branch.positions.into_iter().map(position).collect(),
                )
            })
            .collect();
        if reading.jurisdictions.is_empty() {
            Self::Text(text)
        } else {
            Self::WithJurisdictions {
                text,
                jurisdictions: reading.jurisdictions,
            }
        }
    }
}

impl TryFrom<Stored> for Reading {
    type Error = ReadingError;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let whole = |parts: &mut dyn Iterator<Item = u16>| {
            parts.map(u32::from).sum::<u32>() <= u32::from(UNIT)
        };
        let (text, jurisdictions) = match stored {
            Stored::Text(text) => (text, Jurisdictions::default()),
            Stored::WithJurisdictions {
                text,
                jurisdictions,
            } => (text, jurisdictions),
        };
        let branches = text
            .into_iter()
            .map(|(parts, positions)| {
                if positions.is_empty() || positions.len() > PlateText::MAX {
                    return Err(ReadingError("its length is not 1 to 12"));
                }
                let positions = positions
                    .into_iter()
                    .map(|characters| {
                        if characters.len() > KEPT {
                            return Err(ReadingError(
                                "a position has more characters than are kept",
                            ));
                        }
                        if characters.is_empty() || !whole(&mut characters.iter().map(|(_, p)| *p))
                        {
                            return Err(ReadingError(
                                "a position's probabilities do not fit in one",
                            ));
                        }
                        characters
                            .into_iter()
                            .map(|(c, p)| Ok((Character::try_from(c)?, p)))
                            .collect::<Result<Vec<_>, crate::NotAPlateCharacter>>()
                            .map(Position)
                            .map_err(|_| ReadingError("a character is not one of a plate"))
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Branch { parts, positions })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if branches.len() > KEPT_LENGTHS {
            return Err(ReadingError("it has more lengths than are kept"));
        }
        if !whole(&mut branches.iter().map(|b| b.parts)) {
            return Err(ReadingError("the lengths' probabilities do not fit in one"));
        }
        let mut branches = branches.into_iter();
        let first = branches
            .next()
            .ok_or(ReadingError("it has no length at all"))?;
        Ok(Self {
            first,
            others: branches.collect(),
            jurisdictions,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(text: &str, probability: f64) -> Candidate {
        Candidate {
            text: text.parse().unwrap(),
            probability,
        }
    }

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        prop::collection::vec(("[AB08]{1,4}", 0.01..1.0f64), 1..12).prop_map(|texts| {
            let total: f64 = texts.iter().map(|(_, p)| p).sum();
            texts
                .iter()
                .map(|(text, p)| candidate(text, p / total))
                .collect()
        })
    }

    /// Every text over the characters that `candidates` draws from.
    fn every_text() -> Vec<PlateText> {
        let mut all = vec![String::new()];
        let mut layer = all.clone();
        for _ in 0..4 {
            layer = layer
                .iter()
                .flat_map(|t| "AB08".chars().map(move |c| format!("{t}{c}")))
                .collect();
            all.extend(layer.clone());
        }
        all.iter().filter_map(|t| t.parse().ok()).collect()
    }

    proptest! {
        #[test]
        fn probabilities_of_all_texts_add_up_to_at_most_one(candidates in candidates()) {
            let reading = Reading::from_candidates(&candidates).unwrap();
            let sum: f64 = every_text().iter().map(|t| reading.probability_of(t)).sum();
            prop_assert!(sum <= 1.0 + 1e-9, "{sum}");
        }

        #[test]
        fn the_best_texts_are_the_ones_that_trying_every_text_finds(candidates in candidates()) {
            let reading = Reading::from_candidates(&candidates).unwrap();
            let mut tried: Vec<f64> = every_text().iter().map(|t| reading.probability_of(t)).collect();
            tried.sort_by(|a, b| b.total_cmp(a));
            let best = reading.best(3);
            for (found, expected) in best.iter().zip(tried) {
                prop_assert!((found.probability - expected).abs() < 1e-12);
                prop_assert!((found.probability - reading.probability_of(&found.text)).abs() < 1e-12);
            }
            prop_assert!((best[0].probability - reading.most_likely().probability).abs() < 1e-12);
        }

        #[test]
        fn the_probability_of_a_fit_is_the_sum_over_all_texts_that_fit(
            candidates in candidates(),
            pattern in "[AB08?*]{1,3}[AB08][AB08?*]{0,2}",
        ) {
            let pattern: Pattern = pattern.parse().unwrap();
            // The rest of a position's probability goes to characters that no text here has.
            let reading = Reading::from_candidates(&candidates).unwrap();
            let of_kept: f64 = every_text()
                .iter()
                .filter(|text| pattern.fits(text))
                .map(|text| reading.probability_of(text))
                .sum();
            let fit = reading.probability_of_fit(&pattern);
            prop_assert!((fit - of_kept).abs() < 1e-3, "{fit} and {of_kept}");
        }

        #[test]
        fn with_o_counted_as_0_a_text_is_as_probable_as_all_its_spellings(
            texts in prop::collection::vec(("[O0A]{1,3}", 0.01..0.2f64), 1..6),
        ) {
            let candidates: Vec<_> = texts.iter().map(|(text, p)| candidate(text, *p)).collect();
            let reading = Reading::from_candidates(&candidates).unwrap();
            let mut spellings = vec![String::new()];
            for _ in 0..texts[0].0.len() {
                spellings = spellings.iter().flat_map(|t| "O0A".chars().map(move |c| format!("{t}{c}"))).collect();
            }
            let spellings: Vec<PlateText> = spellings.iter().map(|t| t.parse().unwrap()).collect();
            for text in &spellings {
                let same = spellings.iter().filter(|other| other.folded() == text.folded());
                let sum: f64 = same.map(|t| reading.probability_of(t)).sum();
                prop_assert!((reading.probability_of_folded(text) - sum).abs() < 1e-9, "{}", text);
            }
        }

        #[test]
        fn what_is_stored_comes_back_exactly(candidates in candidates()) {
            let reading = Reading::from_candidates(&candidates).unwrap();
            let json = serde_json::to_string(&reading).unwrap();
            prop_assert_eq!(serde_json::from_str::<Reading>(&json).unwrap(), reading);
        }
    }

    #[test]
    fn a_jurisdiction_is_stored_beside_the_text_and_an_older_reading_has_none() {
        let plain = Reading::from_candidates(&[candidate("DK48213", 1.0)]).unwrap();
        let older = serde_json::to_string(&plain).unwrap();
        assert!(older.starts_with("[["), "{older}");
        assert!(
            serde_json::from_str::<Reading>(&older)
                .unwrap()
                .jurisdictions()
                .is_empty()
        );
        let illinois = ("US-IL".parse().unwrap(), 0.9);
        let whole = plain.with_jurisdictions(Jurisdictions::new([illinois]));
        let json = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<Reading>(&json).unwrap(), whole);
    }

    #[test]
    fn one_clear_candidate_is_kept_as_it_is() {
        let reading =
            Reading::from_candidates(&[candidate("7KX4821", 0.96), candidate("7KX4B21", 0.04)])
                .unwrap();
        assert_eq!(reading.most_likely().text.to_string(), "7KX4821");
        assert!((reading.most_likely().probability - 0.96).abs() < 1e-3);
        let doubtful: Vec<char> = reading.positions()[4]
            .characters()
            .map(|(c, _)| c.as_char())
            .collect();
        assert_eq!(doubtful, ['8', 'B']);
    }

    #[test]
    fn nothing_read_is_no_reading() {
        assert_eq!(Reading::from_candidates(&[]), None);
    }

    #[test]
    fn a_stored_reading_that_adds_up_to_more_than_one_is_refused() {
        let json = r#"[[65535,[[["A",65535],["B",1]]]]]"#;
        assert!(serde_json::from_str::<Reading>(json).is_err());
        assert!(serde_json::from_str::<Reading>("[]").is_err());
    }

    #[test]
    fn a_stored_reading_with_more_than_a_reading_keeps_is_refused() {
        let stored = |lengths: usize, characters: usize| {
            let position = format!("[{}]", vec![r#"["A",1]"#; characters].join(","));
            let branch = format!("[1,[{position}]]");
            serde_json::from_str::<Reading>(&format!("[{}]", vec![branch; lengths].join(",")))
        };
        assert!(stored(KEPT_LENGTHS, KEPT).is_ok());
        assert!(stored(KEPT_LENGTHS + 1, KEPT).is_err());
        assert!(stored(KEPT_LENGTHS, KEPT + 1).is_err());
    }
}
