//! Purposes that need a supervisor: a member asks, a supervisor approves for some hours, and the
//! member's searches of that case pass.

use govern::{
    ApprovalId, ApproveSearches, AskApproval, CaseStanding, LedgerScope, SeeApprovals,
    StatedPurpose,
};
use store::{Member, SearchApproval};

use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// What the page of approvals shows.
pub struct Approvals {
    /// What was asked for, newest first.
    pub approvals: Vec<SearchApproval>,
    /// Who is who.
    pub members: Vec<Member>,
}

/// The longest text that a purpose is stated with.
const LONGEST: usize = 500;

impl Station {
    /// Asks a supervisor to approve the member's searches of a case.
    ///
    /// # Errors
    /// [`StationError::Refused`], as the search would be.
    pub fn ask_approval(
        &self,
        caller: &Caller,
        purpose: StatedPurpose,
    ) -> Result<ApprovalId, StationError> {
        for text in [&purpose.case, &purpose.words].into_iter().flatten() {
            if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                return Err(StationError::Input(format!(
                    "case and words have {LONGEST} characters at most, in one line"
                )));
            }
        }
        let case = match &purpose.case {
            Some(number) => self.store.case_standing(number)?,
            None => CaseStanding::NoList,
        };
        let id = ApprovalId::random(&*self.random);
        self.perform(caller, AskApproval { id, purpose, case }, |permit| {
            self.store.ask_approval(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*id.as_bytes()],
            })
        })?;
        Ok(id)
    }

    /// Approves what a member asked for, from now on for so many hours.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when nobody asked, or it was approved.
    pub fn approve_searches(
        &self,
        caller: &Caller,
        id: ApprovalId,
        hours: u32,
    ) -> Result<(), StationError> {
        let asked = self.store.approval_asked(id)?;
        let asked = asked
            .ok_or_else(|| StationError::Input("nobody asked for this approval".to_owned()))?;
        self.perform(caller, ApproveSearches { asked, hours }, |permit| {
            self.store.approve_searches(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// What was asked for and what was approved.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn approvals(
        &self,
        caller: &Caller,
        scope: LedgerScope,
    ) -> Result<Approvals, StationError> {
        let (shown, _permit) = self.perform(caller, SeeApprovals { scope }, |permit| {
            let approvals = self.store.approvals(permit)?;
            let ids = approvals.iter().map(|one| *one.id.as_bytes()).collect();
            Ok(Done {
                value: Approvals {
                    approvals,
                    members: self.store.members()?,
                },
                ids,
            })
        })?;
        Ok(shown)
    }
}
