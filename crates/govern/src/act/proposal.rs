//! What takes two people: one proposes it, another who may do it too confirms it, in time.

use crypt::Id;
use jiff::Timestamp;
use ledger::MemberId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::member::GiveRole;
use super::retention::ChangeRetention;
use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Marks the ids of proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed {}
/// Names a proposal; it stands in the content of the decision that proposed it and of the one that
/// confirmed it.
pub type ProposalId = Id<Proposed>;

/// Kept to this crate: what takes two people is decided here.
pub trait Sealed {}
impl Sealed for GiveRole {}

/// Something that takes two people.
pub trait Matter: Sealed + Clone + Serialize + DeserializeOwned {
    /// The act of proposing it, by its name in the rules.
    const PROPOSE: &'static str;
    /// The act of confirming it.
    const CONFIRM: &'static str;

    /// It, in words.
    fn says(&self) -> String;

    /// What reports count its confirmation as.
    fn counts_as(&self) -> Vec<String> {
        vec![]
    }

    #[doc(hidden)]
    fn facts(&self, who: &Principal, policy: &Policy) -> Facts;
}

/// Proposes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Propose<M> {
    /// The proposal's name.
    pub id: ProposalId,
    /// What.
    pub matter: M,
}

/// A proposal as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<M> {
    /// Its name.
    pub id: ProposalId,
    /// What.
    pub matter: M,
    /// Who proposed it.
    pub by: MemberId,
    /// Whether they held the office of Deputy Chief then.
    pub by_deputy_chief: bool,
    /// The number of the decision that proposed it.
    pub entry: u64,
    /// Until when it can be confirmed.
    pub until: Timestamp,
}

/// Confirms a proposal: what it proposed is done under this permit, which carries it whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm<M> {
    /// Which.
    pub proposal: Proposal<M>,
    /// Whether the time to confirm it is over.
    pub late: bool,
}

/// Sees what was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeProposals;

impl<M: Matter> sealed::Sealed for Propose<M> {}
impl<M: Matter> sealed::Sealed for Confirm<M> {}
impl sealed::Sealed for SeeProposals {}

impl<M: Matter> Action for Propose<M> {
    const NAME: &'static str = M::PROPOSE;

    fn what(&self) -> String {
        format!("{} (proposal {})", self.matter.says(), self.id)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        self.matter.facts(who, policy)
    }
}

impl<M: Matter> Action for Confirm<M> {
    const NAME: &'static str = M::CONFIRM;
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let Proposal {
            id, matter, entry, ..
        } = &self.proposal;
        format!("{} (proposal {id}, of entry {entry})", matter.says())
    }

    fn counts_as(&self) -> Vec<String> {
        self.proposal.matter.counts_as()
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let own = matches!(who, Principal::Member(member) if member.id == self.proposal.by);
        let mut facts = self.proposal.matter.facts(who, policy);
        facts.push(("own", own));
        facts.push(("late", self.late));
        facts.push(("by_deputy_chief", self.proposal.by_deputy_chief));
        facts
    }
}

impl Action for SeeProposals {
    const NAME: &'static str = "see-proposals";

    fn what(&self) -> String {
        "what is proposed".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Matter for GiveRole {
    const PROPOSE: &'static str = "propose-appointment";
    const CONFIRM: &'static str = "confirm-appointment";

    fn says(&self) -> String {
        Action::what(self)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        vec![
            ("appointee", self.to.is(who)),
            ("two_people", policy.takes_two_people(&self.role)),
        ]
    }
}

impl Matter for ChangeRetention {
    const PROPOSE: &'static str = "propose-retention";
    const CONFIRM: &'static str = "confirm-retention";

    fn says(&self) -> String {
        self.what()
    }

    fn counts_as(&self) -> Vec<String> {
        vec![format!("{}={}", self.class.as_str(), self.keep)]
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        self.facts_of(policy)
    }
}
