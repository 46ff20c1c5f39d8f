//! Reports, counted from the ledger (5(c)).

use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use report::{Format, Report};
use serde::{Deserialize, Serialize};
use station::StationError;
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, day};
use crate::member::Member;
use crate::pages::{Frame, html};

#[derive(Template)]
#[template(path = "reports.html")]
struct Page {
    frame: Frame,
    kinds: Vec<Kind>,
    first: Date,
    last: Date,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Shown {
    frame: Frame,
    report: Report,
    entry: u64,
    files: Vec<(&'static str, String)>,
}

/// A report that there is.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportKind)]
pub(crate) struct Kind {
    /// Its id.
    report: String,
    /// What it is called.
    says: String,
    /// What asks for it.
    source: String,
    /// How often it is due.
    every: &'static str,
}

/// Which report.
#[derive(Deserialize, IntoParams)]
pub(crate) struct ReportQuery {
    /// Its id, such as `monthly`.
    #[serde(default)]
    report: String,
    /// The first day, such as 2026-07-01.
    #[serde(default)]
    first: String,
    /// The last day.
    #[serde(default)]
    last: String,
    /// For a file: `json`, `csv` or `pdf`.
    #[serde(default)]
    format: String,
}

impl ReportQuery {
    fn days(&self) -> Result<(Date, Date), StationError> {
        let needed = |text: &str| {
            let missing = || StationError::Input("enter the first and the last day".to_owned());
            day(text)?.ok_or_else(missing)
        };
        Ok((needed(&self.first)?, needed(&self.last)?))
    }
}

fn kinds(house: &House) -> Vec<Kind> {
    let reports = house.station.policy().reports().report.iter();
    let kind = |text: &govern::ReportText| Kind {
        report: text.id.clone(),
        says: text.says.clone(),
        source: text.source.clone(),
        every: text.every.says(),
    };
    reports.map(kind).collect()
}

/// `GET /reports`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let this_month = house.station.today().first_of_month();
    let first = this_month.saturating_sub(1.month());
    html(&Page {
        kinds: kinds(&house),
        first,
        last: first.last_of_month(),
        frame: Frame::of(&house.station, &member, "reports"),
    })
}

/// `GET /api/reports`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Kind>>, Refused> {
    member?;
    Ok(Json(kinds(&house)))
}

/// `GET /reports/show`.
pub(crate) async fn show(
    State(house): State<House>,
    member: Member,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let (id, days) = (query.report.clone(), query.days()?);
    let made = house
        .ask(move |station| station.report(&caller, &id, days))
        .await?;
    let file = |format: Format| {
        let address = format!(
            "/reports/file?report={}&first={}&last={}&format={}",
            made.report.report,
            days.0,
            days.1,
            format.code()
        );
        (format.code(), address)
    };
    html(&Shown {
        files: Format::ALL.map(file).into(),
        entry: made.entry,
        report: made.report,
        frame: Frame::of(&house.station, &member, "reports"),
    })
}

async fn made(house: &House, member: &Member, query: ReportQuery) -> Result<Response, Failure> {
    let caller = member.caller();
    let days = query.days()?;
    let format = Format::of(&query.format).ok_or_else(|| {
        StationError::Input("a report is a file of the kind json, csv or pdf".to_owned())
    })?;
    let name = format!("{}-{}-{}.{}", query.report, days.0, days.1, format.code());
    let bytes = house
        .ask(move |station| station.report_file(&caller, &query.report, days, format))
        .await?;
    let headers = [
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// `GET /reports/file`.
pub(crate) async fn file(
    State(house): State<House>,
    member: Member,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Failure> {
    made(&house, &member, query).await
}

/// `GET /api/reports/file`.
pub(crate) async fn api_file(
    State(house): State<House>,
    member: Result<Member, Failure>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Refused> {
    Ok(made(&house, &member?, query).await?)
}

/// A report to be counted again.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReportToVerify)]
pub(crate) struct Told {
    /// The report, as the JSON that the station made.
    report: String,
}

/// What came of counting again.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportVerified)]
pub(crate) struct Verified {
    /// Whether every number is what the ledger bears out.
    borne_out: bool,
    /// What is not.
    differences: Vec<Difference>,
}

/// A number that is not what the ledger bears out.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportDifference)]
pub(crate) struct Difference {
    what: String,
    /// What the report says.
    told: String,
    /// What the ledger bears out.
    counted: String,
}

/// `POST /api/reports/verify`.
pub(crate) async fn verify(
    State(house): State<House>,
    asked: Asked<Told>,
) -> Result<Response, Answered> {
    let caller = asked.member.caller();
    let text = asked.input.report.clone();
    let verified = house
        .ask(move |station| {
            let told = Report::from_json(text.as_bytes())
                .map_err(|e| StationError::Input(e.to_string()))?;
            station.verify_report(&caller, &told)
        })
        .await
        .map_err(|failure| asked.answered(failure))?;
    let difference = |one: report::Difference| Difference {
        what: one.what,
        told: one.told,
        counted: one.counted,
    };
    Ok(Json(Verified {
        borne_out: verified.is_empty(),
        differences: verified.into_iter().map(difference).collect(),
    })
    .into_response())
}
