//! Alerts, with the reads that they rest on.

use govern::{AlertId, PictureId, ReadId};
use jiff::Timestamp;

use super::reads::{
    Old, destroy_picture_without_reads, destroy_read, falls_under, is_held, is_hit, next,
};
use super::{Cursor, Destroyed, Enter, Stepped};
use crate::sql::{Connection, values};
use crate::{Store, StoreError};

impl Store {
    /// Destroys alerts that were last seen before then, with their steps and the reads that no other
    /// alert rests on. One that is held, or that rests on a read that is, stays whole.
    pub(super) fn purge_alerts(
        &self,
        db: &mut dyn Connection,
        before: Timestamp,
        after: &Cursor,
        at_once: u32,
        enter: Enter<'_>,
    ) -> Result<Stepped, StoreError> {
        let (at, id) = after.clone().unwrap_or((Timestamp::MIN, vec![]));
        let rows = db.rows(
            "SELECT last_seen, id FROM alert
             WHERE last_seen < ?1 AND (last_seen > ?2 OR (last_seen = ?2 AND id > ?3))
             ORDER BY last_seen, id LIMIT ?4",
            values![before, at, id, at_once],
        )?;
        let watching = self.watching(db)?;
        let mut destroyed = Destroyed::default();
        let (mut ids, mut plates) = (Vec::new(), Vec::new());
        for row in &rows {
            let (last_seen, alert): (Timestamp, AlertId) = (row.get(0)?, row.get(1)?);
            let held = "SELECT 1 FROM held_alert WHERE alert = ?1 LIMIT 1";
            let mut stays = db.row(held, values![alert])?.is_some();
            let sightings = db.rows(
                "SELECT DISTINCT read.id, read.reading, picture.id, picture.camera, picture.seen_at
                 FROM alert_sighting JOIN read ON read.id = alert_sighting.read
                 JOIN picture ON picture.id = read.picture
                 WHERE alert_sighting.alert = ?1",
                values![alert],
            )?;
            for row in &sightings {
                let picture = Old {
                    id: row.get(2)?,
                    camera: row.get(3)?,
                    seen_at: row.get(4)?,
                };
                stays = stays
                    || is_held(db, row.get(0)?)?
                    || falls_under(db, &watching, &picture, row, enter)?;
            }
            if stays {
                continue;
            }
            for statement in [
                "DELETE FROM alert_sighting WHERE alert = ?1",
                "DELETE FROM alert_step WHERE alert = ?1",
                "DELETE FROM correction WHERE alert = ?1",
                "DELETE FROM alert WHERE id = ?1",
            ] {
                db.execute(statement, values![alert])?;
            }
            ids.push(*alert.as_bytes());
            destroyed.alerts += 1;
            destroyed.note(last_seen);
            for row in &sightings {
                let (read, picture): (ReadId, PictureId) = (row.get(0)?, row.get(2)?);
                if !is_hit(db, read)? {
                    destroy_read(db, read, &mut plates)?;
                    ids.push(*read.as_bytes());
                    destroyed.reads += 1;
                    destroyed.pictures += destroy_picture_without_reads(db, picture)?;
                }
            }
        }
        Ok(Stepped {
            next: next(&rows)?,
            destroyed,
            ids,
            plates,
        })
    }
}
