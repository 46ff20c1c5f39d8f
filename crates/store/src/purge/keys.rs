//! The keys of days that are over: what must stay is wrapped by another key, then the day's is destroyed.

use crypt::{Key, Random, Sealed};
use govern::{CameraId, PictureId, RetentionClass};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Cursor, PurgeRun};
use crate::sql::{Row, values};
use crate::vault::{KeyName, retention_of};
use crate::{Store, StoreError};

/// The retention class of pictures that only an alert keeps, or only a hold.
const HIT: &str = "hit";
const HELD: &str = "held";
/// Pictures whose keys are wrapped anew in one transaction.
const AT_ONCE: u32 = 100;

/// A key, by its name.
struct Named {
    camera: CameraId,
    class: String,
    day: String,
}

impl Named {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            camera: row.get(0)?,
            class: row.get(1)?,
            day: row.get(2)?,
        })
    }

    fn name(&self) -> KeyName<'_> {
        KeyName {
            camera: self.camera,
            class: &self.class,
            day: &self.day,
        }
    }

    /// The moment its day ends, UTC.
    fn ends(&self) -> Option<Timestamp> {
        let day: Date = self.day.parse().ok()?;
        let end = day.tomorrow().ok()?.at(0, 0, 0, 0);
        TimeZone::UTC.to_timestamp(end).ok()
    }

    /// The class of the key that takes this one's place for a picture that must stay.
    fn next(&self, retention: &str) -> Self {
        let class = match self.class.split_once(' ') {
            Some((_, confidential)) => format!("{retention} {confidential}"),
            None => retention.to_owned(),
        };
        Self {
            camera: self.camera,
            class,
            day: self.day.clone(),
        }
    }
}

impl Store {
    /// Looks at the next key whose day is over. Where pictures must stay under it, wraps some of them
    /// anew; where none is left, destroys it.
    pub(super) fn purge_keys(
        &self,
        run: &PurgeRun,
        random: &dyn Random,
    ) -> Result<Cursor, StoreError> {
        let seen = run.before(RetentionClass::Read).into_iter();
        let seen = seen.chain(run.before(RetentionClass::Image)).max();
        let hits = run.before(RetentionClass::Hit);
        let after = run.cursor.as_ref().map(|(_, last)| last.clone());
        let keys = self.ask(|db| {
            db.rows(
                "SELECT camera, class, day FROM picture_key ORDER BY camera, day, class",
                values![],
            )
        })?;
        for row in &keys {
            let key = Named::of(row)?;
            let place = place(&key);
            if after.as_ref().is_some_and(|after| place <= *after) {
                continue;
            }
            let over = |before: Option<Timestamp>| before.is_some_and(|b| key.ends() <= Some(b));
            let is_over = match retention_of(&key.class) {
                HELD => true,
                HIT => over(hits),
                _ => over(seen),
            };
            if !is_over {
                continue;
            }
            let goes_on = self.empty_key(&key, random)?;
            let before = after.unwrap_or_default();
            return Ok(Some((Timestamp::MIN, if goes_on { before } else { place })));
        }
        Ok(None)
    }

    /// Whether there is more to do under this key.
    fn empty_key(&self, key: &Named, random: &dyn Random) -> Result<bool, StoreError> {
        let retention = retention_of(&key.class);
        let pictures = self.ask(|db| {
            db.rows(
                "SELECT picture.id, picture.wrapped,
                        EXISTS (SELECT 1 FROM read JOIN alert_sighting ON alert_sighting.read = read.id
                                WHERE read.picture = picture.id)
                 FROM picture
                 WHERE picture.camera = ?1 AND picture.class = ?2 AND picture.day = ?3
                     AND length(picture.wrapped) > 0
                 LIMIT ?4",
                values![key.camera, &key.class, &key.day, AT_ONCE],
            )
        })?;
        if pictures.is_empty() {
            self.destroy_key(key, random)?;
            return Ok(false);
        }
        if retention == HELD {
            return Ok(false);
        }
        let old = self.existing_key(&key.name())?;
        let mut rewrapped = Vec::new();
        for row in &pictures {
            let (picture, wrapped): (PictureId, Sealed) = (row.get(0)?, row.get(1)?);
            let hit: bool = row.get(2)?;
            let next = key.next(if hit && retention != HIT { HIT } else { HELD });
            let new = self.key_for(&next.name(), random)?;
            // What its key does not open, nothing does: it goes along as it is.
            let wrapped = match old.open_key(picture.as_bytes(), &wrapped) {
                Ok(own) => new
                    .seal(picture.as_bytes(), own.expose())
                    .map_err(StoreError::damaged)?,
                Err(_) => wrapped,
            };
            rewrapped.push((picture, next.class, wrapped));
        }
        // All of them or none: a crash leaves rows that name the old key, which is there.
        self.change(|db| {
            for (picture, class, wrapped) in &rewrapped {
                db.execute(
                    "UPDATE picture SET class = ?3, wrapped = ?4 WHERE id = ?1 AND class = ?2",
                    values![*picture, &key.class, class, wrapped],
                )?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Destroys a key that opens nothing any more. Where rows without a picture still name it, another
    /// key takes its place, which opens nothing either.
    fn destroy_key(&self, key: &Named, random: &dyn Random) -> Result<(), StoreError> {
        let nothing = self.vault.wrap(&key.name(), &Key::random(random))?;
        self.change(|db| {
            let gone = db.execute(
                "DELETE FROM picture_key WHERE camera = ?1 AND class = ?2 AND day = ?3
                 AND NOT EXISTS (SELECT 1 FROM picture WHERE picture.camera = ?1
                     AND picture.class = ?2 AND picture.day = ?3)",
                values![key.camera, &key.class, &key.day],
            )?;
            if gone == 0 {
                db.execute(
                    "UPDATE picture_key SET wrapped = ?4 WHERE camera = ?1 AND class = ?2 AND day = ?3
                     AND NOT EXISTS (SELECT 1 FROM picture WHERE picture.camera = ?1
                         AND picture.class = ?2 AND picture.day = ?3 AND length(picture.wrapped) > 0)",
                    values![key.camera, &key.class, &key.day, &nothing],
                )?;
            }
            Ok(())
        })
    }
}

/// A key's place in the order in which they are looked at.
fn place(key: &Named) -> Vec<u8> {
    let Named { camera, class, day } = key;
    [
        camera.as_bytes().as_slice(),
        day.as_bytes(),
        b" ",
        class.as_bytes(),
    ]
    .concat()
}
