//! Corrections for the owners of lists, and how the alerts of cameras and lists came out.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use station::{Corrections, Figures, KeptCorrection};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "corrections.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    withheld: usize,
    /// Whether the member sends them to the lists' owners.
    exports: bool,
    entry: u64,
}

struct Row {
    number: u64,
    made: String,
    list: String,
    plate: String,
    state: &'static str,
    record: String,
    finding: &'static str,
    check: String,
}

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresPage {
    frame: Frame,
    tables: [(&'static str, Vec<Line>); 2],
    flagged: usize,
    days: i64,
    entry: u64,
}

/// How the alerts of a camera or a list came out.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertFigures)]
pub(crate) struct Line {
    /// `camera` or `list`.
    of: &'static str,
    name: String,
    alerts: usize,
    /// The database bore them out.
    verified: usize,
    /// It was not that car, by the picture or the database.
    refuted: usize,
    /// The database knew nothing of them any more.
    stale: usize,
    /// From an alert to the database's answer, the middle of them, in words.
    to_answer: Option<String>,
    /// Whether it was not that car so often that somebody must look at the camera.
    flagged: bool,
}

fn line(of: &'static str, figures: Figures) -> Line {
    Line {
        of,
        name: figures.name,
        alerts: figures.alerts,
        verified: figures.verified,
        refuted: figures.refuted,
        stale: figures.stale,
        to_answer: figures.to_answer.map(words::age),
        flagged: figures.flagged,
    }
}

/// `GET /hotlists/corrections`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let caller = member.caller();
    let found = house
        .ask(move |station| station.corrections(&caller))
        .await?;
    let zone = &house.station.about().time_zone;
    let row = |one: &KeptCorrection| {
        let entry = &one.listed.entry;
        Row {
            number: one.number,
            made: words::time(one.made_at, zone),
            list: one.listed.about.name.clone(),
            plate: entry.plate.to_string(),
            state: entry.jurisdiction.map_or("", plate::Jurisdiction::name),
            record: entry.record.clone(),
            finding: words::alert_state(one.finding),
            check: format!(
                "{}, reference {}: {}",
                one.check.database, one.check.reference, one.check.returned
            ),
        }
    };
    html(&Page {
        rows: found.corrections.iter().map(row).collect(),
        withheld: found.withheld,
        exports: member.holds(&["dispatcher", "supervisor", "chief", "deputy-chief"]),
        entry: found.entry,
        frame: Frame::of(&house.station, &member, "hotlists"),
    })
}

/// `GET /api/hotlists/corrections`: as CSV.
pub(crate) async fn export(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Response, Refused> {
    let caller = member?.caller();
    let found = house
        .ask(move |station| station.export_corrections(&caller))
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"corrections.csv\"",
        ),
    ];
    Ok((headers, table(&found)).into_response())
}

/// A line each; UTF-8, lines end as CSV's do.
fn table(found: &Corrections) -> String {
    const HEAD: [&str; 14] = [
        "number",
        "made_at",
        "finding",
        "list",
        "source",
        "plate",
        "state",
        "file",
        "record",
        "entered",
        "agency",
        "database",
        "reference",
        "returned",
    ];
    let mut lines = vec![HEAD.join(",")];
    for one in &found.corrections {
        let (entry, about, check) = (&one.listed.entry, &one.listed.about, &one.check);
        let cells = [
            one.number.to_string(),
            one.made_at.to_string(),
            one.finding.code().to_owned(),
            about.name.clone(),
            about.source.clone(),
            entry.plate.to_string(),
            entry
                .jurisdiction
                .map_or("", plate::Jurisdiction::code)
                .to_owned(),
            entry.file.clone(),
            entry.record.clone(),
            entry.entered.map(|day| day.to_string()).unwrap_or_default(),
            entry.agency.clone(),
            check.database.clone(),
            check.reference.clone(),
            check.returned.clone(),
        ];
        lines.push(cells.map(|text| cell(&text)).join(","));
    }
    lines.push(String::new());
    lines.join("\r\n")
}

/// A cell that a spreadsheet takes for nothing but text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('"', "\"\"");
    format!("\"{}{text}\"", if formula { "'" } else { "" })
}

/// `GET /alerts/figures`.
pub(crate) async fn figures(
    State(house): State<House>,
    member: Member,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let found = house
        .ask(move |station| station.alert_figures(&caller))
        .await?;
    let lines = |of, figures: Vec<Figures>| figures.into_iter().map(|one| line(of, one)).collect();
    html(&FiguresPage {
        flagged: found.cameras.iter().filter(|camera| camera.flagged).count(),
        tables: [
            ("Cameras", lines("camera", found.cameras)),
            ("Lists", lines("list", found.lists)),
        ],
        days: found.days,
        entry: found.entry,
        frame: Frame::of(&house.station, &member, "alerts"),
    })
}

/// `GET /api/alerts/figures`.
pub(crate) async fn figures_list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Line>>, Refused> {
    let caller = member?.caller();
    let found = house
        .ask(move |station| station.alert_figures(&caller))
        .await?;
    let cameras = found.cameras.into_iter().map(|one| line("camera", one));
    let lists = found.lists.into_iter().map(|one| line("list", one));
    Ok(Json(cameras.chain(lists).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("-x"), "\"'-x\"");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
