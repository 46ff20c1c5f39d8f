//! What a member without training sees.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::House;
use crate::answer::Failure;
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "training.html")]
struct Page {
    frame: Frame,
    clause: String,
    records: Vec<Record>,
}

struct Record {
    course: String,
    completed: String,
    expires: String,
}

/// `GET /training`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    let records = member.session.training.iter().map(|t| Record {
        course: t.course.to_string(),
        completed: words::day(t.completed),
        expires: words::day(t.expires),
    });
    html(&Page {
        records: records.collect(),
        clause: house
            .station
            .policy()
            .clause("3(d)")
            .unwrap_or_default()
            .to_owned(),
        frame: Frame::of(&house.station, &member, "training"),
    })
}
