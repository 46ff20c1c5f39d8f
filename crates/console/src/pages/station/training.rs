//! Courses, and who completed them.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{CourseVersion, TrainingId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use station::{Completion, Station, StationError};
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, day, file};
use crate::member::Member;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "station/training.html")]
struct Page {
    frame: Frame,
    around: Around,
    courses: Vec<Course>,
    records: Vec<Record>,
    logins: Vec<String>,
    today: Date,
    months: u32,
}

struct Course {
    name: String,
    version: String,
    months: u32,
    approved: String,
}

/// A completed course, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = TrainingRow)]
pub(crate) struct Record {
    login: String,
    course: String,
    version: String,
    completed: String,
    expires: String,
    recorded_by: String,
    founding: bool,
    /// The record's id, when a proof is kept with it.
    proof: Option<String>,
}

/// `GET /station/training`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/training`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Record>>, Refused> {
    let caller = member?.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    Ok(Json(records(&overview)))
}

fn records(overview: &station::Overview) -> Vec<Record> {
    let name = |wanted| {
        let found = overview.members.iter().find(|one| one.member.id == wanted);
        found.map_or_else(String::new, |one| one.member.name.clone())
    };
    let of_one = |one: &station::MemberOverview| {
        let login = one.member.login.clone();
        let record = |t: &station::Training| Record {
            login: login.clone(),
            course: t.course.course.clone(),
            version: t.course.version.clone(),
            completed: t.completed.to_string(),
            expires: t.expires.to_string(),
            recorded_by: name(t.recorded_by),
            founding: t.founding,
            proof: t.proven.then(|| t.id.to_string()),
        };
        one.training.iter().map(record).collect::<Vec<_>>()
    };
    overview.members.iter().flat_map(of_one).collect()
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    let station = &house.station;
    let zone = &station.about().time_zone;
    let courses = overview.courses.iter().map(|known| {
        let by = overview
            .members
            .iter()
            .find(|one| Some(one.member.id) == known.approved_by)
            .map_or("at the founding".to_owned(), |one| {
                format!("by {}", one.member.name)
            });
        let on = words::day(zone.to_datetime(known.approved_at).date());
        Course {
            name: known.course.course.clone(),
            version: known.course.version.clone(),
            months: known.months,
            approved: format!("{by}, {on}"),
        }
    });
    html(&Page {
        courses: courses.collect(),
        records: records(&overview),
        logins: overview
            .members
            .iter()
            .map(|one| one.member.login.clone())
            .collect(),
        today: station.today(),
        months: station.policy().security().training_longest_months(),
        frame: Frame::of(station, member, "station"),
        around: Around {
            section: "training",
            done,
        },
    })
}

/// A course to be approved.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewCourse {
    course: String,
    version: String,
    /// How long its completion is in force, in months.
    months: String,
}

/// `POST /station/courses`, `POST /api/courses`.
pub(crate) async fn approve(
    State(house): State<House>,
    asked: Asked<NewCourse>,
) -> Result<Response, Answered> {
    let approve = |station: &Station, caller: &_, new: NewCourse| {
        let months = new
            .months
            .trim()
            .parse()
            .map_err(|_| StationError::Input("say for how many months".to_owned()))?;
        let course = CourseVersion {
            course: new.course,
            version: new.version,
        };
        let says = format!("{course} is approved.");
        station.approve_course(caller, course, months)?;
        Ok(Done::saying(says))
    };
    asked.answer(&house, Section::Training, approve).await
}

/// A completed course.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTraining {
    login: String,
    course: String,
    version: String,
    #[schema(value_type = String, format = Date)]
    completed: Date,
    /// The last day it is in force; empty for as long as the course allows.
    #[serde(default)]
    expires: String,
    /// The certificate: a PDF, JPEG or PNG of 5 MB at most; in JSON as base64. May be left out.
    #[serde(default)]
    proof: String,
}

/// `POST /station/training`, `POST /api/training`.
pub(crate) async fn record(
    State(house): State<House>,
    asked: Asked<NewTraining>,
) -> Result<Response, Answered> {
    let record = |station: &Station, caller: &_, new: NewTraining| {
        let says = format!("Training of {} is recorded.", new.login);
        let completion = Completion {
            login: new.login,
            course: CourseVersion {
                course: new.course,
                version: new.version,
            },
            completed: new.completed,
            expires: day(&new.expires)?,
            proof: file(&new.proof)?,
        };
        station.record_training(caller, completion)?;
        Ok(Done::saying(says))
    };
    asked.answer(&house, Section::Training, record).await
}

/// `GET /proof/{record}`: the proof kept with a training record.
pub(crate) async fn proof(
    State(house): State<House>,
    member: Member,
    Path(record): Path<String>,
) -> Result<Response, Failure> {
    let record: TrainingId = record
        .parse()
        .map_err(|_| StationError::Input("there is no such training record".to_owned()))?;
    let caller = member.caller();
    let proof = house
        .ask(move |station| station.proof(&caller, record))
        .await?;
    // Saved, not opened: whoever made the file does not act in this station's name.
    let headers = [
        (header::CONTENT_TYPE, proof.kind.media_type()),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    Ok((headers, proof.bytes).into_response())
}
