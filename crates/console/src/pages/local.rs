//! Local entries: what members look out for, what waits for a second person, what parts of plates
//! found.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use govern::{MemberId, Wanted};
use hotlist::Vehicle;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plate::Jurisdiction;
use serde::{Deserialize, Serialize};
use station::{Camera, KeptLocalEntry, LocalEntries, LocalEntryAsked, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::Member;
use crate::pages::asking::{self, Choice};
use crate::pages::search::to_search;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "local_entries.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    groups: Vec<(&'static str, Vec<Row>)>,
    /// Whether the member makes entries, and confirms others'.
    enters: bool,
    states: Vec<Choice>,
    cameras: Vec<Choice>,
    longest_days: i64,
    partial_hours: i64,
    entry: u64,
}

/// A local entry, as the page and programs are told of it.
#[derive(Serialize, ToSchema)]
#[schema(as = LocalEntry)]
pub(crate) struct Row {
    number: u64,
    /// The plate, or part of it.
    plate: String,
    /// Whether it is part of a plate: what it finds is for review, and never an alert.
    partial: bool,
    /// Who issued it, if that is known.
    state: Option<&'static str>,
    vehicle: String,
    reason: String,
    caution: String,
    case: String,
    document: String,
    /// Where and when part of a plate is looked out for.
    within: Option<String>,
    entered: String,
    confirmed: Option<String>,
    renewed: Option<String>,
    withdrawn: Option<String>,
    /// When it ends by itself, UTC.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    ends: String,
    /// `waits`, `in-force`, `ended` or `withdrawn`.
    stands: &'static str,
    /// Whether the member made it.
    own: bool,
    /// What part of a plate found, newest first.
    possibles: Vec<Possible>,
    /// How many of those are by cameras that the member has no authorisation for.
    withheld: u64,
}

/// A read that may be of the vehicle of which part of a plate is known.
#[derive(Serialize, ToSchema)]
#[schema(as = PossibleRead)]
pub(crate) struct Possible {
    /// The plate, as it was read.
    read: String,
    /// How probable it is that it fits.
    probability: String,
    /// By which camera.
    camera: String,
    /// When.
    seen: String,
    /// The whole picture, good for five minutes and this session.
    picture: String,
}

fn row(shown: &LocalEntries, kept: &KeptLocalEntry, member: &Member, station: &Station) -> Row {
    let zone = &station.about().time_zone;
    let by = |who: Option<MemberId>, at: Timestamp| {
        let found = shown.members.iter().find(|one| Some(one.id) == who);
        let name = found.map_or("the ledger, after a restore", |one| &*one.name);
        format!("by {name}, {}", words::time(at, zone))
    };
    let entry = &kept.entry;
    let (plate, within) = match &entry.wanted {
        Wanted::Plate(plate) => (plate.to_string(), None),
        Wanted::Part { pattern, within } => {
            (pattern.to_string(), Some(place_and_time(within, zone)))
        }
    };
    let stands = match (&kept.withdrawn, &kept.confirmed) {
        (Some(_), _) => "withdrawn",
        _ if kept.ends_at <= station.now() => "ended",
        (None, None) => "waits",
        (None, Some(_)) => "in-force",
    };
    Row {
        number: kept.name.number,
        plate,
        partial: kept.name.partial,
        state: entry.jurisdiction.map(Jurisdiction::name),
        vehicle: vehicle(&entry.vehicle),
        reason: entry.reason.clone(),
        caution: entry.caution.clone(),
        case: entry.case.clone(),
        document: entry.document.clone(),
        within,
        entered: by(Some(kept.name.entered_by), kept.entered_at),
        confirmed: kept.confirmed.map(|(who, at)| by(Some(who), at)),
        renewed: kept.renewed.map(|(who, at)| by(Some(who), at)),
        withdrawn: kept
            .withdrawn
            .as_ref()
            .map(|(who, at, why)| format!("{}: {why}", by(*who, *at))),
        ends_at: kept.ends_at,
        ends: words::time(kept.ends_at, zone),
        stands,
        own: kept.name.entered_by == member.session.member.id,
        possibles: kept
            .possibles
            .iter()
            .map(|(read, probability)| Possible {
                read: read.reading.most_likely().text.to_string(),
                probability: words::percent(*probability),
                camera: read.camera.clone(),
                seen: words::time(read.seen_at, zone),
                picture: format!("/picture/{}", read.picture),
            })
            .collect(),
        withheld: kept.withheld,
    }
}

fn vehicle(vehicle: &Vehicle) -> String {
    let Vehicle {
        year,
        make,
        model,
        style,
        colour,
        ..
    } = vehicle;
    let known = [year, make, model, style, colour].map(String::as_str);
    let known: Vec<_> = known.into_iter().filter(|text| !text.is_empty()).collect();
    known.join(" ")
}

fn place_and_time(within: &govern::Within, zone: &TimeZone) -> String {
    let cameras: Vec<_> = within.cameras.iter().map(|one| one.name.as_str()).collect();
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| words::time(at, zone));
    format!(
        "{}, from {} until {}",
        cameras.join(", "),
        time(within.from),
        time(within.until)
    )
}

async fn rows(house: &House, member: &Member) -> Result<(Vec<Row>, u64), Failure> {
    let caller = member.caller();
    let shown = house
        .ask(move |station| station.local_entries(&caller))
        .await?;
    let rows = shown.entries.iter();
    let rows = rows.map(|kept| row(&shown, kept, member, &house.station));
    Ok((rows.collect(), shown.entry))
}

/// `GET /hotlists/local`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    show(&house, &member, None).await
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let (rows, entry) = rows(house, member).await?;
    let mut groups = [
        ("Waiting for a second person", vec![]),
        ("In force", vec![]),
        ("Over", vec![]),
    ];
    for row in rows {
        let group = match row.stands {
            "waits" => 0,
            "in-force" => 1,
            _ => 2,
        };
        groups[group].1.push(row);
    }
    let rules = house.station.policy().alerts();
    let states = Jurisdiction::all().map(|state| Choice {
        value: state.code().to_owned(),
        says: state.name().to_owned(),
        chosen: state.code() == "US-IL",
    });
    let cameras = to_search(house, member).await?;
    let cameras = cameras.iter().map(|camera| Choice {
        value: camera.id.to_string(),
        says: camera.name.clone(),
        chosen: false,
    });
    html(&Page {
        groups: groups
            .into_iter()
            .filter(|(_, rows)| !rows.is_empty())
            .collect(),
        enters: member.holds(&super::ANSWER_ALERTS),
        states: states.collect(),
        cameras: cameras.collect(),
        longest_days: rules.local_entry_lasts(false).as_hours() / 24,
        partial_hours: rules.local_entry_lasts(true).as_hours(),
        entry,
        frame: Frame::of(&house.station, member, "hotlists"),
        done,
    })
}

/// `GET /api/hotlists/local`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    Ok(Json(rows(&house, &member?).await?.0))
}

/// What is looked out for.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewLocalEntry)]
pub(crate) struct New {
    /// A plate; or part of one: `7K?48*`, `[AB]12`.
    plate: String,
    /// Who issued it, as `US-IL`; empty where that is not known.
    #[serde(default)]
    state: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    make: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    style: String,
    #[serde(default)]
    colour: String,
    reason: String,
    #[serde(default)]
    caution: String,
    case: String,
    /// The document that it rests on, and where it is kept.
    document: String,
    /// When it ends by itself, where the agency is: 2026-11-24T14:30.
    ends_at: String,
    /// For part of a plate: the cameras, by id or by a name without spaces, with spaces between.
    #[serde(default)]
    camera: String,
    /// For part of a plate: seen at this time or later.
    #[serde(default)]
    from: String,
    /// For part of a plate: seen before this time.
    #[serde(default)]
    until: String,
}

impl New {
    fn asked(&self, cameras: &[Camera], zone: &TimeZone) -> Result<LocalEntryAsked, StationError> {
        let time = |text: &str| asking::time(text, zone).map_err(StationError::Input);
        let state = asking::given(&self.state).map(|code| code.parse());
        let camera = |named: &str| {
            let known = |one: &&Camera| one.id.to_string() == named || one.name == named;
            let known = cameras.iter().find(known).map(|one| one.name.clone());
            known.ok_or_else(|| {
                StationError::Input(format!(
                    "there is no camera {named:.40} that you may search"
                ))
            })
        };
        let trimmed = |text: &String| text.trim().to_owned();
        Ok(LocalEntryAsked {
            plate: trimmed(&self.plate),
            jurisdiction: state
                .transpose()
                .map_err(|e: plate::NotAJurisdiction| StationError::Input(e.to_string()))?,
            vehicle: Vehicle {
                plate_kind: String::new(),
                year: trimmed(&self.year),
                make: trimmed(&self.make),
                model: trimmed(&self.model),
                style: trimmed(&self.style),
                colour: trimmed(&self.colour),
            },
            reason: trimmed(&self.reason),
            caution: trimmed(&self.caution),
            case: trimmed(&self.case),
            document: trimmed(&self.document),
            ends_at: end(&self.ends_at, zone)?,
            cameras: self
                .camera
                .split_whitespace()
                .map(camera)
                .collect::<Result<_, _>>()?,
            from: time(&self.from)?,
            until: time(&self.until)?,
        })
    }
}

fn end(text: &str, zone: &TimeZone) -> Result<Timestamp, StationError> {
    asking::time(text, zone)
        .map_err(StationError::Input)?
        .ok_or_else(|| StationError::Input("enter when it ends by itself".to_owned()))
}

/// `POST /hotlists/local`, `POST /api/hotlists/local`.
pub(crate) async fn enter(
    State(house): State<House>,
    asked: Asked<New>,
) -> Result<Response, Answered> {
    let enter = |station: &Station, caller: &_, new: New| {
        let cameras = station.cameras_to_search(caller)?;
        let asked = new.asked(&cameras, &station.about().time_zone)?;
        let number = station.enter_local_entry(caller, asked)?;
        Ok(Done::saying(format!(
            "Local entry {number} is made. Nothing is compared with it before another has confirmed it."
        )))
    };
    asked.answer(&house, Section::LocalEntries, enter).await
}

/// That the document bears it out.
#[derive(Deserialize, ToSchema)]
#[schema(as = LocalEntryConfirmed)]
pub(crate) struct Confirmed {}

/// `POST /hotlists/local/{number}/confirm`, and the same under `/api`.
pub(crate) async fn confirm(
    State(house): State<House>,
    Path(number): Path<u64>,
    asked: Asked<Confirmed>,
) -> Result<Response, Answered> {
    let confirm = move |station: &Station, caller: &_, Confirmed {}| {
        station.confirm_local_entry(caller, number)?;
        Ok(Done::saying(format!(
            "Local entry {number} is in force: reads are compared with it from now on."
        )))
    };
    asked.answer(&house, Section::LocalEntries, confirm).await
}

/// Until when it is still needed.
#[derive(Deserialize, ToSchema)]
#[schema(as = LocalEntryRenewed)]
pub(crate) struct Renewed {
    /// Where the agency is: 2026-11-24T14:30.
    ends_at: String,
}

/// `POST /hotlists/local/{number}/renew`, and the same under `/api`.
pub(crate) async fn renew(
    State(house): State<House>,
    Path(number): Path<u64>,
    asked: Asked<Renewed>,
) -> Result<Response, Answered> {
    let renew = move |station: &Station, caller: &_, Renewed { ends_at }| {
        let until = end(&ends_at, &station.about().time_zone)?;
        station.renew_local_entry(caller, number, until)?;
        Ok(Done::saying(format!("Local entry {number} is renewed.")))
    };
    asked.answer(&house, Section::LocalEntries, renew).await
}

/// Why it is looked out for no more.
#[derive(Deserialize, ToSchema)]
#[schema(as = LocalEntryWithdrawn)]
pub(crate) struct Withdrawn {
    why: String,
}

/// `POST /hotlists/local/{number}/withdraw`, and the same under `/api`.
pub(crate) async fn withdraw(
    State(house): State<House>,
    Path(number): Path<u64>,
    asked: Asked<Withdrawn>,
) -> Result<Response, Answered> {
    let withdraw = move |station: &Station, caller: &_, Withdrawn { why }| {
        station.withdraw_local_entry(caller, number, &why)?;
        Ok(Done::saying(format!(
            "Local entry {number} is withdrawn: reads are not compared with it any more."
        )))
    };
    asked.answer(&house, Section::LocalEntries, withdraw).await
}
