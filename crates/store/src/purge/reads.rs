//! Reads without a hit, and their pictures.

use govern::{CameraId, PictureId, ReadId};
use jiff::Timestamp;
use plate::{PlateText, Reading};

use super::{Cursor, Destroyed, Enter, Stepped};
use crate::hold::{Watching, hold_later};
use crate::read::found_under;
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A picture whose time may be over.
pub(super) struct Old {
    pub(super) id: PictureId,
    pub(super) camera: CameraId,
    pub(super) seen_at: Timestamp,
}

impl Store {
    /// Destroys reads that were seen before then, that no alert rests on and no hold holds; with its
    /// last read a picture.
    pub(super) fn purge_reads(
        &self,
        db: &mut dyn Connection,
        before: Timestamp,
        after: &Cursor,
        at_once: u32,
        enter: Enter<'_>,
    ) -> Result<Stepped, StoreError> {
        let rows = pictures_after(db, before, after, at_once)?;
        let watching = self.watching(db)?;
        let mut destroyed = Destroyed::default();
        let (mut ids, mut plates) = (Vec::new(), Vec::new());
        let mut looked_at = 0;
        for row in &rows {
            // A frame full of plates is a step by itself.
            if ids.len() >= at_once as usize {
                break;
            }
            looked_at += 1;
            let picture = old(row)?;
            let reads = db.rows(
                "SELECT id, reading FROM read WHERE picture = ?1",
                values![picture.id],
            )?;
            for row in &reads {
                let read: ReadId = row.get(0)?;
                let stays = is_hit(db, read)?
                    || is_held(db, read)?
                    || falls_under(db, &watching, &picture, row, enter)?;
                if !stays {
                    destroy_read(db, read, &mut plates)?;
                    ids.push(*read.as_bytes());
                    destroyed.reads += 1;
                    destroyed.note(picture.seen_at);
                }
            }
            destroyed.pictures += destroy_picture_without_reads(db, picture.id)?;
        }
        Ok(Stepped {
            next: next(rows.get(..looked_at).unwrap_or_default())?,
            destroyed,
            ids,
            plates,
        })
    }

    /// Destroys pictures that were seen before then, and leaves their reads: the picture's own key, and
    /// then its file.
    pub(super) fn purge_pictures(
        &self,
        db: &mut dyn Connection,
        before: Timestamp,
        after: &Cursor,
        at_once: u32,
        enter: Enter<'_>,
    ) -> Result<Stepped, StoreError> {
        let rows = pictures_after(db, before, after, at_once)?;
        let watching = self.watching(db)?;
        let mut destroyed = Destroyed::default();
        let mut ids = Vec::new();
        for row in &rows {
            let picture = old(row)?;
            let reads = db.rows(
                "SELECT id, reading FROM read WHERE picture = ?1",
                values![picture.id],
            )?;
            let mut stays = false;
            for row in &reads {
                let read: ReadId = row.get(0)?;
                stays = stays
                    || is_hit(db, read)?
                    || is_held(db, read)?
                    || falls_under(db, &watching, &picture, row, enter)?;
            }
            if stays {
                continue;
            }
            let changed = db.execute(
                "UPDATE picture SET wrapped = ?2 WHERE id = ?1 AND length(wrapped) > 0",
                values![picture.id, Vec::<u8>::new()],
            )?;
            if changed == 1 {
                note_gone(db, picture.id)?;
                ids.push(*picture.id.as_bytes());
                destroyed.pictures += 1;
                destroyed.note(picture.seen_at);
            }
        }
        Ok(Stepped {
            next: next(&rows)?,
            destroyed,
            ids,
            plates: vec![],
        })
    }
}

/// The pictures seen before then, the oldest first, so many after the cursor.
fn pictures_after(
    db: &mut dyn Connection,
    before: Timestamp,
    after: &Cursor,
    at_once: u32,
) -> Result<Vec<Row>, StoreError> {
    let (at, id) = after.clone().unwrap_or((Timestamp::MIN, vec![]));
    db.rows(
        "SELECT seen_at, id, camera FROM picture
         WHERE seen_at < ?1 AND (seen_at > ?2 OR (seen_at = ?2 AND id > ?3))
         ORDER BY seen_at, id LIMIT ?4",
        values![before, at, id, at_once],
    )
}

fn old(row: &Row) -> Result<Old, StoreError> {
    Ok(Old {
        seen_at: row.get(0)?,
        id: row.get(1)?,
        camera: row.get(2)?,
    })
}

/// Where the next step goes on: rows of time and id.
pub(super) fn next(rows: &[Row]) -> Result<Cursor, StoreError> {
    let last = rows.last();
    last.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub(super) fn is_hit(db: &mut dyn Connection, read: ReadId) -> Result<bool, StoreError> {
    let found = "SELECT 1 FROM alert_sighting WHERE read = ?1 LIMIT 1";
    Ok(db.row(found, values![read])?.is_some())
}

pub(super) fn is_held(db: &mut dyn Connection, read: ReadId) -> Result<bool, StoreError> {
    let found = "SELECT 1 FROM held_read WHERE read = ?1 LIMIT 1";
    Ok(db.row(found, values![read])?.is_some())
}

/// Whether the read in a row, `id` and `reading`, came in after a hold that covers it: then it is held
/// from now on.
pub(super) fn falls_under(
    db: &mut dyn Connection,
    watching: &[Watching],
    picture: &Old,
    row: &Row,
    enter: Enter<'_>,
) -> Result<bool, StoreError> {
    if watching.is_empty() {
        return Ok(false);
    }
    let reading: Reading =
        serde_json::from_str(&row.get::<String>(1)?).map_err(StoreError::damaged)?;
    let texts: Vec<PlateText> = found_under(&reading).into_keys().collect();
    let mut held = false;
    for hold in watching {
        if hold.covers(picture.camera, picture.seen_at, &texts) {
            hold_later(db, hold, row.get(0)?, enter)?;
            held = true;
        }
    }
    Ok(held)
}

/// Destroys a read that nothing refers to; the texts that it was found under are added to `plates`.
pub(super) fn destroy_read(
    db: &mut dyn Connection,
    read: ReadId,
    plates: &mut Vec<String>,
) -> Result<(), StoreError> {
    for row in db.rows(
        "DELETE FROM read_plate WHERE read = ?1 RETURNING plate",
        values![read],
    )? {
        plates.push(row.get(0)?);
    }
    db.execute("DELETE FROM read WHERE id = ?1", values![read])?;
    Ok(())
}

/// Destroys a picture's own key with its row, if no read of it is left; its file follows. How many were
/// destroyed, 0 or 1.
pub(super) fn destroy_picture_without_reads(
    db: &mut dyn Connection,
    picture: PictureId,
) -> Result<u64, StoreError> {
    let destroyed = db.execute(
        "DELETE FROM picture WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM read WHERE read.picture = ?1)",
        values![picture],
    )?;
    if destroyed == 1 {
        note_gone(db, picture)?;
    }
    Ok(destroyed)
}

fn note_gone(db: &mut dyn Connection, picture: PictureId) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO picture_gone (picture) VALUES (?1) ON CONFLICT DO NOTHING",
        values![picture],
    )?;
    Ok(())
}
