//! The agency's list of cases.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use station::{Station, StationError};
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, file};
use crate::member::Member;
use crate::pages::{Frame, html};

/// Cases on a page; the whole list is for programs.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "station/cases.html")]
struct Page {
    frame: Frame,
    around: Around,
    count: usize,
    open: usize,
    cases: Vec<Row>,
}

/// A case on the list.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseRow)]
pub(crate) struct Row {
    number: String,
    open: bool,
}

async fn rows(house: &House, member: &Member) -> Result<Vec<Row>, Failure> {
    let caller = member.caller();
    let cases = house.ask(move |station| station.cases(&caller)).await?;
    let row = |case: govern::Case| Row {
        number: case.number,
        open: case.open,
    };
    Ok(cases.into_iter().map(row).collect())
}

/// `GET /station/cases`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/cases`.
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
    let mut cases = rows(house, member).await?;
    let (count, open) = (cases.len(), cases.iter().filter(|case| case.open).count());
    cases.truncate(SHOWN);
    html(&Page {
        count,
        open,
        cases,
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "cases",
            done,
        },
    })
}

/// A list of cases to be imported.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Imported {
    /// A CSV file with the columns `number` and `state` (`open` or `closed`); in JSON as base64.
    file: String,
}

/// `POST /station/cases`, `POST /api/cases`.
pub(crate) async fn import(
    State(house): State<House>,
    asked: Asked<Imported>,
) -> Result<Response, Answered> {
    let import = |station: &Station, caller: &_, imported: Imported| {
        let list = file(&imported.file)?
            .ok_or_else(|| StationError::Input("no file was chosen".to_owned()))?;
        let count = station.import_cases(caller, &list)?;
        Ok(Done::saying(format!(
            "{count} cases are on the list now; a search's case must be among the open ones."
        )))
    };
    asked.answer(&house, Section::Cases, import).await
}
