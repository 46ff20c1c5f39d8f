//! The release desk: requests, declarations, decisions, and what goes out (6).

mod entered;

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{AgencyKind, Policy, Standing};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plate::Jurisdiction;
use serde::Serialize;
use station::{Desk, Due, RequestShown, RequestState, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::Done;
use crate::member::Member;
use crate::pages::asking::{self, Choice};
use crate::pages::search::to_search;
use crate::pages::{Frame, html};
use crate::words;

pub(crate) use entered::{
    Cleared, Decided, Handed, NewDeclaration, NewRequest, Revoked, clear, decide, declare,
    file_one, release, revoke,
};

#[derive(Template)]
#[template(path = "requests.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    requests: Vec<Line>,
    declarations: Vec<DeclarationLine>,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    instruments: Vec<Choice>,
    issuers: Vec<Choice>,
    /// How many demands are past the day on which they were to be answered.
    overdue: usize,
    cameras: Vec<Choice>,
    affirms: Vec<(String, String)>,
    files: bool,
    /// How many came from federal agencies.
    federal: usize,
    entry: u64,
}

/// A request, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestRow)]
pub(crate) struct Line {
    number: i64,
    agency: String,
    person: String,
    /// What it rests on: the written request, or the instrument of a lawful demand.
    on: String,
    filed: String,
    state: &'static str,
    /// Of a lawful demand that is open: the day on which it is to be answered.
    answer_by: Option<String>,
    /// Whether that day is past.
    overdue: bool,
}

struct DeclarationLine {
    id: String,
    agency: String,
    state: &'static str,
    signed: String,
    until: Date,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "request.html")]
struct One {
    frame: Frame,
    done: Option<Done>,
    number: i64,
    state: &'static str,
    about: Vec<(&'static str, String)>,
    has_paper: bool,
    missing: Vec<&'static str>,
    /// What stands against an approval, and what would cure it.
    against: Vec<(String, String)>,
    /// Words that somebody must read, each with what it may speak of.
    spoken: Vec<(String, String)>,
    may_clear: bool,
    may_decide: bool,
    /// It is a lawful demand, which counsel looks at before it is approved.
    demand: bool,
    /// What is open of a demand: the day to answer it, and whether that is past.
    due: Option<(String, bool)>,
    may_release: bool,
    history: Vec<(String, String, String)>,
}

/// `GET /requests`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let desk = house.ask(move |station| station.desk(&caller)).await?;
    let cameras = to_search(house, member).await?;
    let station = &house.station;
    let zone = &station.about().time_zone;
    let requests: Vec<_> = desk.requests.iter().map(|one| line(one, zone)).collect();
    let declarations = desk.declarations.iter().map(|filed| {
        let declared = &filed.declaration;
        DeclarationLine {
            id: filed.id.to_string(),
            agency: declared.agency.clone(),
            state: declared.state.name(),
            signed: match declared.signed {
                Some(day) => format!("{}, {}", declared.signer, words::day(day)),
                None => "not signed".to_owned(),
            },
            until: declared.until,
            revoked: declared.revoked.clone(),
        }
    });
    let choice = |value: &str, says: &str| Choice {
        value: value.to_owned(),
        says: says.to_owned(),
        chosen: false,
    };
    let rules = station.policy().release();
    let affirms = rules.affirms.iter();
    let instruments = rules.instruments.iter();
    let issuers = rules.issuers.iter();
    html(&Page {
        overdue: requests.iter().filter(|one| one.overdue).count(),
        requests,
        declarations: declarations.collect(),
        kinds: AgencyKind::ALL
            .map(|kind| choice(kind.code(), kind.says()))
            .into(),
        states: Jurisdiction::all()
            .filter(|one| one.code().starts_with("US-"))
            .map(|one| choice(one.code(), one.name()))
            .collect(),
        instruments: instruments.map(|one| choice(&one.id, &one.says)).collect(),
        issuers: issuers.map(|one| choice(&one.id, &one.says)).collect(),
        cameras: asking::choices(&cameras, &[]),
        affirms: affirms
            .map(|one| (one.id.clone(), one.says.clone()))
            .collect(),
        federal: desk
            .requests
            .iter()
            .filter(|shown| shown.standing.federal)
            .count(),
        files: member.holds(&["records-clerk"]),
        entry: desk.entry,
        frame: Frame::of(station, member, "requests"),
        done,
    })
}

fn line(shown: &RequestShown, zone: &TimeZone) -> Line {
    let text = &shown.request.about.text;
    Line {
        number: shown.request.number,
        agency: text.agency.clone(),
        person: text.person.clone(),
        on: shown.on.clone(),
        filed: words::time(shown.request.about.filed_at, zone),
        state: in_words(shown),
        answer_by: shown.due.map(|due| words::day(due.on)),
        overdue: shown.due.is_some_and(|due| due.overdue),
    }
}

/// `GET /api/requests`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Line>>, Refused> {
    let caller = member?.caller();
    let desk = house.ask(move |station| station.desk(&caller)).await?;
    let zone = &house.station.about().time_zone;
    let lines = desk.requests.iter().map(|one| line(one, zone));
    Ok(Json(lines.collect()))
}

fn in_words(shown: &RequestShown) -> &'static str {
    match shown.request.state {
        RequestState::Draft => "draft: something is missing",
        RequestState::Submitted if shown.standing.held => "held: its words are to be read",
        RequestState::Submitted => "to be decided",
        RequestState::Referred => "referred to the Records policy",
        RequestState::Refused => "refused",
        RequestState::Approved => "approved, not yet met",
        RequestState::Released => "released",
    }
}

/// `GET /requests/{number}`.
pub(crate) async fn one(
    State(house): State<House>,
    member: Member,
    Path(number): Path<i64>,
) -> Result<Response, Failure> {
    show_one(&house, &member, number, None).await
}

pub(crate) async fn show_one(
    house: &House,
    member: &Member,
    number: i64,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let Desk { requests, .. } = house.ask(move |station| station.desk(&caller)).await?;
    let shown = requests
        .into_iter()
        .find(|shown| shown.request.number == number)
        .ok_or_else(|| StationError::Input(format!("there is no request {number}")))?;
    let station = &house.station;
    let zone = &station.about().time_zone;
    let request = &shown.request;
    let decides = member.holds(&["chief", "chiefs-designee"])
        && request.about.filed_by.0 != member.session.member.id;
    let against = against(station.policy(), &shown.standing);
    let open = request.state == RequestState::Submitted;
    let prohibited = station.policy().prohibited();
    let purpose = |id: &str| {
        let known = prohibited.purposes().iter().find(|one| one.id == id);
        known.map_or_else(String::new, |one| one.says.clone())
    };
    html(&One {
        number,
        state: in_words(&shown),
        about: told(station, &shown, zone),
        has_paper: request.has_paper,
        may_clear: open && decides && shown.standing.held && !shown.standing.prohibited,
        may_decide: open && decides,
        demand: shown.standing.demand,
        due: shown
            .due
            .map(|Due { on, overdue }| (words::day(on), overdue)),
        may_release: matches!(
            request.state,
            RequestState::Approved | RequestState::Released
        ) && against.is_empty()
            && member.holds(&["records-clerk"]),
        history: history(&shown, zone),
        spoken: shown
            .spoken
            .iter()
            .map(|one| (one.words.clone(), purpose(&one.purpose)))
            .collect(),
        missing: shown.missing,
        against,
        frame: Frame::of(station, member, "requests"),
        done,
    })
}

/// What was entered, line by line.
fn told(station: &Station, shown: &RequestShown, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let text = &shown.request.about.text;
    let home = station.policy().release();
    let state = match text.state {
        Some(state) if home.is_out_of_state(Some(state)) => {
            format!("{}, another state", state.name())
        }
        Some(state) => state.name().to_owned(),
        None => "not entered".to_owned(),
    };
    let time = |at: Option<jiff::Timestamp>| {
        at.map_or_else(|| "not entered".to_owned(), |at| words::time(at, zone))
    };
    let cameras = if text.cameras.is_empty() {
        "all".to_owned()
    } else {
        text.cameras.join(", ")
    };
    let demand = text.demand.iter().flat_map(|demand| {
        let by = home.issuer(&demand.issuer);
        let on = demand.return_on.map_or_else(String::new, words::day);
        [
            ("Demand", shown.on.clone()),
            (
                "Issued by",
                by.map_or_else(String::new, |one| one.says.clone()),
            ),
            ("To be answered", on),
        ]
    });
    let entered = [
        ("Agency", text.agency.clone()),
        ("Kind", text.kind.says().to_owned()),
        ("State", state),
        ("Person", text.person.clone()),
        ("Purpose", text.purpose.clone()),
        ("Plate", text.plate.clone()),
        ("Cameras", cameras),
        ("From", time(text.from)),
        ("Until", time(text.until)),
        ("Filed by", shown.request.about.filed_by.1.clone()),
    ];
    let counsel = shown.request.about.counsel.iter();
    let counsel = counsel.map(|says| ("Counsel", says.clone()));
    demand
        .chain(entered)
        .chain(counsel)
        .chain(shown.standing.outsider.then(|| {
            let filed = zone.to_datetime(shown.request.about.filed_at).date();
            let by = words::day(home.records_answer_by(filed));
            ("Records policy", format!("to be answered by {by}"))
        }))
        .collect()
}

/// What stands against an approval and against the release, and what would cure it: in the rules' words.
fn against(policy: &Policy, standing: &Standing) -> Vec<(String, String)> {
    let ids = standing.against();
    let rules = policy.rules().into_iter();
    rules
        .filter(|rule| ids.contains(&rule.id.as_str()))
        .map(|rule| (rule.says, rule.cure))
        .collect()
}

fn history(shown: &RequestShown, zone: &TimeZone) -> Vec<(String, String, String)> {
    let about = &shown.request.about;
    let decided = match shown.request.state {
        RequestState::Refused => "Refused",
        _ => "Approved",
    };
    let filed = (
        words::time(about.filed_at, zone),
        about.filed_by.1.clone(),
        "Filed".to_owned(),
    );
    let cleared = about
        .cleared
        .iter()
        .map(|done| ("Words found harmless", done));
    let decided = about.decided.iter().map(|done| (decided, done));
    let released = about.released.iter().map(|done| ("Released", done));
    let rest = cleared.chain(decided).chain(released).map(|(what, done)| {
        let says = format!("{what}: {}", done.says);
        (words::time(done.at, zone), done.by.clone(), says)
    });
    std::iter::once(filed).chain(rest).collect()
}

/// `GET /requests/{number}/paper`: the written request.
pub(crate) async fn paper(
    State(house): State<House>,
    member: Member,
    Path(number): Path<i64>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let paper = house
        .ask(move |station| station.written_request(&caller, number))
        .await?;
    Ok((
        [(header::CONTENT_TYPE, paper.kind.media_type())],
        paper.bytes,
    )
        .into_response())
}
