//! Holds (4): what is evidence, to be disclosed, or lawfully demanded is not purged while it is held.

use jiff::civil::Date;
use ledger::Withdrawal;
use plate::Pattern;

pub use ledger::{HoldId, HoldKind, ReadId};

use super::search::Within;
use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// What a hold covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Every read that may be of this plate, by these cameras, in this time; those that come in later
    /// too.
    Matching {
        /// The plate, or what is known of it; none for every plate.
        plate: Option<Box<Pattern>>,
        /// Where and when.
        within: Within,
    },
    /// These reads.
    Reads(Vec<ReadId>),
    /// The alert with this number, and every read that it rests on.
    Alert(i64),
}

impl Covers {
    /// Whether it is less than everything: a hold is no way round the schedule.
    fn is_bounded(&self) -> bool {
        match self {
            Self::Matching { plate, within } => {
                plate.is_some() || (within.from.is_some() && within.until.is_some())
            }
            Self::Reads(reads) => !reads.is_empty(),
            Self::Alert(_) => true,
        }
    }
}

impl std::fmt::Display for Covers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Matching { plate, within } => {
                match plate {
                    Some(plate) => write!(f, "reads of plate {plate}")?,
                    None => f.write_str("reads of every plate")?,
                }
                f.write_str(&within.in_words())
            }
            Self::Reads(reads) => match &**reads {
                [one] => write!(f, "the read {one}"),
                many => write!(f, "{} listed reads", many.len()),
            },
            Self::Alert(number) => write!(f, "alert {number} and its reads"),
        }
    }
}

/// Places a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceHold {
    /// Its name.
    pub hold: HoldId,
    /// What for.
    pub kind: HoldKind,
    /// The case's number.
    pub case: String,
    /// Why.
    pub why: String,
    /// When somebody looks whether it is still needed.
    pub review_on: Date,
    /// How many days off that is.
    pub days_off: i64,
    /// What it covers.
    pub covers: Covers,
}

/// Keeps a hold on, after somebody looked whether it is still needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendHold {
    /// Which.
    pub hold: HoldId,
    /// Its number.
    pub number: i64,
    /// Why it is still needed.
    pub why: String,
    /// When somebody looks again.
    pub review_on: Date,
    /// How many days off that is.
    pub days_off: i64,
}

/// Releases a hold: what it alone held is purged by the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseHold {
    /// Which.
    pub hold: HoldId,
    /// Its number.
    pub number: i64,
    /// Why it is over.
    pub why: String,
}

/// Sees the holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeHolds;

impl sealed::Sealed for PlaceHold {}
impl sealed::Sealed for ExtendHold {}
impl sealed::Sealed for ReleaseHold {}
impl sealed::Sealed for SeeHolds {}

/// Whether somebody looks at the hold again soon enough.
fn review_in_time(days_off: i64, policy: &Policy) -> (&'static str, bool) {
    let latest = i64::from(policy.keeping().hold_review_days);
    ("review_in_time", (1..=latest).contains(&days_off))
}

impl Action for PlaceHold {
    const NAME: &'static str = "place-hold";

    fn what(&self) -> String {
        let Self {
            hold,
            kind,
            case,
            why,
            review_on,
            covers,
            ..
        } = self;
        let kind = kind.says();
        format!(
            "{covers}, as {kind} in case {case}, to be looked at by {review_on}: {why} (hold {hold})"
        )
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        vec![
            (
                "case_fits",
                policy.security().is_case_number(self.case.trim()),
            ),
            ("bounded", self.covers.is_bounded()),
            review_in_time(self.days_off, policy),
        ]
    }
}

impl Action for ExtendHold {
    const NAME: &'static str = "extend-hold";

    fn what(&self) -> String {
        let Self {
            number,
            why,
            review_on,
            ..
        } = self;
        format!("{number}, to be looked at again by {review_on}: {why}")
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        vec![review_in_time(self.days_off, policy)]
    }
}

impl Action for ReleaseHold {
    const NAME: &'static str = "release-hold";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        format!("{}: {}", self.number, self.why)
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Hold(self.hold))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeHolds {
    const NAME: &'static str = "see-holds";

    fn what(&self) -> String {
        "the holds".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
