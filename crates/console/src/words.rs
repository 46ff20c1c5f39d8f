//! Times and numbers as people write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
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

/// A text of the record, whose times are UTC, with its times as people where the agency is write them.
pub(crate) fn in_zone(text: &str, zone: &TimeZone) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([',', '.', ';']);
        match bare.parse::<Timestamp>() {
            Ok(at) => time(at, zone) + &word[bare.len()..],
            Err(_) => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
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

/// `3 h`: how long ago, in whole units, rounded down.
pub(crate) fn age(age: SignedDuration) -> String {
    match age.as_secs().max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3600 => format!("{} min", s / 60),
        s @ 3600..172_800 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}

/// Where an alert stands.
pub(crate) fn alert_state(state: hotlist::State) -> &'static str {
    use hotlist::State;
    match state {
        State::Raised => "raised",
        State::Acknowledged => "acknowledged",
        State::PictureConfirmed => "picture confirmed",
        State::PictureRefuted => "not that car",
        State::Verified => "verified in the database",
        State::Refuted => "refuted by the database",
        State::Stale => "stale: no such record any more",
        State::Closed => "closed",
        State::ClosedByException => "closed by exception",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        let told =
            [59, 61, 3_599, 7_200, 172_799, 172_800].map(|s| age(SignedDuration::from_secs(s)));
        assert_eq!(told, ["59 s", "1 min", "59 min", "2 h", "47 h", "2 days"]);
    }

    #[test]
    fn times_of_the_record_are_told_where_the_agency_is() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let kept = "reads of plate KHF392, at elm-and-3rd, from 2026-07-01T05:00:00Z, until 2026-12-01T06:00:00Z";
        assert_eq!(
            in_zone(kept, &zone),
            "reads of plate KHF392, at elm-and-3rd, from 1 Jul 2026, 00:00:00 CDT, until 1 Dec 2026, 00:00:00 CST"
        );
    }

    #[test]
    fn what_is_not_certain_is_never_shown_as_certain() {
        assert_eq!(percent(1.0), "99 %");
        assert_eq!(percent(0.001), "1 %");
        assert_eq!(percent(0.9399), "93 %");
    }
}
