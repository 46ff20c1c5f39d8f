//! How long data are kept, what is purged, and the certificates (4).

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use station::{ClassKept, PurgeShown, PurgeStanding, RetentionShown, Station, TABLES};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::Member;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "retention.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    kept: Kept,
    starts: bool,
    tables: Vec<(&'static str, &'static str, &'static str)>,
    entry: u64,
}

/// How long data are kept, and what was purged.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kept {
    classes: Vec<Class>,
    /// Where the purge stands, in a sentence.
    standing: String,
    late: bool,
    armed: bool,
    purges: Vec<Purged>,
}

/// A class of data.
#[derive(Serialize, ToSchema)]
#[schema(as = RetentionClassRow)]
struct Class {
    class: &'static str,
    says: &'static str,
    /// For how long at most, where that is set.
    keep: Option<String>,
    schedule: String,
    disposal: String,
    /// What is missing before anything of it is purged; none, where it is armed.
    lacks: Option<&'static str>,
}

/// A run of the purge.
#[derive(Serialize, ToSchema)]
#[schema(as = PurgeRow)]
struct Purged {
    number: i64,
    begun: String,
    /// When it ended, if it did.
    ended: Option<String>,
    /// What it destroyed, in words.
    destroyed: Vec<String>,
}

fn kept(shown: &RetentionShown, zone: &TimeZone) -> Kept {
    Kept {
        classes: shown.classes.iter().map(class).collect(),
        standing: standing(&shown.standing, zone),
        late: shown.standing.late.is_some(),
        armed: shown.standing.armed,
        purges: shown.runs.iter().map(|run| purged(run, zone)).collect(),
    }
}

fn class(one: &ClassKept) -> Class {
    let kept = one.kept.as_ref();
    Class {
        class: one.class.as_str(),
        says: one.class.says(),
        keep: kept.map(|kept| kept.keep.to_string()),
        schedule: kept.map(|kept| kept.schedule.clone()).unwrap_or_default(),
        disposal: kept
            .and_then(|kept| kept.disposal.clone())
            .unwrap_or_default(),
        lacks: one.lacks,
    }
}

fn purged(run: &PurgeShown, zone: &TimeZone) -> Purged {
    let line = |line: &station::PurgeLine| {
        let done = &line.destroyed;
        let counts = [
            (done.reads, "reads"),
            (done.pictures, "pictures"),
            (done.alerts, "alerts"),
            (done.entries, "entries by hand"),
            (done.contents, "contents"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(n, what)| format!("{n} {what}")).collect();
        let counts = if counts.is_empty() {
            "nothing".to_owned()
        } else {
            counts.join(", ")
        };
        format!("{}: {counts}", line.plan.class.says())
    };
    Purged {
        number: run.number,
        begun: words::time(run.started_at, zone),
        ended: run.ended_at.map(|at| words::time(at, zone)),
        destroyed: run.lines.iter().map(line).collect(),
    }
}

/// Where the purge stands, in a sentence.
pub(crate) fn standing(standing: &PurgeStanding, zone: &TimeZone) -> String {
    let PurgeStanding {
        armed,
        running,
        last,
        due,
        late,
        trouble,
    } = standing;
    if !armed {
        return "Nothing is purged: no class of data is armed.".to_owned();
    }
    let last = last.map_or_else(
        || "No purge has ended yet".to_owned(),
        |at| format!("The last purge ended {}", words::time(at, zone)),
    );
    let next = match due {
        _ if *running => "; one is under way".to_owned(),
        Some(due) => format!("; the next begins {}", words::time(*due, zone)),
        None => String::new(),
    };
    let late = match (late, trouble) {
        (Some(_), _) => " It is late.",
        (None, _) => "",
    };
    let why =
        (trouble.as_ref()).map_or_else(String::new, |why| format!(" It does not go on: {why}."));
    format!("{last}{next}.{late}{why}")
}

/// `GET /retention`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.retention(&caller)).await?;
    let tables = TABLES.iter();
    html(&Page {
        kept: kept(&shown, &house.station.about().time_zone),
        starts: member.holds(&["administrator", "deputy-chief"]),
        tables: tables
            .map(|table| (table.name, table.holds, table.until.says()))
            .collect(),
        entry: shown.entry,
        frame: Frame::of(&house.station, member, "retention"),
        done,
    })
}

/// `GET /api/retention`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Kept>, Refused> {
    let caller = member?.caller();
    let shown = house.ask(move |station| station.retention(&caller)).await?;
    Ok(Json(kept(&shown, &house.station.about().time_zone)))
}

/// `GET /retention/certificates/{number}`.
pub(crate) async fn certificate(
    State(house): State<House>,
    member: Member,
    Path(number): Path<i64>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let text = house
        .ask(move |station| station.purge_certificate(&caller, number))
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"purge-certificate-{number}.txt\""),
        ),
    ];
    Ok((headers, text).into_response())
}

/// Nothing but the session's token.
#[derive(Deserialize, ToSchema)]
#[schema(as = PurgeNow)]
pub(crate) struct Now {}

/// `POST /retention/purge`, `POST /api/retention/purge`.
pub(crate) async fn start(
    State(house): State<House>,
    asked: Asked<Now>,
) -> Result<Response, Answered> {
    let start = |station: &Station, caller: &_, Now {}| {
        station.start_purge(caller)?;
        Ok(Done::saying(
            "A purge begins now, and goes on beside whatever is done.".to_owned(),
        ))
    };
    asked.answer(&house, Section::Retention, start).await
}
