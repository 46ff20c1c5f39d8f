//! Finding reads by plate, or by part of one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use govern::{CameraFacts, CameraId, Class, Permit, ReadId, Search};
use jiff::Timestamp;
use plate::{Jurisdiction, Pattern, PlateText};

use crate::heard::Coverage;
use crate::read::{Read, read};
use crate::sql::{AT_A_TIME, Connection, Row, Value, filled_up};
use crate::{Camera, Store, StoreError};

/// The most plates that a part of one may fit.
const MOST_PLATES: usize = 2_000;
/// The most reads that one answer is chosen from: more cannot be ranked as a whole.
const MOST_READS: usize = 10_000;
/// The lines of a page of an answer: reads of a search, vehicles of a canvass.
pub const LINES: usize = 100;

/// What would make it fewer.
const NARROWER: &str = "enter more of the plate, or fewer cameras and a shorter time";

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The first page of them: most probable first, then newest first.
    pub reads: Vec<FoundRead>,
    /// All of them in this order, with their probabilities: what other pages are turned to by.
    pub order: Vec<(ReadId, f64)>,
    /// How many there are in all.
    pub count: usize,
    /// How many reads of which class the member is not authorised for.
    pub withheld: Vec<(Class, u64)>,
    /// Which cameras could have seen it, and when they were looking.
    pub coverage: Vec<Coverage>,
}

/// A read that a search found.
#[derive(Clone, Debug)]
pub struct FoundRead {
    /// The read.
    pub read: Read,
    /// The probability that its plate is the one searched for.
    pub probability: f64,
}

/// A read as the search's table has it.
struct Candidate {
    id: ReadId,
    probability: f64,
    seen_at: Timestamp,
}

impl Candidate {
    /// Most probable first, by tenths: a hundredth more says little, a day later much. Then newest
    /// first.
    fn rank(&self) -> (i64, i64, ReadId) {
        let tenths = (self.probability * 10.0).round() as i64;
        (-tenths, -self.seen_at.as_millisecond(), self.id)
    }
}

impl Store {
    /// The reads that may be the permit's plate. What the permit's member is not authorised for is
    /// counted and not given.
    ///
    /// # Errors
    /// [`StoreError::TooMany`]; when the permit has expired or the database fails.
    pub fn search(&self, permit: &Permit<Search>) -> Result<Found, StoreError> {
        permit.check(&*self.clock)?;
        self.find(permit.act(), permit.classes(), LINES)
    }

    /// The reads that may be the act's plate, so many of them at most whole, and none of another class.
    pub(crate) fn find(
        &self,
        act: &Search,
        classes: &[Class],
        most: usize,
    ) -> Result<Found, StoreError> {
        let plates = self.plates(&act.plate)?;
        let wanted_cameras = act.all_cameras();
        let cameras = self.cameras_by_id()?;
        let mut candidates: BTreeMap<ReadId, Candidate> = BTreeMap::new();
        let mut withheld: BTreeMap<&str, BTreeSet<ReadId>> = BTreeMap::new();
        let rows = self.ask(|db| reads_of(db, &plates, act))?;
        for row in &rows {
            let (id, camera): (ReadId, CameraId) = (row.get(0)?, row.get(1)?);
            if !wanted(act, &wanted_cameras, camera, row.get::<Option<String>>(4)?) {
                continue;
            }
            let class = cameras
                .get(&camera)
                .and_then(|camera| camera.class.as_ref());
            if let Some(class) = class.filter(|class| !classes.contains(class)) {
                withheld.entry(&class.0).or_default().insert(id);
                continue;
            }
            let (seen_at, probability) = (row.get(2)?, row.get::<f64>(3)?);
            candidates
                .entry(id)
                .and_modify(|known| known.probability += probability)
                .or_insert(Candidate {
                    id,
                    probability,
                    seen_at,
                });
        }
        let count = candidates.len();
        let mut ranked: Vec<Candidate> = candidates.into_values().collect();
        ranked.sort_by_key(Candidate::rank);
        let order: Vec<(ReadId, f64)> = ranked.iter().map(|c| (c.id, c.probability)).collect();
        let shown = order.get(..most).unwrap_or(&order);
        let mut reads = self.reads_by_id(shown.iter().map(|(id, _)| *id))?;
        let coverage = self.heard()?.coverage(&cameras, &wanted_cameras, classes);
        Ok(Found {
            reads: shown
                .iter()
                .filter_map(|&(id, probability)| {
                    let (read, _) = reads.remove(&id)?;
                    Some(FoundRead { read, probability })
                })
                .collect(),
            order,
            count,
            withheld: withheld
                .into_iter()
                .map(|(class, reads)| (Class(class.to_owned()), reads.len() as u64))
                .collect(),
            coverage,
        })
    }

    /// The texts, with O as 0, that reads may be found under.
    pub(crate) fn plates(&self, pattern: &Pattern) -> Result<Vec<PlateText>, StoreError> {
        if let Some(plate) = pattern.plate() {
            return Ok(vec![plate]);
        }
        let dictionary = self
            .dictionary
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        dictionary
            .fitting(pattern, MOST_PLATES)
            .map_err(|_| StoreError::TooMany {
                most: MOST_PLATES,
                what: "plates",
                cure: NARROWER,
            })
    }

    pub(crate) fn cameras_by_id(&self) -> Result<BTreeMap<CameraId, Camera>, StoreError> {
        let cameras = self.cameras()?.into_iter();
        Ok(cameras.map(|camera| (camera.id, camera)).collect())
    }

    /// The reads of these ids that there are, each with the class of its camera.
    pub(crate) fn reads_by_id(
        &self,
        ids: impl Iterator<Item = ReadId>,
    ) -> Result<BTreeMap<ReadId, (Read, Option<Class>)>, StoreError> {
        let ids: Vec<Value> = ids.map(Value::from).collect();
        let mut reads = BTreeMap::new();
        self.ask(|db| {
            for some in ids.chunks(AT_A_TIME) {
                for row in &db.rows(READS_BY_ID, &filled_up(some.to_vec()))? {
                    let (read, class) = (read(row)?, row.get::<Option<String>>(11)?.map(Class));
                    reads.insert(read.id, (read, class));
                }
            }
            Ok(())
        })?;
        Ok(reads)
    }
}

/// Reads with their pictures and cameras.
pub(crate) const READS_BY_ID: &str = "
    SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
           picture.seen_at, camera.name, camera.place, camera.class
    FROM read
    JOIN picture ON picture.id = read.picture
    JOIN camera ON camera.id = picture.camera
    WHERE read.id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
        ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)";

/// Reads of one plate.
pub(crate) const READS_OF_ONE: &str = "
    SELECT read, camera, seen_at, probability, issuer FROM read_plate
    WHERE plate = ?1 AND seen_at >= ?2 AND seen_at < ?3 LIMIT ?4";

/// Reads of several.
pub(crate) const READS_OF_SOME: &str = "
    SELECT read, camera, seen_at, probability, issuer FROM read_plate
    WHERE plate IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
        ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)
      AND seen_at >= ?33 AND seen_at < ?34 LIMIT ?35";

/// Every read that is kept under one of the plates, within the act's time: its id, camera, time,
/// probability and issuer. At most so many that they can be ranked.
fn reads_of(
    db: &mut dyn Connection,
    plates: &[PlateText],
    act: &Search,
) -> Result<Vec<Row>, StoreError> {
    let from = act.within.from.unwrap_or(Timestamp::MIN);
    let until = act.within.until.unwrap_or(Timestamp::MAX);
    let mut found = Vec::new();
    for some in plates.chunks(AT_A_TIME) {
        let left = Value::from((MOST_READS + 1 - found.len()) as i64);
        let texts: Vec<Value> = some.iter().map(|p| Value::from(p.to_string())).collect();
        let rows = if let [plate] = &*texts {
            db.rows(
                READS_OF_ONE,
                &[plate.clone(), from.into(), until.into(), left],
            )?
        } else {
            let mut values = filled_up(texts);
            values.extend([from.into(), until.into(), left]);
            db.rows(READS_OF_SOME, &values)?
        };
        found.extend(rows);
        if found.len() > MOST_READS {
            return Err(StoreError::TooMany {
                most: MOST_READS,
                what: "reads",
                cure: NARROWER,
            });
        }
    }
    Ok(found)
}

/// Whether the read is by one of the act's cameras and may be of its issuer.
fn wanted(act: &Search, cameras: &[CameraFacts], camera: CameraId, issuer: Option<String>) -> bool {
    let anywhere = act.area.is_none() && cameras.is_empty();
    let here = anywhere || cameras.iter().any(|wanted| wanted.id == camera);
    let read_as = issuer.and_then(|code| code.parse::<Jurisdiction>().ok());
    let fits = match (act.issuer, read_as) {
        (Some(wanted), Some(read)) => wanted == read,
        _ => true,
    };
    here && fits
}
