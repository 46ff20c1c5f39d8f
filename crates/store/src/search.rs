//! Finding reads by plate, or by part of one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use govern::{CameraFacts, CameraId, Class, Permit, ReadId, Search};
use jiff::Timestamp;
use plate::{Jurisdiction, Pattern, PlateText};

use crate::heard::Coverage;
use crate::read::{Read, read};
use crate::sql::{Connection, Row, Value};
use crate::{Camera, Store, StoreError};

/// The most plates that a part of one may fit.
const MOST_PLATES: usize = 2_000;
/// The most reads that one answer is chosen from: more cannot be ranked as a whole.
const MOST_READS: usize = 10_000;
/// The most reads that one answer shows.
const MOST_SHOWN: usize = 200;
/// Plates and reads asked for at a time: as many as the statements below have places.
const AT_A_TIME: usize = 32;

/// What would make it fewer.
const NARROWER: &str = "enter more of the plate, or fewer cameras and a shorter time";

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The reads, at most 200: most probable first, then newest first.
    pub reads: Vec<FoundRead>,
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
        self.find(permit.act(), permit.classes(), MOST_SHOWN)
    }

    /// The reads that may be the act's plate, so many at most, and none of another class.
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
        ranked.truncate(most);
        let mut reads = self.reads_by_id(&ranked.iter().map(|c| c.id).collect::<Vec<_>>())?;
        let coverage = self.coverage(&wanted_cameras, classes)?;
        Ok(Found {
            reads: ranked
                .into_iter()
                .filter_map(|candidate| {
                    Some(FoundRead {
                        read: reads.remove(&candidate.id)?,
                        probability: candidate.probability,
                    })
                })
                .collect(),
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

    fn reads_by_id(&self, ids: &[ReadId]) -> Result<BTreeMap<ReadId, Read>, StoreError> {
        let mut reads = BTreeMap::new();
        self.ask(|db| {
            for some in ids.chunks(AT_A_TIME) {
                let rows = db.rows(
                    "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                            picture.seen_at, camera.name, camera.place
                     FROM read
                     JOIN picture ON picture.id = read.picture
                     JOIN camera ON camera.id = picture.camera
                     WHERE read.id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                         ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)",
                    &filled_up(some.iter().map(|&id| Value::from(id)).collect()),
                )?;
                for row in &rows {
                    let read = read(row)?;
                    reads.insert(read.id, read);
                }
            }
            Ok(())
        })?;
        Ok(reads)
    }
}

/// The statements above have a fixed number of places: what is left over asks for the last once more.
fn filled_up(mut values: Vec<Value>) -> Vec<Value> {
    if let Some(last) = values.last().cloned() {
        values.resize(AT_A_TIME, last);
    }
    values
}

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
                "SELECT read, camera, seen_at, probability, issuer FROM read_plate
                 WHERE plate = ?1 AND seen_at >= ?2 AND seen_at < ?3 LIMIT ?4",
                &[plate.clone(), from.into(), until.into(), left],
            )?
        } else {
            let mut values = filled_up(texts);
            values.extend([from.into(), until.into(), left]);
            db.rows(
                "SELECT read, camera, seen_at, probability, issuer FROM read_plate
                 WHERE plate IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                     ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)
                   AND seen_at >= ?33 AND seen_at < ?34 LIMIT ?35",
                &values,
            )?
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
