//! What is entered at the release desk, and what goes out.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{AgencyKind, Declaration, Demand};
use plate::Jurisdiction;
use serde::Deserialize;
use station::{RequestState, RequestText, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::asked::{Answered, Asked, Done, day, file};
use crate::pages::asking;
use crate::pages::station::Section;

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
    /// Of a lawful demand: `subpoena`, `court-order`, `warrant` or `discovery`; empty for a request.
    #[serde(default)]
    instrument: String,
    /// What kind of court or authority issued it: `home-court`, `other-court`, `federal-court`,
    /// `prosecutor` or `authority`.
    #[serde(default)]
    issuer: String,
    /// That court or authority, by its name.
    #[serde(default)]
    authority: String,
    /// The number that it gave the matter.
    #[serde(default)]
    docket: String,
    /// The day on which it is to be answered, as 2027-03-14.
    #[serde(default)]
    return_on: String,
    /// The written request, or the instrument: a PDF, JPEG or PNG of 5 MB at most; in JSON as base64.
    #[serde(default)]
    paper: String,
}

impl NewRequest {
    /// The lawful demand that it is, if it is one.
    fn demand(&self) -> Result<Option<Demand>, StationError> {
        let Some(instrument) = asking::given(&self.instrument) else {
            return Ok(None);
        };
        Ok(Some(Demand {
            instrument,
            issuer: self.issuer.trim().to_owned(),
            authority: self.authority.trim().to_owned(),
            docket: self.docket.trim().to_owned(),
            return_on: day(&self.return_on)?,
        }))
    }
}

/// `POST /requests`, and the same under `/api`.
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
            demand: new.demand()?,
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

/// `POST /requests/{number}/clear`, and the same under `/api`.
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
    /// Of a lawful demand: which counsel looked at it, and what they said.
    #[serde(default)]
    counsel: String,
}

/// `POST /requests/{number}/decide`, and the same under `/api`.
pub(crate) async fn decide(
    State(house): State<House>,
    Path(number): Path<i64>,
    asked: Asked<Decided>,
) -> Result<Response, Answered> {
    let decide = move |station: &Station, caller: &_, decided: Decided| {
        let Decided {
            decision,
            why,
            counsel,
        } = decided;
        let approve = match &*decision {
            "approve" => true,
            "refuse" => false,
            _ => return Err(StationError::Input("approve or refuse".to_owned())),
        };
        station.decide_request(caller, number, approve, &why, Some(&counsel))?;
        let says = if approve { "approved" } else { "refused" };
        Ok(Done::saying(format!("Request {number} is {says}.")))
    };
    asked.answer(&house, Section::Request(number), decide).await
}

/// Nothing: what goes out is what was approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Handed {}

/// `POST /requests/{number}/release`, and the same under `/api`: the package.
pub(crate) async fn release(
    State(house): State<House>,
    Path(number): Path<i64>,
    asked: Asked<Handed>,
) -> Result<Response, Answered> {
    let caller = asked.member.caller();
    let package = house
        .ask(move |station| station.release_reads(&caller, number))
        .await
        .map_err(|failure| asked.answered(failure))?;
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

/// `POST /declarations`, and the same under `/api`.
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

/// `POST /declarations/revoke`, and the same under `/api`.
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
