//! Running the station, a section a page.

pub(crate) mod authorisations;
pub(crate) mod cameras;
pub(crate) mod cases;
pub(crate) mod media;
pub(crate) mod member;
pub(crate) mod members;
pub(crate) mod proposals;
pub(crate) mod status;
pub(crate) mod terminals;
pub(crate) mod training;
pub(crate) mod webhooks;

use axum::response::Response;

use crate::House;
use crate::answer::Failure;
use crate::asked::Done;
use crate::member::Member;
use crate::pages::{audits, evidence, holds, requests, retention};

/// What every page of the station has.
pub(crate) struct Around {
    pub(crate) section: &'static str,
    pub(crate) done: Option<Done>,
}

/// A page that shows what was done on it.
pub(crate) enum Section {
    Members,
    /// The member with this login.
    Member(String),
    Training,
    Authorisations,
    Cases,
    Cameras,
    /// The release desk.
    Requests,
    /// The request with this number.
    Request(i64),
    /// The holds of the case with this number.
    Holds(String),
    /// The samples of accesses.
    Audits,
    /// The sample with this number.
    Audit(i64),
    /// What was booked into evidence.
    Evidence,
    /// The hold with this number.
    Hold(i64),
    /// What members look out for.
    LocalEntries,
    /// Lists that come by themselves.
    Feeds,
    /// The hotlists.
    Hotlists,
    /// How long data are kept.
    Retention,
    Terminals,
    Media,
    Webhooks,
    Proposals,
    /// Not one of the station's: what needs a supervisor.
    Approvals,
    /// Nor this: what tripwires noticed.
    Questions,
}

impl Section {
    pub(crate) async fn show(
        self,
        house: &House,
        member: &Member,
        done: Option<Done>,
    ) -> Result<Response, Failure> {
        match self {
            Self::Members => members::show(house, member, done).await,
            Self::Member(login) => member::show(house, member, &login, done).await,
            Self::Training => training::show(house, member, done).await,
            Self::Authorisations => authorisations::show(house, member, done).await,
            Self::Cases => cases::show(house, member, done).await,
            Self::Proposals => proposals::show(house, member, done).await,
            Self::Questions => crate::pages::questions::show(house, member, done).await,
            Self::Approvals => crate::pages::approvals::show(house, member, done).await,
            Self::Cameras => cameras::show(house, member, done).await,
            Self::Requests => requests::show(house, member, done).await,
            Self::Request(number) => requests::show_one(house, member, number, done).await,
            Self::Holds(case) => {
                holds::show(house, member, holds::HoldsQuery::of_case(&case), done).await
            }
            Self::Audits => audits::show(house, member, done).await,
            Self::Audit(serial) => audits::show_one(house, member, serial, done).await,
            Self::Evidence => evidence::show(house, member, done).await,
            Self::Hold(number) => holds::show_one(house, member, number, done).await,
            Self::LocalEntries => crate::pages::local::show(house, member, done).await,
            Self::Feeds => crate::pages::feeds::show(house, member, done).await,
            Self::Hotlists => crate::pages::hotlists::show(house, member, done).await,
            Self::Retention => retention::show(house, member, done).await,
            Self::Webhooks => webhooks::show(house, member, done).await,
            Self::Terminals => terminals::show(house, member, done).await,
            Self::Media => media::show(house, member, done).await,
        }
    }
}
