//! How often cars of the lists pass a camera, by what the law enforcement database bore out.

use std::collections::HashMap;

use govern::{CameraFacts, HotlistId, KeepReads, Permit, Principal};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::sql::{Connection, values};
use crate::{Store, StoreError};

/// What was seen at a camera while a list was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Alerts of the list that were verified.
    pub verified: u64,
    /// Reads.
    pub reads: u64,
}

impl Store {
    /// What was seen since then at the permit's camera, by list.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when the permit is not a camera's; when the database fails.
    pub fn passed(
        &self,
        permit: &Permit<KeepReads>,
        since: Timestamp,
    ) -> Result<HashMap<HotlistId, Passed>, StoreError> {
        permit.check(&*self.clock)?;
        let Principal::Camera(CameraFacts { id: camera, .. }) = permit.who() else {
            return Err(StoreError::NoSuch("camera that hands this in"));
        };
        self.ask(|db| {
            let mut passed: HashMap<HotlistId, Passed> = HashMap::new();
            let days = db.rows(
                "SELECT day, reads FROM camera_reads WHERE camera = ?1 AND day >= ?2",
                values![*camera, day(since)],
            )?;
            let first = "SELECT list, min(imported_at) FROM hotlist_import GROUP BY list";
            for list in db.rows(first, values![])? {
                let there_since = day(list.get(1)?);
                let here = passed.entry(list.get(0)?).or_default();
                for one in &days {
                    if one.get::<String>(0)? >= there_since {
                        here.reads += one.get::<u64>(1)?;
                    }
                }
            }
            let verified = db.rows(
                "SELECT alert.list, count(*) FROM alert
                 JOIN alert_sighting ON alert_sighting.alert = alert.id AND alert_sighting.number = 1
                 JOIN read ON read.id = alert_sighting.read
                 JOIN picture ON picture.id = read.picture
                 WHERE picture.camera = ?1 AND alert.finding = 'verified' AND alert.last_seen >= ?2
                 GROUP BY alert.list",
                values![*camera, since],
            )?;
            for row in verified {
                passed.entry(row.get(0)?).or_default().verified = row.get(1)?;
            }
            Ok(passed)
        })
    }
}

/// Counts reads of a camera.
pub(crate) fn count_reads(
    db: &mut dyn Connection,
    camera: govern::CameraId,
    seen_at: Timestamp,
    reads: u64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO camera_reads (camera, day, reads) VALUES (?1, ?2, ?3)
         ON CONFLICT (camera, day) DO UPDATE SET reads = camera_reads.reads + excluded.reads",
        values![camera, day(seen_at), reads as i64],
    )?;
    Ok(())
}

/// The day, UTC.
fn day(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).date().to_string()
}
