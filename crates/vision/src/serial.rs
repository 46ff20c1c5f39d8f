//! What a plate says: what the columns spell and which serials are issued, weighed together.

use plate::{Candidate, Jurisdiction, Reading, serial_probability};

// The scalars are fitted by `training/fit_scalars.py` on the pictures that may be used for it
// (`models/reader.md`).
/// A text's probability counts by this power.
const TRUST: f64 = 1.1;
/// How probable a serial is before it is looked at counts by this power: the network has learnt a
/// part of it already, and the formats are mostly remembered, not counted.
const FORMAT: f64 = 0.5;

/// The reading of a plate whose columns spell `candidates`, when it is as probable as `issuers`
/// say that each of them issued it. `None` when there is no candidate.
///
/// A letter that is also a digit's shape is told by its place: where all of the issuers' formats
/// have a digit it is one, unless the columns are sure of the letter.
pub(crate) fn reading(
    candidates: &[Candidate],
    issuers: &[(Jurisdiction, f64)],
) -> Option<Reading> {
    let weights: Vec<f64> = candidates
        .iter()
        .map(|c| c.probability.powf(TRUST) * serial_probability(&c.text, issuers).powf(FORMAT))
        .collect();
    // What the candidates leave to other texts is left to them.
    let mass: f64 = candidates.iter().map(|c| c.probability).sum();
    let scale = mass / weights.iter().sum::<f64>();
    let weighed: Vec<Candidate> = (candidates.iter().zip(weights))
        .map(|(candidate, weight)| Candidate {
            text: candidate.text.clone(),
            probability: weight * scale,
        })
        .collect();
    Reading::from_candidates(&weighed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(candidates: &[(&str, f64)], issuer: &str) -> (String, f64) {
        let candidates: Vec<_> = candidates
            .iter()
            .map(|&(text, probability)| Candidate {
                text: text.parse().unwrap(),
                probability,
            })
            .collect();
        let reading = reading(&candidates, &[(issuer.parse().unwrap(), 1.0)]).unwrap();
        let best = reading.most_likely();
        (best.text.to_string(), best.probability)
    }

    #[test]
    fn a_digits_place_decides_between_look_alikes() {
        assert_eq!(
            said(&[("ABCI234", 0.5), ("ABC1234", 0.4)], "BR").0,
            "ABC1234"
        );
        assert_eq!(
            said(&[("A8C1234", 0.5), ("ABC1234", 0.4)], "BR").0,
            "ABC1234"
        );
    }

    #[test]
    fn a_vanity_plate_that_is_read_clearly_stays_what_it_is() {
        let (text, p) = said(&[("GOFISH", 0.98), ("G0F1SH", 0.002)], "US-CA");
        assert_eq!(text, "GOFISH");
        assert!(p > 0.9, "{p}");
    }

    #[test]
    fn what_the_candidates_leave_open_stays_open() {
        let (_, p) = said(&[("ABC1234", 0.5)], "BR");
        assert!((p - 0.5).abs() < 1e-3, "{p}");
    }

    #[test]
    fn nothing_spelled_is_no_reading() {
        assert!(reading(&[], &[]).is_none());
    }
}
