//! Media (4): encrypted volumes, the only ones that evidence is written onto in the clear.

use ledger::{MediumId, Withdrawal};

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Registers a medium: evidence may be written onto it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterMedium {
    /// Which, by its encrypted volume.
    pub medium: MediumId,
    /// What stands on it: how people know it.
    pub label: String,
}

/// Retires a medium: evidence is not written onto it any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetireMedium {
    /// Which.
    pub medium: MediumId,
    /// What stands on it.
    pub label: String,
    /// Why.
    pub why: String,
}

impl sealed::Sealed for RegisterMedium {}
impl sealed::Sealed for RetireMedium {}

impl Action for RegisterMedium {
    const NAME: &'static str = "register-medium";

    fn what(&self) -> String {
        let Self { medium, label } = self;
        format!("{label}, volume {medium}")
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for RetireMedium {
    const NAME: &'static str = "retire-medium";

    fn what(&self) -> String {
        let Self { medium, label, why } = self;
        format!("{label}, volume {medium}, because: {why}")
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Medium(self.medium))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
