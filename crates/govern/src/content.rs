//! Who asks, and what is written down beside the log.

use crypt::Id;
use jiff::Timestamp;
use ledger::{CameraId, MemberId, Party};
use serde::{Deserialize, Serialize};

use crate::act::StatedPurpose;

/// Marks the ids of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {}
/// Names a picture in the vault.
pub type PictureId = Id<Picture>;

/// A role's id, as in `policy/roles.toml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(pub String);

/// The id of a class of confidential data, as in `policy/classes.toml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Class(pub String);

/// What the rules know of a member.
#[derive(Clone, Debug)]
pub struct MemberFacts {
    /// Who.
    pub id: MemberId,
    /// The name, as written down.
    pub name: String,
    /// The badge, as written down.
    pub badge: String,
    /// The roles held.
    pub roles: Vec<Role>,
    /// Until when completed training is in force, if it is.
    pub trained_until: Option<Timestamp>,
    /// The classes of confidential data that an authorisation in force opens.
    pub authorised: Vec<Class>,
    /// The searches that a supervisor's approval in force allows.
    pub approved: Vec<ApprovedSearches>,
}

/// What a supervisor approved: searches of one case for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedSearches {
    /// The purpose's code.
    pub purpose: String,
    /// The case or call number; none for a purpose that needs none.
    pub case: Option<String>,
}

impl ApprovedSearches {
    /// Whether a search for this purpose is one of them.
    pub fn cover(&self, stated: &StatedPurpose) -> bool {
        let number = |case: &Option<String>| case.as_ref().map(|case| case.trim().to_uppercase());
        self.purpose == stated.code && number(&self.case) == number(&stated.case)
    }
}

/// What the rules know of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraFacts {
    /// Which.
    pub id: CameraId,
    /// Its name.
    pub name: String,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Principal {
    /// A member who has logged in.
    Member(MemberFacts),
    /// A camera that showed its key.
    Camera(CameraFacts),
    /// The station itself, at what it does by schedule.
    Station,
}

impl From<hotlist::Class> for Class {
    /// Whose data a list holds, as an authorisation names it.
    fn from(list: hotlist::Class) -> Self {
        let id = match list {
            hotlist::Class::Department => "department-confidential",
            hotlist::Class::State => "state",
            hotlist::Class::Federal => "federal",
        };
        Self(id.to_owned())
    }
}

impl Principal {
    /// The roles held; a camera holds none.
    pub(crate) fn roles(&self) -> &[Role] {
        match self {
            Self::Member(member) => &member.roles,
            Self::Camera(_) | Self::Station => &[],
        }
    }

    /// As the ledger names them.
    pub fn party(&self) -> Party {
        match self {
            Self::Member(member) => Party::Member(member.id),
            Self::Camera(camera) => Party::Camera(camera.id),
            Self::Station => Party::Station,
        }
    }
}

/// What is personal in a decision: kept beside the log under a salted commitment, in the retention
/// class `audit`, apart from the reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The name, as it was then.
    pub name: String,
    /// The badge, as it was then.
    pub badge: String,
    /// From where: the network address, or `this machine`.
    pub address: String,
    /// What exactly: the query, the camera, the member concerned.
    pub what: String,
    /// The case or call number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<String>,
    /// The member's own words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
}
