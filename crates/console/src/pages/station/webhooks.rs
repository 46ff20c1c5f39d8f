//! The webhooks: other systems of the department that alerts are sent to.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::Station;
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
#[template(path = "station/webhooks.html")]
struct Page {
    frame: Frame,
    around: Around,
    webhooks: Vec<Row>,
    /// Whether the member adds and removes them.
    adds: bool,
}

/// A webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct Row {
    /// Its name.
    name: String,
    /// Where alerts are sent.
    address: String,
    /// In whose name they are sent, and since when.
    added: String,
    /// When it was removed, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    removed_at: Option<Timestamp>,
    /// Alerts that were received.
    delivered: u64,
    /// Alerts that wait to be sent, or sent again.
    waiting: u64,
    /// Alerts that nobody took in however often they were sent.
    given_up: u64,
    /// What came of the newest attempt.
    last: Option<String>,
}

async fn rows(house: &House, member: &Member) -> Result<Vec<Row>, Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.webhooks(&caller)).await?;
    let zone = &house.station.about().time_zone;
    let name = |wanted| {
        let found = shown.members.iter().find(|one| one.id == wanted);
        found.map_or("somebody who left", |one| &*one.name)
    };
    let rows = shown.webhooks.iter().map(|one| Row {
        added: format!(
            "in the name of {}, since {}",
            name(one.added_by),
            words::time(one.added_at, zone)
        ),
        name: one.name.clone(),
        address: one.address.clone(),
        removed_at: one.removed_at,
        delivered: one.delivered,
        waiting: one.waiting,
        given_up: one.given_up,
        last: one.last.clone(),
    });
    Ok(rows.collect())
}

/// `GET /station/webhooks`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/webhooks`.
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
        webhooks: rows(house, member).await?,
        adds: member.holds(&["deputy-chief"]),
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "webhooks",
            done,
        },
    })
}

/// A webhook to be added.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewWebhook {
    /// What it is called.
    name: String,
    /// Where alerts are sent: https, or this machine.
    address: String,
}

/// `POST /station/webhooks`, `POST /api/webhooks`.
pub(crate) async fn add(
    State(house): State<House>,
    asked: Asked<NewWebhook>,
) -> Result<Response, Answered> {
    let add = |station: &Station, caller: &_, NewWebhook { name, address }| {
        let key = station.add_webhook(caller, &name, &address)?;
        Ok(Done {
            says: format!(
                "Alerts are sent to {} from now on, in your name.",
                name.trim()
            ),
            shown_once: vec![Shown {
                name: "The key that its messages are signed by",
                value: key,
            }],
        })
    };
    asked.answer(&house, Section::Webhooks, add).await
}

/// A webhook that nothing is sent to any more.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GoneWebhook {
    name: String,
}

/// `POST /station/webhooks/remove`, `POST /api/webhooks/remove`.
pub(crate) async fn remove(
    State(house): State<House>,
    asked: Asked<GoneWebhook>,
) -> Result<Response, Answered> {
    let remove = |station: &Station, caller: &_, GoneWebhook { name }| {
        station.remove_webhook(caller, &name)?;
        Ok(Done::saying(format!("Nothing more is sent to {name}.")))
    };
    asked.answer(&house, Section::Webhooks, remove).await
}
