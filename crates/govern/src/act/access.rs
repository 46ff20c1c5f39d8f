//! Who can see the data (6).

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Sees everybody and everything that can see data today, on what basis, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeAccess;

impl sealed::Sealed for SeeAccess {}

impl Action for SeeAccess {
    const NAME: &'static str = "see-access";

    fn what(&self) -> String {
        "who can see data today".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
