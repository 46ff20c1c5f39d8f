//! The pages, one file each.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod alert;
pub(crate) mod alerts;
pub(crate) mod approvals;
pub(crate) mod asking;
pub(crate) mod audits;
pub(crate) mod canvass;
pub(crate) mod corrections;
pub(crate) mod evidence;
pub(crate) mod feeds;
pub(crate) mod first_login;
pub(crate) mod head;
pub(crate) mod holds;
pub(crate) mod hotlists;
pub(crate) mod ledger;
pub(crate) mod local;
pub(crate) mod login;
pub(crate) mod map;
pub(crate) mod passkeys;
pub(crate) mod policy;
pub(crate) mod questions;
pub(crate) mod reports;
pub(crate) mod requests;
pub(crate) mod retention;
pub(crate) mod search;
pub(crate) mod seen;
pub(crate) mod sign_on;
pub(crate) mod station;
pub(crate) mod terminal;
pub(crate) mod training;
pub(crate) mod transparency;
pub(crate) mod unlock;

use ::station::{SessionStanding, Station};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::Refusal;

use crate::answer::Failure;
use crate::member::Member;
use crate::words;

/// The roles whose pages lead to the alerts; the rules decide.
const ANSWER_ALERTS: [&str; 6] = [
    "officer",
    "dispatcher",
    "investigator",
    "supervisor",
    "chief",
    "deputy-chief",
];

/// The roles whose pages lead to the holds; the rules decide.
const KNOW_HOLDS: [&str; 7] = [
    "records-clerk",
    "investigator",
    "supervisor",
    "chief",
    "chiefs-designee",
    "deputy-chief",
    "auditor",
];

/// The roles whose pages lead to the evidence; the rules decide.
const KNOW_EVIDENCE: [&str; 7] = [
    "officer",
    "records-clerk",
    "investigator",
    "supervisor",
    "chief",
    "deputy-chief",
    "auditor",
];

/// What stands on every page of a member.
pub(crate) struct Frame {
    agency: String,
    demonstration: bool,
    name: String,
    badge: String,
    training: String,
    trained: bool,
    /// Whether the member runs the station: shows the way to that page, which asks again.
    runs_station: bool,
    /// Whether the member answers alerts: shows the way to them, which asks again.
    answers_alerts: bool,
    /// Whether the member works on requests for data, or judges them.
    knows_requests: bool,
    /// Whether the member answers for who can see data, or judges it.
    knows_access: bool,
    /// Whether the member handles evidence, or judges it.
    knows_evidence: bool,
    /// Whether the member works with holds, or judges them.
    knows_holds: bool,
    /// Whether the member reads reports.
    reads_reports: bool,
    /// Whether the member sets for how long data are kept, or judges it.
    knows_retention: bool,
    /// Whether the member knows the hotlists.
    knows_lists: bool,
    /// How many questions wait, for a member who reviews.
    questions: Option<u64>,
    /// The alerts that went to the member because nobody took them in time.
    waiting: Vec<u64>,
    /// Whether the member judges the station: shows the way to the policy in force.
    judges_station: bool,
    token: String,
    entries: u64,
    witnessed: String,
    /// What of the ledger is lost.
    lost: Vec<String>,
    warnings: Vec<String>,
    alarms: Vec<::station::Alarm>,
    /// Whether the member sees to alarms.
    sees_to_alarms: bool,
    /// What the machine's clock shows, when it is in doubt.
    clock_in_doubt: Option<String>,
    here: &'static str,
}

impl Frame {
    pub(crate) fn of(station: &Station, member: &Member, here: &'static str) -> Self {
        let session = &member.session;
        let about = station.about();
        let runs_station = member.holds(&["administrator", "deputy-chief"]);
        let training = match session.standing {
            SessionStanding::Trained(day) => format!("training in force to {}", words::day(day)),
            SessionStanding::Untrained => "no training in force".to_owned(),
        };
        Self {
            agency: about.agency.clone(),
            demonstration: about.demonstration,
            name: session.member.name.clone(),
            badge: session.member.badge.clone(),
            training,
            trained: member.is_trained(),
            runs_station,
            answers_alerts: member.is_trained() && member.holds(&ANSWER_ALERTS),
            // Whoever administers them knows them without training.
            knows_lists: member.holds(&["administrator", "deputy-chief"])
                || member.is_trained()
                    && (member.holds(&ANSWER_ALERTS) || member.holds(&["auditor"])),
            knows_requests: member.is_trained()
                && member.holds(&[
                    "records-clerk",
                    "chief",
                    "chiefs-designee",
                    "deputy-chief",
                    "auditor",
                ]),
            knows_access: member.holds(&["chief", "chiefs-designee", "deputy-chief", "auditor"]),
            knows_evidence: member.is_trained() && member.holds(&KNOW_EVIDENCE),
            reads_reports: member.holds(&[
                "auditor",
                "outside-reviewer",
                "chief",
                "deputy-chief",
                "administrator",
                "records-clerk",
            ]),
            knows_retention: member.holds(&[
                "deputy-chief",
                "administrator",
                "chief",
                "records-clerk",
                "auditor",
            ]),
            knows_holds: member.is_trained() && member.holds(&KNOW_HOLDS),
            questions: (member.is_trained() && station.policy().reviews(&session.member.roles))
                .then(|| station.waiting_questions()),
            judges_station: member.holds(&["auditor", "deputy-chief", "chief"]),
            token: session.form_token(),
            entries: station.ledger_size(),
            witnessed: words::witnessed(station.cosigned().as_ref(), &about.time_zone),
            lost: station.lost_entries().to_vec(),
            warnings: warnings(station, runs_station),
            alarms: station.alarms(),
            sees_to_alarms: member.holds(&["auditor", "deputy-chief"]),
            clock_in_doubt: station.time_doubt().map(|_| {
                let wall = about.time_zone.to_datetime(station.wall_time());
                wall.strftime("%A %-d %B %Y, %H:%M:%S").to_string()
            }),
            waiting: match member.is_trained() {
                true => station.waiting_for(&session.member.roles),
                false => vec![],
            },
            here,
        }
    }
}

/// What stands at the head of a page; of the certificate, whoever runs the station is told.
fn warnings(station: &Station, runs_station: bool) -> Vec<String> {
    let certificate = station.certificate().filter(|_| runs_station);
    let warning = certificate.and_then(|shown| shown.warning);
    station.warnings().into_iter().chain(warning).collect()
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct Message<'a> {
    pub(crate) title: String,
    pub(crate) reasons: &'a [Refusal],
}

pub(crate) fn html(page: &impl Template) -> Result<Response, Failure> {
    Ok(Html(page.render()?).into_response())
}

/// `/`: to the first page that the member may see.
pub(crate) async fn front(member: Member) -> Redirect {
    Redirect::to(if member.is_trained() {
        "/search"
    } else {
        "/training"
    })
}

/// The style sheet.
pub(crate) async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("../../assets/lictor.css"))
}

/// The pages' sign in a browser's tab.
pub(crate) async fn icon() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("../../assets/icon.svg"))
}

/// Any other address.
pub(crate) async fn nothing_here() -> Response {
    let page = Message {
        title: "There is nothing at this address.".to_owned(),
        reasons: &[],
    };
    match page.render() {
        Ok(page) => (StatusCode::NOT_FOUND, Html(page)).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
