//! What the ledger says, and looking through it by member, purpose, case, plate and day.

use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::House;
use crate::answer::Failure;
use crate::api::{self, LedgerAsked, LedgerQuery};
use crate::asked::{Answered, Asked, Reader};
use crate::member::Member;
use crate::pages::asking::Why;
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
    /// What was looked for.
    asked: LedgerAsked,
    /// Whether it was anything but whose.
    narrowed: bool,
    why: Why,
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
    let asked = LedgerAsked {
        scope: query.scope,
        before: query
            .before
            .map_or_else(String::new, |before| before.to_string()),
        ..LedgerAsked::default()
    };
    show(&house, &member, asked).await
}

/// `POST /ledger`, `POST /api/ledger`.
pub(crate) async fn look(
    State(house): State<House>,
    asked: Asked<LedgerAsked>,
) -> Result<Response, Answered> {
    let Asked {
        member,
        input,
        reader,
    } = asked;
    let answered = |failure| Answered::to(reader, failure);
    if reader == Reader::Person {
        return show(&house, &member, input).await.map_err(answered);
    }
    let review = input.review(50).map_err(|e| answered(e.into()))?;
    let caller = member.caller();
    let story = house
        .ask(move |station| station.review(&caller, review))
        .await;
    Ok(Json(api::Story::from(story.map_err(answered)?)).into_response())
}

async fn show(house: &House, member: &Member, asked: LedgerAsked) -> Result<Response, Failure> {
    let review = asked.review(ENTRIES)?;
    let narrowed = review.only != govern::LedgerOnly::default();
    let own = review.scope == govern::LedgerScope::Own;
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
        own,
        may_ask_for_all: member.holds(&["auditor", "deputy-chief"]),
        why: Why::of(&house.station, &asked.purpose),
        asked,
        narrowed,
        frame: Frame::of(&house.station, member, "ledger"),
    })
}
