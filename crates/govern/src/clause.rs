//! The clauses of the department's policy, as `policy/clauses.toml` tells them.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::policy::PolicyError;

/// A clause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its number.
    pub id: String,
    /// What it says, in short.
    pub says: String,
    /// Whether tests prove it.
    pub state: ClauseState,
    /// What is missing, if it is open.
    #[serde(default)]
    pub missing: String,
    /// The tests that prove it, by name; `*` at the end stands for the rest of one.
    #[serde(default)]
    pub tests: Vec<String>,
    /// Its acceptance cases about parts of the product that do not exist yet.
    #[serde(default)]
    pub not_yet: Vec<String>,
}

/// Whether a clause is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClauseState {
    /// Tests prove it, as far as the product reaches.
    Held,
    /// Something is missing.
    Open,
}

impl Clause {
    /// The clauses as this program was built and tested with them: what an agency writes in its own
    /// copy proves nothing.
    ///
    /// # Errors
    /// When the program was built with a file that is none.
    pub fn built_in() -> Result<Vec<Self>, PolicyError> {
        let built = include_str!("../../../policy/clauses.toml");
        let clauses: Clauses = toml::from_str(built).map_err(|e| PolicyError::Content {
            file: "clauses.toml".into(),
            reason: e.to_string(),
        })?;
        Ok(clauses.clause)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clauses {
    pub(crate) clause: Vec<Clause>,
}

impl Clauses {
    /// What is wrong with the clauses themselves, if anything is.
    pub(crate) fn fault(clauses: &[Clause]) -> Option<String> {
        let mut ids = BTreeSet::new();
        clauses.iter().find_map(|clause| {
            let id = &clause.id;
            let held = clause.state == ClauseState::Held;
            if !ids.insert(id) {
                Some(format!("clause {id} stands there twice"))
            } else if held && !clause.missing.is_empty() {
                Some(format!(
                    "clause {id} is held and says that something is missing"
                ))
            } else if held && clause.tests.is_empty() {
                Some(format!(
                    "clause {id} is held and names no test that proves it"
                ))
            } else if !held && clause.missing.is_empty() {
                Some(format!(
                    "clause {id} is open and does not say what is missing"
                ))
            } else {
                None
            }
        })
    }
}
