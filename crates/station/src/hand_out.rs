//! What is handed out step by step, and may take longer than a permit's minute.

use govern::{Action, Decided, HandOut, MemberFacts, Permit, Principal, Request, decide};

use crate::{Caller, Station, StationError};

impl Station {
    /// Asked before every step of a hand-out: it goes on for another minute if `act`, which is the
    /// permit's as it stands now, would be granted now. The session must be there (its lock does not
    /// stop what its member began before it), and so must training, role, account and every authorisation
    /// that it began under.
    ///
    /// # Errors
    /// [`StationError::NoSession`], [`StationError::Refused`], [`StationError::Permit`]: nothing more is
    /// handed out, and the outcome in the ledger says so.
    pub(crate) fn still<A: HandOut>(
        &self,
        caller: &Caller,
        permit: &Permit<A>,
        act: A,
    ) -> Result<(), StationError> {
        let session = caller.session.ok_or(StationError::NoSession)?;
        let facts = self.facts_of_hand_out(&session)?;
        match self.would(caller, facts, act) {
            Decided::Granted(again) => Ok(permit.go_on(again, &*self.clock)?),
            Decided::Refused(refused) => Err(StationError::Refused(refused.reasons)),
        }
    }

    /// What the rules say now of something that was entered when it began.
    pub(crate) fn would<A: Action>(
        &self,
        caller: &Caller,
        facts: MemberFacts,
        act: A,
    ) -> Decided<A> {
        let request = Request {
            act,
            who: Principal::Member(facts),
            session: caller.session,
            address: caller.address.clone(),
        };
        decide(&self.policy, request, self.moment())
    }
}
