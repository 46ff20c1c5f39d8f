//! Cameras.

use crypt::{Digest, Id, Random};
use govern::{AddCamera, CameraId, Permit};
use rusqlite::{OptionalExtension, Row, params};

use crate::database::id;
use crate::{Store, StoreError};

/// A camera that may hand in frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Which.
    pub id: CameraId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: String,
}

/// What a camera shows to be let in, as it is kept.
pub struct NewCamera {
    /// SHA-256 of its key; the key itself is shown once and kept nowhere.
    pub key_digest: Digest,
}

impl Store {
    /// Adds the camera that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a name in use.
    pub fn add_camera(
        &self,
        permit: &Permit<AddCamera>,
        new: &NewCamera,
        random: &dyn Random,
    ) -> Result<CameraId, StoreError> {
        permit.check(&*self.clock)?;
        let id = Id::random(random);
        let AddCamera { name, place } = permit.act();
        let inserted = self.db().execute(
            "INSERT INTO camera (id, name, place, key_digest, added_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO NOTHING",
            params![
                id.as_bytes(),
                name,
                place,
                new.key_digest.to_string(),
                self.clock.now().as_millisecond()
            ],
        )?;
        if inserted == 0 {
            Err(StoreError::Taken(format!("the name {name}")))
        } else {
            Ok(id)
        }
    }

    /// The camera whose key has this digest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn camera_by_key(&self, key: &Digest) -> Result<Option<Camera>, StoreError> {
        let find = "SELECT id, name, place FROM camera WHERE key_digest = ?1";
        Ok(self
            .db()
            .query_row(find, [key.to_string()], read_camera)
            .optional()?)
    }

    /// Every camera, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn cameras(&self) -> Result<Vec<Camera>, StoreError> {
        let db = self.db();
        let mut all = db.prepare("SELECT id, name, place FROM camera ORDER BY name")?;
        Ok(all.query_map([], read_camera)?.collect::<Result<_, _>>()?)
    }
}

fn read_camera(row: &Row<'_>) -> rusqlite::Result<Camera> {
    Ok(Camera {
        id: id(row, 0)?,
        name: row.get(1)?,
        place: row.get(2)?,
    })
}
