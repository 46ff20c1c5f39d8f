//! What the public reads: the numbers of each month, without a login (5(c)).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use report::{FEW, Report};
use station::{PublishedReport, StationError};

use crate::House;
use crate::answer::Failure;
use crate::pages::{html, nothing_here};
use crate::words;

/// How long others may keep what they were told: what is published does not change.
const KEPT: &str = "public, max-age=3600";

#[derive(Template)]
#[template(path = "transparency.html")]
struct Page {
    agency: String,
    demonstration: bool,
    /// The months, newest first: address and name.
    months: Vec<(String, String)>,
    shown: Option<Month>,
    key: String,
    few: u64,
}

struct Month {
    name: String,
    address: String,
    published: String,
    entry: u64,
    report: Report,
}

/// `2026-10`.
fn address(month: Date) -> String {
    month.strftime("%Y-%m").to_string()
}

fn name(month: Date) -> String {
    month.strftime("%B %Y").to_string()
}

async fn published(house: &House) -> Result<Arc<Vec<PublishedReport>>, Failure> {
    house.ask(|station| station.published_reports()).await
}

/// `GET /transparency`.
pub(crate) async fn page(State(house): State<House>) -> Result<Response, Failure> {
    let all = published(&house).await?;
    show(&house, &all, all.first())
}

/// `GET /transparency/{month}`.
pub(crate) async fn month(
    State(house): State<House>,
    Path(month): Path<String>,
) -> Result<Response, Failure> {
    let all = published(&house).await?;
    match all.iter().find(|one| address(one.month) == month) {
        Some(one) => show(&house, &all, Some(one)),
        None => Ok(nothing_here().await),
    }
}

/// `GET /transparency/{month}/report.json`.
pub(crate) async fn file(
    State(house): State<House>,
    Path(month): Path<String>,
) -> Result<Response, Failure> {
    let all = published(&house).await?;
    let Some(one) = all.iter().find(|one| address(one.month) == month) else {
        return Ok(nothing_here().await);
    };
    let name = format!("attachment; filename=\"transparency-{month}.json\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, KEPT),
        (header::CONTENT_DISPOSITION, &name),
    ];
    Ok((headers, one.report.clone()).into_response())
}

fn show(
    house: &House,
    all: &[PublishedReport],
    shown: Option<&PublishedReport>,
) -> Result<Response, Failure> {
    let station = &house.station;
    let about = station.about();
    let month = |one: &PublishedReport| {
        let report = Report::from_json(&one.report)
            .map_err(|e| StationError::Damaged(format!("what was published: {e}")))?;
        Ok::<_, StationError>(Month {
            name: name(one.month),
            address: address(one.month),
            published: words::time(one.at, &about.time_zone),
            entry: one.entry,
            report,
        })
    };
    let page = html(&Page {
        agency: about.agency.clone(),
        demonstration: about.demonstration,
        months: all
            .iter()
            .map(|one| (address(one.month), name(one.month)))
            .collect(),
        shown: shown.map(month).transpose()?,
        key: station.ledger_key(),
        few: FEW - 1,
    })?;
    Ok(([(header::CACHE_CONTROL, "public, max-age=300")], page).into_response())
}
