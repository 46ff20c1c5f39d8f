//! Terminals: machines that members log in from, known by a key of their own.

use ledger::{TerminalId, Withdrawal};

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Enrols a terminal: a code is issued with which the machine is given its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolTerminal {
    /// Its name, such as that of the car.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// Its class, of `policy/device-classes.toml`.
    pub class: String,
}

/// Takes a terminal's key away: it is a machine like any other from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveTerminal {
    /// Which.
    pub terminal: TerminalId,
    /// Its name, for the words.
    pub name: String,
}

impl sealed::Sealed for EnrolTerminal {}
impl sealed::Sealed for RemoveTerminal {}

impl Action for EnrolTerminal {
    const NAME: &'static str = "enrol-terminal";

    fn what(&self) -> String {
        format!(
            "{} in {}, of the class {}",
            self.name, self.place, self.class
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for RemoveTerminal {
    const NAME: &'static str = "remove-terminal";

    fn what(&self) -> String {
        self.name.clone()
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Terminal(self.terminal))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
