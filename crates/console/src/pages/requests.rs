//! The release desk: requests, declarations, decisions, and what goes out (6).

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{AgencyKind, Declaration, Defect, Standing};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plate::Jurisdiction;
use serde::Deserialize;
use station::{Desk, RequestShown, RequestState, RequestText, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::asked::{Answered, Asked, Done, day, file};
use crate::member::{Member, Submitted};
use crate::pages::asking::{self, Choice};
use crate::pages::search::to_search;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "requests.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    requests: Vec<Line>,
    declarations: Vec<DeclarationLine>,
    kinds: Vec<Choice>,
    issuers: Vec<Choice>,
    cameras: Vec<Choice>,
    affirms: Vec<(String, String)>,
    files: bool,
    /// How many came from federal agencies.
    federal: usize,
    entry: u64,
}

struct Line {
    number: i64,
    agency: String,
    person: String,
    filed: String,
    state: &'static str,
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
    /// What stands against an approval, in words.
    against: Vec<&'static str>,
    /// Words that somebody must read, each with what it may speak of.
    spoken: Vec<(String, String)>,
    may_clear: bool,
    may_decide: bool,
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
    let requests = desk.requests.iter().map(|shown| {
        let text = &shown.request.about.text;
        Line {
            number: shown.request.number,
            agency: text.agency.clone(),
            person: text.person.clone(),
            filed: words::time(shown.request.about.filed_at, zone),
            state: in_words(shown),
        }
    });
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
    let affirms = station.policy().release().affirms.iter();
    html(&Page {
        requests: requests.collect(),
        declarations: declarations.collect(),
        kinds: AgencyKind::ALL
            .map(|kind| choice(kind.code(), kind.says()))
            .into(),
        issuers: Jurisdiction::all()
            .filter(|one| one.code().starts_with("US-"))
            .map(|one| choice(one.code(), one.name()))
            .collect(),
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
    let against = against(&shown.standing);
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
    vec![
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
    ]
    .into_iter()
    .chain(shown.standing.outsider.then(|| {
        let filed = zone.to_datetime(shown.request.about.filed_at).date();
        let by = words::day(home.records_answer_by(filed));
        ("Records policy", format!("to be answered by {by}"))
    }))
    .collect()
}

/// What stands against an approval and against the release.
fn against(standing: &Standing) -> Vec<&'static str> {
    let defect = match standing.defect {
        None => None,
        Some(Defect::Missing) => {
            Some("It comes from another state, and no declaration of affirmation is on file.")
        }
        Some(Defect::OtherAgency) => Some("The declaration that it relies on is another agency's."),
        Some(Defect::Unsigned) => Some("The declaration is not executed: no signer, or no day."),
        Some(Defect::Short) => Some("The declaration is short of something that it must affirm."),
        Some(Defect::Over) => Some("The declaration is over."),
        Some(Defect::Revoked) => Some("The declaration was revoked."),
    };
    let others = [
        (!standing.complete, "It is a draft."),
        (
            standing.federal,
            "It comes from a federal agency; nothing is released to one.",
        ),
        (
            standing.outsider,
            "It comes from neither law enforcement nor a prosecutor: the Records Maintenance and Release Policy applies.",
        ),
        (
            standing.prohibited,
            "It speaks of a purpose for which the law lets no data be used. No approval opens it.",
        ),
        (
            standing.held && !standing.prohibited,
            "Its words may speak of a prohibited purpose, and nobody has read them yet.",
        ),
    ];
    let others = others
        .into_iter()
        .filter_map(|(is, says)| is.then_some(says));
    others.chain(defect).collect()
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

/// A request, as it is entered.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReleaseRequest)]
pub(crate) struct NewRequest {
    /// The number of the draft that this completes; empty for a new request.
    #[serde(default)]
    draft: String,
    agency: String,
    /// `law-enforcement`, `prosecutor`, `federal` or `other`.
    kind: String,
    /// Such as `US-IN`.
    #[serde(default)]
    state: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    plate: String,
    /// One camera; empty for all.
    #[serde(default)]
    camera: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// The id of the declaration that it relies on; empty for the agency's newest.
    #[serde(default)]
    declaration: String,
    /// The written request: a PDF, JPEG or PNG of 5 MB at most; in JSON as base64.
    #[serde(default)]
    paper: String,
}

/// `POST /requests`.
pub(crate) async fn file_one(
    State(house): State<House>,
    asked: Asked<NewRequest>,
) -> Result<Response, Answered> {
    let file = |station: &Station, caller: &_, new: NewRequest| {
        let input = |words: String| StationError::Input(words);
        let zone = &station.about().time_zone;
        let state = asking::given(&new.state).map(|code| code.parse::<Jurisdiction>());
        let declaration = asking::given(&new.declaration).map(|id| id.parse());
        let draft = asking::given(&new.draft).map(|number| number.parse());
        let text = RequestText {
            agency: new.agency.trim().to_owned(),
            kind: AgencyKind::of(&new.kind)
                .ok_or_else(|| input("choose the kind of the agency".to_owned()))?,
            state: state.transpose().map_err(|e| input(e.to_string()))?,
            person: new.person.trim().to_owned(),
            purpose: new.purpose.trim().to_owned(),
            plate: new.plate.trim().to_owned(),
            cameras: asking::given(&new.camera).into_iter().collect(),
            from: asking::time(&new.from, zone).map_err(input)?,
            until: asking::time(&new.until, zone).map_err(input)?,
            declaration: declaration
                .transpose()
                .map_err(|_| input("there is no such declaration".to_owned()))?,
        };
        let draft = draft
            .transpose()
            .map_err(|_| input("a draft is named by its number".to_owned()))?;
        let (number, state) = station.file_request(caller, draft, text, file(&new.paper)?)?;
        Ok(Done::saying(match state {
            RequestState::Draft => format!("Request {number} is a draft: something is missing."),
            RequestState::Referred => format!(
                "Request {number} is refused here and referred to the Records Maintenance and Release Policy; its time runs from today."
            ),
            _ => format!("Request {number} waits to be decided."),
        }))
    };
    asked.answer(&house, Section::Requests, file).await
}

/// Why words are harmless.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Cleared {
    why: String,
}

/// `POST /requests/{number}/clear`.
pub(crate) async fn clear(
    State(house): State<House>,
    Path(number): Path<i64>,
    asked: Asked<Cleared>,
) -> Result<Response, Answered> {
    let clear = move |station: &Station, caller: &_, Cleared { why }| {
        station.clear_words(caller, number, &why)?;
        Ok(Done::saying("The words are found harmless.".to_owned()))
    };
    asked.answer(&house, Section::Request(number), clear).await
}

/// A decision.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Decided {
    /// `approve` or `refuse`.
    decision: String,
    why: String,
}

/// `POST /requests/{number}/decide`.
pub(crate) async fn decide(
    State(house): State<House>,
    Path(number): Path<i64>,
    asked: Asked<Decided>,
) -> Result<Response, Answered> {
    let decide = move |station: &Station, caller: &_, Decided { decision, why }| {
        let approve = match &*decision {
            "approve" => true,
            "refuse" => false,
            _ => return Err(StationError::Input("approve or refuse".to_owned())),
        };
        station.decide_request(caller, number, approve, &why)?;
        let says = if approve { "approved" } else { "refused" };
        Ok(Done::saying(format!("Request {number} is {says}.")))
    };
    asked.answer(&house, Section::Request(number), decide).await
}

/// Nothing but the session's token: what goes out is what was approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Handed {
    #[serde(rename = "token")]
    _token: String,
}

/// `POST /requests/{number}/release`: the package.
pub(crate) async fn release(
    State(house): State<House>,
    Path(number): Path<i64>,
    submitted: Submitted<Handed>,
) -> Result<Response, Failure> {
    let caller = submitted.member.caller();
    let package = house
        .ask(move |station| station.release_reads(&caller, number))
        .await?;
    let named = format!("attachment; filename=\"{}\"", package.name);
    Ok((
        [
            (header::CONTENT_TYPE, "application/zip".to_owned()),
            (header::CONTENT_DISPOSITION, named),
        ],
        package.bytes,
    )
        .into_response())
}

/// A declaration, as it is entered.
#[derive(Deserialize, ToSchema)]
#[schema(as = Declaration)]
pub(crate) struct NewDeclaration {
    agency: String,
    /// Such as `US-IN`.
    state: String,
    /// Name and title.
    #[serde(default)]
    signer: String,
    #[serde(default)]
    signed: String,
    /// The last day, if it says less than the department's rule.
    #[serde(default)]
    until: String,
    /// The ids of what it affirms, with spaces between.
    #[serde(default)]
    affirms: String,
    /// The executed declaration: a PDF, JPEG or PNG of 5 MB at most; in JSON as base64.
    #[serde(default)]
    paper: String,
}

/// `POST /declarations`.
pub(crate) async fn declare(
    State(house): State<House>,
    asked: Asked<NewDeclaration>,
) -> Result<Response, Answered> {
    let declare = |station: &Station, caller: &_, new: NewDeclaration| {
        let input = |words: &str| StationError::Input(words.to_owned());
        let signed = day(&new.signed)?;
        let longest = station.declaration_ends(signed.unwrap_or_else(|| station.today()));
        let until = day(&new.until)?.map_or(longest, |until| until.min(longest));
        let agency = new.agency.trim().to_owned();
        let declaration = Declaration {
            state: new
                .state
                .parse()
                .map_err(|_| input("choose the agency's state"))?,
            signer: new.signer.trim().to_owned(),
            affirms: new.affirms.split_whitespace().map(Into::into).collect(),
            revoked: None,
            agency: agency.clone(),
            signed,
            until,
        };
        let paper = file(&new.paper)?.ok_or_else(|| input("attach the declaration itself"))?;
        station.file_declaration(caller, declaration, paper)?;
        Ok(Done::saying(format!(
            "The declaration of {agency} is on file."
        )))
    };
    asked.answer(&house, Section::Requests, declare).await
}

/// A declaration to be revoked.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Revoked {
    id: String,
    why: String,
}

/// `POST /declarations/revoke`.
pub(crate) async fn revoke(
    State(house): State<House>,
    asked: Asked<Revoked>,
) -> Result<Response, Answered> {
    let revoke = |station: &Station, caller: &_, Revoked { id, why }| {
        let id = id
            .parse()
            .map_err(|_| StationError::Input("there is no such declaration".to_owned()))?;
        station.revoke_declaration(caller, id, &why)?;
        Ok(Done::saying(
            "The declaration is revoked: nothing more is released on it.".to_owned(),
        ))
    };
    asked.answer(&house, Section::Requests, revoke).await
}
