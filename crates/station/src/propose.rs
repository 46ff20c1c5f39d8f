//! What takes two people: an appointment that one may not make alone, and how long data are kept.

use govern::{ChangeRetention, Confirm, GiveRole, Matter, ProposalId, Propose, Role, SeeProposals};
use jiff::civil::Date;
use store::{KeptProposal, Member, Retention};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// What the page of proposals shows.
pub struct Proposals {
    /// Every proposal, newest first.
    pub proposals: Vec<KeptProposal>,
    /// How long each class is kept, where two people decided that.
    pub retention: Vec<Retention>,
    /// Who is who.
    pub members: Vec<Member>,
}

impl Station {
    /// Proposes to give a member a role that two people give.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a role that there is not.
    pub fn propose_appointment(
        &self,
        caller: &Caller,
        login: &str,
        role: Role,
        last_day: Option<Date>,
        why: &str,
    ) -> Result<ProposalId, StationError> {
        check_words("a reason", why)?;
        self.check_role(&role)?;
        let named = self.named(login)?;
        let matter = GiveRole {
            to: named.subject.clone(),
            role,
            until: last_day.map(|day| self.end_of(day)).transpose()?,
            why: why.trim().to_owned(),
        };
        self.propose(caller, matter, || named.must_be_known())
    }

    /// Proposes how long a class of data is kept.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a preset that there is not.
    pub fn propose_retention(
        &self,
        caller: &Caller,
        matter: ChangeRetention,
    ) -> Result<ProposalId, StationError> {
        if let Some(id) = matter
            .preset
            .as_ref()
            .filter(|id| self.policy.preset(id).is_none())
        {
            return Err(StationError::Input(format!("there is no preset {id}")));
        }
        let long = |text: &str| text.chars().count() > 80;
        if matter.keep.amount == 0
            || long(&matter.schedule)
            || matter.disposal.as_deref().is_some_and(long)
        {
            return Err(StationError::Input(
                "a time is 1 or more; a schedule's item and a certificate's number have 80 characters at most".to_owned(),
            ));
        }
        self.propose(caller, matter, || Ok(()))
    }

    pub(crate) fn propose<M: Matter>(
        &self,
        caller: &Caller,
        matter: M,
        behind_the_gate: impl FnOnce() -> Result<(), StationError>,
    ) -> Result<ProposalId, StationError> {
        let id = ProposalId::random(&*self.random);
        let until = self
            .clock
            .now()
            .saturating_add(self.policy.security().proposals_last())
            .map_err(|e| StationError::Input(e.to_string()))?;
        self.perform(caller, Propose { id, matter }, |permit| {
            behind_the_gate()?;
            self.store.propose(permit, until)?;
            Ok(Done {
                value: (),
                ids: vec![*id.as_bytes()],
            })
        })?;
        Ok(id)
    }

    /// Confirms a proposal, which is then done.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is none, or it was confirmed.
    pub fn confirm(&self, caller: &Caller, id: ProposalId) -> Result<(), StationError> {
        let now = self.clock.now();
        let ids = vec![*id.as_bytes()];
        if let Some(proposal) = self.store.proposal::<GiveRole>(id)? {
            let late = proposal.until <= now;
            self.perform(caller, Confirm { proposal, late }, |permit| {
                self.store.confirm_appointment(permit)?;
                Ok(Done { value: (), ids })
            })?;
            return Ok(());
        }
        let Some(proposal) = self.store.proposal::<ChangeRetention>(id)? else {
            return Err(StationError::Input("there is no such proposal".to_owned()));
        };
        let late = proposal.until <= now;
        self.perform(caller, Confirm { proposal, late }, |permit| {
            self.store.confirm_retention(permit)?;
            Ok(Done { value: (), ids })
        })?;
        Ok(())
    }

    /// What is proposed, and how long data are kept.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn proposals(&self, caller: &Caller) -> Result<Proposals, StationError> {
        let (proposals, _permit) = self.perform(caller, SeeProposals, |_permit| {
            let proposals = self.store.proposals()?;
            let ids = proposals.iter().map(|one| *one.id.as_bytes()).collect();
            Ok(Done {
                value: Proposals {
                    proposals,
                    retention: self.store.retention()?,
                    members: self.store.members()?,
                },
                ids,
            })
        })?;
        Ok(proposals)
    }
}
