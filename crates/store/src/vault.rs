//! The picture vault: one encrypted file a picture.

use std::fs;
use std::path::{Path, PathBuf};

use crypt::{Key, Random, Sealed};
use govern::{CameraId, PictureId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;

pub(crate) struct Vault<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) key: &'a Key,
}

/// Which key wraps a picture's: retention destroys pictures by destroying these.
pub(crate) struct KeyName<'a> {
    pub(crate) camera: CameraId,
    pub(crate) class: &'a str,
    pub(crate) day: &'a str,
}

impl KeyName<'_> {
    fn place(&self) -> Vec<u8> {
        format!("picture key {} {} {}", self.camera, self.class, self.day).into_bytes()
    }
}

impl Vault<'_> {
    /// Writes the picture, durably, and returns its own key, wrapped for the database. A crash
    /// after this leaves a file that no key opens.
    pub(crate) fn put(
        &self,
        db: &Connection,
        name: &KeyName<'_>,
        picture: PictureId,
        bytes: &[u8],
        random: &dyn Random,
    ) -> Result<Sealed, StoreError> {
        let wrapping = match self.wrapping_key(db, name)? {
            Some(key) => key,
            None => self.new_wrapping_key(db, name, random)?,
        };
        let own = Key::random(random);
        let sealed = own
            .seal(picture.as_bytes(), bytes)
            .map_err(StoreError::damaged)?;
        let path = self.path(picture);
        let folder = path.parent().unwrap_or(self.folder);
        durable::create_folder(folder)
            .and_then(|()| durable::replace(&path, sealed.as_bytes()))
            .map_err(|source| StoreError::File {
                path: path.clone(),
                source,
            })?;
        wrapping
            .seal(picture.as_bytes(), own.expose())
            .map_err(StoreError::damaged)
    }

    pub(crate) fn get(
        &self,
        db: &Connection,
        name: &KeyName<'_>,
        picture: PictureId,
        wrapped: &Sealed,
    ) -> Result<Vec<u8>, StoreError> {
        let wrapping = self
            .wrapping_key(db, name)?
            .ok_or(StoreError::NoSuch("key for this picture"))?;
        let own = wrapping
            .open_key(picture.as_bytes(), wrapped)
            .map_err(StoreError::damaged)?;
        let path = self.path(picture);
        let sealed = fs::read(&path).map_err(|source| StoreError::File { path, source })?;
        own.open(picture.as_bytes(), &Sealed::from(sealed))
            .map_err(StoreError::damaged)
    }

    fn wrapping_key(&self, db: &Connection, name: &KeyName<'_>) -> Result<Option<Key>, StoreError> {
        let find = "SELECT wrapped FROM picture_key WHERE camera = ?1 AND class = ?2 AND day = ?3";
        let found: Option<Vec<u8>> = db
            .query_row(
                find,
                params![name.camera.as_bytes(), name.class, name.day],
                |row| row.get(0),
            )
            .optional()?;
        found
            .map(|wrapped| {
                self.key
                    .open_key(&name.place(), &Sealed::from(wrapped))
                    .map_err(StoreError::damaged)
            })
            .transpose()
    }

    fn new_wrapping_key(
        &self,
        db: &Connection,
        name: &KeyName<'_>,
        random: &dyn Random,
    ) -> Result<Key, StoreError> {
        let key = Key::random(random);
        let wrapped = self
            .key
            .seal(&name.place(), key.expose())
            .map_err(StoreError::damaged)?;
        db.execute(
            "INSERT INTO picture_key (camera, class, day, wrapped) VALUES (?1, ?2, ?3, ?4)",
            params![
                name.camera.as_bytes(),
                name.class,
                name.day,
                wrapped.as_bytes()
            ],
        )?;
        Ok(key)
    }

    fn path(&self, picture: PictureId) -> PathBuf {
        let name = picture.to_string();
        self.folder.join(&name[..2]).join(name)
    }
}
