//! What people say of the station's clock, and of its alarms.

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Confirms that the machine's clock shows the right time. Two people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmTime {
    /// What the machine's clock shows.
    pub wall: jiff::Timestamp,
}

/// Says that an alarm was seen to: it leaves the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeToAlarm {
    /// The entry of the ledger that it is about.
    pub entry: u64,
}

impl sealed::Sealed for ConfirmTime {}
impl sealed::Sealed for SeeToAlarm {}

impl Action for ConfirmTime {
    const NAME: &'static str = "confirm-time";

    fn what(&self) -> String {
        format!("{:.0}", self.wall)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeToAlarm {
    const NAME: &'static str = "see-to-alarm";

    fn what(&self) -> String {
        format!("about entry {}", self.entry)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
