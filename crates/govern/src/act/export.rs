//! Everything out, in open formats.

use serde::{Deserialize, Serialize};

use super::proposal::{Confirm, Matter, Sealed};
use super::{Facts, HandOut};
use crate::content::Principal;
use crate::policy::Policy;

/// Takes out every read with its picture, and the ledger, for anybody to open. It takes two people:
/// whoever confirms it receives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportEverything {
    /// Why.
    pub why: String,
}

impl Sealed for ExportEverything {}

impl Matter for ExportEverything {
    const PROPOSE: &'static str = "propose-export";
    const CONFIRM: &'static str = "confirm-export";

    fn says(&self) -> String {
        format!("every read with its picture, because: {}", self.why)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

// Opening every picture takes its time.
impl HandOut for Confirm<ExportEverything> {
    fn is_still(&self, now: &Self) -> bool {
        self == now
    }
}
