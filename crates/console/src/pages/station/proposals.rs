//! What takes two people.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{ChangeRetention, MemberId, Period, ProposalId, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::{Proposals, Station, StationError};
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, day};
use crate::member::Member;
use crate::pages::{Frame, asking, html};
use crate::words;

#[derive(Template)]
#[template(path = "station/proposals.html")]
struct Page {
    frame: Frame,
    around: Around,
    proposals: Vec<Row>,
    retention: Vec<(String, String, String, String)>,
    logins: Vec<String>,
    roles: Vec<(String, String)>,
    classes: Vec<(String, String)>,
    presets: Vec<(String, String)>,
}

/// A proposal, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProposalRow)]
pub(crate) struct Row {
    /// Its name, by which it is confirmed.
    proposal: String,
    says: String,
    /// By whom, and when.
    proposed: String,
    /// Until when it can be confirmed.
    until: String,
    /// By whom, and when, if it is.
    confirmed: Option<String>,
    /// Whether it still waits for a second person.
    open: bool,
    /// Whether whoever confirms it receives everything that is kept here.
    taken_out: bool,
}

const EXPORT: &str = "propose-export";

fn rows(station: &Station, shown: &Proposals) -> Vec<Row> {
    let zone = &station.about().time_zone;
    let name = |wanted: MemberId| {
        let found = shown.members.iter().find(|one| one.id == wanted);
        found.map_or_else(String::new, |one| one.name.clone())
    };
    let by = |who, at: Timestamp| format!("by {}, {}", name(who), words::time(at, zone));
    let row = |one: &station::KeptProposal| Row {
        proposal: one.id.to_string(),
        says: match one.kind.as_str() {
            "propose-appointment" => format!("Give the role {}", one.says),
            EXPORT => format!("Take out {}", one.says),
            _ => format!("Retention: {}", one.says),
        },
        proposed: by(one.by, one.proposed_at),
        until: words::time(one.until, zone),
        confirmed: one.confirmed.map(|(who, at)| by(who, at)),
        taken_out: one.kind == EXPORT,
        open: one.confirmed.is_none() && one.until > station.now(),
    };
    shown.proposals.iter().map(row).collect()
}

/// `GET /station/proposals`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.proposals(&caller)).await?;
    let station = &house.station;
    let policy = station.policy();
    html(&Page {
        proposals: rows(station, &shown),
        retention: shown
            .retention
            .iter()
            .map(|one| {
                let preset = one.preset.clone().unwrap_or_default();
                let class = one.class.says().to_owned();
                (class, one.keep.to_string(), one.schedule.clone(), preset)
            })
            .collect(),
        logins: shown.members.iter().map(|one| one.login.clone()).collect(),
        roles: policy
            .roles()
            .filter(|(role, _)| policy.takes_two_people(role))
            .map(|(role, says)| (role.0, says.to_owned()))
            .collect(),
        classes: govern::RetentionClass::ALL
            .iter()
            .map(|class| (class.as_str().to_owned(), class.says().to_owned()))
            .collect(),
        presets: policy
            .presets()
            .iter()
            .map(|preset| {
                let verified = if preset.is_verified() {
                    ""
                } else {
                    ", not verified"
                };
                let says = format!(
                    "{}: {}, {}{verified}",
                    preset.id, preset.max, preset.statute
                );
                (preset.id.clone(), says)
            })
            .collect(),
        frame: Frame::of(station, member, "station"),
        around: Around {
            section: "proposals",
            done,
        },
    })
}

/// `GET /api/proposals`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    let caller = member?.caller();
    let shown = house.ask(move |station| station.proposals(&caller)).await?;
    Ok(Json(rows(&house.station, &shown)))
}

/// A role that two people give.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Appointment {
    login: String,
    role: String,
    /// The last day, or empty.
    #[serde(default)]
    until: String,
    why: String,
}

fn proposed() -> Done {
    Done::saying(
        "It is proposed. It is done once another who may do it has confirmed it.".to_owned(),
    )
}

/// `POST /station/proposals/appointment`, and the same under `/api`.
pub(crate) async fn appoint(
    State(house): State<House>,
    asked: Asked<Appointment>,
) -> Result<Response, Answered> {
    let propose = |station: &Station, caller: &_, new: Appointment| {
        let until = day(&new.until)?;
        station.propose_appointment(caller, &new.login, Role(new.role), until, &new.why)?;
        Ok(proposed())
    };
    asked.answer(&house, Section::Proposals, propose).await
}

/// How long a class of data is to be kept.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewRetention {
    /// `read`, `image`, `hit`, `audit` or `manual-entry`.
    class: String,
    amount: String,
    /// `seconds`, `days` or `months`.
    unit: String,
    /// The item of the approved records schedule.
    schedule: String,
    /// A preset's id, or empty.
    #[serde(default)]
    preset: String,
    /// The number of the disposal certificate, or empty.
    #[serde(default)]
    disposal: String,
}

/// `POST /station/proposals/retention`, and the same under `/api`.
pub(crate) async fn retain(
    State(house): State<House>,
    asked: Asked<NewRetention>,
) -> Result<Response, Answered> {
    let propose = |station: &Station, caller: &_, new: NewRetention| {
        let unusable = |what: &str| StationError::Input(format!("{what} is not usable"));
        let class = govern::RetentionClass::ALL
            .into_iter()
            .find(|class| class.as_str() == new.class)
            .ok_or_else(|| unusable("the class"))?;
        let unit = match new.unit.as_str() {
            "seconds" => govern::Unit::Seconds,
            "days" => govern::Unit::Days,
            "months" => govern::Unit::Months,
            _ => return Err(unusable("the unit")),
        };
        let amount = new
            .amount
            .trim()
            .parse()
            .map_err(|_| unusable("the time"))?;
        let change = ChangeRetention {
            class,
            keep: Period { amount, unit },
            schedule: new.schedule.trim().to_owned(),
            preset: Some(new.preset).filter(|preset| !preset.is_empty()),
            disposal: asking::given(&new.disposal),
        };
        station.propose_retention(caller, change)?;
        Ok(proposed())
    };
    asked.answer(&house, Section::Proposals, propose).await
}

/// Everything out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewExport {
    why: String,
}

/// `POST /station/proposals/export`, and the same under `/api`.
pub(crate) async fn take_out(
    State(house): State<House>,
    asked: Asked<NewExport>,
) -> Result<Response, Answered> {
    let propose = |station: &Station, caller: &_, new: NewExport| {
        station.propose_export(caller, &new.why)?;
        Ok(proposed())
    };
    asked.answer(&house, Section::Proposals, propose).await
}

/// `POST /station/exports/{proposal}`, and the same under `/api`: the archive, as it is made.
pub(crate) async fn export(
    State(house): State<House>,
    Path(proposal): Path<String>,
    asked: Asked<Confirmation>,
) -> Result<Response, Answered> {
    let caller = asked.member.caller();
    let body = house
        .stream(move |station, send| station.export(&caller, named(&proposal)?, send))
        .await;
    let body = body.map_err(|failure| asked.answered(failure))?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"lictor-export.tar\"",
        ),
    ];
    Ok((headers, body).into_response())
}

fn named(proposal: &str) -> Result<ProposalId, StationError> {
    proposal
        .parse()
        .map_err(|_| StationError::Input("there is no such proposal".to_owned()))
}

/// Nothing besides the proposal in the address.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Confirmation {}

/// `POST /station/proposals/{proposal}`, and the same under `/api`.
pub(crate) async fn confirm(
    State(house): State<House>,
    Path(proposal): Path<String>,
    asked: Asked<Confirmation>,
) -> Result<Response, Answered> {
    let confirm = move |station: &Station, caller: &_, Confirmation {}| {
        station.confirm(caller, named(&proposal)?)?;
        Ok(Done::saying("It is confirmed, and done.".to_owned()))
    };
    asked.answer(&house, Section::Proposals, confirm).await
}
