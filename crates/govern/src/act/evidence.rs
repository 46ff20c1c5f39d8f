//! Evidence (4): reads booked under an evidence number, and who had them since.

use crypt::{AgeError, AgeRecipient, Digest, Id};
use jiff::civil::Date;
use ledger::{HoldId, MediumId, MemberId, ReadId};

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
    /// How the bag leaves.
    pub leaves: LeavesAs,
}

/// How a bag leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeavesAs {
    /// As one file, which these alone open.
    SealedFor(Vec<Recipient>),
    /// As a folder, in the clear: onto a medium that is encrypted itself.
    FolderOn {
        /// The medium, by its encrypted volume.
        medium: MediumId,
        /// What stands on it; empty where nobody knows it.
        label: String,
        /// It was registered, and not retired since.
        registered: bool,
    },
}

/// Whom a bag is sealed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Their public key.
    pub key: AgeRecipient,
    /// Who they are, in words; may be empty.
    pub who: String,
}

impl Recipient {
    /// Recipients as a person writes them: keys (`age1…`), and after each, if one likes, whose it is.
    ///
    /// # Errors
    /// What is no key, and why.
    pub fn all_of(text: &str) -> Result<Vec<Self>, (String, AgeError)> {
        let mut all: Vec<Self> = Vec::new();
        for word in text.split_whitespace() {
            match (word.starts_with("age1"), all.last_mut()) {
                (false, Some(last)) => {
                    let space = if last.who.is_empty() { "" } else { " " };
                    last.who += space;
                    last.who += word;
                }
                _ => all.push(Self {
                    key: word.parse().map_err(|e| (word.to_owned(), e))?,
                    who: String::new(),
                }),
            }
        }
        Ok(all)
    }
}

/// As [`Recipient::all_of`] reads it.
impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, who } = self;
        if who.is_empty() {
            write!(f, "{key}")
        } else {
            write!(f, "{key} {who}")
        }
    }
}

impl LeavesAs {
    /// Whom it is sealed for.
    pub fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        match self {
            Self::SealedFor(recipients) => recipients.iter(),
            Self::FolderOn { .. } => [].iter(),
        }
    }

    /// Whether nobody but those whom it is for can read it on its way.
    fn protected(&self) -> bool {
        match self {
            Self::SealedFor(recipients) => !recipients.is_empty(),
            Self::FolderOn { registered, .. } => *registered,
        }
    }

    /// Whether it is the same way, wherever that stands now.
    fn is_still(&self, now: &Self) -> bool {
        match (self, now) {
            (Self::FolderOn { medium, .. }, Self::FolderOn { medium: other, .. }) => {
                medium == other
            }
            _ => self == now,
        }
    }
}

impl std::fmt::Display for LeavesAs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SealedFor(recipients) if recipients.is_empty() => {
                f.write_str("sealed for nobody")
            }
            Self::SealedFor(recipients) => {
                let all: Vec<String> = recipients.iter().map(ToString::to_string).collect();
                write!(f, "sealed for {}", all.join("; "))
            }
            Self::FolderOn {
                medium,
                label,
                registered: true,
            } => write!(f, "onto the registered medium {label} ({medium})"),
            Self::FolderOn { medium, .. } => {
                write!(f, "onto a medium that is not registered ({medium})")
            }
        }
    }
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
        format!(
            "{count} {reads} as evidence {}, {}",
            self.number, self.leaves
        )
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.purpose)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let mut facts = self.purpose.facts(self.case, policy);
        facts.push(("approved", self.purpose.is_approved(who)));
        facts.push(("number_given", !self.number.trim().is_empty()));
        facts.push(("reads_given", !self.reads.is_empty()));
        facts.push(("protected", self.leaves.protected()));
        facts
    }
}

// Ten thousand pictures take a while to be read and sent.
impl HandOut for BookEvidence {
    fn is_still(&self, now: &Self) -> bool {
        let leaves = now.leaves.clone();
        let same = Self {
            leaves,
            ..self.clone()
        };
        same == *now && self.leaves.is_still(&now.leaves)
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
