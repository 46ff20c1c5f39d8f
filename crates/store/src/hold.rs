//! Holds: what is evidence, to be disclosed, or lawfully demanded is not purged while it is held (4).
//!
//! What a hold holds is listed row by row, with references that keep the database from letting go of
//! it; what it covers is kept too, for reads that come in later.

use crypt::Sealed;
use govern::{
    AlertId, CameraFacts, CameraId, Covers, ExtendHold, HoldId, HoldKind, MemberId, Permit,
    PlaceHold, ReadId, ReleaseHold, SeeHolds, Within,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledger::{DecisionId, Event, Hold, LedgerError};
use plate::{Pattern, PlateText};
use serde::{Deserialize, Serialize};

use crate::purge::Enter;
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// The most reads that one hold takes at once.
const MOST: usize = 50_000;

/// A hold that is to be placed.
pub(crate) struct NewHold<'a> {
    pub(crate) id: HoldId,
    pub(crate) kind: HoldKind,
    pub(crate) case: &'a str,
    pub(crate) why: &'a str,
    pub(crate) review_on: Date,
    pub(crate) covers: &'a Covers,
    pub(crate) by: Option<MemberId>,
    /// The decision under which it is placed, and its number in the ledger.
    pub(crate) decision: DecisionId,
    pub(crate) entry: u64,
}

/// A hold, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHold {
    /// Its name.
    pub id: HoldId,
    /// Its number, from 1.
    pub number: i64,
    /// What for.
    pub kind: HoldKind,
    /// The case's number.
    pub case: String,
    /// Why.
    pub why: String,
    /// What it covers, in words.
    pub covers: String,
    /// By whom it was placed; nobody, where a restore knows it by the ledger alone.
    pub placed_by: Option<MemberId>,
    /// When.
    pub placed_at: Timestamp,
    /// The number of the decision in the ledger.
    pub entry: u64,
    /// When somebody looks whether it is still needed.
    pub review_on: Date,
    /// Who looked last, and when.
    pub reviewed: Option<(MemberId, Timestamp)>,
    /// Who released it, when, and why; what it held is not listed any more.
    pub released: Option<(Option<MemberId>, Timestamp, String)>,
    /// How many reads it holds, those of its alerts included.
    pub reads: u64,
    /// How many alerts.
    pub alerts: u64,
}

/// What a hold came to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The hold's number.
    pub number: i64,
    /// Reads.
    pub reads: usize,
    /// Alerts.
    pub alerts: usize,
}

/// What is sealed in a hold's row.
#[derive(Serialize, Deserialize)]
pub(crate) struct About {
    case: String,
    why: String,
    /// In words.
    covers: String,
    /// For reads that come in later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matching: Option<Matching>,
}

/// What later reads are compared with.
#[derive(Serialize, Deserialize)]
pub(crate) struct Matching {
    plate: Option<String>,
    /// None: every camera.
    cameras: Vec<CameraId>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Store {
    /// Places the permit's hold, and holds what it covers from then on. `enter` puts what is held into
    /// the ledger before it is kept.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] for a read or an alert that there is not; [`StoreError::TooMany`]; when
    /// the permit has expired or the database or the ledger fails.
    pub fn place_hold(
        &self,
        permit: &Permit<PlaceHold>,
        mut enter: impl FnMut(Event) -> Result<(), LedgerError>,
    ) -> Result<Held, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let new = NewHold {
            id: act.hold,
            kind: act.kind,
            case: &act.case,
            why: &act.why,
            review_on: act.review_on,
            covers: &act.covers,
            by: permit.member(),
            decision: permit.decision(),
            entry: permit.entry(),
        };
        self.change(|db| self.put_hold(db, &new, &mut enter))
    }

    /// Places a hold inside a transaction that does more: what is booked into evidence is held by the
    /// same stroke.
    pub(crate) fn put_hold(
        &self,
        db: &mut dyn Connection,
        new: &NewHold<'_>,
        enter: Enter<'_>,
    ) -> Result<Held, StoreError> {
        db.hold("holds")?;
        let (reads, alerts) = self.covered_now(db, new.covers)?;
        let number: i64 = db.one("SELECT coalesce(max(number), 0) + 1 FROM hold", values![])?;
        let about = self.seal_json(&place(new.id, "about"), &About::of(new))?;
        let entry = i64::try_from(new.entry).map_err(StoreError::damaged)?;
        db.execute(
            "INSERT INTO hold (id, number, kind, case_key, about, placed_by, placed_at, entry, review_on)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            values![
                new.id,
                number,
                new.kind.as_str(),
                self.case_key(new.case),
                &about,
                new.by,
                self.clock.now(),
                entry,
                new.review_on,
            ],
        )?;
        let held = Hold {
            id: new.id,
            number,
            held_for: new.kind,
            decision: Some(new.decision),
            reads,
            alerts,
        };
        put_held(db, &held)?;
        enter_held(&held, enter)?;
        Ok(Held {
            number,
            reads: held.reads.len(),
            alerts: held.alerts.len(),
        })
    }

    /// The reads and the alerts that are covered now. An alert covers every read that it rests on.
    fn covered_now(
        &self,
        db: &mut dyn Connection,
        covers: &Covers,
    ) -> Result<(Vec<ReadId>, Vec<AlertId>), StoreError> {
        match covers {
            Covers::Matching { plate, within } => {
                let reads = match plate {
                    Some(plate) => self.reads_of_plate(db, plate, within)?,
                    None => reads_within(db, within)?,
                };
                Ok((reads, vec![]))
            }
            Covers::Reads(reads) => {
                for &read in reads {
                    db.row("SELECT 1 FROM read WHERE id = ?1", values![read])?
                        .ok_or(StoreError::NoSuch("such read"))?;
                }
                let mut reads = reads.clone();
                reads.sort_unstable();
                reads.dedup();
                Ok((reads, vec![]))
            }
            Covers::Alert(number) => {
                let row = db
                    .row("SELECT id FROM alert WHERE number = ?1", values![*number])?
                    .ok_or(StoreError::NoSuch("such alert"))?;
                let alert: AlertId = row.get(0)?;
                let reads = db.rows(
                    "SELECT DISTINCT read FROM alert_sighting WHERE alert = ?1",
                    values![alert],
                )?;
                let reads = reads.iter().map(|row| row.get(0));
                Ok((reads.collect::<Result<_, _>>()?, vec![alert]))
            }
        }
    }

    fn reads_of_plate(
        &self,
        db: &mut dyn Connection,
        plate: &Pattern,
        within: &Within,
    ) -> Result<Vec<ReadId>, StoreError> {
        let mut reads = Vec::new();
        for plate in self.plates(plate)? {
            let rows = db.rows(
                "SELECT read, camera FROM read_plate
                 WHERE plate = ?1 AND seen_at >= ?2 AND seen_at < ?3 LIMIT ?4",
                values![
                    plate.to_string(),
                    within.from.unwrap_or(Timestamp::MIN),
                    within.until.unwrap_or(Timestamp::MAX),
                    (MOST + 1) as i64,
                ],
            )?;
            for row in rows {
                if is_at(&within.cameras, row.get(1)?) {
                    reads.push(row.get(0)?);
                }
            }
            if reads.len() > MOST {
                return Err(too_many());
            }
        }
        reads.sort_unstable();
        reads.dedup();
        Ok(reads)
    }

    /// Notes that the permit's hold is still needed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for one that was released; when the permit has expired or the database
    /// fails.
    pub fn review_hold(&self, permit: &Permit<ExtendHold>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ExtendHold {
            hold, review_on, ..
        } = permit.act();
        let changed = self.change(|db| {
            db.execute(
                "UPDATE hold SET review_on = ?2, reviewed_by = ?3, reviewed_at = ?4
                 WHERE id = ?1 AND released_at IS NULL",
                values![*hold, *review_on, permit.member(), self.clock.now()],
            )
        })?;
        if changed == 0 {
            return Err(released_already());
        }
        Ok(())
    }

    /// Releases the permit's hold: what it alone held is purged by the schedule from now on.
    ///
    /// # Errors
    /// As [`Store::review_hold`].
    pub fn release_hold(&self, permit: &Permit<ReleaseHold>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ReleaseHold { hold, why, .. } = permit.act();
        self.let_go(*hold, permit.member(), why)?
            .then_some(())
            .ok_or_else(released_already)
    }

    /// Releases a hold again, after a restore.
    pub(crate) fn withdraw_hold(&self, hold: HoldId) -> Result<(), StoreError> {
        self.let_go(
            hold,
            None,
            "released after the backup that this was restored from",
        )?;
        Ok(())
    }

    /// Whether it was in force.
    fn let_go(&self, hold: HoldId, by: Option<MemberId>, why: &str) -> Result<bool, StoreError> {
        let why = self.seal(&place(hold, "released"), why)?;
        self.change(|db| {
            db.hold("holds")?;
            let changed = db.execute(
                "UPDATE hold SET released_by = ?2, released_at = ?3, released_why = ?4
                 WHERE id = ?1 AND released_at IS NULL",
                values![hold, by, self.clock.now(), &why],
            )?;
            db.execute("DELETE FROM held_read WHERE hold = ?1", values![hold])?;
            db.execute("DELETE FROM held_alert WHERE hold = ?1", values![hold])?;
            Ok(changed == 1)
        })
    }

    /// Every hold: those in force first, by the day on which somebody looks at them.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn holds(&self, permit: &Permit<SeeHolds>) -> Result<Vec<KeptHold>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, number, kind, about, placed_by, placed_at, entry, review_on, reviewed_by, reviewed_at,
                        released_by, released_at, released_why,
                        (SELECT count(*) FROM held_read WHERE held_read.hold = hold.id),
                        (SELECT count(*) FROM held_alert WHERE held_alert.hold = hold.id)
                 FROM hold
                 ORDER BY CASE WHEN released_at IS NULL THEN 0 ELSE 1 END, review_on, number",
                values![],
            )
        })?;
        rows.iter().map(|row| self.kept_hold(row)).collect()
    }

    /// Which hold goes by this number.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn hold_by_number(&self, number: i64) -> Result<HoldId, StoreError> {
        let row =
            self.ask(|db| db.row("SELECT id FROM hold WHERE number = ?1", values![number]))?;
        row.ok_or(StoreError::NoSuch("such hold"))?.get(0)
    }

    fn kept_hold(&self, row: &Row) -> Result<KeptHold, StoreError> {
        let id = row.get(0)?;
        let about: About = self.unseal_json(&place(id, "about"), &row.get(3)?)?;
        let reviewed: (Option<MemberId>, Option<Timestamp>) = (row.get(8)?, row.get(9)?);
        let released = row.get::<Option<Sealed>>(12)?.zip(row.get(11)?);
        Ok(KeptHold {
            id,
            number: row.get(1)?,
            kind: kind(row.get(2)?)?,
            case: about.case,
            why: about.why,
            covers: about.covers,
            placed_by: row.get(4)?,
            placed_at: row.get(5)?,
            entry: row.get::<i64>(6)?.unsigned_abs(),
            review_on: row.get(7)?,
            reviewed: reviewed.0.zip(reviewed.1),
            released: released
                .map(|(why, at)| {
                    let why = self.unseal(&place(id, "released"), &why)?;
                    Ok::<_, StoreError>((row.get(10)?, at, why))
                })
                .transpose()?,
            reads: row.get(13)?,
            alerts: row.get(14)?,
        })
    }
}

/// A hold in force that covers reads that come in later.
pub(crate) struct Watching {
    id: HoldId,
    number: i64,
    kind: HoldKind,
    plate: Option<Pattern>,
    matching: Matching,
}

impl Watching {
    /// Whether it covers a read by this camera, at this time, that may be of these plates.
    pub(crate) fn covers(&self, camera: CameraId, at: Timestamp, plates: &[PlateText]) -> bool {
        let Matching {
            cameras,
            from,
            until,
            ..
        } = &self.matching;
        (cameras.is_empty() || cameras.contains(&camera))
            && from.is_none_or(|from| at >= from)
            && until.is_none_or(|until| at < until)
            && (self.plate.as_ref()).is_none_or(|plate| plates.iter().any(|one| plate.fits(one)))
    }
}

impl Store {
    /// The holds in force that cover reads that come in later.
    pub(crate) fn watching(&self, db: &mut dyn Connection) -> Result<Vec<Watching>, StoreError> {
        let rows = db.rows(
            "SELECT id, number, kind, about FROM hold WHERE released_at IS NULL",
            values![],
        )?;
        let mut watching = Vec::new();
        for row in &rows {
            let id = row.get(0)?;
            let about: About = self.unseal_json(&place(id, "about"), &row.get(3)?)?;
            let Some(matching) = about.matching else {
                continue;
            };
            watching.push(Watching {
                id,
                number: row.get(1)?,
                kind: kind(row.get(2)?)?,
                plate: (matching.plate.as_ref())
                    .map(|plate| plate.parse().map_err(StoreError::damaged))
                    .transpose()?,
                matching,
            });
        }
        Ok(watching)
    }

    /// The case in what is sealed of a hold.
    pub(crate) fn case_of_hold(&self, id: HoldId, about: &Sealed) -> Result<String, StoreError> {
        let about: About = self.unseal_json(&place(id, "about"), about)?;
        Ok(about.case)
    }

    /// What stands in the place of what a restore lost.
    pub(crate) fn about_lost(&self, held: &Hold) -> Result<Sealed, StoreError> {
        let about = About {
            case: "lost".to_owned(),
            why: "placed after the backup that this was restored from: place it anew, and release this"
                .to_owned(),
            covers: "what the ledger lists".to_owned(),
            matching: None,
        };
        self.seal_json(&place(held.id, "about"), &about)
    }
}

fn kind(code: String) -> Result<HoldKind, StoreError> {
    HoldKind::ALL
        .into_iter()
        .find(|one| one.as_str() == code)
        .ok_or_else(|| StoreError::damaged("a hold is of no kind"))
}

impl About {
    fn of(new: &NewHold<'_>) -> Self {
        let matching = match new.covers {
            Covers::Matching { plate, within } => Some(Matching {
                plate: plate.as_ref().map(ToString::to_string),
                cameras: within.cameras.iter().map(|camera| camera.id).collect(),
                from: within.from,
                until: within.until,
            }),
            Covers::Reads(_) | Covers::Alert(_) => None,
        };
        Self {
            case: new.case.to_owned(),
            why: new.why.to_owned(),
            covers: new.covers.to_string(),
            matching,
        }
    }
}

/// Reads by these cameras in this time, whatever their plates.
fn reads_within(db: &mut dyn Connection, within: &Within) -> Result<Vec<ReadId>, StoreError> {
    let mut reads = Vec::new();
    for camera in db.rows("SELECT id FROM camera", values![])? {
        let camera: CameraId = camera.get(0)?;
        if !is_at(&within.cameras, camera) {
            continue;
        }
        let rows = db.rows(
            "SELECT read.id FROM picture JOIN read ON read.picture = picture.id
             WHERE picture.camera = ?1 AND picture.seen_at >= ?2 AND picture.seen_at < ?3 LIMIT ?4",
            values![
                camera,
                within.from.unwrap_or(Timestamp::MIN),
                within.until.unwrap_or(Timestamp::MAX),
                (MOST + 1) as i64,
            ],
        )?;
        for row in rows {
            reads.push(row.get(0)?);
        }
        if reads.len() > MOST {
            return Err(too_many());
        }
    }
    Ok(reads)
}

fn is_at(cameras: &[CameraFacts], camera: CameraId) -> bool {
    cameras.is_empty() || cameras.iter().any(|wanted| wanted.id == camera)
}

pub(crate) fn put_held(db: &mut dyn Connection, held: &Hold) -> Result<(), StoreError> {
    for &read in &held.reads {
        db.execute(
            "INSERT INTO held_read (read, hold) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            values![read, held.id],
        )?;
    }
    for &alert in &held.alerts {
        db.execute(
            "INSERT INTO held_alert (alert, hold) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            values![alert, held.id],
        )?;
    }
    Ok(())
}

/// Enters what is held, in as many entries as it takes; one at least.
fn enter_held(held: &Hold, enter: Enter<'_>) -> Result<(), LedgerError> {
    let mut reads = held.reads.chunks(Hold::IN_ONE_ENTRY);
    let first = Hold {
        reads: reads.next().unwrap_or_default().to_vec(),
        ..held.clone()
    };
    enter(Event::Held(first))?;
    for reads in reads {
        enter(Event::Held(Hold {
            reads: reads.to_vec(),
            alerts: vec![],
            ..held.clone()
        }))?;
    }
    Ok(())
}

/// Holds a read that came in after its hold was placed.
pub(crate) fn hold_later(
    db: &mut dyn Connection,
    hold: &Watching,
    read: ReadId,
    enter: Enter<'_>,
) -> Result<(), StoreError> {
    let held = Hold {
        id: hold.id,
        number: hold.number,
        held_for: hold.kind,
        decision: None,
        reads: vec![read],
        alerts: vec![],
    };
    put_held(db, &held)?;
    Ok(enter_held(&held, enter)?)
}

/// Puts a hold in place that the ledger knows and this database does not, or not any more.
pub(crate) fn put_again(
    db: &mut dyn Connection,
    held: &Hold,
    about: &Sealed,
    at: Timestamp,
    entry: u64,
) -> Result<(), StoreError> {
    let today = TimeZone::UTC.to_datetime(at).date();
    let entry = i64::try_from(entry).map_err(StoreError::damaged)?;
    db.execute(
        "INSERT INTO hold (id, number, kind, case_key, about, placed_at, entry, review_on)
         VALUES (?1, ?2, ?3, '', ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
        values![
            held.id,
            held.number,
            held.held_for.as_str(),
            about,
            at,
            entry,
            today,
        ],
    )?;
    Ok(())
}

fn too_many() -> StoreError {
    StoreError::TooMany {
        most: MOST,
        what: "reads",
        cure: "take fewer cameras or a shorter time, in several holds",
    }
}

fn released_already() -> StoreError {
    StoreError::Conflict("this hold was released already: place another".to_owned())
}

fn place(id: HoldId, what: &str) -> String {
    format!("hold {id} {what}")
}
