//! Which vehicles were at a scene, and which at several.
//!
//! Put together from what reads are found under, camera by camera in the order of time: the reads
//! themselves are fetched for the vehicles that are shown.

use std::collections::{BTreeMap, BTreeSet};

use govern::{CameraId, Canvass, Class, Permit, ReadId, Scene};
use jiff::Timestamp;
use plate::{Pattern, PlateText};

use crate::heard::Coverage;
use crate::read::{ALTERNATIVES, Read};
use crate::search::LINES;
use crate::sql::values;
use crate::{Store, StoreError};

/// The most reads that the scenes together may have.
const MOST_READS: usize = 10_000;
/// A read less probable to be a vehicle than this is not counted as one of it.
const LEAST_PROBABLE: f64 = 0.02;

/// What a canvass found.
#[derive(Clone, Debug)]
pub struct Canvassed {
    /// The vehicles: those at most scenes first, then the most probable, then the first seen.
    pub vehicles: Vec<Vehicle>,
    /// The reads of the first page of them.
    pub reads: BTreeMap<ReadId, Read>,
    /// How many reads of which class the member is not authorised for.
    pub withheld: Vec<(Class, u64)>,
    /// For each scene: which cameras could have seen it, and when they were looking.
    pub coverage: Vec<Vec<Coverage>>,
}

/// A vehicle that was at one scene or more.
#[derive(Clone, Debug)]
pub struct Vehicle {
    /// Its plate, with O as 0.
    pub plate: PlateText,
    /// The probability that it was at every scene that it is shown at: the product over the scenes of
    /// the most probable read there.
    pub probability: f64,
    /// Its reads, in the order of their times.
    pub reads: Vec<VehicleRead>,
}

impl Vehicle {
    /// At how many scenes it was.
    pub fn scenes(&self) -> usize {
        let scenes: BTreeSet<usize> = self.reads.iter().map(|read| read.scene).collect();
        scenes.len()
    }

    fn first_seen(&self) -> Option<Timestamp> {
        self.reads.first().map(|read| read.seen_at)
    }
}

/// A read of a vehicle at a scene.
#[derive(Clone, Debug)]
pub struct VehicleRead {
    /// Which scene, counted from 0.
    pub scene: usize,
    /// The read.
    pub read: ReadId,
    /// When.
    pub seen_at: Timestamp,
    /// The probability that it is of this vehicle.
    pub probability: f64,
}

/// A read at a scene, with the texts that it is found under.
struct Seen {
    scene: usize,
    read: ReadId,
    seen_at: Timestamp,
    texts: Vec<(PlateText, f64)>,
}

impl Store {
    /// The vehicles that were at the permit's scenes.
    ///
    /// # Errors
    /// [`StoreError::TooMany`]; when the permit has expired or the database fails.
    pub fn canvass(&self, permit: &Permit<Canvass>) -> Result<Canvassed, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let (cameras, heard) = (self.cameras_by_id()?, self.heard()?);
        let mut seen = Vec::new();
        let mut withheld: BTreeMap<&Class, u64> = BTreeMap::new();
        let mut coverage = Vec::new();
        for (number, scene) in act.scenes.iter().enumerate() {
            let scene_cameras = scene.all_cameras();
            for camera in &scene_cameras {
                let class = cameras
                    .get(&camera.id)
                    .and_then(|camera| camera.class.as_ref());
                let reads = self.at_scene(number, scene, camera.id, MOST_READS + 1 - seen.len())?;
                match class.filter(|class| !permit.classes().contains(class)) {
                    Some(class) => *withheld.entry(class).or_default() += reads.len() as u64,
                    None => seen.extend(reads),
                }
                if seen.len() > MOST_READS {
                    return Err(StoreError::TooMany {
                        most: MOST_READS,
                        what: "reads",
                        cure: "take fewer cameras or a shorter time",
                    });
                }
            }
            coverage.push(heard.coverage(&cameras, &scene_cameras, permit.classes()));
        }
        let vehicles = vehicles(&seen, act.plate.as_ref());
        let shown = vehicles.iter().take(LINES);
        let shown = shown.flat_map(|vehicle| vehicle.reads.iter().map(|read| read.read));
        let reads = self.reads_by_id(shown)?.into_iter();
        Ok(Canvassed {
            reads: reads.map(|(id, (read, _))| (id, read)).collect(),
            vehicles,
            withheld: withheld
                .into_iter()
                .map(|(class, count)| (class.clone(), count))
                .collect(),
            coverage,
        })
    }

    /// So many reads of a camera at a scene.
    fn at_scene(
        &self,
        number: usize,
        scene: &Scene,
        camera: CameraId,
        most: usize,
    ) -> Result<Vec<Seen>, StoreError> {
        let lines = most * (1 + ALTERNATIVES);
        let rows = self.ask(|db| {
            db.rows(
                TEXTS_AT_SCENE,
                values![camera, scene.from, scene.until, lines as i64],
            )
        })?;
        let mut seen: BTreeMap<(Timestamp, ReadId), Vec<(PlateText, f64)>> = BTreeMap::new();
        for row in &rows {
            let text: String = row.get(2)?;
            let text = text.parse().map_err(StoreError::damaged)?;
            let texts = seen.entry((row.get(0)?, row.get(1)?)).or_default();
            texts.push((text, row.get(3)?));
        }
        let seen = seen.into_iter().take(most);
        Ok(seen
            .map(|((seen_at, read), texts)| Seen {
                scene: number,
                read,
                seen_at,
                texts,
            })
            .collect())
    }
}

/// What the reads of one camera within a time are found under.
pub(crate) const TEXTS_AT_SCENE: &str = "
    SELECT seen_at, read, plate, probability FROM read_plate
    WHERE camera = ?1 AND seen_at >= ?2 AND seen_at < ?3
    ORDER BY camera, seen_at LIMIT ?4";

/// Puts reads together to vehicles. A text that reads at several scenes may be, one of them as its
/// second choice perhaps, is one vehicle; each read is part of the vehicle that speaks most for it:
/// at most scenes, then most probable. Only texts that fit the pattern count.
fn vehicles(seen: &[Seen], pattern: Option<&Pattern>) -> Vec<Vehicle> {
    let mut by_text: BTreeMap<&PlateText, Vec<(usize, f64)>> = BTreeMap::new();
    for (n, one) in seen.iter().enumerate() {
        let texts = one.texts.iter();
        for (text, probability) in texts.filter(|(text, _)| pattern.is_none_or(|p| p.fits(text))) {
            by_text.entry(text).or_default().push((n, *probability));
        }
    }
    let speaks_for = |reads: &[(usize, f64)]| {
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        for &(n, probability) in reads {
            let known = best.entry(seen[n].scene).or_default();
            *known = known.max(probability);
        }
        (best.len(), best.values().product::<f64>())
    };
    let mut order: Vec<(usize, f64, &PlateText)> = by_text
        .iter()
        .map(|(text, reads)| {
            let (scenes, probability) = speaks_for(reads);
            (scenes, probability, *text)
        })
        .collect();
    order.sort_by(|a, b| {
        b.0.cmp(&a.0)
            .then(b.1.total_cmp(&a.1))
            .then_with(|| a.2.cmp(b.2))
    });
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut vehicles = Vec::new();
    for (_, _, text) in order {
        let reads = by_text.get(text).into_iter().flatten().copied();
        let free: Vec<(usize, f64)> = reads
            .filter(|(n, p)| !taken.contains(n) && *p >= LEAST_PROBABLE)
            .collect();
        if free.is_empty() {
            continue;
        }
        taken.extend(free.iter().map(|(n, _)| n));
        let mut reads: Vec<VehicleRead> = free
            .iter()
            .map(|&(n, probability)| VehicleRead {
                scene: seen[n].scene,
                read: seen[n].read,
                seen_at: seen[n].seen_at,
                probability,
            })
            .collect();
        reads.sort_by_key(|read| (read.seen_at, read.read));
        vehicles.push(Vehicle {
            plate: text.clone(),
            probability: speaks_for(&free).1,
            reads,
        });
    }
    vehicles.sort_by(|a, b| {
        b.scenes()
            .cmp(&a.scenes())
            .then(b.probability.total_cmp(&a.probability))
            .then_with(|| a.first_seen().cmp(&b.first_seen()))
    });
    vehicles
}
