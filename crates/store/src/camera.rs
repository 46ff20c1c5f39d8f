//! Cameras.

use crypt::{Digest, Id, Random};
use govern::{AddCamera, CameraId, Class, Permit, PlaceCamera, Position, RemoveCamera};
use jiff::Timestamp;

use crate::sql::{Row, values};
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
    /// Where that is on the map, where somebody has entered it.
    pub position: Option<Position>,
    /// The class of confidential data that it and its reads are, if they are.
    pub class: Option<Class>,
    /// When it was added.
    pub added_at: Timestamp,
    /// Whether its key was taken away: it hands in nothing more.
    pub removed: bool,
}

/// What a camera shows to be let in, as it is kept.
pub struct NewCamera {
    /// SHA-256 of its key; the key itself is shown once and kept nowhere.
    pub key_digest: Digest,
}

/// Stands in the place of a removed camera's key digest: no key has it.
const REMOVED: &str = "removed ";

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
        let AddCamera { name, place, class } = permit.act();
        let class = class.as_ref().map(|class| &class.0);
        let added = self.change(|db| {
            db.execute(
                "INSERT INTO camera (id, name, place, key_digest, added_at, class) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO NOTHING",
                values![id, name, place, new.key_digest.to_string(), self.clock.now(), class],
            )
        })?;
        if added == 0 {
            Err(StoreError::Taken(format!("the name {name}")))
        } else {
            Ok(id)
        }
    }

    /// Says where the permit's camera stands.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn place_camera(&self, permit: &Permit<PlaceCamera>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let PlaceCamera {
            camera, position, ..
        } = permit.act();
        self.change(|db| {
            db.execute(
                "UPDATE camera SET latitude = ?2, longitude = ?3 WHERE id = ?1",
                values![
                    *camera,
                    position.map(Position::latitude),
                    position.map(Position::longitude),
                ],
            )
        })?;
        Ok(())
    }

    /// Takes the key of the permit's camera away. What it handed in stays, and its name stays taken.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_camera(&self, permit: &Permit<RemoveCamera>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.withdraw_camera(permit.act().camera)
    }

    pub(crate) fn withdraw_camera(&self, camera: CameraId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE camera SET key_digest = ?2 WHERE id = ?1",
                values![camera, format!("{REMOVED}{camera}")],
            )?;
            Ok(())
        })
    }

    /// The camera whose key has this digest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn camera_by_key(&self, key: &Digest) -> Result<Option<Camera>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, name, place, added_at, key_digest, class, latitude, longitude FROM camera WHERE key_digest = ?1",
                values![key.to_string()],
            )
        })?;
        found.as_ref().map(camera).transpose()
    }

    /// Every camera, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn cameras(&self) -> Result<Vec<Camera>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT id, name, place, added_at, key_digest, class, latitude, longitude FROM camera",
                values![],
            )
        })?;
        let mut cameras = all.iter().map(camera).collect::<Result<Vec<_>, _>>()?;
        cameras.sort_by_key(|camera| camera.name.to_lowercase());
        Ok(cameras)
    }
}

fn camera(row: &Row) -> Result<Camera, StoreError> {
    let at: (Option<f64>, Option<f64>) = (row.get(6)?, row.get(7)?);
    Ok(Camera {
        position: at.0.zip(at.1).and_then(|at| Position::new(at.0, at.1).ok()),
        id: row.get(0)?,
        name: row.get(1)?,
        place: row.get(2)?,
        class: row.get::<Option<String>>(5)?.map(Class),
        added_at: row.get(3)?,
        removed: row.get::<String>(4)?.starts_with(REMOVED),
    })
}
