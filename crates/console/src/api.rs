//! The doors for machines: cameras hand in frames, the command line asks for the ledger's story.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use govern::{LedgerOnly, LedgerScope, ReviewLedger};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::{Ingested, StationError};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::asked::day;
use crate::member::{Address, Member};

/// A failure as JSON.
pub(crate) struct Refused(Failure);

impl<E: Into<Failure>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Why something was refused.
#[derive(Serialize, ToSchema)]
struct Reason {
    /// The clause of the department's policy.
    clause: String,
    /// What is missing.
    says: String,
    /// What would cure it.
    cure: String,
}

/// What the station says when it does not do what was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// In a sentence.
    error: String,
    /// When the rules refused it: every reason.
    reasons: Vec<Reason>,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error, reasons) = self.0.status_and_words();
        let reasons = reasons
            .iter()
            .map(|r| Reason {
                clause: r.clause.clone(),
                says: r.says.clone(),
                cure: r.cure.clone(),
            })
            .collect();
        (status, Json(Problem { error, reasons })).into_response()
    }
}

/// What is acknowledged before login (AC-8).
#[derive(Serialize, ToSchema)]
pub(crate) struct Notice {
    /// Statement by statement.
    notice: Vec<String>,
}

/// `GET /api/notice`.
pub(crate) async fn notice(State(house): State<House>) -> Result<Json<Notice>, Refused> {
    let notice = house
        .ask(|station| Ok::<_, StationError>(station.policy().security().notice().to_vec()))
        .await?;
    Ok(Json(Notice { notice }))
}

/// A frame that takes longer to arrive is not waited for.
const LONGEST_FRAME: Duration = Duration::from_secs(60);

#[derive(Deserialize, IntoParams)]
pub(crate) struct FrameQuery {
    /// The camera's name: when it is given, the key must be that camera's.
    camera: Option<String>,
    /// When the frame was seen; now, if the camera does not say.
    #[param(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
}

/// What became of a frame.
#[derive(Serialize, ToSchema)]
pub(crate) struct FrameAnswer {
    /// `kept`, `no-plate` or `already`.
    frame: &'static str,
    /// How many reads of it are kept.
    reads: usize,
}

/// `POST /api/frames?seen_at=…`: one JPEG or PNG as the body, the camera's key as the bearer token.
/// The answer comes when the reads are on the disk. A frame sent twice is kept once.
pub(crate) async fn frames(
    State(house): State<House>,
    Address(address): Address,
    Query(query): Query<FrameQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<FrameAnswer>, Refused> {
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default()
        .to_owned();
    // First who it is, then what it sends: nobody without a key has the station hold a picture.
    let from = address.clone();
    let camera = house
        .ask(move |station| station.camera_from(&key, query.camera.as_deref(), &from))
        .await?;
    let _turn = house
        .frames
        .acquire()
        .await
        .map_err(|_| Failure::BrokeOff)?;
    let largest = usize::try_from(capture::MAX_BYTES).unwrap_or(usize::MAX);
    // A sender that trickles gives its turn to the next.
    let picture = tokio::time::timeout(LONGEST_FRAME, to_bytes(body, largest))
        .await
        .map_err(|_| {
            StationError::Input("the frame took longer than a minute to arrive".to_owned())
        })?
        .map_err(|_| StationError::Picture(capture::PictureError::TooLarge))?;
    let ingested = house
        .ask(move |station| {
            let seen_at = query.seen_at.unwrap_or_else(|| station.now());
            station.ingest(&camera, &address, seen_at, &picture)
        })
        .await?;
    Ok(Json(match ingested {
        Ingested::Kept(reads) => FrameAnswer {
            frame: "kept",
            reads,
        },
        Ingested::NoPlate => FrameAnswer {
            frame: "no-plate",
            reads: 0,
        },
        Ingested::Already => FrameAnswer {
            frame: "already",
            reads: 0,
        },
    }))
}

#[derive(Deserialize, IntoParams)]
pub(crate) struct LedgerQuery {
    /// `own`, or `everyone`.
    #[serde(default)]
    pub(crate) scope: String,
    /// How many entries, newest first.
    pub(crate) most: Option<usize>,
    /// Only entries before this number.
    pub(crate) before: Option<u64>,
}

impl LedgerQuery {
    /// The most entries that one answer tells.
    const MOST: usize = 1000;

    pub(crate) fn review(&self, otherwise: usize) -> ReviewLedger {
        let scope = if self.scope == "everyone" {
            LedgerScope::Everyone
        } else {
            LedgerScope::Own
        };
        ReviewLedger {
            scope,
            most: self.most.unwrap_or(otherwise).clamp(1, Self::MOST),
            before: self.before,
            only: LedgerOnly::default(),
        }
    }
}

/// Which entries are looked for. It comes by POST, as plates and cases must not stand in an address. What is
/// empty is not asked.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct LedgerAsked {
    /// `own`, or `everyone`.
    pub(crate) scope: String,
    /// By the member with this login.
    pub(crate) member: String,
    /// For this purpose, by its code.
    pub(crate) purpose: String,
    /// For this case or call.
    pub(crate) case: String,
    /// That speak of this plate, or part of one, as it was entered.
    pub(crate) plate: String,
    /// Of this day or later.
    pub(crate) first: String,
    /// Of this day or earlier.
    pub(crate) last: String,
    /// Only entries before this number.
    pub(crate) before: String,
    /// How many entries, newest first.
    pub(crate) most: String,
}

impl LedgerAsked {
    pub(crate) fn review(&self, otherwise: usize) -> Result<ReviewLedger, StationError> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let number = |text: &str| {
            let no_number = |_| StationError::Input(format!("{text} is no number"));
            given(text)
                .map(|text| text.parse::<u64>())
                .transpose()
                .map_err(no_number)
        };
        let query = LedgerQuery {
            scope: self.scope.clone(),
            most: number(&self.most)?.map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
            before: number(&self.before)?,
        };
        Ok(ReviewLedger {
            only: LedgerOnly {
                by: given(&self.member),
                purpose: given(&self.purpose),
                case: given(&self.case),
                plate: given(&self.plate),
                first: day(&self.first)?,
                last: day(&self.last)?,
            },
            ..query.review(otherwise)
        })
    }
}

/// A part of the ledger, told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Story {
    /// How many entries the ledger has.
    size: u64,
    /// The number of the oldest entry that was looked at: ask for what is before it. Absent when that
    /// was the first of all.
    looked_back_to: Option<u64>,
    /// The entries, newest first.
    entries: Vec<Told>,
}

/// One entry of the ledger, told.
#[derive(Serialize, ToSchema)]
struct Told {
    /// Its number.
    entry: u64,
    /// When, UTC.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened, in a sentence.
    told: String,
    /// What came of it, in a sentence.
    outcome: Option<String>,
    /// Whether it was refused.
    refused: bool,
    /// Whether what is kept beside it was changed after it was written.
    changed: bool,
    /// For a decision or a login: who asked what, field by field.
    asked: Option<Asked>,
}

/// Who asked what.
#[derive(Serialize, ToSchema)]
struct Asked {
    /// The act's name in the rules, or `login`, `logout`.
    act: String,
    /// Who.
    name: String,
    /// Their badge.
    badge: String,
    /// Of what: the query, the camera, the member concerned.
    object: String,
    /// The purpose's code, where the act needs one.
    purpose: Option<String>,
    /// The case or call number.
    case: Option<String>,
    /// The clauses it was decided under.
    clauses: Vec<String>,
    /// How many records it returned or changed.
    records: Option<u64>,
}

impl From<station::Asked> for Asked {
    fn from(asked: station::Asked) -> Self {
        Self {
            act: asked.act,
            name: asked.name,
            badge: asked.badge,
            object: asked.object,
            purpose: asked.purpose,
            case: asked.case,
            clauses: asked.clauses,
            records: asked.records,
        }
    }
}

/// `GET /api/ledger?scope=own|everyone&most=N&before=N`: what the ledger says, newest first.
pub(crate) async fn ledger(
    State(house): State<House>,
    member: Result<Member, Failure>,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<Story>, Refused> {
    let caller = member?.caller();
    let story = house
        .ask(move |station| station.review(&caller, query.review(50)))
        .await?;
    Ok(Json(Story::from(story)))
}

impl From<station::Story> for Story {
    fn from(story: station::Story) -> Self {
        let tell = |line: station::StoryLine| Told {
            entry: line.entry,
            at: line.at,
            told: line.told,
            outcome: line.outcome,
            refused: line.refused,
            changed: line.changed,
            asked: line.asked.map(Asked::from),
        };
        Self {
            size: story.size,
            looked_back_to: story.looked_back_to,
            entries: story.lines.into_iter().map(tell).collect(),
        }
    }
}

/// The newest signed head of the ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedHead {
    /// How many entries it is over.
    size: u64,
    /// The head as a signed note (C2SP tlog-checkpoint).
    note: String,
}

/// `GET /api/ledger/checkpoint`: the newest signed head, for whoever keeps it elsewhere.
pub(crate) async fn checkpoint(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<SignedHead>, Refused> {
    member?;
    let head = house.ask(|station| station.signed_head()).await?;
    Ok(Json(SignedHead {
        size: head.size,
        note: head.note,
    }))
}
