//! Canvassing a scene (3(c)): which vehicles were there, and which at several scenes.

use std::collections::BTreeMap;

use govern::{Canvass, Permit, PictureId, ReadId};
use plate::PlateText;
use store::{FoundRead, LINES, Read, Vehicle};

use crate::answers::{Lines, not_kept};
use crate::coverage::{Coverage, Span};
use crate::gate::Done;
use crate::search::{Sighting, Withheld, has_cameras, sighting};
use crate::{Caller, Station, StationError};

/// The most scenes of one canvass.
const MOST_SCENES: usize = 6;

/// The answer to a canvass.
pub struct VehiclesAt {
    /// What the scenes are called.
    pub scenes: Vec<String>,
    /// A page of the vehicles: those at most scenes first, then the most probable, then the first seen.
    pub vehicles: Vec<VehicleSeen>,
    /// The place of the page's first line, counted from 1.
    pub first: usize,
    /// How many lines the page has.
    pub lines: usize,
    /// How many there are in all.
    pub count: usize,
    /// How many reads of the page were purged since the answer was given.
    pub gone: usize,
    /// What was found and is not shown, for want of an authorisation.
    pub withheld: Vec<Withheld>,
    /// For each scene: which cameras could have seen it, and when they handed in nothing; with the first
    /// page, when it was asked for.
    pub coverage: Option<Vec<Vec<Coverage>>>,
    /// The number of the decision in the ledger.
    pub entry: u64,
    /// The same of the answer's first page: what other pages are asked for by.
    pub answer: u64,
}

/// A vehicle that was at one scene or more.
pub struct VehicleSeen {
    /// Its plate, with O as 0.
    pub plate: PlateText,
    /// At how many scenes.
    pub scenes: usize,
    /// The probability that it was at each of them.
    pub probability: f64,
    /// Its reads in the order of their times, each with its scene's place in the canvass.
    pub sightings: Vec<(usize, Sighting)>,
}

impl Station {
    /// The vehicles that were at the scenes.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] where a scene is none or too much fits;
    /// whatever keeps it from being done or written down.
    pub fn canvass(
        &self,
        caller: &Caller,
        mut canvass: Canvass,
    ) -> Result<VehiclesAt, StationError> {
        check(&canvass)?;
        canvass.case = self.case_of(&canvass.purpose)?;
        for area in canvass.scenes.iter_mut().filter_map(|s| s.area.as_mut()) {
            self.find_cameras(area)?;
        }
        let spans: Vec<Span> = canvass.scenes.iter().map(|s| (s.from, s.until)).collect();
        let (found, permit) = self.perform(caller, canvass, |permit: &Permit<Canvass>| {
            let scenes = permit.act().scenes.iter();
            scenes
                .map(|scene| scene.area.as_ref())
                .try_for_each(has_cameras)?;
            // The other pages are not handed out: they are asked for.
            let value = self.store.canvass(permit)?;
            let ids = value.reads.keys().map(|id| *id.as_bytes()).collect();
            Ok(Done { value, ids })
        })?;
        let entry = permit.entry();
        let withheld = self.withhold(caller, entry, found.withheld)?;
        let scenes: Vec<String> = permit.act().scenes.iter().map(|s| s.name.clone()).collect();
        let (order, mut reads) = (found.vehicles, found.reads);
        let count = order.len();
        let shown = order.get(..LINES).unwrap_or(&order);
        let (lines, vehicles) = (shown.len(), seen(shown, &mut reads));
        self.keep_answer(caller, &permit, Lines::Vehicles(scenes.clone(), order));
        self.disclose(permit, pictures(&vehicles));
        let coverage = found.coverage.into_iter().zip(spans);
        Ok(VehiclesAt {
            scenes,
            first: 1,
            lines,
            vehicles,
            count,
            gone: 0,
            withheld,
            coverage: Some(
                coverage
                    .map(|(cameras, (from, until))| self.covered(cameras, Some(from), Some(until)))
                    .collect(),
            ),
            entry,
            answer: entry,
        })
    }

    /// Turns to another page of a canvass's answer, as [`Station::search_page`] does of a search's.
    ///
    /// # Errors
    /// As [`Station::search_page`].
    pub fn canvass_page(
        &self,
        caller: &Caller,
        answer: u64,
        first: usize,
    ) -> Result<VehiclesAt, StationError> {
        let mut turned = self.turn_page(caller, answer, first, Lines::is_vehicles)?;
        let Lines::Vehicles(scenes, order) = &turned.answer.lines else {
            return Err(not_kept());
        };
        let (from, to) = turned.lines;
        let vehicles = seen(&order[from..to], &mut turned.page.reads);
        let entry = turned.permit.entry();
        self.disclose(turned.permit, pictures(&vehicles));
        Ok(VehiclesAt {
            scenes: scenes.clone(),
            vehicles,
            first,
            lines: to - from,
            count: order.len(),
            gone: turned.page.gone,
            withheld: turned.withheld,
            coverage: None,
            entry,
            answer,
        })
    }
}

/// The vehicles with those of their reads that there are; those without any are left out.
fn seen(vehicles: &[Vehicle], reads: &mut BTreeMap<ReadId, Read>) -> Vec<VehicleSeen> {
    let mut one = |vehicle: &Vehicle| {
        let sightings: Vec<(usize, Sighting)> = vehicle
            .reads
            .iter()
            .filter_map(|at| {
                let (read, probability) = (reads.remove(&at.read)?, at.probability);
                Some((at.scene, sighting(FoundRead { read, probability })))
            })
            .collect();
        (!sightings.is_empty()).then(|| VehicleSeen {
            scenes: vehicle.scenes(),
            plate: vehicle.plate.clone(),
            probability: vehicle.probability,
            sightings,
        })
    };
    vehicles.iter().filter_map(&mut one).collect()
}

fn pictures(vehicles: &[VehicleSeen]) -> Vec<PictureId> {
    let sightings = vehicles.iter().flat_map(|vehicle| &vehicle.sightings);
    sightings.map(|(_, sighting)| sighting.picture).collect()
}

fn check(canvass: &Canvass) -> Result<(), StationError> {
    let wrong = |what: String| Err(StationError::Input(what));
    if canvass.scenes.is_empty() {
        return wrong("a canvass needs a scene: its cameras, and from when until when".to_owned());
    }
    if canvass.scenes.len() > MOST_SCENES {
        return wrong(format!("a canvass has at most {MOST_SCENES} scenes"));
    }
    for scene in &canvass.scenes {
        let name = &scene.name;
        if scene.cameras.is_empty() && scene.area.is_none() {
            return wrong(format!(
                "{name}: choose the cameras around the scene, or enter an area"
            ));
        }
        if scene.from >= scene.until {
            return wrong(format!("{name}: it ends before it begins"));
        }
    }
    Ok(())
}
