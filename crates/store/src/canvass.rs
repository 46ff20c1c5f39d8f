//! Which vehicles were at a scene, and which at several.

use std::collections::{BTreeMap, BTreeSet};

use govern::{Canvass, Class, Permit, Scene};
use plate::{Pattern, PlateText};

use crate::heard::Coverage;
use crate::read::{Read, found_under, read};
use crate::search::FoundRead;
use crate::sql::values;
use crate::{Store, StoreError};

/// The most reads that the scenes together may have.
const MOST_READS: usize = 10_000;
/// The most vehicles that one answer shows.
const MOST_SHOWN: usize = 100;
/// A read less probable to be a vehicle than this is not counted as one of it.
const LEAST_PROBABLE: f64 = 0.02;

/// What a canvass found.
#[derive(Clone, Debug)]
pub struct Canvassed {
    /// The vehicles, at most 100: those at most scenes first, then the most probable, then the first
    /// seen.
    pub vehicles: Vec<Vehicle>,
    /// How many there are in all.
    pub count: usize,
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
}

/// A read of a vehicle at a scene.
#[derive(Clone, Debug)]
pub struct VehicleRead {
    /// Which scene, counted from 0.
    pub scene: usize,
    /// The read, and how probable it is that it is of this vehicle.
    pub found: FoundRead,
}

impl Store {
    /// The vehicles that were at the permit's scenes.
    ///
    /// # Errors
    /// [`StoreError::TooMany`]; when the permit has expired or the database fails.
    pub fn canvass(&self, permit: &Permit<Canvass>) -> Result<Canvassed, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let cameras = self.cameras_by_id()?;
        let mut seen = Vec::new();
        let mut withheld: BTreeMap<&Class, u64> = BTreeMap::new();
        let mut coverage = Vec::new();
        for (number, scene) in act.scenes.iter().enumerate() {
            let scene_cameras = scene.all_cameras();
            for camera in &scene_cameras {
                let class = cameras
                    .get(&camera.id)
                    .and_then(|camera| camera.class.as_ref());
                let reads = self.at_scene(scene, camera.id, MOST_READS + 1 - seen.len())?;
                match class.filter(|class| !permit.classes().contains(class)) {
                    Some(class) => *withheld.entry(class).or_default() += reads.len() as u64,
                    None => seen.extend(reads.into_iter().map(|read| (number, read))),
                }
                if seen.len() > MOST_READS {
                    return Err(StoreError::TooMany {
                        most: MOST_READS,
                        what: "reads",
                        cure: "take fewer cameras or a shorter time",
                    });
                }
            }
            coverage.push(self.coverage(&scene_cameras, permit.classes())?);
        }
        let mut vehicles = vehicles(seen, act.plate.as_ref());
        let count = vehicles.len();
        vehicles.truncate(MOST_SHOWN);
        Ok(Canvassed {
            vehicles,
            count,
            withheld: withheld
                .into_iter()
                .map(|(class, count)| (class.clone(), count))
                .collect(),
            coverage,
        })
    }

    fn at_scene(
        &self,
        scene: &Scene,
        camera: govern::CameraId,
        most: usize,
    ) -> Result<Vec<Read>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                        picture.seen_at, camera.name, camera.place
                 FROM picture
                 JOIN read ON read.picture = picture.id
                 JOIN camera ON camera.id = picture.camera
                 WHERE picture.camera = ?1 AND picture.seen_at >= ?2 AND picture.seen_at < ?3
                 ORDER BY picture.seen_at LIMIT ?4",
                values![camera, scene.from, scene.until, most as i64],
            )
        })?;
        rows.iter().map(read).collect()
    }
}

/// Puts reads together to vehicles. A text that reads at several scenes may be, one of them as its
/// second choice perhaps, is one vehicle; each read is part of the vehicle that speaks most for it:
/// at most scenes, then most probable. Only texts that fit the pattern count.
fn vehicles(seen: Vec<(usize, Read)>, pattern: Option<&Pattern>) -> Vec<Vehicle> {
    let mut by_text: BTreeMap<PlateText, Vec<(usize, f64)>> = BTreeMap::new();
    for (n, (_, read)) in seen.iter().enumerate() {
        let texts = found_under(&read.reading).into_iter();
        for (text, probability) in texts.filter(|(text, _)| pattern.is_none_or(|p| p.fits(text))) {
            by_text.entry(text).or_default().push((n, probability));
        }
    }
    let speaks_for = |text: &PlateText, reads: &[(usize, f64)], free: &dyn Fn(usize) -> bool| {
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        for &(n, probability) in reads.iter().filter(|(n, _)| free(*n)) {
            let known = best.entry(seen[n].0).or_default();
            *known = known.max(probability);
        }
        (best.len(), best.values().product::<f64>(), text.clone())
    };
    let mut order: Vec<(usize, f64, PlateText)> = by_text
        .iter()
        .map(|(text, reads)| speaks_for(text, reads, &|_| true))
        .collect();
    order.sort_by(|a, b| {
        b.0.cmp(&a.0)
            .then(b.1.total_cmp(&a.1))
            .then_with(|| a.2.cmp(&b.2))
    });
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    for (_, _, text) in order {
        let Some(reads) = by_text.get(&text) else {
            continue;
        };
        let free: Vec<(usize, f64)> = reads
            .iter()
            .copied()
            .filter(|(n, p)| !taken.contains(n) && *p >= LEAST_PROBABLE)
            .collect();
        if free.is_empty() {
            continue;
        }
        let (_, probability, plate) = speaks_for(&text, &free, &|n| !taken.contains(&n));
        taken.extend(free.iter().map(|(n, _)| n));
        found.push((plate, probability, free));
    }
    let mut seen: Vec<Option<(usize, Read)>> = seen.into_iter().map(Some).collect();
    let mut vehicles: Vec<Vehicle> = found
        .into_iter()
        .map(|(plate, probability, free)| {
            let mut reads: Vec<VehicleRead> = free
                .into_iter()
                .filter_map(|(n, probability)| {
                    let (scene, read) = seen.get_mut(n)?.take()?;
                    let found = FoundRead { read, probability };
                    Some(VehicleRead { scene, found })
                })
                .collect();
            reads.sort_by_key(|read| (read.found.read.seen_at, read.found.read.id));
            Vehicle {
                plate,
                probability,
                reads,
            }
        })
        .collect();
    vehicles.sort_by(|a, b| {
        let first = |vehicle: &Vehicle| vehicle.reads.first().map(|read| read.found.read.seen_at);
        b.scenes()
            .cmp(&a.scenes())
            .then(b.probability.total_cmp(&a.probability))
            .then_with(|| first(a).cmp(&first(b)))
    });
    vehicles
}
