//! One member: the roles they hold and held, and whether they may come in.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use govern::{MemberId, Role, StatusChange};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use station::{Member as Enrolled, MemberOverview, RoleHeld, Station, StationError};
use utoipa::ToSchema;

use super::members::role_names;
use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::asked::{Answered, Asked, Done, day};
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "station/member.html")]
struct Page {
    frame: Frame,
    around: Around,
    login: String,
    name: String,
    badge: String,
    status: &'static str,
    locked: bool,
    held: Vec<Held>,
    roles: Vec<(String, String)>,
}

struct Held {
    id: String,
    says: String,
    /// `by Avery Holt on 3 Mar 2026`.
    given: String,
    why: String,
    until: Option<String>,
    in_force: bool,
    ended: Option<String>,
}

/// `GET /station/members/{login}`.
pub(crate) async fn page(
    State(house): State<House>,
    member: Member,
    Path(login): Path<String>,
) -> Result<Response, Failure> {
    show(&house, &member, &login, None).await
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    login: &str,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    let everybody: Vec<Enrolled> = overview.members.iter().map(|m| m.member.clone()).collect();
    let shown = overview
        .members
        .into_iter()
        .find(|one| one.member.login.eq_ignore_ascii_case(login))
        .ok_or_else(|| StationError::Input(format!("no member has the login {login}")))?;
    let MemberOverview {
        member: one,
        status,
        roles,
        ..
    } = shown;
    let mut held: Vec<Held> = roles
        .iter()
        .map(|held| tell(&house.station, &everybody, held))
        .collect();
    held.reverse();
    html(&Page {
        held,
        status: status.as_str(),
        locked: one.locked_at.is_some(),
        login: one.login,
        name: one.name,
        badge: one.badge,
        roles: role_names(&house.station),
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "members",
            done,
        },
    })
}

fn tell(station: &Station, everybody: &[Enrolled], held: &RoleHeld) -> Held {
    let zone = &station.about().time_zone;
    let on = |at: Timestamp| words::day(zone.to_datetime(at).date());
    let by = |who: Option<MemberId>| {
        who.and_then(|who| everybody.iter().find(|m| m.id == who))
            .map_or("nobody who is known".to_owned(), |m| m.name.clone())
    };
    let mut given = format!("by {} on {}", by(held.given_by), on(held.given_at));
    if held.confirmed_by.is_some() {
        given.push_str(&format!(", confirmed by {}", by(held.confirmed_by)));
    }
    Held {
        id: held.role.0.clone(),
        says: station.role_name(&held.role),
        given,
        why: held.why.clone().unwrap_or_default(),
        // The last day, not the midnight after it.
        until: held.until.map(|until| {
            on(until
                .saturating_sub(SignedDuration::from_secs(1))
                .unwrap_or(until))
        }),
        in_force: held.is_in_force(station.now()),
        ended: held.ended.map(|(at, who)| match (who, &held.ended_why) {
            (Some(_), Some(why)) => format!("by {} on {}: {why}", by(who), on(at)),
            (Some(_), None) => format!("by {} on {}: the member left", by(who), on(at)),
            (None, _) => format!("on {}, by a restore, as the ledger says", on(at)),
        }),
    }
}

/// A role to be given.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GivenRole {
    role: String,
    /// The last day, or empty.
    #[serde(default)]
    until: String,
    why: String,
}

/// `POST /station/members/{login}/roles`, and the same under `/api`.
pub(crate) async fn give_role(
    State(house): State<House>,
    Path(login): Path<String>,
    asked: Asked<GivenRole>,
) -> Result<Response, Answered> {
    let section = Section::Member(login.clone());
    let give = move |station: &Station, caller: &_, given: GivenRole| {
        let role = Role(given.role);
        let says = format!("{login} is {} now.", station.role_name(&role));
        station.give_role(caller, &login, role, day(&given.until)?, &given.why)?;
        Ok(Done::saying(says))
    };
    asked.answer(&house, section, give).await
}

/// A role to be ended.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EndedRole {
    role: String,
    why: String,
}

/// `POST /station/members/{login}/roles/end`, and the same under `/api`.
pub(crate) async fn end_role(
    State(house): State<House>,
    Path(login): Path<String>,
    asked: Asked<EndedRole>,
) -> Result<Response, Answered> {
    let section = Section::Member(login.clone());
    let end = move |station: &Station, caller: &_, ended: EndedRole| {
        let role = Role(ended.role);
        let says = format!("{login} is no longer {}.", station.role_name(&role));
        station.end_role(caller, &login, role, &ended.why)?;
        Ok(Done::saying(says))
    };
    asked.answer(&house, section, end).await
}

/// An account to be suspended, ended or reinstated.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangedStatus {
    /// `suspend`, `end` or `reinstate`.
    #[schema(value_type = String)]
    change: StatusChange,
    why: String,
}

/// `POST /station/members/{login}/status`, and the same under `/api`.
pub(crate) async fn change_status(
    State(house): State<House>,
    Path(login): Path<String>,
    asked: Asked<ChangedStatus>,
) -> Result<Response, Answered> {
    let section = Section::Member(login.clone());
    let change = move |station: &Station, caller: &_, ChangedStatus { change, why }| {
        station.change_status(caller, &login, change, &why)?;
        Ok(Done::saying(format!(
            "{login} is {} now.",
            change.leads_to().as_str()
        )))
    };
    asked.answer(&house, section, change).await
}
