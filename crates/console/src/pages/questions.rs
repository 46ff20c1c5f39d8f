//! Questions that tripwires opened, for reviewers outside the chain of command.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use govern::{Finding, MemberId, QuestionId};
use serde::{Deserialize, Serialize};
use station::{KeptQuestion, QuestionShown, Station, StationError};
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
#[template(path = "questions.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "question.html")]
struct Detail {
    frame: Frame,
    row: Row,
    /// What the tripwire's source is.
    source: String,
    /// The uses, newest first.
    uses: Vec<String>,
    /// How many of them were looked for and not found.
    missing: usize,
    findings: Vec<(&'static str, &'static str)>,
}

/// A question, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionRow)]
pub(crate) struct Row {
    /// Its name, by which it is answered.
    question: String,
    /// What was noticed.
    says: String,
    /// About whom.
    about: String,
    /// About how many uses of the data.
    uses: usize,
    opened: String,
    /// What a reviewer found, by whom, and when, once it is answered.
    answer: Option<String>,
}

/// A question with what it is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct Question {
    /// The question.
    question: Row,
    /// The uses, newest first, as the ledger tells them.
    told: Vec<String>,
}

fn row(station: &Station, members: &[station::Member], one: &KeptQuestion) -> Row {
    let zone = &station.about().time_zone;
    let name = |wanted: MemberId| {
        let found = members.iter().find(|member| member.id == wanted);
        found.map_or_else(String::new, |member| member.name.clone())
    };
    let tripwire = station.policy().tripwire(&one.tripwire);
    Row {
        question: one.name.id.to_string(),
        says: tripwire.map_or_else(|| one.tripwire.clone(), |known| known.says.clone()),
        about: name(one.name.about),
        uses: one.name.uses.len(),
        opened: words::time(one.opened_at, zone),
        answer: one.answer.as_ref().map(|answer| {
            format!(
                "{}: {} (by {}, {})",
                answer.finding.says(),
                answer.words,
                name(answer.by),
                words::time(answer.at, zone)
            )
        }),
    }
}

fn told(station: &Station, shown: &QuestionShown) -> Vec<String> {
    let zone = &station.about().time_zone;
    let line = |line: &station::StoryLine| {
        format!(
            "{}, entry {}: {}",
            words::time(line.at, zone),
            line.entry,
            line.told
        )
    };
    shown.uses.iter().map(line).collect()
}

fn named(text: &str) -> Result<QuestionId, StationError> {
    let none = |_| StationError::Input("there is no such question".to_owned());
    text.parse().map_err(none)
}

/// `GET /questions`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/questions`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    let caller = member?.caller();
    let shown = house.ask(move |station| station.questions(&caller)).await?;
    let row = |one| row(&house.station, &shown.members, one);
    Ok(Json(shown.questions.iter().map(row).collect()))
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.questions(&caller)).await?;
    let row = |one| row(&house.station, &shown.members, one);
    html(&Page {
        rows: shown.questions.iter().map(row).collect(),
        done,
        frame: Frame::of(&house.station, member, "questions"),
    })
}

/// `GET /questions/{question}`.
pub(crate) async fn detail(
    State(house): State<House>,
    member: Member,
    Path(question): Path<String>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let id = named(&question)?;
    let shown = house
        .ask(move |station| station.open_question(&caller, id))
        .await?;
    let station = &house.station;
    let uses = told(station, &shown);
    let tripwire = station.policy().tripwire(&shown.question.tripwire);
    html(&Detail {
        row: row(station, &shown.members, &shown.question),
        source: tripwire.map_or_else(String::new, |known| known.source.clone()),
        missing: shown.question.name.uses.len().saturating_sub(uses.len()),
        uses,
        findings: Finding::ALL.map(|f| (f.code(), f.says())).into(),
        frame: Frame::of(station, &member, "questions"),
    })
}

/// `GET /api/questions/{question}`.
pub(crate) async fn one(
    State(house): State<House>,
    member: Result<Member, Failure>,
    Path(question): Path<String>,
) -> Result<Json<Question>, Refused> {
    let caller = member?.caller();
    let id = named(&question)?;
    let shown = house
        .ask(move |station| station.open_question(&caller, id))
        .await?;
    Ok(Json(Question {
        question: row(&house.station, &shown.members, &shown.question),
        told: told(&house.station, &shown),
    }))
}

/// What a reviewer found.
#[derive(Deserialize, ToSchema)]
#[schema(as = QuestionFinding)]
pub(crate) struct Found {
    /// `in-order`, `not-in-order` or `referred`.
    finding: String,
    words: String,
}

/// `POST /questions/{question}`, and the same under `/api`.
pub(crate) async fn answer(
    State(house): State<House>,
    Path(question): Path<String>,
    asked: Asked<Found>,
) -> Result<Response, Answered> {
    let answer = move |station: &Station, caller: &_, found: Found| {
        let finding = Finding::ALL
            .into_iter()
            .find(|finding| finding.code() == found.finding)
            .ok_or_else(|| StationError::Input("the finding is none".to_owned()))?;
        station.answer_question(caller, named(&question)?, finding, &found.words)?;
        Ok(Done::saying("The finding is recorded.".to_owned()))
    };
    asked.answer(&house, Section::Questions, answer).await
}
