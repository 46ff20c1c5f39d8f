//! The policy in force, for whoever must judge it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use station::Standing;

use crate::House;
use crate::answer::Failure;
use crate::conformity::ConformityQuery;
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "policy.html")]
struct Page {
    frame: Frame,
    policy: String,
    since: String,
    until: String,
    entries: u64,
    held: usize,
    clauses: Vec<Standing>,
}

/// `GET /policy?days=N`.
pub(crate) async fn page(
    State(house): State<House>,
    member: Member,
    Query(query): Query<ConformityQuery>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let conformity = house
        .ask(move |station| station.conformity(&caller, query.review()))
        .await?;
    let zone = &house.station.about().time_zone;
    html(&Page {
        policy: conformity.policy,
        since: words::time(conformity.since, zone),
        until: words::time(conformity.until, zone),
        entries: conformity.entries,
        held: conformity
            .clauses
            .iter()
            .filter(|clause| clause.held)
            .count(),
        clauses: conformity.clauses,
        frame: Frame::of(&house.station, &member, "policy"),
    })
}
