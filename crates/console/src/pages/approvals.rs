//! What needs a supervisor: members ask, supervisors approve for some hours.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use govern::{LedgerScope, MemberId, StatedPurpose};
use serde::{Deserialize, Serialize};
use station::{Approvals, SearchApproval, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::Member;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "approvals.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    supervises: bool,
    /// Hours at most.
    longest: u32,
    rows: Vec<Row>,
    /// The purposes that need a supervisor.
    purposes: Vec<(String, String)>,
}

/// An approval, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalRow)]
pub(crate) struct Row {
    /// Its name, by which it is given.
    approval: String,
    /// Whose searches.
    login: String,
    purpose: String,
    case: String,
    words: String,
    asked: String,
    /// By whom and until when, once it is given.
    approved: Option<String>,
    in_force: bool,
    /// Whether whoever looks asked for it.
    own: bool,
}

/// Supervisors and auditors see everybody's; the rules decide.
fn scope(station: &Station, member: &Member) -> LedgerScope {
    let supervises = station.policy().supervises(&member.session.member.roles);
    if supervises || member.holds(&["auditor"]) {
        LedgerScope::Everyone
    } else {
        LedgerScope::Own
    }
}

fn rows(station: &Station, member: &Member, shown: &Approvals) -> Vec<Row> {
    let zone = &station.about().time_zone;
    let who = |wanted: MemberId| shown.members.iter().find(|one| one.id == wanted);
    let row = |one: &SearchApproval| Row {
        approval: one.id.to_string(),
        login: who(one.member).map_or_else(String::new, |m| m.login.clone()),
        purpose: station
            .policy()
            .purpose(&one.purpose.code)
            .map_or_else(|| one.purpose.code.clone(), |known| known.says.clone()),
        case: one.purpose.case.clone().unwrap_or_default(),
        words: one.purpose.words.clone().unwrap_or_default(),
        asked: words::time(one.asked_at, zone),
        approved: one.approved.map(|(by, _, until)| {
            let name = who(by).map_or_else(String::new, |m| m.name.clone());
            format!("by {name}, until {}", words::time(until, zone))
        }),
        in_force: one.is_in_force(station.now()),
        own: one.member == member.session.member.id,
    };
    shown.approvals.iter().map(row).collect()
}

/// `GET /approvals`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/approvals`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    let member = member?;
    let (caller, scope) = (member.caller(), scope(&house.station, &member));
    let shown = house
        .ask(move |station| station.approvals(&caller, scope))
        .await?;
    Ok(Json(rows(&house.station, &member, &shown)))
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let (caller, scope) = (member.caller(), scope(&house.station, member));
    let shown = house
        .ask(move |station| station.approvals(&caller, scope))
        .await?;
    let policy = house.station.policy();
    html(&Page {
        rows: rows(&house.station, member, &shown),
        done,
        supervises: policy.supervises(&member.session.member.roles),
        longest: policy.approval_hours(),
        purposes: policy
            .purposes()
            .iter()
            .filter(|purpose| purpose.needs_supervisor)
            .map(|purpose| (purpose.code.clone(), purpose.says.clone()))
            .collect(),
        frame: Frame::of(&house.station, member, "approvals"),
    })
}

/// What a member asks a supervisor for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Wanted {
    purpose: String,
    /// The case or call number.
    #[serde(default)]
    case: String,
    /// In the member's own words.
    #[serde(default)]
    words: String,
}

/// `POST /approvals`, `POST /api/approvals`.
pub(crate) async fn ask(
    State(house): State<House>,
    asked: Asked<Wanted>,
) -> Result<Response, Answered> {
    let ask = |station: &Station, caller: &_, wanted: Wanted| {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let purpose = StatedPurpose {
            code: wanted.purpose,
            case: given(&wanted.case),
            words: given(&wanted.words),
        };
        station.ask_approval(caller, purpose)?;
        let says =
            "It is asked for. Once a supervisor has approved it, your searches of this case pass.";
        Ok(Done::saying(says.to_owned()))
    };
    asked.answer(&house, Section::Approvals, ask).await
}

/// For how long searches are approved.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Approved {
    hours: String,
}

/// `POST /approvals/{approval}`, and the same under `/api`.
pub(crate) async fn approve(
    State(house): State<House>,
    Path(approval): Path<String>,
    asked: Asked<Approved>,
) -> Result<Response, Answered> {
    let approve = move |station: &Station, caller: &_, approved: Approved| {
        let unusable = |what: &str| StationError::Input(what.to_owned());
        let id = approval
            .parse()
            .map_err(|_| unusable("nobody asked for this approval"))?;
        let hours = approved.hours.trim().parse();
        let hours = hours.map_err(|_| unusable("the time is a number of hours"))?;
        station.approve_searches(caller, id, hours)?;
        Ok(Done::saying("The searches are approved.".to_owned()))
    };
    asked.answer(&house, Section::Approvals, approve).await
}
