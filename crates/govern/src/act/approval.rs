//! A supervisor's approval, which some purposes need (5(b)).

use crypt::Id;
use ledger::MemberId;

use super::{Action, CaseStanding, Facts, LedgerScope, StatedPurpose, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Marks the ids of approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchApproval {}
/// Names an approval, from the asking on.
pub type ApprovalId = Id<SearchApproval>;

/// Asks a supervisor to approve the member's own searches of a case, for a purpose that needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskApproval {
    /// The approval's name.
    pub id: ApprovalId,
    /// The purpose, with the case and the words that are to be approved.
    pub purpose: StatedPurpose,
    /// What the agency's list says of the case.
    pub case: CaseStanding,
}

/// What a member asked for, as it waits for a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalAsked {
    /// Its name.
    pub id: ApprovalId,
    /// Who asked.
    pub by: MemberId,
    /// Their login, for the words.
    pub login: String,
    /// For what.
    pub purpose: StatedPurpose,
    /// The number of the decision by which it was asked.
    pub entry: u64,
}

/// Approves a member's searches of a case, for some hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApproveSearches {
    /// What was asked for.
    pub asked: ApprovalAsked,
    /// For how long.
    pub hours: u32,
}

/// Sees what was asked for and what was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeApprovals {
    /// Whose.
    pub scope: LedgerScope,
}

impl sealed::Sealed for AskApproval {}
impl sealed::Sealed for ApproveSearches {}
impl sealed::Sealed for SeeApprovals {}

impl Action for AskApproval {
    const NAME: &'static str = "ask-approval";

    fn what(&self) -> String {
        format!("approval {}", self.id)
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.purpose)
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        self.purpose.facts(self.case, policy)
    }
}

impl Action for ApproveSearches {
    const NAME: &'static str = "approve-searches";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let ApprovalAsked {
            id, login, entry, ..
        } = &self.asked;
        let hours = self.hours;
        format!("{login} for {hours} hours (approval {id}, asked for in entry {entry})")
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.asked.purpose)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let own = matches!(who, Principal::Member(member) if member.id == self.asked.by);
        vec![
            ("own", own),
            ("supervises", policy.supervises(who.roles())),
            (
                "hours_fit",
                (1..=policy.approval_hours()).contains(&self.hours),
            ),
        ]
    }
}

impl Action for SeeApprovals {
    const NAME: &'static str = "see-approvals";

    fn what(&self) -> String {
        match self.scope {
            LedgerScope::Own => "their own approvals".to_owned(),
            LedgerScope::Everyone => "everybody's approvals".to_owned(),
        }
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        vec![
            ("own", self.scope == LedgerScope::Own),
            ("supervises", policy.supervises(who.roles())),
        ]
    }
}
