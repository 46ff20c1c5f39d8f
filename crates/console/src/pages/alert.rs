//! An alert's card: what the camera saw beside what the list says, what fits, and the next step.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use hotlist::{Action, CheckResult, Entry, State as AlertState, StateFit, Step};
use plate::Pattern;
use station::{AlertCard, AlertShown, Matched, Sighting, StepTaken, Withheld};

use crate::House;
use crate::answer::Failure;
use crate::member::Member;
use crate::pages::seen::{Card, card};
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "alert.html")]
struct Page {
    frame: Frame,
    number: u64,
    entry: u64,
    plate: String,
    reason: String,
    caution: String,
    record: Vec<(&'static str, String)>,
    list: String,
    list_age: String,
    refresh: u32,
    overdue: bool,
    may_be_done: String,
    database: &'static str,
    state_differs: Option<String>,
    probability: String,
    fit: String,
    sightings: Vec<Card>,
    withheld: Vec<Withheld>,
    fits: Vec<Fit>,
    steps: Vec<Told>,
    earlier: Vec<(u64, String, &'static str)>,
    /// An earlier alert of this plate was none: its number, and what it turned out to be.
    was_wrong: Option<(u64, &'static str)>,
    /// What a supervisor said of what was done before it was verified.
    judged: Option<String>,
    /// Whether it waits for a supervisor to judge that.
    to_be_judged: bool,
    judges: bool,
    /// What a dispatcher can be told, to ask the database.
    relay: String,
    stands: &'static str,
    next: Next,
    now: String,
    actions: Vec<(&'static str, &'static str, bool)>,
    results: Vec<&'static str>,
}

/// One line of what fits and what does not.
struct Fit {
    class: &'static str,
    says: &'static str,
    what: &'static str,
    how: String,
}

struct Told {
    when: String,
    who: String,
    did: String,
}

/// What the alert waits for.
#[derive(PartialEq)]
enum Next {
    Somebody,
    Picture,
    Database,
    End,
    Nothing,
}

/// `GET /alerts/{number}`.
pub(crate) async fn page(
    State(house): State<House>,
    member: Member,
    Path(number): Path<u64>,
) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let caller = member.caller();
    let opened = house
        .ask(move |station| station.open_alert(&caller, number))
        .await?;
    let frame = Frame::of(&house.station, &member, "alerts");
    let supervises = house
        .station
        .policy()
        .supervises(&member.session.member.roles);
    html(&Page {
        judges: supervises,
        ..shown(&house, frame, opened)
    })
}

fn shown(house: &House, frame: Frame, opened: AlertCard) -> Page {
    let zone = &house.station.about().time_zone;
    let alert = opened.alert;
    let entry = &alert.listed.entry;
    let asked = Pattern::exactly(&entry.plate);
    let plate = entry.plate.to_string();
    let newest = opened.sightings.first();
    let state = alert.name.state;
    let wrong = |one: &&station::Earlier| {
        use AlertState::{PictureRefuted, Refuted, Stale};
        matches!(one.finding, Some(Refuted | Stale | PictureRefuted))
    };
    Page {
        was_wrong: opened
            .earlier
            .iter()
            .find(wrong)
            .and_then(|one| Some((one.number, words::alert_state(one.finding?)))),
        to_be_judged: state == AlertState::ClosedByException && opened.judged.is_none(),
        judges: false,
        judged: opened.judged.as_ref().map(|judged| {
            let did = if judged.signed {
                "signed it"
            } else {
                "refused to sign it"
            };
            format!(
                "{} (badge {}) {did} on {}: {}",
                judged.name,
                judged.badge,
                words::time(judged.at, zone),
                judged.why
            )
        }),
        relay: relay(&alert, newest.map(|(seen, _)| seen), zone),
        number: alert.name.number,
        entry: opened.entry,
        fits: newest.map_or_else(Vec::new, |(seen, matched)| fits(&alert, seen, matched)),
        probability: newest.map_or_else(String::new, |(_, m)| words::percent(m.probability)),
        fit: newest.map_or_else(String::new, |(_, m)| words::percent(m.fit)),
        state_differs: newest.and_then(|(_, matched)| differs(&alert, matched)),
        reason: entry.reason.clone(),
        caution: entry.caution.clone(),
        record: record(&alert),
        list: format!(
            "{}, {}",
            alert.listed.about.name,
            alert.listed.about.class.says()
        ),
        list_age: words::age(alert.list_age),
        refresh: alert.listed.about.refresh_hours,
        overdue: alert.overdue,
        may_be_done: alert.listed.may_be_done.clone(),
        database: "LEADS/NCIC",
        stands: words::alert_state(state),
        next: match state {
            AlertState::Raised => Next::Somebody,
            AlertState::Acknowledged => Next::Picture,
            AlertState::PictureConfirmed => Next::Database,
            AlertState::Verified
            | AlertState::Refuted
            | AlertState::Stale
            | AlertState::PictureRefuted => Next::End,
            AlertState::Closed | AlertState::ClosedByException => Next::Nothing,
        },
        steps: opened.steps.iter().map(|step| told(step, zone)).collect(),
        earlier: opened
            .earlier
            .iter()
            .map(|one| {
                let finding = one
                    .finding
                    .map_or("nothing was found out", words::alert_state);
                let raised = one.raised_at.map(|at| words::time(at, zone));
                let raised = raised.unwrap_or_else(|| "restricted".to_owned());
                (one.number, raised, finding)
            })
            .collect(),
        now: house.station.now().to_string(),
        actions: Action::ALL
            .map(|a| (a.code(), a.says(), a.enforces()))
            .into(),
        results: CheckResult::ALL.map(CheckResult::code).into(),
        withheld: opened.withheld,
        sightings: opened
            .sightings
            .into_iter()
            .map(|(seen, _)| card(&asked, seen, zone))
            .collect(),
        plate,
        frame,
    }
}

/// What is read out to whoever asks the database, so that nobody takes it for more than it is.
fn relay(alert: &AlertShown, seen: Option<&Sighting>, zone: &jiff::tz::TimeZone) -> String {
    let entry = &alert.listed.entry;
    let state = entry
        .jurisdiction
        .map_or("state not listed", plate::Jurisdiction::name);
    let seen = seen.map_or_else(String::new, |seen| {
        format!(
            " Seen {} at {}.",
            words::time(seen.seen_at, zone),
            seen.place
        )
    });
    let vehicle = match vehicle(entry).as_str() {
        "" => String::new(),
        vehicle => format!(" The record's vehicle: {vehicle}."),
    };
    format!(
        "UNVERIFIED, not grounds for a stop. Alert {}: plate {}, {state}. {}.{vehicle}{seen} Please ask LEADS/NCIC, and give the reference of the reply.",
        alert.name.number, entry.plate, entry.reason
    )
}

/// The record's vehicle, as far as it says.
fn vehicle(entry: &Entry) -> String {
    let of = &entry.vehicle;
    let whole = [&of.year, &of.make, &of.model, &of.style, &of.colour];
    let said = whole.iter().map(|text| text.as_str());
    said.filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn record(alert: &AlertShown) -> Vec<(&'static str, String)> {
    let entry = &alert.listed.entry;
    let state = entry
        .jurisdiction
        .map_or("not listed", plate::Jurisdiction::name);
    let entered = entry.entered.map(words::day).unwrap_or_default();
    let lines = [
        ("State", state.to_owned()),
        ("Plate", entry.vehicle.plate_kind.clone()),
        ("Vehicle", vehicle(entry)),
        ("Entered", entered),
        ("By", entry.agency.clone()),
        ("Record", entry.record.clone()),
    ];
    lines
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn fits(alert: &AlertShown, seen: &Sighting, matched: &Matched) -> Vec<Fit> {
    let entry = &alert.listed.entry;
    let fit = |class, says, what, how| Fit {
        class,
        says,
        what,
        how,
    };
    let folded = |text: &str| text.replace('O', "0");
    let text = words::percent(matched.text_fit);
    let same = folded(&seen.best) == entry.plate.folded().to_string();
    let doubtful = seen
        .characters
        .iter()
        .filter(|c| c.first().is_some_and(|(_, p)| *p < 0.9))
        .count();
    let plate = match (same, doubtful) {
        (true, 0) => fit(
            "ok",
            "fits",
            "Plate",
            format!("every character is read surely, {text} in all"),
        ),
        (true, n) => fit(
            "un",
            "fits, with doubt",
            "Plate",
            format!("{n} doubtful, {text} in all"),
        ),
        (false, _) => fit(
            "no",
            "read otherwise",
            "Plate",
            format!("read as {}; {text} that it is this one", seen.best),
        ),
    };
    let listed = entry
        .jurisdiction
        .map_or("no state", plate::Jurisdiction::name);
    let state = match matched.state {
        StateFit::Fits(p) => fit(
            "ok",
            "fits",
            "State",
            format!("{listed}, {}", words::percent(p)),
        ),
        StateFit::Differs(read, p) => fit(
            "no",
            "does not fit",
            "State",
            format!(
                "record {listed}, plate {}, {}",
                read.name(),
                words::percent(p)
            ),
        ),
        StateFit::NotRead => fit(
            "un",
            "STATE NOT READ",
            "State",
            format!("record {listed}; review only"),
        ),
        StateFit::NotListed => fit(
            "un",
            "not listed",
            "State",
            "the record names none; review only".to_owned(),
        ),
    };
    let mut lines = vec![plate, state];
    let vehicle = &entry.vehicle;
    for (what, text) in [
        (
            "Make and model",
            format!("{} {}", vehicle.make, vehicle.model),
        ),
        ("Style", vehicle.style.clone()),
        ("Colour", vehicle.colour.clone()),
    ] {
        if !text.trim().is_empty() {
            lines.push(fit(
                "un",
                "not read",
                what,
                format!("record {}: compare the picture", text.trim()),
            ));
        }
    }
    lines
}

/// The banner of a plate of another state.
fn differs(alert: &AlertShown, matched: &Matched) -> Option<String> {
    match matched.state {
        StateFit::Differs(read, p) => {
            let listed = alert.listed.entry.jurisdiction?;
            Some(format!(
                "The state does not fit: the record is of {}, the plate is read as {} ({}). Probably another car.",
                listed.name(),
                read.name(),
                words::percent(p)
            ))
        }
        _ => None,
    }
}

fn told(step: &StepTaken, zone: &jiff::tz::TimeZone) -> Told {
    let fits = |fits| if fits { "fits" } else { "does not fit" };
    Told {
        when: words::time(step.at, zone),
        who: format!("{} (badge {})", step.name, step.badge),
        did: match &step.step {
            Step::Acknowledge => "took this alert".to_owned(),
            Step::Picture(check) => format!(
                "compared the picture: the plate {}, the state {}, the vehicle {}",
                fits(check.plate),
                fits(check.state),
                fits(check.vehicle)
            ),
            Step::Check(check) => format!(
                "asked {} on {}: {}, reference {}; it returned: {}",
                check.database,
                words::time(check.asked_at, zone),
                check.result.code(),
                check.reference,
                check.returned
            ),
            Step::Close(end) => format!("closed it: {}; {}", end.action.says(), end.words),
            Step::Except(exception) => format!(
                "reported an exception: {} before it was verified; {}",
                exception.action.says(),
                exception.why
            ),
        },
    }
}
