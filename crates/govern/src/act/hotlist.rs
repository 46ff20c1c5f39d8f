//! Hotlists: brought in, confirmed by a second person, looked at.

use crypt::{Digest, Id};
use hotlist::{About, Terms};
use ledger::{FeedId, HotlistId, MemberId};

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

/// Sets from which probability on an alert of a list is one for now, and what may be done on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetListTerms {
    /// Which.
    pub list: HotlistId,
    /// The list's name, for the words.
    pub name: String,
    /// What is set.
    pub terms: Terms,
}

/// Sees which lists there are and how they came in; none of what stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeLists;

/// An act that brings a list in.
pub trait BringsList: Action {
    /// What the list is.
    fn about(&self) -> &About;
    /// Which file: SHA-256 of its bytes.
    fn sha256(&self) -> &Digest;
    /// The feed that it came by, if it came by itself.
    fn feed(&self) -> Option<FeedId>;
    /// The member who answers for it: who brought it in, or set the feed.
    fn answers_for_it(&self, who: &Principal) -> Option<MemberId>;
}

impl sealed::Sealed for ImportList {}
impl sealed::Sealed for ConfirmList {}
impl sealed::Sealed for SetListTerms {}
impl sealed::Sealed for SeeLists {}

impl Action for ImportList {
    const NAME: &'static str = "import-list";

    fn what(&self) -> String {
        list_in_words(&self.about, &self.sha256)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl BringsList for ImportList {
    fn about(&self) -> &About {
        &self.about
    }

    fn sha256(&self) -> &Digest {
        &self.sha256
    }

    fn feed(&self) -> Option<FeedId> {
        None
    }

    fn answers_for_it(&self, who: &Principal) -> Option<MemberId> {
        match who {
            Principal::Member(member) => Some(member.id),
            Principal::Camera(_) | Principal::Station => None,
        }
    }
}

pub(super) fn list_in_words(about: &About, sha256: &Digest) -> String {
    format!(
        "{} ({}, from {}), file {}",
        about.name,
        about.class.says(),
        about.source,
        &sha256.to_string()[..12]
    )
}

impl Action for ConfirmList {
    const NAME: &'static str = "confirm-list";
    const NEEDS_TIME: bool = true;

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

impl Action for SetListTerms {
    const NAME: &'static str = "set-list-terms";

    fn what(&self) -> String {
        let terms = &self.terms;
        let done = match terms.may_be_done.as_str() {
            "" => String::new(),
            words => format!("; what may be done: {words}"),
        };
        format!(
            "{}: a false alert costs as much as {} listed cars shown for review; one is for now from {:.2} on{done}",
            self.name,
            terms.false_cost,
            terms.alert_at()
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
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
