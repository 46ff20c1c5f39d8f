//! Raising alerts, in the same transaction as the reads that they rest on.

use std::time::Duration;

use crypt::{Id, Random, Sealed};
use govern::{AlertId, CameraId, HotlistId};
use hotlist::{About, Entry, Grade, Match, State, StateFit};
use jiff::Timestamp;
use ledger::{Alert, DecisionId};
use serde::{Deserialize, Serialize};

use crate::sql::{Connection, values};
use crate::webhook;
use crate::{ReadId, Store, StoreError};

/// A read that may be a listed car.
#[derive(Clone, Debug)]
pub struct NewHit {
    /// Which of the frame's reads, from 0.
    pub read: usize,
    /// The list.
    pub list: HotlistId,
    /// The entry, and the list as it is.
    pub listed: Listed,
    /// How they stand to each other.
    pub matched: Matched,
    /// Whether somebody must look at it now.
    pub grade: Grade,
}

/// An entry with the list it stands in, as both were when the alert was raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The entry.
    pub entry: Entry,
    /// The list.
    pub about: About,
    /// When the list came in.
    pub imported_at: Timestamp,
    /// What may be done on an alert of the list, in the department's words, if that is set.
    #[serde(default)]
    pub may_be_done: String,
}

/// How a read stands to an entry: [`Match`], without the entry.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    /// The reader's probability of the text.
    pub text_fit: f64,
    /// The reader's probability of text and state.
    pub fit: f64,
    /// The probability that it is the listed car.
    pub probability: f64,
    /// How the states stand to each other.
    pub state: StateFit,
}

impl From<Match> for Matched {
    fn from(found: Match) -> Self {
        Self {
            text_fit: found.text_fit,
            fit: found.fit,
            probability: found.probability,
            state: found.state,
        }
    }
}

/// An alert that was raised or seen once more, as the ledger has it.
pub type Raised = Alert;

/// A hit with what the database needs of it.
pub(crate) struct SealedHit<'a> {
    hit: &'a NewHit,
    id: AlertId,
    record_mark: String,
    plate_mark: String,
    listed: Sealed,
    matched: String,
}

/// The frame that the hits were in.
pub(crate) struct SeenIn {
    pub(crate) camera: CameraId,
    pub(crate) standing: DecisionId,
    pub(crate) seen_at: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) same_passing: Duration,
}

impl Store {
    /// Seals a hit for an alert of its own, should it become one.
    pub(crate) fn seal_hit<'a>(
        &self,
        hit: &'a NewHit,
        random: &dyn Random,
    ) -> Result<SealedHit<'a>, StoreError> {
        let id: AlertId = Id::random(random);
        let listed = serde_json::to_string(&hit.listed).map_err(StoreError::damaged)?;
        let entry = &hit.listed.entry;
        Ok(SealedHit {
            hit,
            id,
            record_mark: self.mark("record", &entry.record_key()),
            plate_mark: self.mark("plate", &entry.plate_key()),
            listed: self.seal(&listed_place(id), &listed)?,
            matched: serde_json::to_string(&hit.matched).map_err(StoreError::damaged)?,
        })
    }
}

/// Raises an alert, or adds a sighting to the one that stands open for this record and was seen
/// shortly before or after. `None` when the record is suspended.
pub(crate) fn raise(
    db: &mut dyn Connection,
    sealed: &SealedHit<'_>,
    read: ReadId,
    seen: &SeenIn,
) -> Result<Option<Raised>, StoreError> {
    let hit = sealed.hit;
    let suspended = db.row(
        "SELECT 1 FROM hotlist_suspension WHERE list = ?1 AND record_mark = ?2",
        values![hit.list, &sealed.record_mark],
    )?;
    if suspended.is_some() {
        return Ok(None);
    }
    let priority = hit.grade == Grade::Priority;
    let raised = |id, number, sighting| Alert {
        id,
        number,
        list: hit.list,
        camera: seen.camera,
        standing: seen.standing,
        sighting,
        priority,
    };
    let alert = match open_alert(db, sealed, seen)? {
        Some((id, number)) => {
            db.execute(
                "UPDATE alert SET priority = CASE WHEN ?2 = 1 THEN 1 ELSE priority END,
                     last_seen = CASE WHEN last_seen < ?3 THEN ?3 ELSE last_seen END
                 WHERE id = ?1",
                values![id, priority, seen.seen_at],
            )?;
            let sightings: u64 = db.one(
                "SELECT count(*) FROM alert_sighting WHERE alert = ?1",
                values![id],
            )?;
            raised(id, number, sightings + 1)
        }
        None => {
            db.hold("alert number")?;
            let number: u64 =
                db.one("SELECT coalesce(max(number), 0) + 1 FROM alert", values![])?;
            db.execute(
                "INSERT INTO alert (id, number, list, record_mark, plate_mark, priority, restricted, state,
                                    raised_at, last_seen, listed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                values![
                    sealed.id,
                    number as i64,
                    hit.list,
                    &sealed.record_mark,
                    &sealed.plate_mark,
                    priority,
                    hit.listed.entry.restricted,
                    State::Raised.code(),
                    seen.now,
                    seen.seen_at,
                    &sealed.listed,
                ],
            )?;
            webhook::queue(db, sealed.id, seen.now)?;
            raised(sealed.id, number, 1)
        }
    };
    db.execute(
        "INSERT INTO alert_sighting (alert, number, read, matched) VALUES (?1, ?2, ?3, ?4)",
        values![alert.id, alert.sighting as i64, read, &sealed.matched],
    )?;
    Ok(Some(alert))
}

/// The alert of this record that is not over and was seen within the time of one passing.
fn open_alert(
    db: &mut dyn Connection,
    sealed: &SealedHit<'_>,
    seen: &SeenIn,
) -> Result<Option<(AlertId, u64)>, StoreError> {
    let around = |by: Duration| {
        (
            seen.seen_at.saturating_sub(by),
            seen.seen_at.saturating_add(by),
        )
    };
    let (Ok(earliest), Ok(latest)) = around(seen.same_passing) else {
        return Ok(None);
    };
    let found = db.row(
        "SELECT id, number FROM alert
         WHERE list = ?1 AND record_mark = ?2 AND last_seen >= ?3 AND last_seen <= ?4
             AND state <> 'closed' AND state <> 'closed-by-exception'
         ORDER BY number DESC",
        values![sealed.hit.list, &sealed.record_mark, earliest, latest],
    )?;
    found.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub(crate) fn listed_place(alert: AlertId) -> String {
    format!("alert {alert} listed")
}
