//! Which serials a jurisdiction issues: a prior, never a filter, since vanity plates exist.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Character, Jurisdiction, PlateText};

/// `US-OH AA99999 0.0216 IOQ`: of Ohio's plates, this share has two letters and five digits, and the
/// letters I, O and Q are left out of most of them, since they look like digits.
/// Written by `training/write_tables.py`, mostly from memory, not from counts.
const TABLE: &str = include_str!("formats.txt");
/// The share of plates that follow no format of their jurisdiction.
const VANITY: f64 = 0.2;
/// A serial of a format that nobody issues is this improbable, and so the same everywhere.
const UNKNOWN: f64 = 1e-4;
/// How often, against the others, a letter is issued that is mostly left out.
const EXCEPTION: f64 = 0.02;

/// A format of a jurisdiction.
struct Issued {
    share: f64,
    left_out: &'static str,
}

impl Issued {
    /// How probable it is that a plate of the jurisdiction has this format and these characters.
    fn probability_of(&self, text: &PlateText) -> f64 {
        let letters = 26.0 - self.left_out.len() as f64;
        text.characters().iter().fold(self.share, |p, c| {
            let c = c.as_char();
            if c.is_ascii_digit() {
                p / 10.0
            } else if self.left_out.contains(c) {
                p / letters * EXCEPTION
            } else {
                p / letters
            }
        })
    }
}

struct Formats {
    issued: HashMap<Jurisdiction, HashMap<&'static str, Issued>>,
    /// Each format's share over all jurisdictions.
    average: HashMap<&'static str, f64>,
}

static FORMATS: LazyLock<Formats> = LazyLock::new(|| {
    let mut issued: HashMap<Jurisdiction, HashMap<_, _>> = HashMap::new();
    for (jurisdiction, format, of_it) in TABLE.lines().filter_map(row) {
        issued
            .entry(jurisdiction)
            .or_default()
            .insert(format, of_it);
    }
    let mut average = HashMap::new();
    for (format, of_it) in issued.values().flatten() {
        *average.entry(*format).or_default() += of_it.share / issued.len() as f64;
    }
    Formats { issued, average }
});

fn row(line: &'static str) -> Option<(Jurisdiction, &'static str, Issued)> {
    let mut fields = line.split(' ');
    let jurisdiction = fields.next()?.parse().ok()?;
    let format = fields.next()?;
    let issued = Issued {
        share: fields.next()?.parse().ok()?,
        left_out: fields.next().unwrap_or_default(),
    };
    Some((jurisdiction, format, issued))
}

/// How probable it is that a plate carries exactly `text`, when it is as probable as `issuers` say
/// that each of them issued it; O and 0 are told apart. Whatever follows no format is drawn evenly
/// from all texts, of all lengths alike: improbable, but nobody's plate is ruled out.
pub fn serial_probability(text: &PlateText, issuers: &[(Jurisdiction, f64)]) -> f64 {
    let format = format_of(text);
    let issued: f64 = issuers
        .iter()
        .filter_map(|(jurisdiction, p)| {
            let issued = FORMATS.issued.get(jurisdiction)?.get(&*format)?;
            Some(p * issued.probability_of(text))
        })
        .sum();
    let any = (Character::COUNT as f64).powi(format.len() as i32) * PlateText::MAX as f64;
    (1.0 - VANITY) * issued + VANITY / any
}

/// The text with a 9 for every digit and an A for every letter.
fn format_of(text: &PlateText) -> String {
    let kind = |c: &Character| {
        if c.as_char().is_ascii_digit() {
            '9'
        } else {
            'A'
        }
    };
    text.characters().iter().map(kind).collect()
}

/// How much of what each jurisdiction issues has the format of `text`: for every jurisdiction
/// whose formats are known, a number between 0 and 1 that only means something beside the others.
pub fn format_shares(text: &PlateText) -> impl Iterator<Item = (Jurisdiction, f64)> {
    let format = format_of(text);
    let anywhere = FORMATS.average.get(format.as_str()).unwrap_or(&0.0) + UNKNOWN;
    FORMATS.issued.iter().map(move |(jurisdiction, formats)| {
        let share = formats
            .get(format.as_str())
            .map_or(0.0, |of_it| of_it.share);
        (*jurisdiction, (1.0 - VANITY) * share + VANITY * anywhere)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_one() {
        assert!(TABLE.lines().count() > 300);
        let wrong: Vec<_> = TABLE.lines().filter(|line| row(line).is_none()).collect();
        assert_eq!(wrong, Vec::<&str>::new());
        for (jurisdiction, formats) in &FORMATS.issued {
            let sum: f64 = formats.values().map(|of_it| of_it.share).sum();
            assert!((0.9..1.01).contains(&sum), "{jurisdiction}: {sum}");
            let letters = formats.values().flat_map(|of_it| of_it.left_out.chars());
            assert!(letters.into_iter().all(|c| c.is_ascii_uppercase()));
        }
    }

    #[test]
    fn a_serial_speaks_for_those_who_issue_its_like_and_rules_nobody_out() {
        let shares: HashMap<_, _> = format_shares(&"7KXW482".parse().unwrap()).collect();
        let of = |code: &str| shares[&code.parse().unwrap()];
        assert!(of("US-CA") > 5.0 * of("US-WY"));
        assert!(shares.values().all(|share| *share > 0.0));
    }

    #[test]
    fn a_serial_in_its_issuers_format_is_more_probable_and_no_other_is_ruled_out() {
        let p = |text: &str, issuer: &str| {
            serial_probability(&text.parse().unwrap(), &[(issuer.parse().unwrap(), 1.0)])
        };
        assert!(p("7KXW482", "US-CA") > 100.0 * p("7KXW4B2", "US-CA"));
        assert!(p("7KXW4B2", "US-CA") > 0.0);
        assert!(p("ABC1234", "BR") > 100.0 * p("A8C1234", "BR"));
        // Two letters and five digits are rare in Ohio, but an I among the letters is rarer.
        assert!(p("BH14257", "US-OH") > p("BHI4257", "US-OH"));
    }

    #[test]
    fn all_texts_of_a_length_are_together_no_more_probable_than_certain() {
        let issuers: Vec<_> = ["US-IL", "US-DE"].map(|j| (j.parse().unwrap(), 0.5)).into();
        let alphabet = || (0..Character::COUNT).filter_map(Character::from_index);
        let sum: f64 = alphabet()
            .flat_map(|a| alphabet().map(move |b| PlateText::new(vec![a, b])))
            .map(|text| serial_probability(&text.unwrap(), &issuers))
            .sum();
        assert!(sum > 0.0 && sum <= 1.0, "{sum}");
    }
}
