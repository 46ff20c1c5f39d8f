//! What several looks at one plate say together: the frames of a vehicle that drives by.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Candidate, Jurisdiction, Jurisdictions, PlateText, Reading};

/// Texts of each reading that are weighed.
const TEXTS: usize = 24;
/// What a reading leaves to texts that nobody named is counted as if it were so many alike: frames seldom
/// leave it to the same one.
const OTHERS: usize = 10;
/// No frame rules a text or a jurisdiction out: it may be of another vehicle, or show mud.
const LEAST: f64 = 0.01;

/// Joins the readings of one plate.
///
/// The frames of one pass are not independent: what dirt or light does to one it does to the next. So
/// the logarithms of their probabilities are added up and counted by 1/√n, not by one: n frames that
/// agree count as √n would that have nothing in common. `None` when there is no reading.
pub fn fused(readings: &[Reading]) -> Option<Reading> {
    if let [only] = readings {
        return Some(only.clone());
    }
    let power = (readings.len() as f64).sqrt().recip();
    let texts: BTreeSet<PlateText> = (readings.iter().flat_map(|reading| reading.best(TEXTS)))
        .map(|candidate| candidate.text)
        .collect();
    // For each text how probable it is to each reading; then what is left to other texts.
    let mut rows: Vec<Vec<f64>> = texts
        .iter()
        .map(|text| readings.iter().map(|r| r.probability_of(text)).collect())
        .collect();
    let left = |i: usize| (1.0 - rows.iter().map(|row| row[i]).sum::<f64>()) / OTHERS as f64;
    let other: Vec<f64> = (0..readings.len()).map(left).collect();
    rows.extend((0..OTHERS).map(|_| other.clone()));
    let candidates: Vec<Candidate> = (texts.into_iter())
        .zip(joined(&rows, power))
        .map(|(text, probability)| Candidate { text, probability })
        .collect();
    let reading = Reading::from_candidates(&candidates)?;
    Some(reading.with_jurisdictions(jurisdictions(readings, power)))
}

/// The rows' products, each factor to the power, made to add up to one.
fn joined(rows: &[Vec<f64>], power: f64) -> Vec<f64> {
    let sums: Vec<f64> = (rows.iter())
        .map(|row| power * row.iter().map(|p| p.max(LEAST).ln()).sum::<f64>())
        .collect();
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

fn jurisdictions(readings: &[Reading], power: f64) -> Jurisdictions {
    // A reading that tells nothing of the jurisdiction takes no part.
    let told: Vec<BTreeMap<Jurisdiction, f64>> = (readings.iter())
        .map(|reading| reading.jurisdictions().iter().collect())
        .filter(|told: &BTreeMap<_, _>| !told.is_empty())
        .collect();
    let all: BTreeSet<Jurisdiction> = told.iter().flat_map(|t| t.keys().copied()).collect();
    let rows: Vec<Vec<f64>> = all
        .iter()
        .map(|one| (told.iter().map(|t| t.get(one).copied().unwrap_or(0.0))).collect())
        .collect();
    Jurisdictions::new(all.into_iter().zip(joined(&rows, power)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(texts: &[(&str, f64)]) -> Reading {
        let candidates: Vec<_> = (texts.iter())
            .map(|&(text, probability)| Candidate {
                text: text.parse().unwrap(),
                probability,
            })
            .collect();
        Reading::from_candidates(&candidates).unwrap()
    }

    fn probability(reading: &Reading, text: &str) -> f64 {
        reading.probability_of(&text.parse().unwrap())
    }

    #[test]
    fn frames_that_agree_are_surer_together_and_less_sure_than_if_they_had_nothing_in_common() {
        let one = reading(&[("ABC1234", 0.7), ("A8C1234", 0.2)]);
        let four = fused(&[(); 4].map(|()| one.clone())).unwrap();
        let p = probability(&four, "ABC1234");
        // Four at a half each: the odds of 3.5 squared.
        assert!(p > 0.85, "{p}");
        assert!(
            p < 0.7_f64.powi(4) / (0.7_f64.powi(4) + 0.2_f64.powi(4)),
            "{p}"
        );
        assert_eq!(fused(std::slice::from_ref(&one)), Some(one));
    }

    #[test]
    fn what_most_frames_say_wins_over_one_that_mistakes_it() {
        let right = reading(&[("ABC1234", 0.8), ("ABC1Z34", 0.1)]);
        let wrong = reading(&[("ABC1Z34", 0.9)]);
        let all = fused(&[right.clone(), wrong, right.clone(), right]).unwrap();
        assert_eq!(all.most_likely().text.to_string(), "ABC1234");
    }

    #[test]
    fn the_jurisdiction_is_what_the_frames_that_tell_it_say() {
        let told = |code: &str| {
            reading(&[("ABC1234", 0.9)])
                .with_jurisdictions(Jurisdictions::new([(code.parse().unwrap(), 0.8)]))
        };
        let silent = reading(&[("ABC1234", 0.9)]);
        let all = fused(&[told("US-IL"), silent, told("US-IL"), told("US-OH")]).unwrap();
        let (best, p) = all.jurisdictions().most_likely().unwrap();
        assert_eq!(best.code(), "US-IL");
        assert!(p > 0.8, "{p}");
    }

    #[test]
    fn no_reading_is_none() {
        assert_eq!(fused(&[]), None);
    }
}
