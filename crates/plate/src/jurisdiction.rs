//! Who issued a plate.

mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::parts::{UNIT, probability, quantise};
use table::TABLE;

/// A state, province or country that issues plates: an ISO 3166-2 code (`US-IL`) where the product
/// knows the state, an ISO 3166-1 code (`BR`) where plates are the country's or the state cannot be
/// told. `EU` stands for any of the countries that use the European plate.
///
/// "Unknown" is no jurisdiction: it is what a distribution leaves over, or an absent one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Jurisdiction(u8);

/// A code that names no jurisdiction of the product's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAJurisdiction(String);

impl fmt::Display for NotAJurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no state or country that is known: use a code of ISO 3166-2 like US-IL, or of a country like BR",
            self.0
        )
    }
}

impl std::error::Error for NotAJurisdiction {}

impl Jurisdiction {
    /// Every jurisdiction, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(|index| Self(index as u8))
    }

    /// Its code: `US-IL`, `CA-ON`, `MX-SON`, `DE`, `BR`.
    pub fn code(self) -> &'static str {
        TABLE[usize::from(self.0)].0
    }

    /// Its name in English: `Illinois`.
    pub fn name(self) -> &'static str {
        TABLE[usize::from(self.0)].1
    }
}

impl FromStr for Jurisdiction {
    type Err = NotAJurisdiction;

    /// Accepts either case.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let upper = code.to_ascii_uppercase();
        TABLE
            .binary_search_by(|(known, _)| (*known).cmp(&upper))
            .map(|index| Self(index as u8))
            // What is said back is bounded: a hostile code may be long.
            .map_err(|_| NotAJurisdiction(code.chars().take(12).collect()))
    }
}

impl TryFrom<String> for Jurisdiction {
    type Error = NotAJurisdiction;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}

impl From<Jurisdiction> for String {
    fn from(jurisdiction: Jurisdiction) -> Self {
        jurisdiction.code().to_owned()
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Jurisdictions kept with a reading; the rest of the probability is "another, or unknown".
const KEPT: usize = 6;

/// Which jurisdiction issued a plate, as a distribution: the most probable ones, most probable
/// first. Empty when nothing was read of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "Vec<(Jurisdiction, u16)>",
    into = "Vec<(Jurisdiction, u16)>"
)]
pub struct Jurisdictions(Vec<(Jurisdiction, u16)>);

impl Jurisdictions {
    /// Keeps the most probable of `probabilities`, which must add up to one at most: what exceeds
    /// it is scaled down.
    pub fn new(probabilities: impl IntoIterator<Item = (Jurisdiction, f64)>) -> Self {
        let mut all: Vec<(Jurisdiction, f64)> = probabilities
            .into_iter()
            .filter(|(_, p)| p.is_finite() && *p > 0.0)
            .collect();
        let total = all.iter().map(|(_, p)| p).sum::<f64>().max(1.0);
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(KEPT);
        Self(
            all.into_iter()
                .map(|(jurisdiction, p)| (jurisdiction, quantise(p / total)))
                .filter(|(_, parts)| *parts > 0)
                .collect(),
        )
    }

    /// Whether nothing was read of the jurisdiction.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The kept ones with their probabilities, most probable first.
    pub fn iter(&self) -> impl Iterator<Item = (Jurisdiction, f64)> + '_ {
        self.0.iter().map(|&(j, parts)| (j, probability(parts)))
    }

    /// The most probable one with its probability.
    pub fn most_likely(&self) -> Option<(Jurisdiction, f64)> {
        self.iter().next()
    }
}

/// Jurisdictions that were stored and are no distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JurisdictionsError;

impl fmt::Display for JurisdictionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stored jurisdictions are no distribution: one is named twice, out of order, or they exceed one")
    }
}

impl std::error::Error for JurisdictionsError {}

impl TryFrom<Vec<(Jurisdiction, u16)>> for Jurisdictions {
    type Error = JurisdictionsError;

    fn try_from(kept: Vec<(Jurisdiction, u16)>) -> Result<Self, Self::Error> {
        let whole = kept.iter().map(|(_, p)| u32::from(*p)).sum::<u32>() <= u32::from(UNIT);
        let ordered = kept.is_sorted_by(|a, b| a.1 >= b.1);
        let twice = (1..kept.len()).any(|i| kept[..i].iter().any(|(j, _)| *j == kept[i].0));
        if kept.len() > KEPT || !whole || !ordered || twice {
            return Err(JurisdictionsError);
        }
        Ok(Self(kept))
    }
}

impl From<Jurisdictions> for Vec<(Jurisdiction, u16)> {
    fn from(jurisdictions: Jurisdictions) -> Self {
        jurisdictions.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Jurisdiction {
        code.parse().unwrap()
    }

    #[test]
    fn a_code_is_found_in_either_case_and_any_other_is_refused() {
        assert_eq!(of("us-il").name(), "Illinois");
        assert_eq!(of("BR").to_string(), "BR");
        for wrong in ["", "IL", "US-ZZ", "US-IL ", "United States"] {
            assert!(wrong.parse::<Jurisdiction>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_code_is_found_again_and_the_table_is_in_order() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert!(u8::try_from(TABLE.len()).is_ok());
        assert!(Jurisdiction::all().all(|j| of(j.code()) == j));
        let states = Jurisdiction::all().filter(|j| j.code().starts_with("US-"));
        // 50 states, the District of Columbia and five territories.
        assert_eq!(states.count(), 56);
    }

    #[test]
    fn the_most_probable_are_kept_in_order() {
        let read = Jurisdictions::new([(of("US-WI"), 0.1), (of("US-IL"), 0.8), (of("BR"), 0.0)]);
        let kept: Vec<_> = read.iter().map(|(j, _)| j.code()).collect();
        assert_eq!(kept, ["US-IL", "US-WI"]);
        let (best, p) = read.most_likely().unwrap();
        assert_eq!(best, of("US-IL"));
        assert!((p - 0.8).abs() < 1e-4);
    }

    #[test]
    fn probabilities_that_exceed_one_are_scaled_down_and_nonsense_is_left_out() {
        let read = Jurisdictions::new(Jurisdiction::all().map(|j| (j, 0.5)));
        assert!(read.iter().map(|(_, p)| p).sum::<f64>() <= 1.0);
        assert!(Jurisdictions::new([(of("BR"), f64::NAN), (of("DE"), -1.0)]).is_empty());
    }

    #[test]
    fn what_is_stored_comes_back_and_what_is_no_distribution_is_refused() {
        let read = Jurisdictions::new([(of("US-IL"), 0.7), (of("US-IN"), 0.2)]);
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Jurisdictions>(&json).unwrap(), read);
        for wrong in [
            r#"[["US-IL",40000],["US-IN",40000]]"#,
            r#"[["US-IL",100],["US-IN",200]]"#,
            r#"[["US-IL",200],["US-IL",100]]"#,
            r#"[["US-ZZ",200]]"#,
        ] {
            assert!(
                serde_json::from_str::<Jurisdictions>(wrong).is_err(),
                "{wrong}"
            );
        }
    }
}
