//! Who issued a plate: what stands over the serial and the serial's format, weighed together.

use image::RgbImage;
use plate::{Jurisdiction, Jurisdictions, PlateText, format_shares};

// The scalars are fitted by `training/fit_jurisdiction.py` on the pictures that may be used for it
// (`models/legends.md`).
/// A legend's probability counts by this power: the network is surer than it is right.
const TRUST: f64 = 0.3;
/// Every jurisdiction has this much without a legend: names can be hidden or illegible.
const FLOOR: f64 = 1e-4;
/// A format's share counts by this power.
const FORMAT: f64 = 0.75;

/// Plates wider than this many times their height are Europe's or South America's.
const LONG: f32 = 2.9;

pub(crate) fn is_long(plate: &RgbImage) -> bool {
    plate.width() as f32 > LONG * plate.height() as f32
}

/// How often a plate of a jurisdiction is seen, before it is looked at, in the USA: not counted,
/// but a guess on the safe side. Plates longer than America's are Europe's or Brazil's.
fn expected(jurisdiction: Jurisdiction, long: bool) -> f64 {
    let code = jurisdiction.code();
    let (short_plates, long_plates) = if code.starts_with("US-") {
        (1.0, 0.02)
    } else if ["US", "CA", "MX"].iter().any(|c| code.starts_with(c)) {
        (0.1, 0.02)
    } else if code == "BR" {
        (0.005, 1.0)
    } else {
        (0.005, 0.2)
    };
    if long { long_plates } else { short_plates }
}

/// The distribution over jurisdictions for a serial, given how well each one's legends fit.
pub(crate) fn jurisdictions(
    serial: &PlateText,
    legends: &[(Jurisdiction, f64)],
    long: bool,
) -> Jurisdictions {
    let mut weights: Vec<(Jurisdiction, f64)> = format_shares(serial)
        .map(|(jurisdiction, share)| {
            let named: f64 = legends
                .iter()
                .filter(|(owner, _)| *owner == jurisdiction)
                .map(|(_, p)| p)
                .sum();
            let weight =
                (named.powf(TRUST) + FLOOR) * share.powf(FORMAT) * expected(jurisdiction, long);
            (jurisdiction, weight)
        })
        .collect();
    // The same order every time: what is added up must not depend on it.
    weights.sort_by_key(|(jurisdiction, _)| *jurisdiction);
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    Jurisdictions::new(
        weights
            .into_iter()
            .map(|(jurisdiction, weight)| (jurisdiction, weight / total)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Jurisdiction {
        code.parse().unwrap()
    }

    fn best(serial: &str, legends: &[(&str, f64)], long: bool) -> (&'static str, f64) {
        let legends: Vec<_> = legends.iter().map(|&(code, p)| (of(code), p)).collect();
        let read = jurisdictions(&serial.parse().unwrap(), &legends, long);
        let (best, p) = read.most_likely().unwrap();
        (best.code(), p)
    }

    #[test]
    fn a_legible_name_decides_against_the_format() {
        let (state, p) = best("7KXW482", &[("US-IL", 0.9), ("US-CA", 1e-9)], false);
        assert_eq!(state, "US-IL");
        assert!(p > 0.8, "{p}");
    }

    #[test]
    fn without_a_name_the_format_speaks_and_is_not_sure() {
        let (state, p) = best("7KXW482", &[], false);
        assert_eq!(state, "US-CA");
        let (_, vague) = best("Q", &[], false);
        assert!(vague < 0.2 && vague < p, "{vague} {p}");
    }

    #[test]
    fn brazils_long_plate_with_brazils_format_is_brazils() {
        assert_eq!(best("ABC1234", &[], true).0, "BR");
    }
}
