//! The picture vault: each picture encrypted under a key of its own.

use crypt::{Key, Random, Sealed};
use govern::{CameraId, PictureId};

use crate::shelf::Shelf;
use crate::sql::values;
use crate::{Store, StoreError};

/// Where the pictures lie, and what wraps the keys of their keys.
pub(crate) struct Vault {
    pub(crate) shelf: Shelf,
    pub(crate) key: Key,
}

/// Which key wraps a picture's: retention destroys pictures by destroying these. The class is the
/// retention class, and the class of confidential data where the camera carries one.
pub(crate) struct KeyName<'a> {
    pub(crate) camera: CameraId,
    pub(crate) class: &'a str,
    pub(crate) day: &'a str,
}

/// The class of a key: `no-hit`, or `no-hit state`.
pub(crate) fn key_class(retention: &str, confidential: Option<&str>) -> String {
    match confidential {
        None => retention.to_owned(),
        Some(class) => format!("{retention} {class}"),
    }
}

/// The retention class that a key's class begins with.
pub(crate) fn retention_of(class: &str) -> &str {
    class
        .split_once(' ')
        .map_or(class, |(retention, _)| retention)
}

impl KeyName<'_> {
    fn place(&self) -> Vec<u8> {
        format!("picture key {} {} {}", self.camera, self.class, self.day).into_bytes()
    }
}

impl Vault {
    /// A key of this name, wrapped by another key than the station's own.
    pub(crate) fn rewrap(
        &self,
        name: &KeyName<'_>,
        wrapped: &Sealed,
        other: &Key,
    ) -> Result<Sealed, StoreError> {
        let key = self
            .key
            .open_key(&name.place(), wrapped)
            .map_err(StoreError::damaged)?;
        other
            .seal(&name.place(), key.expose())
            .map_err(StoreError::damaged)
    }

    /// A key, wrapped by the station's to go by this name.
    pub(crate) fn wrap(&self, name: &KeyName<'_>, key: &Key) -> Result<Sealed, StoreError> {
        self.key
            .seal(&name.place(), key.expose())
            .map_err(StoreError::damaged)
    }
}

/// A picture's name on its shelf.
pub(crate) fn name_of(picture: PictureId) -> String {
    let name = picture.to_string();
    format!("{}/{name}", &name[..2])
}

impl Store {
    /// Writes the picture, durably, and returns its own key, wrapped for the database. A crash after
    /// this leaves a file that no key opens.
    pub(crate) fn put_picture(
        &self,
        name: &KeyName<'_>,
        picture: PictureId,
        bytes: &[u8],
        random: &dyn Random,
    ) -> Result<Sealed, StoreError> {
        let wrapping = self.key_for(name, random)?;
        let own = Key::random(random);
        let sealed = own
            .seal(picture.as_bytes(), bytes)
            .map_err(StoreError::damaged)?;
        self.vault.shelf.put(&name_of(picture), sealed.as_bytes())?;
        wrapping
            .seal(picture.as_bytes(), own.expose())
            .map_err(StoreError::damaged)
    }

    /// Removes the file of a picture that did not come to be kept.
    pub(crate) fn drop_picture(&self, picture: PictureId) -> Result<(), StoreError> {
        self.vault.shelf.remove(&name_of(picture))
    }

    pub(crate) fn get_picture(
        &self,
        name: &KeyName<'_>,
        picture: PictureId,
        wrapped: &Sealed,
    ) -> Result<Vec<u8>, StoreError> {
        let wrapping = self.existing_key(name)?;
        let own = wrapping
            .open_key(picture.as_bytes(), wrapped)
            .map_err(StoreError::damaged)?;
        let sealed = self.vault.shelf.get(&name_of(picture))?;
        own.open(picture.as_bytes(), &Sealed::from(sealed))
            .map_err(StoreError::damaged)
    }

    /// The key of this name, made if there is none.
    pub(crate) fn key_for(
        &self,
        name: &KeyName<'_>,
        random: &dyn Random,
    ) -> Result<Key, StoreError> {
        match self.wrapping_key(name)? {
            Some(key) => Ok(key),
            None => self.new_wrapping_key(name, random),
        }
    }

    pub(crate) fn existing_key(&self, name: &KeyName<'_>) -> Result<Key, StoreError> {
        self.wrapping_key(name)?
            .ok_or(StoreError::NoSuch("key for this picture"))
    }

    fn wrapping_key(&self, name: &KeyName<'_>) -> Result<Option<Key>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT wrapped FROM picture_key WHERE camera = ?1 AND class = ?2 AND day = ?3",
                values![name.camera, name.class, name.day],
            )
        })?;
        found
            .map(|row| {
                self.vault
                    .key
                    .open_key(&name.place(), &row.get(0)?)
                    .map_err(StoreError::damaged)
            })
            .transpose()
    }

    /// Makes the key, unless somebody else was first.
    fn new_wrapping_key(&self, name: &KeyName<'_>, random: &dyn Random) -> Result<Key, StoreError> {
        let wrapped = self.vault.wrap(name, &Key::random(random))?;
        self.change(|db| {
            db.execute(
                "INSERT INTO picture_key (camera, class, day, wrapped) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (camera, class, day) DO NOTHING",
                values![name.camera, name.class, name.day, &wrapped],
            )
        })?;
        self.wrapping_key(name)?
            .ok_or(StoreError::NoSuch("key for this camera and day"))
    }
}
