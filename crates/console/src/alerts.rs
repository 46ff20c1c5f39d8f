//! Alerts, for programs, and the steps that pages and programs take alike.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use hotlist::{Action, Check, CheckResult, Disposition, Exception, PictureCheck, StateFit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::{AlertLine, Caller, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::{Member, Submitted};

/// An alert.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alert {
    /// Its number.
    number: u64,
    /// Where it stands: `raised`, `acknowledged`, `picture-confirmed`, `picture-refuted`, `verified`,
    /// `refuted`, `stale`, `closed`, `closed-by-exception`.
    state: String,
    /// Whether somebody must look at it now; else it is for review.
    priority: bool,
    /// Whether its list should have been refreshed by now.
    list_overdue: bool,
    /// The list.
    list: String,
    /// Why the plate is listed; `null` for a restricted record.
    reason: Option<String>,
    /// The plate, as it was read.
    read: Option<String>,
    /// The reader's probability of the entry's plate and state.
    fit: Option<f64>,
    /// The probability that it is the listed car.
    probability: Option<f64>,
    /// The state: `fits`, `differs`, `not-read`, `not-listed`.
    plate_state: Option<String>,
    /// When it was raised, UTC; `null` where every sighting is withheld.
    #[schema(value_type = Option<String>, format = DateTime)]
    raised_at: Option<Timestamp>,
    /// How many sightings there are that the member may see.
    sightings: u64,
    /// How many more there are by cameras of a class that they have no authorisation for.
    withheld: u64,
    /// The camera that saw it last.
    camera: Option<String>,
}

impl From<AlertLine> for Alert {
    fn from(line: AlertLine) -> Self {
        let told = !line.is_withheld();
        let alert = line.alert;
        let newest = line.newest.as_ref();
        let matched = newest.map(|(_, matched)| matched);
        let state = |state| match state {
            StateFit::Fits(_) => "fits",
            StateFit::Differs(..) => "differs",
            StateFit::NotRead => "not-read",
            StateFit::NotListed => "not-listed",
        };
        Self {
            number: alert.name.number,
            state: alert.name.state.code().to_owned(),
            priority: alert.priority,
            list_overdue: alert.overdue,
            list: alert.listed.about.name,
            reason: Some(alert.listed.entry.reason).filter(|_| !alert.restricted),
            read: newest.map(|(seen, _)| seen.best.clone()),
            fit: matched.map(|m| m.fit),
            probability: matched.map(|m| m.probability),
            plate_state: matched.map(|m| state(m.state).to_owned()),
            raised_at: told.then_some(alert.raised_at),
            sightings: alert.seen,
            withheld: line.withheld.iter().map(|of| of.count).sum(),
            camera: newest.map(|(seen, _)| seen.camera.clone()),
        }
    }
}

/// `GET /api/alerts`: the newest alerts, those that are not over first.
pub(crate) async fn alerts(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Alert>>, Refused> {
    let caller = member?.caller();
    let alerts = house.ask(move |station| station.alerts(&caller)).await?;
    Ok(Json(alerts.into_iter().map(Alert::from).collect()))
}

/// The form that takes an alert.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Acknowledgement {}

/// What of the picture fits; what is absent does not.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PictureForm {
    plate: Option<String>,
    state: Option<String>,
    vehicle: Option<String>,
}

/// What the database answered.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CheckForm {
    /// `verified`, `refuted`, `stale`.
    result: String,
    database: String,
    reference: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    returned: String,
}

/// What was done.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CloseForm {
    /// `stop`, `arrest`, `recovery`, `person-found`, `nothing`, `not-found`.
    action: String,
    words: String,
}

/// What was done before the alert was verified.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ExceptionForm {
    /// `stop`, `arrest`, `recovery`, `person-found`.
    action: String,
    why: String,
}

/// `POST /alerts/{number}/acknowledge`.
pub(crate) async fn acknowledge(
    State(house): State<House>,
    Path(number): Path<u64>,
    Submitted { member, .. }: Submitted<Acknowledgement>,
) -> Result<Response, Failure> {
    step(&house, member, number, move |station, caller| {
        station.acknowledge_alert(caller, number)
    })
    .await
}

/// `POST /alerts/{number}/picture`.
pub(crate) async fn picture(
    State(house): State<House>,
    Path(number): Path<u64>,
    Submitted { member, form }: Submitted<PictureForm>,
) -> Result<Response, Failure> {
    let check = PictureCheck {
        plate: form.plate.is_some(),
        state: form.state.is_some(),
        vehicle: form.vehicle.is_some(),
    };
    step(&house, member, number, move |station, caller| {
        station.confirm_picture(caller, number, check)
    })
    .await
}

/// `POST /alerts/{number}/check`.
pub(crate) async fn check(
    State(house): State<House>,
    Path(number): Path<u64>,
    Submitted { member, form }: Submitted<CheckForm>,
) -> Result<Response, Failure> {
    step(&house, member, number, move |station, caller| {
        let result = CheckResult::ALL
            .into_iter()
            .find(|r| r.code() == form.result);
        let check = Check {
            result: result.ok_or_else(|| {
                StationError::Input("a check is verified, refuted or stale".to_owned())
            })?,
            database: form.database.trim().to_owned(),
            reference: form.reference.trim().to_owned(),
            asked_at: form.asked_at,
            returned: form.returned.trim().to_owned(),
        };
        station.record_check(caller, number, check)
    })
    .await
}

/// `POST /alerts/{number}/close`.
pub(crate) async fn close(
    State(house): State<House>,
    Path(number): Path<u64>,
    Submitted { member, form }: Submitted<CloseForm>,
) -> Result<Response, Failure> {
    step(&house, member, number, move |station, caller| {
        let disposition = Disposition {
            action: action(&form.action)?,
            words: form.words.trim().to_owned(),
        };
        station.close_alert(caller, number, disposition)
    })
    .await
}

/// `POST /alerts/{number}/exception`.
pub(crate) async fn exception(
    State(house): State<House>,
    Path(number): Path<u64>,
    Submitted { member, form }: Submitted<ExceptionForm>,
) -> Result<Response, Failure> {
    step(&house, member, number, move |station, caller| {
        let exception = Exception {
            action: action(&form.action)?,
            why: form.why.trim().to_owned(),
        };
        station.report_exception(caller, number, exception)
    })
    .await
}

/// What a supervisor says of what was done before an alert was verified.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JudgementForm {
    /// `signed` or `refused`.
    judgement: String,
    why: String,
}

/// `POST /alerts/{number}/exception/judge`.
pub(crate) async fn judge(
    State(house): State<House>,
    Path(number): Path<u64>,
    Submitted { member, form }: Submitted<JudgementForm>,
) -> Result<Response, Failure> {
    step(&house, member, number, move |station, caller| {
        let signs = match form.judgement.as_str() {
            "signed" => true,
            "refused" => false,
            _ => return Err(StationError::Input("sign it, or refuse to".to_owned())),
        };
        station.judge_exception(caller, number, signs, &form.why)
    })
    .await
}

/// Takes a step, then shows the card again.
async fn step<T: Send + 'static>(
    house: &House,
    member: Member,
    number: u64,
    take: impl FnOnce(&Station, &Caller) -> Result<T, StationError> + Send + 'static,
) -> Result<Response, Failure> {
    let caller = member.caller();
    house.ask(move |station| take(station, &caller)).await?;
    Ok(Redirect::to(&format!("/alerts/{number}")).into_response())
}

fn action(code: &str) -> Result<Action, StationError> {
    Action::ALL
        .into_iter()
        .find(|action| action.code() == code)
        .ok_or_else(|| StationError::Input("say what was done".to_owned()))
}
