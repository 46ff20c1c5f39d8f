//! Who can see us: everybody and everything that can see data today (6).

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use station::{Access, CanSee};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "access.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    without: usize,
    today: String,
    entry: u64,
}

/// Somebody or something that can see data.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessRow)]
pub(crate) struct Row {
    /// `member`, `agency`, `request`, `demand`, `webhook`, `witness` or `server`.
    kind: &'static str,
    who: String,
    /// What they can see.
    sees: String,
    /// On what basis.
    basis: String,
    /// The last day; until it is taken away, where there is none.
    until: Option<String>,
}

fn row(one: CanSee) -> Row {
    Row {
        kind: one.seer.as_str(),
        who: one.who,
        sees: one.sees,
        basis: one.basis,
        until: one.until.map(words::day),
    }
}

async fn asked(house: &House, member: &Member) -> Result<Access, Failure> {
    let caller = member.caller();
    house.ask(move |station| station.access(&caller)).await
}

/// `GET /access`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    let access = asked(&house, &member).await?;
    html(&Page {
        rows: access.all.into_iter().map(row).collect(),
        without: access.members_without,
        today: words::day(house.station.today()),
        entry: access.entry,
        frame: Frame::of(&house.station, &member, "access"),
    })
}

/// `GET /api/access`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    let access = asked(&house, &member?).await?;
    Ok(Json(access.all.into_iter().map(row).collect()))
}
