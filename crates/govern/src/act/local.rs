//! Local entries (3(b), 3(c)): plates that members look out for, each confirmed by a second person.

use hotlist::Vehicle;
use jiff::{SignedDuration, Timestamp};
use ledger::{MemberId, Withdrawal};
use plate::{Jurisdiction, Pattern, PlateText};

pub use ledger::LocalEntryId;

use super::search::Within;
use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// What is looked out for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A plate: reads of it raise alerts.
    Plate(PlateText),
    /// Part of one: reads that may be of it are possibles for an investigator to review, and never
    /// alerts.
    Part {
        /// What is known.
        pattern: Box<Pattern>,
        /// Where and when it is looked out for.
        within: Within,
    },
}

/// What a local entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalEntry {
    /// The plate, or part of it.
    pub wanted: Wanted,
    /// Who issued it; where that is not known, what is found is for review only.
    pub jurisdiction: Option<Jurisdiction>,
    /// The vehicle, as far as it is known.
    pub vehicle: Vehicle,
    /// Why it is looked out for.
    pub reason: String,
    /// What whoever meets it is warned of; empty if nothing.
    pub caution: String,
    /// The case's or call's number.
    pub case: String,
    /// The document behind it, and where it is kept.
    pub document: String,
}

/// Which local entry, and what the rules ask of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalEntryName {
    /// Names it.
    pub id: LocalEntryId,
    /// Its number, for people.
    pub number: u64,
    /// Who made it.
    pub entered_by: MemberId,
    /// Whether it is part of a plate.
    pub partial: bool,
}

/// Makes a local entry. Nothing is compared with it before another has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterLocalEntry {
    /// Names it.
    pub id: LocalEntryId,
    /// What it says.
    pub entry: LocalEntry,
    /// When it ends by itself.
    pub until: Timestamp,
    /// How far off that is.
    pub lasts: SignedDuration,
}

/// Confirms a local entry after comparing it with the document behind it: reads are compared with it
/// from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmLocalEntry(pub LocalEntryName);

/// Lets a local entry that is in force last longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenewLocalEntry {
    /// Which.
    pub name: LocalEntryName,
    /// When it ends by itself now.
    pub until: Timestamp,
    /// How far off that is.
    pub lasts: SignedDuration,
}

/// Withdraws a local entry: reads are not compared with it any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawLocalEntry {
    /// Which.
    pub name: LocalEntryName,
    /// Why.
    pub why: String,
}

/// Sees the local entries, and what parts of plates found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeLocalEntries;

impl sealed::Sealed for EnterLocalEntry {}
impl sealed::Sealed for ConfirmLocalEntry {}
impl sealed::Sealed for RenewLocalEntry {}
impl sealed::Sealed for WithdrawLocalEntry {}
impl sealed::Sealed for SeeLocalEntries {}

impl Wanted {
    /// Whether it is part of a plate.
    pub fn is_partial(&self) -> bool {
        matches!(self, Self::Part { .. })
    }

    /// Whether part of a plate says enough, and where and when it is looked out for.
    fn is_bounded(&self, policy: &Policy) -> bool {
        match self {
            Self::Plate(_) => true,
            Self::Part { pattern, within } => {
                policy.alerts().is_enough_known(pattern)
                    && !within.cameras.is_empty()
                    && within.from.is_some()
                    && within.until.is_some()
            }
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plate(plate) => write!(f, "plate {plate}"),
            Self::Part { pattern, within } => {
                write!(f, "part of a plate {pattern}{}", within.in_words())
            }
        }
    }
}

fn ends_in_time(lasts: SignedDuration, partial: bool, policy: &Policy) -> (&'static str, bool) {
    let longest = policy.alerts().local_entry_lasts(partial);
    ("ends_in_time", lasts.is_positive() && lasts <= longest)
}

impl Action for EnterLocalEntry {
    const NAME: &'static str = "enter-local-entry";

    fn what(&self) -> String {
        let LocalEntry {
            wanted,
            jurisdiction,
            reason,
            case,
            document,
            ..
        } = &self.entry;
        let state = jurisdiction.map_or_else(String::new, |state| format!(" of {}", state.name()));
        format!(
            "{wanted}{state}, until {:.0}: {reason}; case {case}, by {document} (local entry {})",
            self.until, self.id
        )
    }

    fn looked_for(&self) -> Option<String> {
        Some(match &self.entry.wanted {
            Wanted::Plate(plate) => plate.to_string(),
            Wanted::Part { pattern, .. } => pattern.to_string(),
        })
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        let LocalEntry {
            wanted,
            reason,
            caution,
            case,
            document,
            ..
        } = &self.entry;
        let prohibited = policy.prohibited();
        vec![
            ("case_fits", policy.security().is_case_number(case)),
            ("document_given", !document.is_empty()),
            ends_in_time(self.lasts, wanted.is_partial(), policy),
            ("partial", wanted.is_partial()),
            ("bounded", wanted.is_bounded(policy)),
            (
                "prohibited",
                prohibited.is_spoken_in(reason) || prohibited.is_spoken_in(caution),
            ),
        ]
    }
}

impl Action for ConfirmLocalEntry {
    const NAME: &'static str = "confirm-local-entry";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        format!("local entry {}", self.0.number)
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        let own = matches!(who, Principal::Member(member) if member.id == self.0.entered_by);
        vec![("own", own)]
    }
}

impl Action for RenewLocalEntry {
    const NAME: &'static str = "renew-local-entry";

    fn what(&self) -> String {
        format!("local entry {}, until {:.0}", self.name.number, self.until)
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        vec![ends_in_time(self.lasts, self.name.partial, policy)]
    }
}

impl Action for WithdrawLocalEntry {
    const NAME: &'static str = "withdraw-local-entry";

    fn what(&self) -> String {
        format!("local entry {}: {}", self.name.number, self.why)
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::LocalEntry(self.name.id))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeLocalEntries {
    const NAME: &'static str = "see-local-entries";

    fn what(&self) -> String {
        "the local entries".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
