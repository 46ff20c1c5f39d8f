//! Feeds: lists that come by themselves, from a folder or over https.

use crypt::Digest;
use hotlist::About;
use ledger::{FeedId, MemberId, Withdrawal};
use serde::{Deserialize, Serialize};

use super::hotlist::{BringsList, list_in_words};
use super::webhook::is_private;
use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Where a feed's files come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedFrom {
    /// A folder of the station's machine: every file that is put there is taken, and is gone then.
    Folder(String),
    /// An address that is asked again and again.
    Address {
        /// It begins with https://.
        address: String,
        /// A file of the station's machine with the authority that the address's certificate descends
        /// from, where that is not one of those that browsers know.
        authority: Option<String>,
    },
}

impl FeedFrom {
    /// In words.
    pub fn says(&self) -> String {
        match self {
            Self::Folder(folder) => format!("the folder {folder}"),
            Self::Address { address, .. } => address.clone(),
        }
    }

    /// Whether nobody on the way can read what comes, or put something else in its place.
    fn is_private(&self) -> bool {
        match self {
            Self::Folder(folder) => folder.starts_with('/'),
            Self::Address { address, .. } => address.starts_with("https://") && is_private(address),
        }
    }
}

/// Has a list come by itself from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFeed {
    /// Names the feed.
    pub id: FeedId,
    /// What it is called.
    pub name: String,
    /// The list that it brings.
    pub about: About,
    /// Where its files come from.
    pub from: FeedFrom,
    /// After how many minutes it is looked at again.
    pub every_minutes: u32,
}

/// Has a list come by itself no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndFeed {
    /// Which.
    pub id: FeedId,
    /// What it is called.
    pub name: String,
}

/// Sees which feeds there are, and what became of what they brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeFeeds;

/// Takes in a list that came by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeList {
    /// By which feed.
    pub feed: FeedId,
    /// What that is called.
    pub name: String,
    /// Who set it.
    pub set_by: MemberId,
    /// What the list is.
    pub about: About,
    /// Which file: SHA-256 of its bytes.
    pub sha256: Digest,
}

/// Finds that a list is still as its source has it: it need not be refreshed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindListUnchanged {
    /// By which feed.
    pub feed: FeedId,
    /// What that is called.
    pub name: String,
    /// The list's name.
    pub list: String,
    /// The file that it came in with.
    pub sha256: Digest,
}

impl sealed::Sealed for SetFeed {}
impl sealed::Sealed for EndFeed {}
impl sealed::Sealed for SeeFeeds {}
impl sealed::Sealed for TakeList {}
impl sealed::Sealed for FindListUnchanged {}

impl Action for SetFeed {
    const NAME: &'static str = "set-feed";

    fn what(&self) -> String {
        let often = match &self.from {
            FeedFrom::Folder(_) => String::new(),
            FeedFrom::Address { .. } => format!(", every {} minutes", self.every_minutes),
        };
        format!("{}, from {}{often}", self.about.name, self.from.says())
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![("private", self.from.is_private())]
    }
}

impl Action for EndFeed {
    const NAME: &'static str = "end-feed";

    fn what(&self) -> String {
        self.name.clone()
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Feed(self.id))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeFeeds {
    const NAME: &'static str = "see-feeds";

    fn what(&self) -> String {
        "the lists that come by themselves".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for TakeList {
    const NAME: &'static str = "take-list";

    fn what(&self) -> String {
        let list = list_in_words(&self.about, &self.sha256);
        format!("{list}, by the feed {}", self.name)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl BringsList for TakeList {
    fn about(&self) -> &About {
        &self.about
    }

    fn sha256(&self) -> &Digest {
        &self.sha256
    }

    fn feed(&self) -> Option<FeedId> {
        Some(self.feed)
    }

    fn answers_for_it(&self, _who: &Principal) -> Option<MemberId> {
        Some(self.set_by)
    }
}

impl Action for FindListUnchanged {
    const NAME: &'static str = "find-list-unchanged";

    fn what(&self) -> String {
        format!("{}, by the feed {}", self.list, self.name)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_from_a_folder_of_this_machine_or_over_https() {
        let address = |address: &str| FeedFrom::Address {
            address: address.to_owned(),
            authority: None,
        };
        assert!(address("https://lists.state.example/extract.csv").is_private());
        assert!(FeedFrom::Folder("/srv/drop/state".into()).is_private());
        for other in [
            address("http://lists.state.example/extract.csv"),
            address("http://localhost/extract.csv"),
            address("sftp://lists.state.example/extract.csv"),
            address("https://"),
            FeedFrom::Folder("drop/state".into()),
        ] {
            assert!(!other.is_private(), "{other:?}");
        }
    }
}
