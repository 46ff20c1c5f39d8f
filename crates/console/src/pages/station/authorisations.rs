//! Who may see confidential data.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use govern::Class;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use station::{Overview, Station, StationError};
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, day};
use crate::member::Member;
use crate::pages::{Frame, html};

#[derive(Template)]
#[template(path = "station/authorisations.html")]
struct Page {
    frame: Frame,
    around: Around,
    rows: Vec<Row>,
    logins: Vec<String>,
    classes: Vec<(String, String)>,
}

/// An authorisation, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorisationRow)]
pub(crate) struct Row {
    login: String,
    /// The class's id.
    class: String,
    granted_by: String,
    granted: String,
    /// The last day.
    until: String,
    why: String,
    in_force: bool,
}

fn rows(station: &Station, overview: &Overview) -> Vec<Row> {
    let zone = &station.about().time_zone;
    let day = |at: Timestamp| zone.to_datetime(at).date().to_string();
    let member = |wanted| overview.members.iter().find(|one| one.member.id == wanted);
    let row = |one: &station::Authorisation| Row {
        login: member(one.member).map_or_else(String::new, |m| m.member.login.clone()),
        class: one.class.0.clone(),
        granted_by: member(one.granted_by).map_or_else(String::new, |m| m.member.name.clone()),
        granted: day(one.granted_at),
        // The last day, not the midnight after it.
        until: day(one
            .until
            .saturating_sub(SignedDuration::from_secs(1))
            .unwrap_or(one.until)),
        why: one.why.clone(),
        in_force: one.is_in_force(station.now()),
    };
    overview.authorisations.iter().map(row).collect()
}

/// `GET /station/authorisations`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/authorisations`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    let caller = member?.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    Ok(Json(rows(&house.station, &overview)))
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    html(&Page {
        rows: rows(&house.station, &overview),
        logins: overview
            .members
            .into_iter()
            .map(|one| one.member.login)
            .collect(),
        classes: class_names(&house.station),
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "authorisations",
            done,
        },
    })
}

/// Every class's id and name.
pub(super) fn class_names(station: &Station) -> Vec<(String, String)> {
    let classes = station.policy().classes().iter();
    classes.map(|c| (c.id.clone(), c.says.clone())).collect()
}

/// An authorisation to be granted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Granted {
    login: String,
    class: String,
    /// The last day.
    until: String,
    why: String,
}

/// `POST /station/authorisations`, `POST /api/authorisations`.
pub(crate) async fn grant(
    State(house): State<House>,
    asked: Asked<Granted>,
) -> Result<Response, Answered> {
    let grant = |station: &Station, caller: &_, granted: Granted| {
        let until = day(&granted.until)?
            .ok_or_else(|| StationError::Input("an authorisation has a last day".to_owned()))?;
        let class = Class(granted.class);
        station.grant_authorisation(caller, &granted.login, class, until, &granted.why)?;
        Ok(Done::saying(format!("{} is authorised.", granted.login)))
    };
    asked.answer(&house, Section::Authorisations, grant).await
}

/// An authorisation to be ended.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Ended {
    login: String,
    class: String,
    why: String,
}

/// `POST /station/authorisations/end`, `POST /api/authorisations/end`.
pub(crate) async fn end(
    State(house): State<House>,
    asked: Asked<Ended>,
) -> Result<Response, Answered> {
    let end = |station: &Station, caller: &_, ended: Ended| {
        let class = Class(ended.class);
        station.end_authorisation(caller, &ended.login, class, &ended.why)?;
        Ok(Done::saying(format!(
            "The authorisation of {} is ended.",
            ended.login
        )))
    };
    asked.answer(&house, Section::Authorisations, end).await
}
