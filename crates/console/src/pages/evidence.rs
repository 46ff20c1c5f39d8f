//! Evidence: reads booked under an evidence number, and the chain of custody (4).

use std::io;

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use govern::{CustodyStep, ReadId, Recipient};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use station::{BagTo, EvidenceAsked, EvidencePart, KeptEvidence, Station, StationError};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::{Member, Submitted};
use crate::pages::asking::{self, Why};
use crate::pages::station::Section;
use crate::pages::station::media::volume;
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
    /// Whom the member's last bag was sealed for, one a line.
    recipients: String,
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
    /// Whom it was sealed for: their public keys, and who they are.
    sealed_for: Vec<String>,
    /// Who had it, step by step.
    custody: Vec<Custody>,
}

impl Row {
    /// Whether packing it came to no good end.
    fn broke_off(&self) -> bool {
        let last = self.custody.last();
        self.package.is_none() && last.is_some_and(|step| step.says.starts_with("not packed"))
    }
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
    /// Whom the bag is sealed for: their public keys (`age1…`), after each, if you like, who they are.
    #[serde(default)]
    recipients: String,
    /// The registered medium that a program writes it onto, by the UUID of its volume, where nobody is
    /// named whom it is sealed for.
    #[serde(default)]
    medium: String,
}

impl NewEvidence {
    /// What a browser asks for leaves as one sealed file.
    fn asked_by_person(&self) -> Result<EvidenceAsked, StationError> {
        self.asked(BagTo::Recipients(self.recipients()?))
    }

    /// A program gets a folder where it names a medium.
    pub(crate) fn asked_by_program(&self) -> Result<EvidenceAsked, StationError> {
        let recipients = self.recipients()?;
        self.asked(if recipients.is_empty() && !self.medium.is_empty() {
            BagTo::Medium(volume(&self.medium)?)
        } else {
            BagTo::Recipients(recipients)
        })
    }

    fn recipients(&self) -> Result<Vec<Recipient>, StationError> {
        Recipient::all_of(&self.recipients)
            .map_err(|(word, e)| StationError::Input(format!("{word}: {e}")))
    }

    fn asked(&self, to: BagTo) -> Result<EvidenceAsked, StationError> {
        let reads = self.reads.split_whitespace().map(str::parse::<ReadId>);
        Ok(EvidenceAsked {
            to,
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
        sealed_for: kept.about.sealed_for,
        custody: custody.collect(),
    }
}

async fn all(house: &House, member: &Member) -> Result<(Vec<KeptEvidence>, u64), Failure> {
    let caller = member.caller();
    house
        .ask(move |station| station.all_evidence(&caller))
        .await
}

fn rows(house: &House, all: Vec<KeptEvidence>) -> Vec<Row> {
    let zone = &house.station.about().time_zone;
    all.into_iter().map(|kept| row(kept, zone)).collect()
}

/// Whom the newest bag of this member was sealed for, one a line.
fn last_recipients(all: &[KeptEvidence], member: &Member) -> String {
    let own = all
        .iter()
        .filter(|kept| kept.booked_by == member.session.member.id);
    let mut sealed = own.filter(|kept| !kept.about.sealed_for.is_empty());
    sealed
        .next()
        .map(|kept| kept.about.sealed_for.join("\n"))
        .unwrap_or_default()
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
    let (all, entry) = all(house, member).await?;
    html(&Page {
        books: member.holds(&BOOK),
        notes: member.holds(&BOOK) || member.holds(&["records-clerk"]),
        why: Why::of(&house.station, ""),
        entered: Entered {
            count: reads.split_whitespace().count(),
            reads,
            recipients: last_recipients(&all, member),
            ..Entered::default()
        },
        rows: rows(house, all),
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
    let (all, _entry) = all(&house, &member?).await?;
    Ok(Json(rows(&house, all)))
}

/// `POST /evidence/book`: the bag as one file that its recipients open.
pub(crate) async fn book(
    State(house): State<House>,
    submitted: Submitted<NewEvidence>,
) -> Result<Response, Failure> {
    let Submitted { member, form } = submitted;
    let asked = form.asked_by_person()?;
    let name = format!("attachment; filename=\"{}\"", asked.sealed_name());
    let caller = member.caller();
    let body = house
        .stream(move |station, send| {
            let booked = station.book_evidence(&caller, asked, &mut |part| match part {
                EvidencePart::Begins { .. } => Ok(()),
                EvidencePart::Sealed(bytes) => send(bytes),
                EvidencePart::File { .. } => Err(io::Error::other("a browser gets no folder")),
            });
            booked.map(drop)
        })
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, body).into_response())
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
