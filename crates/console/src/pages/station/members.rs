//! Who is enrolled.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use govern::{EnrolMember, Role};
use serde::{Deserialize, Serialize};
use station::{MemberOverview, Station};
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, Shown};
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "station/members.html")]
struct Page {
    frame: Frame,
    around: Around,
    members: Vec<Row>,
    roles: Vec<(String, String)>,
}

/// A member, as the list shows them.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberRow)]
pub(crate) struct Row {
    login: String,
    name: String,
    badge: String,
    roles: Vec<String>,
    training: String,
    status: &'static str,
    locked: bool,
}

impl Row {
    fn of(station: &Station, one: MemberOverview) -> Self {
        let MemberOverview {
            member,
            status,
            training,
            ..
        } = one;
        Self {
            roles: member.roles.iter().map(|r| station.role_name(r)).collect(),
            training: training.first().map_or_else(
                || "none".to_owned(),
                |t| format!("{}, to {}", t.course.course, words::day(t.expires)),
            ),
            status: status.as_str(),
            locked: member.locked_at.is_some(),
            login: member.login,
            name: member.name,
            badge: member.badge,
        }
    }
}

async fn rows(house: &House, member: &Member) -> Result<Vec<Row>, Failure> {
    let caller = member.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    let members = overview.members.into_iter();
    Ok(members.map(|one| Row::of(&house.station, one)).collect())
}

/// `GET /station`, `GET /station/members`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/members`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    Ok(Json(rows(&house, &member?).await?))
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    html(&Page {
        members: rows(house, member).await?,
        roles: role_names(&house.station),
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "members",
            done,
        },
    })
}

/// Every role's id and name.
pub(super) fn role_names(station: &Station) -> Vec<(String, String)> {
    let roles = station.policy().roles();
    roles
        .map(|(role, says)| (role.0, says.to_owned()))
        .collect()
}

/// A member to be enrolled.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewMember {
    login: String,
    name: String,
    badge: String,
    role: String,
    password: String,
}

/// `POST /station/members`, `POST /api/members`.
pub(crate) async fn enrol(
    State(house): State<House>,
    asked: Asked<NewMember>,
) -> Result<Response, Answered> {
    let enrol = |station: &Station, caller: &_, new: NewMember| {
        let name = new.name.trim().to_owned();
        let act = EnrolMember {
            login: new.login.trim().to_owned(),
            name: name.clone(),
            badge: new.badge.trim().to_owned(),
            roles: vec![Role(new.role)],
        };
        let enrolled = station.enrol(caller, act, &new.password)?;
        Ok(Done {
            says: format!(
                "{name} is enrolled. Another administrator than you records their training."
            ),
            shown_once: vec![
                Shown {
                    name: "Secret for the authenticator",
                    value: enrolled.second_factor,
                },
                Shown {
                    name: "The same as an address",
                    value: enrolled.second_factor_address,
                },
            ],
        })
    };
    asked.answer(&house, Section::Members, enrol).await
}

/// Whose account is to be released.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Release {
    login: String,
}

/// `POST /station/release`, `POST /api/members/release`.
pub(crate) async fn release(
    State(house): State<House>,
    asked: Asked<Release>,
) -> Result<Response, Answered> {
    let release = |station: &Station, caller: &_, Release { login }| {
        station.release(caller, &login)?;
        Ok(Done::saying(format!("The account of {login} is released.")))
    };
    asked.answer(&house, Section::Members, release).await
}
