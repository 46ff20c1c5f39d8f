//! Who is enrolled.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use govern::{EnrolMember, Role};
use serde::{Deserialize, Serialize};
use station::{IssuedCode, MemberOverview, Station};
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
        let enrolled = station.enrol(caller, act)?;
        Ok(Done {
            says: format!(
                "{name} is enrolled, and comes in with this code at First login. Another administrator than you records their training."
            ),
            shown_once: code_shown(station, &enrolled),
        })
    };
    asked.answer(&house, Section::Members, enrol).await
}

/// An enrolment code, for whoever hands it over.
fn code_shown(station: &Station, issued: &IssuedCode) -> Vec<Shown> {
    let until = words::time(issued.good_until, &station.about().time_zone);
    let shown = |name, value| Shown { name, value };
    vec![
        shown("Enrolment code, for the member alone", issued.code.text()),
        shown("Good until", until),
    ]
}

/// Whose way in is to be made anew, or whose sessions are to end.
#[derive(Deserialize, ToSchema)]
#[schema(as = Whose)]
pub(crate) struct Whose {
    login: String,
}

/// `POST /station/enrolment-code`, `POST /api/members/enrolment-code`.
pub(crate) async fn issue_code(
    State(house): State<House>,
    asked: Asked<Whose>,
) -> Result<Response, Answered> {
    let issue = |station: &Station, caller: &_, Whose { login }| {
        let issued = station.issue_enrolment_code(caller, &login)?;
        Ok(Done {
            says: format!(
                "What {login} came in with is gone. With this code they set it anew, at First login."
            ),
            shown_once: code_shown(station, &issued),
        })
    };
    asked.answer(&house, Section::Members, issue).await
}

/// `POST /station/sessions/end`, `POST /api/members/sessions/end`.
pub(crate) async fn end_sessions(
    State(house): State<House>,
    asked: Asked<Whose>,
) -> Result<Response, Answered> {
    let end = |station: &Station, caller: &_, Whose { login }| {
        station.end_sessions(caller, &login)?;
        Ok(Done::saying(format!("Every session of {login} is over.")))
    };
    asked.answer(&house, Section::Members, end).await
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
