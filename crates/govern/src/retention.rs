//! The presets of `policy/retention-presets.toml`: what states set or propose for how long data are kept.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// What `policy/retention.toml` says around the times that two people set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepingRules {
    /// After how many days at most somebody looks whether a hold is still needed.
    pub hold_review_days: u16,
    /// Whether nothing is purged before a disposal certificate's number is entered.
    pub disposal_certificate: bool,
    /// How many hours after one purge the next begins.
    pub purge_hours: u16,
    /// How many hours later than that one is late.
    pub late_hours: u16,
    #[serde(default)]
    floor: Vec<Floor>,
}

/// For how long at least a class is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    class: RetentionClass,
    keep: Period,
    /// Who says so.
    source: String,
}

impl KeepingRules {
    /// For how long a class is kept at least, whatever two people set.
    pub fn floor(&self, class: RetentionClass) -> Option<Period> {
        let mut floors = self.floor.iter();
        floors
            .find(|floor| floor.class == class)
            .map(|floor| floor.keep)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.purge_hours == 0 {
            return Err("a purge begins every hour or less often".to_owned());
        }
        match self
            .floor
            .iter()
            .find(|floor| floor.source.trim().is_empty())
        {
            Some(floor) => Err(format!(
                "the floor of {} has no source",
                floor.class.as_str()
            )),
            None => Ok(()),
        }
    }
}

/// Data that are kept and purged alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetentionClass {
    /// Reads that no list or case speaks of.
    Read,
    /// The pictures of such reads.
    Image,
    /// Reads that a list spoke of.
    Hit,
    /// What is personal in the record of searches.
    Audit,
    /// Plates that somebody entered by hand.
    ManualEntry,
}

impl RetentionClass {
    /// Every class.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Image,
        Self::Hit,
        Self::Audit,
        Self::ManualEntry,
    ];

    /// Its id, as in a preset.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Image => "image",
            Self::Hit => "hit",
            Self::Audit => "audit",
            Self::ManualEntry => "manual-entry",
        }
    }

    /// Its name for people.
    pub fn says(self) -> &'static str {
        match self {
            Self::Read => "reads without a hit",
            Self::Image => "pictures without a hit",
            Self::Hit => "reads with a hit",
            Self::Audit => "the content of the record",
            Self::ManualEntry => "plates entered by hand",
        }
    }
}

/// In what a period is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Days.
    Days,
    /// Calendar months.
    Months,
}

/// A length of time, as laws give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Period {
    /// The moment this long before another, where the agency is: months are calendar months.
    pub fn before(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let amount = i64::from(self.amount);
        let span = match self.unit {
            Unit::Seconds => amount.seconds(),
            Unit::Days => amount.days(),
            Unit::Months => amount.months(),
        };
        let then = now.to_zoned_datetime(zone.clone()).checked_sub(span).ok()?;
        Some(then.timestamp())
    }

    /// Whether it is shorter than a day.
    pub fn is_short(self) -> bool {
        self.seconds(28) < 86_400
    }

    /// Whether it may be longer than another, whichever months the two fall in.
    pub fn may_exceed(self, other: Self) -> bool {
        if self.unit == other.unit {
            return self.amount > other.amount;
        }
        self.seconds(31) > other.seconds(28)
    }

    fn seconds(self, days_of_a_month: u64) -> u64 {
        let each = match self.unit {
            Unit::Seconds => 1,
            Unit::Days => 86_400,
            Unit::Months => 86_400 * days_of_a_month,
        };
        u64::from(self.amount) * each
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Seconds => "seconds",
            Unit::Days => "days",
            Unit::Months => "months",
        };
        write!(f, "{} {unit}", self.amount)
    }
}

/// What a preset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PresetStatus {
    /// A law in force.
    Law,
    /// A bill that is none yet.
    Bill,
    /// A policy of an agency.
    Policy,
}

/// How long a state has data kept at most.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its id, such as `NH`.
    pub id: String,
    /// Where it stands.
    pub statute: String,
    /// For how long at most.
    pub max: Period,
    /// For how long at least, where the law says so.
    #[serde(default)]
    pub floor: Option<Period>,
    /// Which data.
    pub applies_to: Vec<RetentionClass>,
    /// What keeps data beyond it.
    pub exceptions: String,
    /// Whether it needs an item of an approved records schedule.
    pub schedule_ref_required: bool,
    /// What it comes from.
    pub status: PresetStatus,
    /// When somebody compared it with its source; a preset without is not verified.
    #[serde(default)]
    pub verified_on: Option<Date>,
    /// The source, as in the list of sources of the presets' file.
    pub source: String,
}

impl Preset {
    /// Whether it was found in its source. One that was not arms no purge.
    pub fn is_verified(&self) -> bool {
        self.verified_on.is_some()
    }
}
