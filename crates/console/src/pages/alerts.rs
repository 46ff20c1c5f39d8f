//! The alerts: what waits for somebody, what somebody has, what is over.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use hotlist::{State as AlertState, StateFit};
use serde::Serialize;
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

/// An alert, as the page and its stream tell of it.
#[derive(Serialize)]
pub(crate) struct Line {
    number: u64,
    read: String,
    reason: String,
    priority: bool,
    overdue: bool,
    /// In short, where the state does not fit or was not read.
    state: &'static str,
    /// In short, to whom it went because nobody took it in time.
    escalated: String,
    /// Everything else, in a line.
    says: String,
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
        ("For a supervisor: done before it was verified", vec![]),
        ("In hand", vec![]),
        ("Closed", vec![]),
    ];
    for alert in alerts {
        let group = match (alert.alert.name.state, alert.alert.priority) {
            (AlertState::Raised, true) => 0,
            (AlertState::Raised, false) => 1,
            (AlertState::ClosedByException, _) if alert.alert.signed.is_none() => 2,
            (state, _) if state.is_over() => 4,
            _ => 3,
        };
        groups[group].1.push(line(&alert, zone));
    }
    html(&Page {
        frame: Frame::of(&house.station, &member, "alerts"),
        groups: groups
            .into_iter()
            .filter(|(_, alerts)| !alerts.is_empty())
            .collect(),
    })
}

pub(crate) fn line(line: &AlertLine, zone: &jiff::tz::TimeZone) -> Line {
    let alert = &line.alert;
    let newest = line.newest.as_ref();
    let stands = words::alert_state(alert.name.state);
    let stands = match (&line.last_by, alert.signed) {
        (Some(name), None) => format!("{stands} by {name}"),
        (Some(name), Some(true)) => format!("{stands} by {name}, signed by a supervisor"),
        (Some(name), Some(false)) => format!("{stands} by {name}, refused by a supervisor"),
        (None, _) => stands.to_owned(),
    };
    let mut says = vec![format!("Alert {}", alert.name.number)];
    if let Some((_, matched)) = newest {
        says.push(format!(
            "{} a true hit",
            words::percent(matched.probability)
        ));
    }
    says.push(stands);
    if let Some((seen, _)) = newest {
        says.extend([words::time(seen.seen_at, zone), seen.place.clone()]);
    }
    if alert.seen > 1 {
        says.push(format!("{} sightings", alert.seen));
    }
    if alert.seen > 0 {
        let more = line.withheld.iter();
        says.extend(more.map(|of| format!("{} more restricted ({})", of.count, of.class)));
    }
    Line {
        number: alert.name.number,
        read: newest.map_or_else(String::new, |(seen, _)| seen.best.clone()),
        reason: match &line.withheld[..] {
            [of, ..] if line.is_withheld() => {
                format!("A hit, restricted ({}). {}", of.class, of.ask)
            }
            _ if alert.restricted => format!("Restricted record. {}", alert.ask),
            _ => alert.listed.entry.reason.clone(),
        },
        priority: alert.priority,
        overdue: alert.overdue,
        state: newest.map_or("", |(_, matched)| state_in_short(matched.state)),
        escalated: match &alert.escalated_to {
            Some(role) if alert.name.state == AlertState::Raised => {
                format!("WITH {}", role.to_uppercase())
            }
            _ => String::new(),
        },
        says: says.join(" · "),
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

/// The script that shows alerts as they come.
pub(crate) async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("../../assets/alerts.js"))
}
