//! Hotlists: brought in, confirmed by a second person, looked at.

use crypt::{Digest, Id};
use hotlist::About;
use ledger::MemberId;

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Marks the ids of imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListImport {}
/// Names one import of a list.
pub type ImportId = Id<ListImport>;

/// Brings in a list, which replaces the one of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportList {
    /// What the list is.
    pub about: About,
    /// Which file: SHA-256 of its bytes.
    pub sha256: Digest,
}

/// Puts an import in force that waited for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmList {
    /// Which.
    pub import: ImportId,
    /// The list's name, for the words.
    pub name: String,
    /// Who brought it in.
    pub imported_by: MemberId,
}

/// Sees which lists there are and how they came in; none of what stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeLists;

impl sealed::Sealed for ImportList {}
impl sealed::Sealed for ConfirmList {}
impl sealed::Sealed for SeeLists {}

impl Action for ImportList {
    const NAME: &'static str = "import-list";

    fn what(&self) -> String {
        let about = &self.about;
        format!(
            "{} ({}, from {}), file {}",
            about.name,
            about.class.says(),
            about.source,
            &self.sha256.to_string()[..12]
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for ConfirmList {
    const NAME: &'static str = "confirm-list";

    fn what(&self) -> String {
        self.name.clone()
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        vec![(
            "own",
            matches!(who, Principal::Member(member) if member.id == self.imported_by),
        )]
    }
}

impl Action for SeeLists {
    const NAME: &'static str = "see-lists";

    fn what(&self) -> String {
        "the hotlists".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
