//! Who issued a plate: what stands over and under the serial and the serial's format, weighed together.

use std::collections::HashMap;

use plate::{Jurisdiction, Jurisdictions, PlateText, format_shares};

// The scalars are fitted by `training/fit_scalars.py` on the pictures that may be used for it
// (`models/legends.md`).
/// A legend's probability counts by this power: the network is surer than it is right.
const TRUST: f64 = 0.3;
/// Every jurisdiction has this much without a legend: names can be hidden or illegible.
const FLOOR_ABOVE: f64 = 1e-4;
/// And this much under the serial, where mottoes stand or nothing.
const FLOOR_BELOW: f64 = 1e-2;
/// A format's share counts by this power.
const FORMAT: f64 = 0.75;

/// So sure was the name of 110 fitted pictures, and always right.
const SURE: f64 = 0.8;

/// Plates wider than this many times their height are Europe's or South America's.
const LONG: f32 = 2.9;

pub(crate) fn is_long((width, height): (f32, f32)) -> bool {
    width > LONG * height
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

/// How probably each jurisdiction issued a plate, given how well its legends fit what stands over
/// and under the serial, before the serial is looked at.
pub(crate) fn by_legends(
    above: &[(Jurisdiction, f64)],
    below: &[(Jurisdiction, f64)],
    long: bool,
) -> Vec<(Jurisdiction, f64)> {
    let fits = |legends: &[(Jurisdiction, f64)], jurisdiction| {
        let of_it = legends.iter().filter(|(owner, _)| *owner == jurisdiction);
        of_it.map(|(_, p)| p).sum::<f64>().powf(TRUST)
    };
    let weights = Jurisdiction::all().map(|jurisdiction| {
        let named =
            (fits(above, jurisdiction) + FLOOR_ABOVE) * (fits(below, jurisdiction) + FLOOR_BELOW);
        (jurisdiction, named * expected(jurisdiction, long))
    });
    made_one(weights.collect())
}

/// Whether one jurisdiction is so probable that nothing more need be looked at.
pub(crate) fn is_sure(issuers: &[(Jurisdiction, f64)]) -> bool {
    issuers.iter().any(|(_, p)| *p > SURE)
}

/// The distribution over jurisdictions for a serial, given the one before it was looked at.
pub(crate) fn by_serial(serial: &PlateText, before: &[(Jurisdiction, f64)]) -> Jurisdictions {
    let shares: HashMap<Jurisdiction, f64> = format_shares(serial).collect();
    let weights = before
        .iter()
        .filter_map(|(jurisdiction, p)| {
            let share = shares.get(jurisdiction)?;
            Some((*jurisdiction, p * share.powf(FORMAT)))
        })
        .collect();
    Jurisdictions::new(made_one(weights))
}

fn made_one(mut weights: Vec<(Jurisdiction, f64)>) -> Vec<(Jurisdiction, f64)> {
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    for (_, weight) in &mut weights {
        *weight /= total;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Jurisdiction {
        code.parse().unwrap()
    }

    fn best(serial: &str, above: &[(&str, f64)], long: bool) -> (&'static str, f64) {
        with_motto(serial, above, &[], long)
    }

    fn with_motto(
        serial: &str,
        above: &[(&str, f64)],
        below: &[(&str, f64)],
        long: bool,
    ) -> (&'static str, f64) {
        let [above, below] = [above, below].map(|legends| {
            let legends = legends.iter().map(|&(code, p)| (of(code), p));
            legends.collect::<Vec<_>>()
        });
        let read = by_serial(&serial.parse().unwrap(), &by_legends(&above, &below, long));
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
    fn a_motto_tells_the_state_where_the_name_is_illegible_and_confirms_it_where_it_is_not() {
        let (state, p) = with_motto("7KXW482", &[], &[("US-IL", 0.8)], false);
        assert_eq!(state, "US-IL");
        let (state, surer) = with_motto("7KXW482", &[("US-IL", 0.8)], &[("US-IL", 0.8)], false);
        assert_eq!(state, "US-IL");
        assert!(surer > p, "{surer} {p}");
    }

    #[test]
    fn brazils_long_plate_with_brazils_format_is_brazils() {
        assert_eq!(best("ABC1234", &[], true).0, "BR");
    }
}
