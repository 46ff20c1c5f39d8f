//! The alerts: what waits for somebody, what somebody has, what is over.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use hotlist::{State as AlertState, StateFit};
use station::AlertLine;

use crate::House;
use crate::answer::Failure;
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "alerts.html")]
struct Page {
    frame: Frame,
    groups: Vec<(&'static str, Vec<Line>)>,
}

struct Line {
    number: u64,
    read: String,
    reason: String,
    priority: bool,
    overdue: bool,
    probability: String,
    state: &'static str,
    stands: String,
    seen: String,
    place: String,
    sightings: u64,
}

/// `GET /alerts`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let caller = member.caller();
    let alerts = house.ask(move |station| station.alerts(&caller)).await?;
    let zone = &house.station.about().time_zone;
    let mut groups = [
        ("Waiting for somebody", vec![]),
        ("For review", vec![]),
        ("In hand", vec![]),
        ("Closed", vec![]),
    ];
    for alert in alerts {
        let group = match (alert.alert.name.state, alert.alert.priority) {
            (AlertState::Raised, true) => 0,
            (AlertState::Raised, false) => 1,
            (state, _) if state.is_over() => 3,
            _ => 2,
        };
        groups[group].1.push(line(alert, zone));
    }
    html(&Page {
        frame: Frame::of(&house.station, &member, "alerts"),
        groups: groups
            .into_iter()
            .filter(|(_, alerts)| !alerts.is_empty())
            .collect(),
    })
}

fn line(line: AlertLine, zone: &jiff::tz::TimeZone) -> Line {
    let alert = line.alert;
    let newest = line.newest.as_ref();
    Line {
        number: alert.name.number,
        read: newest.map_or_else(String::new, |(seen, _)| seen.best.clone()),
        reason: if alert.restricted {
            format!("Restricted record. {}", alert.ask)
        } else {
            alert.listed.entry.reason
        },
        priority: alert.priority,
        overdue: alert.overdue,
        probability: newest.map_or_else(String::new, |(_, m)| words::percent(m.probability)),
        state: newest.map_or("", |(_, matched)| state_in_short(matched.state)),
        stands: match line.last_by {
            Some(name) => format!("{} by {name}", words::alert_state(alert.name.state)),
            None => words::alert_state(alert.name.state).to_owned(),
        },
        seen: newest.map_or_else(String::new, |(seen, _)| words::time(seen.seen_at, zone)),
        place: newest.map_or_else(String::new, |(seen, _)| seen.place.clone()),
        sightings: alert.seen,
    }
}

fn state_in_short(state: StateFit) -> &'static str {
    match state {
        StateFit::Fits(_) => "",
        StateFit::Differs(..) => "STATE DIFFERS",
        StateFit::NotRead => "STATE NOT READ",
        StateFit::NotListed => "STATE NOT LISTED",
    }
}
