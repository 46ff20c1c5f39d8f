//! When each camera handed in frames, and when it did not: that a car was not seen says something only
//! where somebody was looking.

use std::time::Duration;

use govern::{CameraFacts, CameraId, Class, KeepReads, Permit, Principal};
use jiff::Timestamp;

use crate::learnt::count_reads;
use crate::sql::values;
use crate::{Store, StoreError};

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

    /// When these cameras were looking; every camera, where none is named. Of a camera whose class is
    /// not among `classes` nothing is said.
    pub(crate) fn coverage(
        &self,
        cameras: &[CameraFacts],
        classes: &[Class],
    ) -> Result<Vec<Coverage>, StoreError> {
        let wanted = |id: CameraId| cameras.is_empty() || cameras.iter().any(|c| c.id == id);
        let open = |class: &Option<Class>| class.as_ref().is_none_or(|c| classes.contains(c));
        self.cameras()?
            .into_iter()
            .filter(|camera| wanted(camera.id) && open(&camera.class))
            .map(|camera| {
                let heard = self.ask(|db| {
                    db.rows(
                        "SELECT from_at, until_at FROM camera_heard WHERE camera = ?1 ORDER BY from_at",
                        values![camera.id],
                    )
                })?;
                Ok(Coverage {
                    camera: camera.name,
                    place: camera.place,
                    heard: heard
                        .iter()
                        .map(|row| Ok((row.get(0)?, row.get(1)?)))
                        .collect::<Result<_, StoreError>>()?,
                })
            })
            .collect()
    }
}
