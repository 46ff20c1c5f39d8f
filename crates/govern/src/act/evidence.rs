//! Evidence (4): reads booked under an evidence number, and who had them since.

use crypt::{Digest, Id};
use jiff::civil::Date;
use ledger::{HoldId, MemberId, ReadId};

use super::{Action, CaseStanding, Facts, HandOut, StatedPurpose, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Marks the ids of bookings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {}
/// Names a booking.
pub type EvidenceId = Id<Evidence>;

/// Books reads into evidence: they are packed as a bag, and held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookEvidence {
    /// Names the booking.
    pub evidence: EvidenceId,
    /// The evidence number: the agency's property system's.
    pub number: String,
    /// Which reads.
    pub reads: Vec<ReadId>,
    /// Why, and for which case.
    pub purpose: StatedPurpose,
    /// What the agency's list says of the case.
    pub case: CaseStanding,
    /// The hold that the booking places on them.
    pub hold: HoldId,
    /// When somebody looks whether the hold is still needed.
    pub review_on: Date,
}

/// Sees what was booked, and the chain of custody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeEvidence;

/// Notes where a bag went: a link of the chain of custody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteCustody {
    /// Which.
    pub evidence: EvidenceId,
    /// The evidence number.
    pub number: String,
    /// Who booked it.
    pub booked_by: MemberId,
    /// What happened.
    pub step: CustodyStep,
}

/// What happened to a bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustodyStep {
    /// It was written onto a medium, read back, and is whole.
    Written {
        /// Which medium.
        medium: String,
        /// What stands for the bag, as whoever wrote it worked it out.
        package: Digest,
    },
    /// It could not be written: the medium is no evidence.
    Failed {
        /// Which medium.
        medium: String,
        /// Why.
        why: String,
    },
    /// It was handed over.
    HandedOver {
        /// To whom.
        to: String,
        /// Why.
        why: String,
    },
}

impl CustodyStep {
    /// The medium's own, noted by whoever wrote it.
    fn is_of_the_medium(&self) -> bool {
        matches!(self, Self::Written { .. } | Self::Failed { .. })
    }
}

impl std::fmt::Display for CustodyStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Written { medium, package } => {
                write!(f, "written onto {medium} and read back whole, {package}")
            }
            Self::Failed { medium, why } => write!(f, "not written onto {medium}: {why}"),
            Self::HandedOver { to, why } => write!(f, "handed over to {to}: {why}"),
        }
    }
}

impl sealed::Sealed for BookEvidence {}
impl sealed::Sealed for SeeEvidence {}
impl sealed::Sealed for NoteCustody {}

impl Action for BookEvidence {
    const NAME: &'static str = "book-evidence";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let count = self.reads.len();
        let reads = if count == 1 { "read" } else { "reads" };
        format!("{count} {reads} as evidence {}", self.number)
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.purpose)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let mut facts = self.purpose.facts(self.case, policy);
        facts.push(("approved", self.purpose.is_approved(who)));
        facts.push(("number_given", !self.number.trim().is_empty()));
        facts.push(("reads_given", !self.reads.is_empty()));
        facts
    }
}

// Ten thousand pictures take a while to be read and sent.
impl HandOut for BookEvidence {
    fn is_still(&self, now: &Self) -> bool {
        self == now
    }
}

impl Action for SeeEvidence {
    const NAME: &'static str = "see-evidence";

    fn what(&self) -> String {
        "what was booked into evidence".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for NoteCustody {
    const NAME: &'static str = "note-custody";

    fn what(&self) -> String {
        format!("evidence {}: {}", self.number, self.step)
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        let own = matches!(who, Principal::Member(member) if member.id == self.booked_by);
        vec![
            ("own", own),
            ("of_the_medium", self.step.is_of_the_medium()),
        ]
    }
}
