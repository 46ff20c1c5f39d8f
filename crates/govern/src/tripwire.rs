//! The tripwires of `policy/tripwires.toml`: what opens a question to a reviewer outside the chain of
//! command. Pure: they judge uses that somebody else has counted.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::DecisionId;
use serde::Deserialize;

use crate::content::Role;

/// A tripwire.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tripwire {
    /// Its name in the ledger.
    pub id: String,
    /// What it noticed, for the reviewer.
    pub says: String,
    /// Where it comes from.
    pub source: String,
    /// When it trips.
    pub trips: Trips,
}

/// When a tripwire trips.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "on", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Trips {
    /// So many searches of one plate.
    SamePlate {
        /// How many.
        times: u32,
        /// Within so many hours.
        within_hours: u32,
    },
    /// So many searches.
    Searches {
        /// How many.
        times: u32,
        /// Within so many hours.
        within_hours: u32,
    },
    /// So many refusals with nothing permitted between them.
    RefusalsInARow {
        /// How many.
        times: u32,
        /// Within so many hours.
        within_hours: u32,
    },
    /// So many searches at night for which no call was named.
    SearchesAtNight {
        /// When the night begins, in the agency's time.
        from: Time,
        /// When it ends.
        to: Time,
        /// The forms of the numbers of calls.
        calls: Vec<String>,
        /// How many.
        times: u32,
        /// Within so many hours.
        within_hours: u32,
    },
    /// One in so many of some acts.
    Sample {
        /// By whoever holds one of these roles.
        roles: Vec<Role>,
        /// The acts, by their names in the rules.
        acts: Vec<String>,
        /// One in so many.
        one_in: u32,
    },
}

/// A use of the data, as tripwires see it. What was looked for is a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The decision.
    pub decision: DecisionId,
    /// When.
    pub at: Timestamp,
    /// The act, by its name in the rules.
    pub act: String,
    /// Whether it was refused.
    pub refused: bool,
    /// What was looked for, where something was.
    pub looked_for: Option<String>,
    /// The case or call number has the form of a call's.
    pub for_a_call: bool,
}

impl Use {
    /// Whether it looked through the reads. A canvass does too: whoever names a plate in it looks for
    /// that plate.
    pub fn is_search(&self) -> bool {
        ["search", "canvass", "enter-local-entry"].contains(&self.act.as_str()) && !self.refused
    }
}

impl Tripwire {
    /// The uses because of which it trips; none where it does not. `uses` are one member's, newest
    /// first, the newest being the one that is judged now; `roles` are the roles they hold.
    pub fn tripped<'a>(&self, uses: &'a [Use], roles: &[Role], zone: &TimeZone) -> Vec<&'a Use> {
        let Some(newest) = uses.first() else {
            return vec![];
        };
        let lasts = |hours: u32| {
            let since = newest
                .at
                .checked_sub(SignedDuration::from_hours(hours.into()));
            since.unwrap_or(Timestamp::MIN)
        };
        let enough = |found: Vec<&'a Use>, times: u32| {
            if found.len() >= times as usize {
                found
            } else {
                vec![]
            }
        };
        match &self.trips {
            Trips::SamePlate {
                times,
                within_hours,
            } => {
                let since = lasts(*within_hours);
                let same = |one: &&Use| {
                    one.is_search() && one.at > since && one.looked_for == newest.looked_for
                };
                if !newest.is_search() || newest.looked_for.is_none() {
                    return vec![];
                }
                enough(uses.iter().filter(same).collect(), *times)
            }
            Trips::Searches {
                times,
                within_hours,
            } => {
                let since = lasts(*within_hours);
                if !newest.is_search() {
                    return vec![];
                }
                let recent = |one: &&Use| one.is_search() && one.at > since;
                enough(uses.iter().filter(recent).collect(), *times)
            }
            Trips::RefusalsInARow {
                times,
                within_hours,
            } => {
                let since = lasts(*within_hours);
                let refused = |one: &&Use| one.refused && one.at > since;
                enough(uses.iter().take_while(refused).collect(), *times)
            }
            Trips::SearchesAtNight {
                from,
                to,
                times,
                within_hours,
                ..
            } => {
                let since = lasts(*within_hours);
                let counts = |one: &&Use| {
                    let time = zone.to_datetime(one.at).time();
                    let night = if from <= to {
                        (*from..*to).contains(&time)
                    } else {
                        time >= *from || time < *to
                    };
                    one.is_search() && one.at > since && night && !one.for_a_call
                };
                if !counts(&newest) {
                    return vec![];
                }
                enough(uses.iter().filter(counts).collect(), *times)
            }
            Trips::Sample {
                roles: sampled,
                acts,
                one_in,
            } => {
                let [a, b, c, d, ..] = *newest.decision.as_bytes();
                let drawn = u32::from_be_bytes([a, b, c, d]) % (*one_in).max(1) == 0;
                let theirs = roles.iter().any(|role| sampled.contains(role));
                if drawn && theirs && !newest.refused && acts.contains(&newest.act) {
                    vec![newest]
                } else {
                    vec![]
                }
            }
        }
    }

    /// Whether it counts searches of one plate, however many of others lie between them.
    pub fn counts_one_plate(&self) -> bool {
        matches!(self.trips, Trips::SamePlate { .. })
    }

    /// What a question of it is about, besides the member: one question is open at a time for each.
    pub fn about(&self, newest: &Use) -> String {
        match &self.trips {
            Trips::SamePlate { .. } => newest.looked_for.clone().unwrap_or_default(),
            Trips::Sample { .. } => newest.decision.to_string(),
            Trips::Searches { .. }
            | Trips::RefusalsInARow { .. }
            | Trips::SearchesAtNight { .. } => String::new(),
        }
    }

    /// The forms of the numbers of calls that it knows.
    pub(crate) fn calls(&self) -> &[String] {
        match &self.trips {
            Trips::SearchesAtNight { calls, .. } => calls,
            _ => &[],
        }
    }

    /// How many uses it looks at, and how many hours back; nothing for one that looks at the newest
    /// alone.
    pub fn looks_back(&self) -> Option<(u32, u32)> {
        match self.trips {
            Trips::SamePlate {
                times,
                within_hours,
            }
            | Trips::Searches {
                times,
                within_hours,
            }
            | Trips::RefusalsInARow {
                times,
                within_hours,
            }
            | Trips::SearchesAtNight {
                times,
                within_hours,
                ..
            } => Some((times, within_hours)),
            Trips::Sample { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The searches and refusals of one member, newest first: minutes before midnight in Chicago,
    /// what was looked for, whether it was refused.
    fn uses(of: &[(i64, &str, bool)]) -> Vec<Use> {
        let midnight: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let one = |&(minutes, plate, refused): &(i64, &str, bool)| Use {
            decision: DecisionId::from_bytes([1; 16]),
            at: midnight - SignedDuration::from_mins(minutes),
            act: "search".into(),
            refused,
            looked_for: Some(plate.into()),
            for_a_call: false,
        };
        of.iter().map(one).collect()
    }

    fn tripwire(trips: &str) -> Tripwire {
        let text = format!("id = \"t\"\nsays = \"t\"\nsource = \"t\"\ntrips = {{ {trips} }}");
        toml::from_str(&text).unwrap()
    }

    fn trips(on: &str, of: &[(i64, &str, bool)]) -> usize {
        let zone = TimeZone::get("America/Chicago").unwrap();
        tripwire(on).tripped(&uses(of), &[], &zone).len()
    }

    #[test]
    fn the_fifth_search_of_a_plate_within_a_week_trips_and_the_fourth_does_not() {
        let on = r#"on = "same-plate", times = 5, within_hours = 168"#;
        const WEEK: i64 = 7 * 24 * 60;
        let four = [
            (0, "a", false),
            (1, "a", false),
            (2, "b", false),
            (3, "a", false),
            (4, "a", true),
            (5, "a", false),
        ];
        assert_eq!(trips(on, &four), 0, "another plate and a refusal count not");
        let fifth = |minutes| [four.as_slice(), &[(minutes, "a", false)]].concat();
        assert_eq!(trips(on, &fifth(WEEK - 1)), 5);
        assert_eq!(trips(on, &fifth(WEEK)), 0, "a week is over");
    }

    #[test]
    fn refusals_trip_only_in_a_row() {
        let on = r#"on = "refusals-in-a-row", times = 3, within_hours = 24"#;
        let refused = |minutes| (minutes, "a", true);
        assert_eq!(trips(on, &[refused(0), refused(1), refused(2)]), 3);
        let broken = [refused(0), refused(1), (2, "a", false), refused(3)];
        assert_eq!(trips(on, &broken), 0);
    }

    #[test]
    fn night_goes_by_the_agencys_clock_and_a_call_is_no_question() {
        let on = r#"on = "searches-at-night", from = "22:00", to = "06:00", calls = ["CALL-9"], times = 2, within_hours = 8"#;
        assert_eq!(trips(on, &[(60, "a", false), (119, "b", false)]), 2);
        assert_eq!(trips(on, &[(60, "a", false), (121, "b", false)]), 0);
        let mut called = uses(&[(60, "a", false), (61, "b", false)]);
        called[0].for_a_call = true;
        let zone = TimeZone::get("America/Chicago").unwrap();
        assert!(tripwire(on).tripped(&called, &[], &zone).is_empty());
    }

    #[test]
    fn the_sample_is_drawn_by_the_decisions_own_number_from_whom_it_names() {
        let on = r#"on = "sample", roles = ["chief"], acts = ["search"], one_in = 20"#;
        let zone = TimeZone::get("America/Chicago").unwrap();
        let chief = [Role("chief".into())];
        let drawn = |last: u8, roles: &[Role]| {
            let mut one = uses(&[(0, "a", false)]);
            let mut id = [0; 16];
            id[3] = last;
            one[0].decision = DecisionId::from_bytes(id);
            !tripwire(on).tripped(&one, roles, &zone).is_empty()
        };
        let count = (0..200).filter(|last| drawn(*last, &chief)).count();
        assert_eq!(count, 10);
        assert!(!drawn(0, &[Role("officer".into())]));
    }
}
