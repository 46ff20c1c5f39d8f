//! A camera's class changes, and with it the keys that its pictures' keys are wrapped by.
//!
//! Who may see its reads changes at once. The pictures' own keys follow, some at a time: each is
//! wrapped by the new class's key and stands so in the database, by one change, before the old class's
//! key is destroyed. Broken off anywhere, every picture opens by the key that its row names, and the
//! rest follows.

use crypt::{Random, Sealed};
use govern::{CameraId, ClassifyCamera, Permit, PictureId};

use crate::sql::{Connection, Row, values};
use crate::vault::{KeyName, key_class, retention_of};
use crate::{Store, StoreError};

/// A key whose class is not its camera's any more.
struct Stale {
    camera: CameraId,
    class: String,
    day: String,
    /// The class that takes its place.
    next: String,
}

impl Stale {
    fn name(&self) -> KeyName<'_> {
        self.name_of(&self.class)
    }

    fn next_name(&self) -> KeyName<'_> {
        self.name_of(&self.next)
    }

    fn name_of<'a>(&'a self, class: &'a str) -> KeyName<'a> {
        KeyName {
            camera: self.camera,
            class,
            day: &self.day,
        }
    }
}

impl Store {
    /// Gives the permit's camera its class. Its pictures' keys are wrapped anew by
    /// [`Store::rewrap_pictures`].
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the camera has another class than the permit says.
    pub fn classify_camera(&self, permit: &Permit<ClassifyCamera>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ClassifyCamera {
            camera, from, to, ..
        } = permit.act();
        let text = |class: &Option<govern::Class>| class.as_ref().map(|class| class.0.clone());
        let changed = self.change(|db| {
            db.execute(
                "UPDATE camera SET class = ?2
                 WHERE id = ?1 AND coalesce(class, '') = coalesce(?3, '')",
                values![*camera, text(to), text(from)],
            )
        })?;
        if changed == 0 {
            return Err(StoreError::Conflict(
                "the camera's class was changed by somebody else meanwhile".to_owned(),
            ));
        }
        Ok(())
    }

    /// Gives a camera its class again, after a restore.
    pub(crate) fn withdraw_open_reads(
        &self,
        camera: CameraId,
        class: &str,
    ) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE camera SET class = ?2 WHERE id = ?1",
                values![camera, class],
            )?;
            Ok(())
        })
    }

    /// Wraps the keys of at most so many pictures by the key of their camera's class, and destroys keys
    /// that wrap nothing any more. False when there is nothing left to do. It shows nobody anything, so
    /// it needs no permit.
    ///
    /// # Errors
    /// When the database fails; [`StoreError::Damaged`] when the key of keys does not open.
    pub fn rewrap_pictures(&self, most: u32, random: &dyn Random) -> Result<bool, StoreError> {
        let Some(stale) = self.stale_key()? else {
            return Ok(false);
        };
        let pictures = self.ask(|db| {
            db.rows(
                "SELECT id, wrapped FROM picture
                 WHERE camera = ?1 AND class = ?2 AND day = ?3 LIMIT ?4",
                values![stale.camera, &stale.class, &stale.day, most],
            )
        })?;
        if pictures.is_empty() {
            // Only now: no picture needs it. One that came in meanwhile keeps it.
            self.change(|db| {
                db.execute(
                    "DELETE FROM picture_key WHERE camera = ?1 AND class = ?2 AND day = ?3
                     AND NOT EXISTS (SELECT 1 FROM picture WHERE picture.camera = ?1
                         AND picture.class = ?2 AND picture.day = ?3)",
                    values![stale.camera, &stale.class, &stale.day],
                )
            })?;
            return Ok(true);
        }
        let old = self.existing_key(&stale.name())?;
        let new = self.key_for(&stale.next_name(), random)?;
        let rewrapped = pictures.iter().map(|row| {
            let (picture, wrapped): (PictureId, Sealed) = (row.get(0)?, row.get(1)?);
            // What its key does not open, as after a restore without the pictures' keys, nothing does:
            // it goes along as it is.
            let wrapped = match old.open_key(picture.as_bytes(), &wrapped) {
                Ok(own) => new
                    .seal(picture.as_bytes(), own.expose())
                    .map_err(StoreError::damaged)?,
                Err(_) => wrapped,
            };
            Ok((picture, wrapped))
        });
        let rewrapped = rewrapped.collect::<Result<Vec<_>, StoreError>>()?;
        // All of them or none; a crash before the end leaves rows that name the old key, which is there.
        self.change(|db| {
            for (picture, wrapped) in &rewrapped {
                db.execute(
                    "UPDATE picture SET class = ?3, wrapped = ?4 WHERE id = ?1 AND class = ?2",
                    values![*picture, &stale.class, &stale.next, wrapped],
                )?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Any key whose class is not its camera's.
    fn stale_key(&self) -> Result<Option<Stale>, StoreError> {
        let keys = self.ask(|db| {
            db.rows(
                "SELECT picture_key.camera, picture_key.class, picture_key.day, camera.class
                 FROM picture_key JOIN camera ON camera.id = picture_key.camera
                 ORDER BY picture_key.camera, picture_key.day",
                values![],
            )
        })?;
        for row in &keys {
            let stale = stale(row)?;
            if stale.class != stale.next {
                return Ok(Some(stale));
            }
        }
        Ok(None)
    }
}

fn stale(row: &Row) -> Result<Stale, StoreError> {
    let class: String = row.get(1)?;
    let of_camera: Option<String> = row.get(3)?;
    Ok(Stale {
        camera: row.get(0)?,
        day: row.get(2)?,
        next: key_class(retention_of(&class), of_camera.as_deref()),
        class,
    })
}

/// The class that a camera carries now.
pub(crate) fn class_of(
    db: &mut dyn Connection,
    camera: CameraId,
) -> Result<Option<String>, StoreError> {
    db.one("SELECT class FROM camera WHERE id = ?1", values![camera])
}
