//! The media that evidence may be written onto.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use govern::MediumId;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use station::{Station, StationError};
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "station/media.html")]
struct Page {
    frame: Frame,
    around: Around,
    media: Vec<Row>,
}

/// A medium.
#[derive(Serialize, ToSchema)]
#[schema(as = Medium)]
pub(crate) struct Row {
    /// What stands on it.
    label: String,
    /// The UUID of its encrypted volume.
    volume: String,
    /// When it was registered.
    registered: String,
    /// When it was retired, if it was.
    retired: Option<String>,
}

impl Row {
    fn of(medium: station::Medium, zone: &TimeZone) -> Self {
        Self {
            label: medium.label,
            volume: uuid(medium.id),
            registered: words::time(medium.registered_at, zone),
            retired: medium.retired_at.map(|at| words::time(at, zone)),
        }
    }
}

/// `d4eaecc5-89f3-4e64-be81-7971b1d7c8ef`, as cryptsetup prints it.
fn uuid(id: MediumId) -> String {
    let digits = id.to_string();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    parts.join("-")
}

/// A volume by its UUID, as cryptsetup prints it or without its dashes.
pub(crate) fn volume(uuid: &str) -> Result<MediumId, StationError> {
    let digits: String = uuid.chars().filter(|c| *c != '-').collect();
    digits
        .parse()
        .map_err(|_| StationError::Input(format!("{uuid} is no volume's UUID")))
}

async fn rows(house: &House, member: &Member) -> Result<Vec<Row>, Failure> {
    let caller = member.caller();
    let media = house.ask(move |station| station.media(&caller)).await?;
    let zone = &house.station.about().time_zone;
    Ok(media.into_iter().map(|one| Row::of(one, zone)).collect())
}

/// `GET /station/media`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/media`.
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
        media: rows(house, member).await?,
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "media",
            done,
        },
    })
}

/// A medium to be registered.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewMedium {
    /// The UUID of its encrypted volume.
    volume: String,
    /// What stands on it: how people know it.
    label: String,
}

/// `POST /api/media`.
pub(crate) async fn register(
    State(house): State<House>,
    asked: Asked<NewMedium>,
) -> Result<Response, Answered> {
    let register = |station: &Station, caller: &_, NewMedium { volume: id, label }| {
        station.register_medium(caller, volume(&id)?, &label)?;
        Ok(Done::saying(format!("The medium {label} is registered.")))
    };
    asked.answer(&house, Section::Media, register).await
}

/// A medium that is not used any more.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RetiredMedium {
    /// What stands on it.
    label: String,
    /// Why.
    why: String,
}

/// `POST /station/media/retire`, `POST /api/media/retire`.
pub(crate) async fn retire(
    State(house): State<House>,
    asked: Asked<RetiredMedium>,
) -> Result<Response, Answered> {
    let retire = |station: &Station, caller: &_, RetiredMedium { label, why }| {
        station.retire_medium(caller, &label, &why)?;
        Ok(Done::saying(format!(
            "{label} is retired: no evidence is written onto it in the clear any more."
        )))
    };
    asked.answer(&house, Section::Media, retire).await
}
