//! What the ledger says.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use govern::LedgerScope;

use crate::House;
use crate::answer::Failure;
use crate::api::LedgerQuery;
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

/// Entries on a page.
const ENTRIES: usize = 100;

#[derive(Template)]
#[template(path = "ledger.html")]
struct Page {
    frame: Frame,
    own: bool,
    may_ask_for_all: bool,
    lines: Vec<Line>,
    /// Where looking back stopped, if there are older entries.
    looked_back_to: Option<u64>,
}

struct Line {
    entry: u64,
    at: String,
    told: String,
    outcome: Option<String>,
    refused: bool,
    changed: bool,
}

/// `GET /ledger?scope=own|everyone&before=N`.
pub(crate) async fn page(
    State(house): State<House>,
    member: Member,
    Query(query): Query<LedgerQuery>,
) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let review = query.review(ENTRIES);
    let caller = member.caller();
    let story = house
        .ask(move |station| station.review(&caller, review))
        .await?;
    let zone = &house.station.about().time_zone;
    let lines = story.lines.into_iter().map(|line| Line {
        entry: line.entry,
        at: words::time(line.at, zone),
        told: line.told,
        outcome: line.outcome,
        refused: line.refused,
        changed: line.changed,
    });
    html(&Page {
        lines: lines.collect(),
        looked_back_to: story.looked_back_to,
        own: review.scope == LedgerScope::Own,
        may_ask_for_all: member
            .session
            .member
            .roles
            .iter()
            .any(|r| r.0 == "auditor" || r.0 == "deputy-chief"),
        frame: Frame::of(&house.station, &member, "ledger"),
    })
}
