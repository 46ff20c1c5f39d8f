//! The agency's list of cases (5(b)).

use crypt::Digest;

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// A case, as the records system lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its number.
    pub number: String,
    /// Whether it is open: a closed one is no reason to search.
    pub open: bool,
}

/// What the list says of the case that a search names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseStanding {
    /// No list was imported: the number's form must do.
    #[default]
    NoList,
    /// It is on the list, and open.
    Open,
    /// It is not on the list, or closed.
    NotOpen,
}

/// Puts a list of cases in the place of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCases {
    /// The cases.
    pub cases: Vec<Case>,
    /// SHA-256 of the file they came in.
    pub file: Digest,
}

/// Sees the list of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeCases;

impl sealed::Sealed for ImportCases {}
impl sealed::Sealed for SeeCases {}

impl Action for ImportCases {
    const NAME: &'static str = "import-cases";

    fn what(&self) -> String {
        let open = self.cases.iter().filter(|case| case.open).count();
        let all = self.cases.len();
        format!("{all} cases, {open} of them open, SHA-256 {}", self.file)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeCases {
    const NAME: &'static str = "see-cases";

    fn what(&self) -> String {
        "the list of cases".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
