//! Searching, for programs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use station::{Coverage, Sighting, SightingsOf, Span, StationError, Withheld};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::asked::{Answered, Asked};
use crate::pages::asking;
use crate::pages::search::{Entered, to_search};

/// A page of a search's answer.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchAnswer)]
pub(crate) struct Answer {
    /// What was searched for.
    plate: String,
    /// The number of this page's decision in the ledger.
    entry: u64,
    /// The same of the answer's first page: other pages are asked for by it.
    answer: u64,
    /// The place of the page's first line in the answer, counted from 1.
    first: usize,
    /// How many lines the answer has.
    count: usize,
    /// The first line of the next page; absent after the last.
    next: Option<usize>,
    /// How many reads of this page were purged since the answer was given.
    purged: usize,
    /// What was found and is not shown, for want of an authorisation.
    withheld: Vec<Restricted>,
    /// Which cameras could have seen it; with the first page, when it was asked for, alone.
    cameras: Option<Vec<Covered>>,
    /// The reads, most probable first, then newest first.
    sightings: Vec<Seen>,
}

/// Reads that the member may not see.
#[derive(Serialize, ToSchema)]
struct Restricted {
    /// The class's name.
    class: String,
    /// How many.
    count: u64,
    /// Whom to ask.
    ask: String,
}

/// A camera, and when it was silent.
#[derive(Serialize, ToSchema)]
#[schema(as = CoveredCamera)]
struct Covered {
    /// Its name.
    camera: String,
    /// Where it stands.
    place: String,
    /// When it handed in nothing.
    silent: Vec<Silence>,
}

/// A time in which a camera handed in nothing.
#[derive(Serialize, ToSchema)]
struct Silence {
    /// From when, UTC; absent for the beginning.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until when, UTC.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// A read.
#[derive(Serialize, ToSchema)]
#[schema(as = Sighting)]
struct Seen {
    /// Its id.
    read: String,
    /// The most probable text.
    plate: String,
    /// The probability that it is the plate searched for, or fits.
    probability: f64,
    /// How sure the product is of the plate and its best text, 0 to 1.
    confidence: f64,
    /// Other texts that it may be, with their probabilities.
    alternatives: Vec<Text>,
    /// The states or countries that it may be from, most probable first.
    issuers: Vec<Text>,
    /// The camera's name.
    camera: String,
    /// Where the camera stands.
    place: String,
    /// When it was seen, UTC.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// The picture: `/picture/…` shows it for a few minutes, in this session.
    picture: String,
}

/// A text with its probability.
#[derive(Serialize, ToSchema)]
#[schema(as = ProbableText)]
struct Text {
    /// The text.
    text: String,
    /// From 0 to 1.
    probability: f64,
}

impl From<SightingsOf> for Answer {
    fn from(found: SightingsOf) -> Self {
        let next = found.first + found.lines;
        Self {
            plate: found.plate.to_string(),
            entry: found.entry,
            answer: found.answer,
            first: found.first,
            count: found.count,
            next: (next <= found.count).then_some(next),
            purged: found.gone,
            withheld: found.withheld.into_iter().map(Restricted::from).collect(),
            cameras: found
                .coverage
                .map(|cameras| cameras.into_iter().map(Covered::from).collect()),
            sightings: found.sightings.into_iter().map(Seen::from).collect(),
        }
    }
}

impl From<Withheld> for Restricted {
    fn from(withheld: Withheld) -> Self {
        Self {
            class: withheld.class,
            count: withheld.count,
            ask: withheld.ask,
        }
    }
}

impl From<Coverage> for Covered {
    fn from(coverage: Coverage) -> Self {
        let silent = coverage.silent.into_iter();
        Self {
            camera: coverage.camera,
            place: coverage.place,
            silent: silent.map(Silence::from).collect(),
        }
    }
}

impl From<Span> for Silence {
    fn from((from, until): Span) -> Self {
        Self {
            from: Some(from).filter(|from| *from != Timestamp::MIN),
            until,
        }
    }
}

impl From<Sighting> for Seen {
    fn from(sighting: Sighting) -> Self {
        let text = |(text, probability): (String, f64)| Text { text, probability };
        let issuers = sighting.issuers.into_iter();
        Self {
            read: sighting.read.to_string(),
            plate: sighting.best,
            probability: sighting.probability,
            confidence: sighting.confidence,
            alternatives: sighting.alternatives.into_iter().map(text).collect(),
            issuers: issuers
                .map(|(name, p)| text((name.to_owned(), p)))
                .collect(),
            camera: sighting.camera,
            place: sighting.place,
            seen_at: sighting.seen_at,
            picture: sighting.picture.to_string(),
        }
    }
}

/// `POST /api/search`.
pub(crate) async fn search(
    State(house): State<House>,
    asked: Asked<Entered>,
) -> Result<Response, Answered> {
    let found = async {
        let cameras = to_search(&house, &asked.member).await?;
        let search = asked.input.search(&house, &cameras).map_err(unusable)?;
        let caller = asked.member.caller();
        house
            .ask(move |station| station.search(&caller, search))
            .await
    };
    told(found.await, &asked)
}

/// `POST /api/search/page`.
pub(crate) async fn turn(
    State(house): State<House>,
    asked: Asked<Entered>,
) -> Result<Response, Answered> {
    let found = async {
        let page = asking::page(&asked.input.answer, &asked.input.first);
        let ((answer, first), caller) = (page.map_err(unusable)?, asked.member.caller());
        house
            .ask(move |station| station.search_page(&caller, answer, first))
            .await
    };
    told(found.await, &asked)
}

fn told(found: Result<SightingsOf, Failure>, asked: &Asked<Entered>) -> Result<Response, Answered> {
    match found {
        Ok(found) => Ok(Json(Answer::from(found)).into_response()),
        Err(failure) => Err(asked.answered(failure)),
    }
}

fn unusable(trouble: String) -> Failure {
    StationError::Input(trouble).into()
}
