//! Regular audits: samples of accesses, and reviewers' findings (5(c)).

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use govern::{Finding, MemberId};
use serde::{Deserialize, Serialize};
use station::{KeptSample, SampleShown, SampledAccess, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, day};
use crate::member::Member;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "audits.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    rows: Vec<Row>,
    overdue: Vec<String>,
    size: usize,
    largest: usize,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Detail {
    frame: Frame,
    done: Option<Done>,
    sample: Row,
    accesses: Vec<Access>,
    findings: Vec<(&'static str, &'static str)>,
}

/// A sample, as the list shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = SampleRow)]
pub(crate) struct Row {
    /// Its number.
    sample: i64,
    /// The first day.
    first: String,
    /// The last day.
    last: String,
    /// How many accesses were drawn.
    accesses: usize,
    /// Of how many.
    of: usize,
    /// By whom, and when.
    drawn: String,
    /// The draw's entry in the ledger.
    entry: u64,
    /// How many entries the ledger had at the end of the last day.
    entries: u64,
    /// The ledger's head over them, which decided what was drawn.
    seed: String,
    /// How many accesses have no finding yet.
    not_judged: usize,
    /// How many are not in order, by the newest finding on each.
    not_in_order: usize,
}

/// A sample with its accesses.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sample {
    sample: Row,
    accesses: Vec<Access>,
}

/// An access of a sample.
#[derive(Serialize, ToSchema)]
#[schema(as = SampledAccess)]
pub(crate) struct Access {
    /// Its entry in the ledger.
    entry: u64,
    at: String,
    /// As the ledger tells it.
    told: String,
    /// Whether it is the reader's own: another reviewer gives the finding.
    own: bool,
    /// What was found of it, oldest first.
    findings: Vec<Given>,
}

/// A finding that was given.
#[derive(Serialize, ToSchema)]
#[schema(as = GivenFinding)]
pub(crate) struct Given {
    /// In words, by whom, and when.
    says: String,
    /// Whether the access was in order.
    in_order: bool,
}

fn name(members: &[station::Member], wanted: MemberId) -> String {
    let found = members.iter().find(|member| member.id == wanted);
    found.map_or_else(String::new, |member| member.name.clone())
}

fn row(station: &Station, members: &[station::Member], kept: &KeptSample) -> Row {
    let zone = &station.about().time_zone;
    let about = &kept.about;
    let by = match kept.drawn_by {
        Some(member) => name(members, member),
        None => "the station".to_owned(),
    };
    let newest = about.accesses.iter().filter_map(|one| one.findings.last());
    Row {
        sample: kept.serial,
        first: words::day(about.first),
        last: words::day(about.last),
        accesses: about.accesses.len(),
        of: about.of,
        drawn: format!("by {by}, {}", words::time(kept.drawn_at, zone)),
        entry: kept.entry,
        entries: about.entries,
        seed: about.seed.to_string(),
        not_judged: kept.not_judged(),
        not_in_order: newest
            .filter(|one| one.finding == Finding::NotInOrder)
            .count(),
    }
}

fn accesses(station: &Station, shown: &SampleShown, me: MemberId) -> Vec<Access> {
    let zone = &station.about().time_zone;
    let access = |drawn: &SampledAccess| {
        let entry = drawn.access.entry;
        let line = shown.told.get(&entry);
        let findings = drawn.findings.iter().map(|one| {
            let (by, at) = (name(&shown.members, one.by), words::time(one.at, zone));
            Given {
                says: format!("{}: {} (by {by}, {at})", one.finding.says(), one.words),
                in_order: one.finding == Finding::InOrder,
            }
        });
        Access {
            entry,
            at: line.map_or_else(String::new, |line| words::time(line.at, zone)),
            told: line.map_or_else(
                || "It stands in the ledger that this one goes on from: look there.".to_owned(),
                |line| {
                    format!(
                        "{} {}",
                        line.told,
                        line.outcome.as_deref().unwrap_or_default()
                    )
                },
            ),
            own: drawn.access.by == me,
            findings: findings.collect(),
        }
    };
    shown.sample.about.accesses.iter().map(access).collect()
}

/// `GET /audits`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/audits`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    let caller = member?.caller();
    let shown = house.ask(move |station| station.samples(&caller)).await?;
    let row = |one| row(&house.station, &shown.members, one);
    Ok(Json(shown.samples.iter().map(row).collect()))
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.samples(&caller)).await?;
    let rules = house.station.policy().audits();
    let row = |one| row(&house.station, &shown.members, one);
    html(&Page {
        rows: shown.samples.iter().map(row).collect(),
        overdue: shown.overdue,
        size: rules.sample,
        largest: rules.largest_sample,
        done,
        frame: Frame::of(&house.station, member, "audits"),
    })
}

/// `GET /audits/{sample}`.
pub(crate) async fn detail(
    State(house): State<House>,
    member: Member,
    Path(serial): Path<i64>,
) -> Result<Response, Failure> {
    show_one(&house, &member, serial, None).await
}

pub(crate) async fn show_one(
    house: &House,
    member: &Member,
    serial: i64,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let shown = house
        .ask(move |station| station.open_sample(&caller, serial))
        .await?;
    html(&Detail {
        sample: row(&house.station, &shown.members, &shown.sample),
        accesses: accesses(&house.station, &shown, member.session.member.id),
        findings: Finding::ALL.map(|f| (f.code(), f.says())).into(),
        done,
        frame: Frame::of(&house.station, member, "audits"),
    })
}

/// `GET /api/audits/{sample}`.
pub(crate) async fn one(
    State(house): State<House>,
    member: Result<Member, Failure>,
    Path(serial): Path<i64>,
) -> Result<Json<Sample>, Refused> {
    let member = member?;
    let caller = member.caller();
    let shown = house
        .ask(move |station| station.open_sample(&caller, serial))
        .await?;
    Ok(Json(Sample {
        sample: row(&house.station, &shown.members, &shown.sample),
        accesses: accesses(&house.station, &shown, member.session.member.id),
    }))
}

/// A draw, as it is asked for.
#[derive(Deserialize, ToSchema)]
#[schema(as = Draw)]
pub(crate) struct NewDraw {
    /// The first day, as 2026-07-01.
    first: String,
    /// The last day.
    last: String,
    /// How many accesses; as many as the policy says where it is empty.
    #[serde(default)]
    most: String,
}

/// `POST /audits`, `POST /api/audits`.
pub(crate) async fn draw(
    State(house): State<House>,
    asked: Asked<NewDraw>,
) -> Result<Response, Answered> {
    let draw = |station: &Station, caller: &_, new: NewDraw| {
        let input = |what: &str| StationError::Input(what.to_owned());
        let needed =
            |text: &str| day(text)?.ok_or_else(|| input("enter the first and the last day"));
        let days = (needed(&new.first)?, needed(&new.last)?);
        let most = match new.most.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| input("how many is a number"))?),
        };
        let serial = station.draw_audit(caller, days, most)?;
        Ok(Done::saying(format!("Sample {serial} is drawn.")))
    };
    asked.answer(&house, Section::Audits, draw).await
}

/// What a reviewer found of an access.
#[derive(Deserialize, ToSchema)]
#[schema(as = AccessFinding)]
pub(crate) struct Judged {
    /// The access's entry in the ledger.
    entry: String,
    /// `in-order`, `not-in-order` or `referred`.
    finding: String,
    words: String,
}

/// `POST /audits/{sample}`, and the same under `/api`.
pub(crate) async fn judge(
    State(house): State<House>,
    Path(serial): Path<i64>,
    asked: Asked<Judged>,
) -> Result<Response, Answered> {
    let judge = move |station: &Station, caller: &_, judged: Judged| {
        let input = |what: &str| StationError::Input(what.to_owned());
        let finding = Finding::ALL
            .into_iter()
            .find(|finding| finding.code() == judged.finding)
            .ok_or_else(|| input("the finding is none"))?;
        let entry = judged.entry.trim().parse();
        let entry = entry.map_err(|_| input("an entry is named by its number"))?;
        station.judge_access(caller, serial, entry, finding, &judged.words)?;
        Ok(Done::saying(format!(
            "The finding on entry {entry} is recorded."
        )))
    };
    asked.answer(&house, Section::Audit(serial), judge).await
}
