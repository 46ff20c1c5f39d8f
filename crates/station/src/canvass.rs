//! Canvassing a scene (3(c)): which vehicles were there, and which at several scenes.

use govern::{Canvass, Permit};
use plate::PlateText;

use crate::coverage::{Coverage, Span};
use crate::gate::Done;
use crate::search::{Sighting, Withheld, has_cameras, sighting};
use crate::{Caller, Station, StationError};

/// The most scenes of one canvass.
const MOST_SCENES: usize = 6;

/// The answer to a canvass.
pub struct VehiclesAt {
    /// The vehicles, at most 100: those at most scenes first, then the most probable, then the first
    /// seen.
    pub vehicles: Vec<VehicleSeen>,
    /// How many there are in all.
    pub count: usize,
    /// What was found and is not shown, for want of an authorisation.
    pub withheld: Vec<Withheld>,
    /// For each scene: which cameras could have seen it, and when they handed in nothing.
    pub coverage: Vec<Vec<Coverage>>,
    /// The number of the decision in the ledger.
    pub entry: u64,
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
            let value = self.store.canvass(permit)?;
            let reads = value.vehicles.iter().flat_map(|vehicle| &vehicle.reads);
            let ids = reads.map(|read| *read.found.read.id.as_bytes()).collect();
            Ok(Done { value, ids })
        })?;
        let entry = permit.entry();
        let withheld = self.withhold(caller, entry, found.withheld)?;
        let reads = found.vehicles.iter().flat_map(|vehicle| &vehicle.reads);
        let pictures = reads.map(|read| read.found.read.picture).collect();
        self.disclose(permit, pictures);
        let vehicles = found.vehicles.into_iter().map(|vehicle| VehicleSeen {
            scenes: vehicle.scenes(),
            plate: vehicle.plate,
            probability: vehicle.probability,
            sightings: vehicle
                .reads
                .into_iter()
                .map(|read| (read.scene, sighting(read.found)))
                .collect(),
        });
        Ok(VehiclesAt {
            vehicles: vehicles.collect(),
            count: found.count,
            withheld,
            coverage: found
                .coverage
                .into_iter()
                .zip(spans)
                .map(|(cameras, (from, until))| self.covered(cameras, Some(from), Some(until)))
                .collect(),
            entry,
        })
    }
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
