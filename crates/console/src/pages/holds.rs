//! Holds: a list with those to be looked at, the holds of one case, and one hold (4).

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use govern::{HoldKind, MemberId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use station::{HoldAsked, Holds, KeptHold, Station, StationError};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, day};
use crate::member::Member;
use crate::pages::asking::{self, Choice};
use crate::pages::search::to_search;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "holds.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    /// The case whose holds are shown; every hold where there is none.
    case: String,
    rows: Vec<Row>,
    overdue: usize,
    places: bool,
    kinds: Vec<Choice>,
    cameras: Vec<Choice>,
    /// Reads that the form is filled in with.
    read: String,
    alert: String,
    /// The latest day on which somebody looks at a hold again.
    latest: Date,
    entry: u64,
}

#[derive(Template)]
#[template(path = "hold.html")]
struct One {
    frame: Frame,
    done: Option<Done>,
    row: Row,
    latest: Date,
    keeps_on: bool,
    releases: bool,
}

/// A hold, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = HoldRow)]
pub(crate) struct Row {
    number: i64,
    case: String,
    /// `evidence`, `discovery` or `lawful-demand`.
    kind: &'static str,
    says: &'static str,
    covers: String,
    why: String,
    placed: String,
    /// The entry of the ledger.
    entry: u64,
    /// The day on which somebody looks at it again.
    review_on: String,
    reviewed: Option<String>,
    /// Whether that day is past.
    overdue: bool,
    reads: u64,
    alerts: u64,
    /// By whom, when and why, once it is released.
    released: Option<String>,
}

/// Which holds are shown, and what the form is filled in with.
#[derive(Deserialize, IntoParams)]
pub(crate) struct HoldsQuery {
    /// The case whose holds are shown; every hold where it is empty.
    #[serde(default)]
    case: String,
    /// A read to be held.
    #[serde(default)]
    read: String,
    /// An alert to be held, by its number.
    #[serde(default)]
    alert: String,
}

impl HoldsQuery {
    pub(crate) fn of_case(case: &str) -> Self {
        Self {
            case: case.to_owned(),
            read: String::new(),
            alert: String::new(),
        }
    }
}

fn row(shown: &Holds, hold: &KeptHold, today: Date, zone: &TimeZone) -> Row {
    let name = |wanted: Option<MemberId>| {
        let found = shown.members.iter().find(|one| Some(one.id) == wanted);
        found.map_or("the ledger, after a restore", |one| &*one.name)
    };
    Row {
        number: hold.number,
        case: hold.case.clone(),
        kind: hold.kind.as_str(),
        says: hold.kind.says(),
        covers: words::in_zone(&hold.covers, zone),
        why: hold.why.clone(),
        placed: format!(
            "by {}, {}",
            name(hold.placed_by),
            words::time(hold.placed_at, zone)
        ),
        entry: hold.entry,
        review_on: words::day(hold.review_on),
        reviewed: hold
            .reviewed
            .map(|(by, at)| format!("by {}, {}", name(Some(by)), words::time(at, zone))),
        overdue: hold.released.is_none() && hold.review_on < today,
        reads: hold.reads,
        alerts: hold.alerts,
        released: hold.released.as_ref().map(|(by, at, why)| {
            let at = words::time(*at, zone);
            format!("by {}, {at}: {why}", name(*by))
        }),
    }
}

async fn rows(house: &House, member: &Member, case: &str) -> Result<(Vec<Row>, u64), Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.holds(&caller)).await?;
    let zone = &house.station.about().time_zone;
    let today = zone.to_datetime(house.station.now()).date();
    let wanted = |hold: &&KeptHold| case.is_empty() || hold.case.eq_ignore_ascii_case(case.trim());
    let rows = shown.holds.iter().filter(wanted);
    let rows = rows.map(|hold| row(&shown, hold, today, zone)).collect();
    Ok((rows, shown.entry))
}

fn latest(station: &Station) -> Date {
    let today = station.about().time_zone.to_datetime(station.now()).date();
    let days = i64::from(station.policy().keeping().hold_review_days);
    today.saturating_add(jiff::Span::new().days(days))
}

/// `GET /holds`.
pub(crate) async fn page(
    State(house): State<House>,
    member: Member,
    Query(query): Query<HoldsQuery>,
) -> Result<Response, Failure> {
    show(&house, &member, query, None).await
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    query: HoldsQuery,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let (rows, entry) = rows(house, member, &query.case).await?;
    let cameras = to_search(house, member).await?;
    let kinds = HoldKind::ALL.map(|kind| Choice {
        value: kind.as_str().to_owned(),
        says: kind.says().to_owned(),
        chosen: false,
    });
    html(&Page {
        overdue: rows.iter().filter(|row| row.overdue).count(),
        rows,
        case: query.case,
        places: !member.holds(&["auditor"]),
        kinds: kinds.into(),
        cameras: asking::choices(&cameras, &[]),
        read: query.read,
        alert: query.alert,
        latest: latest(&house.station),
        entry,
        frame: Frame::of(&house.station, member, "holds"),
        done,
    })
}

/// `GET /api/holds`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
    Query(query): Query<HoldsQuery>,
) -> Result<Json<Vec<Row>>, Refused> {
    Ok(Json(rows(&house, &member?, &query.case).await?.0))
}

/// `GET /holds/{number}`.
pub(crate) async fn one(
    State(house): State<House>,
    member: Member,
    Path(number): Path<i64>,
) -> Result<Response, Failure> {
    show_one(&house, &member, number, None).await
}

pub(crate) async fn show_one(
    house: &House,
    member: &Member,
    number: i64,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let (rows, _) = rows(house, member, "").await?;
    let row = rows
        .into_iter()
        .find(|row| row.number == number)
        .ok_or_else(|| StationError::Input(format!("there is no hold {number}")))?;
    let in_force = row.released.is_none();
    html(&One {
        keeps_on: in_force && !member.holds(&["auditor"]),
        releases: in_force && member.holds(&["chief", "chiefs-designee", "deputy-chief"]),
        row,
        latest: latest(&house.station),
        frame: Frame::of(&house.station, member, "holds"),
        done,
    })
}

/// A hold, as it is entered: a plate with its cameras and its time, or listed reads, or an alert.
#[derive(Deserialize, ToSchema)]
#[schema(as = Hold)]
pub(crate) struct NewHold {
    case: String,
    /// `evidence`, `discovery` or `lawful-demand`.
    kind: String,
    why: String,
    /// The day on which somebody looks whether it is still needed, as 2027-03-14.
    review_on: String,
    #[serde(default)]
    plate: String,
    /// One camera; empty for all.
    #[serde(default)]
    camera: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// Reads by their ids, with spaces between.
    #[serde(default)]
    reads: String,
    /// An alert's number.
    #[serde(default)]
    alert: String,
}

/// `POST /holds`, `POST /api/holds`.
pub(crate) async fn place(
    State(house): State<House>,
    asked: Asked<NewHold>,
) -> Result<Response, Answered> {
    let case = asked.input.case.clone();
    let place = |station: &Station, caller: &_, new: NewHold| {
        let input = |what: &str| StationError::Input(what.to_owned());
        let kind = HoldKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == new.kind)
            .ok_or_else(|| input("choose what it is held for"))?;
        let zone = &station.about().time_zone;
        let reads = new.reads.split_whitespace().map(str::parse);
        let alert = asking::given(&new.alert).map(|number| number.parse());
        let time = |text: &str| asking::time(text, zone).map_err(StationError::Input);
        let asked = HoldAsked {
            case: new.case.clone(),
            why: new.why.clone(),
            review_on: day(&new.review_on)?.ok_or_else(|| {
                input("enter the day on which somebody looks whether it is still needed")
            })?,
            plate: new.plate.clone(),
            cameras: asking::given(&new.camera).into_iter().collect(),
            from: time(&new.from)?,
            until: time(&new.until)?,
            reads: reads
                .collect::<Result<_, _>>()
                .map_err(|_| input("there is no such read"))?,
            alert: alert
                .transpose()
                .map_err(|_| input("an alert is named by its number"))?,
        };
        let held = station.place_hold(caller, kind, asked)?;
        let reads = match held.reads {
            1 => "1 read".to_owned(),
            n => format!("{n} reads"),
        };
        let alerts = match held.alerts {
            0 => String::new(),
            n => format!(" and {n} alert"),
        };
        Ok(Done::saying(format!(
            "Hold {} is in force: it holds {reads}{alerts}. None of it is purged before the hold is released.",
            held.number
        )))
    };
    asked.answer(&house, Section::Holds(case), place).await
}

/// That a hold is still needed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct KeptOn {
    /// The day on which somebody looks again, as 2027-03-14.
    review_on: String,
    why: String,
}

/// `POST /holds/{number}/review`, and the same under `/api`.
pub(crate) async fn review(
    State(house): State<House>,
    Path(number): Path<i64>,
    asked: Asked<KeptOn>,
) -> Result<Response, Answered> {
    let review = move |station: &Station, caller: &_, KeptOn { review_on, why }| {
        let on = day(&review_on)?
            .ok_or_else(|| StationError::Input("enter the day of the next look".to_owned()))?;
        station.review_hold(caller, number, on, &why)?;
        Ok(Done::saying(format!("Hold {number} is kept on.")))
    };
    asked.answer(&house, Section::Hold(number), review).await
}

/// Why a hold is over.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LetGo {
    why: String,
}

/// `POST /holds/{number}/release`, and the same under `/api`.
pub(crate) async fn release(
    State(house): State<House>,
    Path(number): Path<i64>,
    asked: Asked<LetGo>,
) -> Result<Response, Answered> {
    let release = move |station: &Station, caller: &_, LetGo { why }| {
        station.release_hold(caller, number, &why)?;
        Ok(Done::saying(format!(
            "Hold {number} is released. What it alone held is purged by the schedule."
        )))
    };
    asked.answer(&house, Section::Hold(number), release).await
}
