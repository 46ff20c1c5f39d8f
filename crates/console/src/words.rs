//! Times and numbers as people write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `23 Nov 2026, 14:31:07`, where the agency is.
pub(crate) fn time(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at)
        .strftime("%-d %b %Y, %H:%M:%S")
        .to_string()
}

/// `14 Mar 2027`.
pub(crate) fn day(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// `93 %`; never 100 or 0 for what is not certain.
pub(crate) fn percent(probability: f64) -> String {
    match (100.0 * probability).round() {
        p if p >= 100.0 && probability < 1.0 => "over 99 %".to_owned(),
        p if p < 1.0 && probability > 0.0 => "under 1 %".to_owned(),
        p => format!("{p:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_certain_is_never_shown_as_certain() {
        assert_eq!(percent(0.9999), "over 99 %");
        assert_eq!(percent(0.001), "under 1 %");
        assert_eq!(percent(0.93), "93 %");
    }
}
