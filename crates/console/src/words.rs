//! Times and numbers as people write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use station::Cosignature;

/// `23 Nov 2026, 14:31:07 CST`, where the agency is.
pub(crate) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%-d %b %Y, %H:%M:%S %Z")
        .to_string()
}

/// `14 Mar 2027`.
pub(crate) fn day(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// `93 %`: whole percents, rounded down, from 1 to 99. No reader is ever certain.
pub(crate) fn percent(probability: f64) -> String {
    format!("{:.0} %", (100.0 * probability).floor().clamp(1.0, 99.0))
}

/// What witnesses outside the station say of its ledger.
pub(crate) fn witnessed(cosigned: Option<&Cosignature>, zone: &TimeZone) -> String {
    match cosigned {
        Some(cosigned) => format!(
            "Its first {} were cosigned by {} on {}.",
            cosigned.size,
            cosigned.witness,
            time(cosigned.at, zone)
        ),
        None => "No witness outside it has cosigned in the last 24 hours.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_certain_is_never_shown_as_certain() {
        assert_eq!(percent(1.0), "99 %");
        assert_eq!(percent(0.001), "1 %");
        assert_eq!(percent(0.9399), "93 %");
    }
}
