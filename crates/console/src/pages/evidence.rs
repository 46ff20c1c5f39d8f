//! Evidence: reads booked under an evidence number, and the chain of custody (4).

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{CustodyStep, ReadId};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use station::{EvidenceAsked, KeptEvidence, Station, StationError};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::{Member, Submitted};
use crate::pages::asking::{self, Why};
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

/// The roles whose page has the form to book; the rules decide.
const BOOK: [&str; 5] = [
    "officer",
    "investigator",
    "supervisor",
    "chief",
    "deputy-chief",
];
/// Reads that a browser gets as one file; for more there is the command line, which writes as it goes.
const MOST_AT_ONCE: usize = 500;

#[derive(Template)]
#[template(path = "evidence.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    rows: Vec<Row>,
    books: bool,
    notes: bool,
    why: Why,
    entered: Entered,
    entry: u64,
}

/// What the form is filled in with.
#[derive(Default)]
struct Entered {
    reads: String,
    count: usize,
    case: String,
    words: String,
}

/// A booking.
#[derive(Serialize, ToSchema)]
#[schema(as = EvidenceRow)]
pub(crate) struct Row {
    /// Its number at this station.
    serial: i64,
    /// The evidence number.
    number: String,
    case: String,
    reads: usize,
    booked: String,
    /// The entry of the ledger.
    entry: u64,
    /// The number of the hold on its reads.
    hold: i64,
    /// What stands for the bag in the ledger; nothing where it was not packed.
    package: Option<String>,
    /// Who had it, step by step.
    custody: Vec<Custody>,
}

/// A link of the chain of custody.
#[derive(Serialize, ToSchema)]
pub(crate) struct Custody {
    at: String,
    by: String,
    says: String,
}

/// What the form is filled in with.
#[derive(Default, Deserialize, IntoParams)]
pub(crate) struct EvidenceQuery {
    /// Reads to be booked, with spaces between.
    #[serde(default)]
    read: String,
}

/// Reads that a page showed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Chosen {
    reads: String,
}

/// A booking, as it is entered.
#[derive(Deserialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct NewEvidence {
    /// The evidence number.
    number: String,
    /// Reads by their ids, with spaces between.
    reads: String,
    purpose: String,
    case: String,
    #[serde(default)]
    words: String,
}

impl NewEvidence {
    pub(crate) fn asked(&self) -> Result<EvidenceAsked, StationError> {
        let reads = self.reads.split_whitespace().map(str::parse::<ReadId>);
        Ok(EvidenceAsked {
            number: self.number.clone(),
            reads: reads
                .collect::<Result<_, _>>()
                .map_err(|_| StationError::Input("there is no such read".to_owned()))?,
            purpose: asking::purpose(&self.purpose, &self.case, &self.words),
        })
    }
}

fn row(kept: KeptEvidence, zone: &TimeZone) -> Row {
    let custody = kept.about.custody.into_iter().map(|step| Custody {
        at: words::time(step.at, zone),
        by: step.by,
        says: step.says,
    });
    Row {
        serial: kept.serial,
        number: kept.about.number,
        case: kept.about.case,
        reads: kept.about.reads,
        booked: words::time(kept.booked_at, zone),
        entry: kept.entry,
        hold: kept.hold,
        package: kept.about.package.map(|digest| digest.to_string()),
        custody: custody.collect(),
    }
}

async fn rows(house: &House, member: &Member) -> Result<(Vec<Row>, u64), Failure> {
    let caller = member.caller();
    let (all, entry) = house
        .ask(move |station| station.all_evidence(&caller))
        .await?;
    let zone = &house.station.about().time_zone;
    let rows = all.into_iter().map(|kept| row(kept, zone));
    Ok((rows.collect(), entry))
}

/// `GET /evidence`.
pub(crate) async fn page(
    State(house): State<House>,
    member: Member,
    Query(query): Query<EvidenceQuery>,
) -> Result<Response, Failure> {
    show_with(&house, &member, query.read, None).await
}

/// `POST /evidence`: by POST, as many reads are more than an address can carry.
pub(crate) async fn prepare(
    State(house): State<House>,
    submitted: Submitted<Chosen>,
) -> Result<Response, Failure> {
    let Submitted { member, form } = submitted;
    show_with(&house, &member, form.reads, None).await
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    show_with(house, member, String::new(), done).await
}

async fn show_with(
    house: &House,
    member: &Member,
    reads: String,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let (rows, entry) = rows(house, member).await?;
    html(&Page {
        rows,
        books: member.holds(&BOOK),
        notes: member.holds(&BOOK) || member.holds(&["records-clerk"]),
        why: Why::of(&house.station, ""),
        entered: Entered {
            count: reads.split_whitespace().count(),
            reads,
            ..Entered::default()
        },
        entry,
        frame: Frame::of(&house.station, member, "evidence"),
        done,
    })
}

/// `GET /api/evidence`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    Ok(Json(rows(&house, &member?).await?.0))
}

/// `POST /evidence/book`: the bag as one ZIP file.
pub(crate) async fn book(
    State(house): State<House>,
    submitted: Submitted<NewEvidence>,
) -> Result<Response, Failure> {
    let Submitted { member, form } = submitted;
    let asked = form.asked()?;
    if asked.reads.len() > MOST_AT_ONCE {
        return Err(StationError::Input(format!(
            "a browser gets {MOST_AT_ONCE} reads at once: for more use lictor evidence book, which writes as it goes"
        ))
        .into());
    }
    let caller = member.caller();
    let zip = house
        .ask(move |station| station.book_evidence_as_zip(&caller, asked))
        .await?;
    let name = format!("attachment; filename=\"{}.zip\"", zip.booked.folder());
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, zip.bytes).into_response())
}

/// What happened to a bag, as it is entered.
#[derive(Deserialize, ToSchema)]
#[schema(as = Custody)]
pub(crate) struct NewCustody {
    /// `handed-over`; by whoever booked it, also `written` and `failed`.
    step: String,
    /// To whom it was handed over; or which medium it was written onto.
    to: String,
    /// Why it was handed over, or not written.
    #[serde(default)]
    why: String,
    /// What stands for the bag, as whoever wrote it worked it out.
    #[serde(default)]
    package: String,
}

/// `POST /evidence/{serial}/custody`, and the same under `/api`.
pub(crate) async fn custody(
    State(house): State<House>,
    Path(serial): Path<i64>,
    asked: Asked<NewCustody>,
) -> Result<Response, Answered> {
    let note = move |station: &Station, caller: &_, new: NewCustody| {
        let NewCustody {
            step,
            to,
            why,
            package,
        } = new;
        let step = match step.as_str() {
            "handed-over" => CustodyStep::HandedOver { to, why },
            "failed" => CustodyStep::Failed { medium: to, why },
            "written" => CustodyStep::Written {
                medium: to,
                package: package
                    .parse()
                    .map_err(|e: &str| StationError::Input(e.to_owned()))?,
            },
            _ => return Err(StationError::Input("there is no such step".to_owned())),
        };
        let says = step.to_string();
        station.note_custody(caller, serial, step)?;
        Ok(Done::saying(format!("Noted: {says}.")))
    };
    asked.answer(&house, Section::Evidence, note).await
}
