//! Authorisations for confidential data (3(e)).

use jiff::Timestamp;
use ledger::Withdrawal;

use super::member::Subject;
use super::{Action, Facts, sealed};
use crate::content::{Class, Principal};
use crate::policy::Policy;

/// Grants a member sight of a class of confidential data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantAuthorisation {
    /// To whom.
    pub to: Subject,
    /// Of which class.
    pub class: Class,
    /// The moment it ends by itself.
    pub until: Timestamp,
    /// Why.
    pub why: String,
}

/// Ends an authorisation before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndAuthorisation {
    /// Whose.
    pub of: Subject,
    /// Of which class.
    pub class: Class,
    /// Why.
    pub why: String,
}

impl sealed::Sealed for GrantAuthorisation {}
impl sealed::Sealed for EndAuthorisation {}

impl Action for GrantAuthorisation {
    const NAME: &'static str = "grant-authorisation";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let Self {
            to,
            class,
            until,
            why,
        } = self;
        format!(
            "{} to {}, until {until:.0}, because: {why}",
            class.0, to.login
        )
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        vec![("own", self.to.is(who))]
    }
}

impl Action for EndAuthorisation {
    const NAME: &'static str = "end-authorisation";

    fn what(&self) -> String {
        format!(
            "{} of {}, because: {}",
            self.class.0, self.of.login, self.why
        )
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Authorisation(
            self.of.member,
            self.class.0.clone(),
        ))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
