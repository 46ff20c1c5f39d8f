//! When each camera handed in frames, and when it did not: that a car was not seen says something only
//! where somebody was looking.

use std::collections::BTreeMap;
use std::time::Duration;

use govern::{CameraFacts, CameraId, Class, KeepReads, Permit, Principal};
use jiff::Timestamp;

use crate::learnt::count_reads;
use crate::sql::values;
use crate::{Camera, Store, StoreError};

/// When one camera was looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Its name.
    pub camera: String,
    /// Where it stands.
    pub place: String,
    /// From when until when it handed in frames without a long break, in order.
    pub heard: Vec<(Timestamp, Timestamp)>,
}

impl Store {
    /// The permit's camera handed in a frame of this time, and so many reads since it was heard last.
    /// Frames no further apart than `longest` have no silence between them.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when the permit is not a camera's; when the database fails.
    pub fn hear(
        &self,
        permit: &Permit<KeepReads>,
        seen_at: Timestamp,
        longest: Duration,
        reads: u64,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let Principal::Camera(CameraFacts { id: camera, .. }) = permit.who() else {
            return Err(StoreError::NoSuch("camera that hands this in"));
        };
        let outside = |_| StoreError::Conflict("the frame's time is none".to_owned());
        let earliest = seen_at.checked_sub(longest).map_err(outside)?;
        let latest = seen_at.checked_add(longest).map_err(outside)?;
        self.change(|db| {
            count_reads(db, *camera, seen_at, reads)?;
            // Two stretches that the frame joins become one.
            let near = db.rows(
                "SELECT from_at, until_at FROM camera_heard
                 WHERE camera = ?1 AND from_at <= ?2 AND until_at >= ?3",
                values![*camera, latest, earliest],
            )?;
            let (mut from, mut until) = (seen_at, seen_at);
            for row in &near {
                from = from.min(row.get(0)?);
                until = until.max(row.get(1)?);
            }
            db.execute(
                "DELETE FROM camera_heard WHERE camera = ?1 AND from_at >= ?2 AND from_at <= ?3",
                values![*camera, from, until],
            )?;
            db.execute(
                "INSERT INTO camera_heard (camera, from_at, until_at) VALUES (?1, ?2, ?3)",
                values![*camera, from, until],
            )?;
            Ok(())
        })
    }

    /// When each camera was looking.
    pub(crate) fn heard(&self) -> Result<Heard, StoreError> {
        let mut heard = Heard::default();
        for row in &self.ask(|db| db.rows(HEARD, values![]))? {
            let stretch = (row.get(1)?, row.get(2)?);
            heard.0.entry(row.get(0)?).or_default().push(stretch);
        }
        Ok(heard)
    }
}

/// When each camera was looking, in order.
#[derive(Default)]
pub(crate) struct Heard(BTreeMap<CameraId, Vec<(Timestamp, Timestamp)>>);

/// All of it: what an answer covers may reach back to a camera's first frame.
pub(crate) const HEARD: &str =
    "SELECT camera, from_at, until_at FROM camera_heard ORDER BY camera, from_at";

impl Heard {
    /// When the wanted ones of the cameras were looking, by name; every camera, where none is wanted. Of
    /// a camera whose class is not among `classes` nothing is said.
    pub(crate) fn coverage(
        &self,
        cameras: &BTreeMap<CameraId, Camera>,
        wanted: &[CameraFacts],
        classes: &[Class],
    ) -> Vec<Coverage> {
        let is_wanted = |id: CameraId| wanted.is_empty() || wanted.iter().any(|c| c.id == id);
        let open = |class: &Option<Class>| class.as_ref().is_none_or(|c| classes.contains(c));
        let mut covered: Vec<&Camera> = cameras
            .values()
            .filter(|camera| is_wanted(camera.id) && open(&camera.class))
            .collect();
        covered.sort_by_key(|camera| camera.name.to_lowercase());
        covered
            .into_iter()
            .map(|camera| Coverage {
                camera: camera.name.clone(),
                place: camera.place.clone(),
                heard: self.0.get(&camera.id).cloned().unwrap_or_default(),
            })
            .collect()
    }
}
