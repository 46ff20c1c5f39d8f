//! The store as a whole: where it lies, under which keys, and the facts about its station.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use crypt::{Key, Sealed};
use durable::Together;
use govern::Clock;
use ledger::Turn;

use crate::StoreError;
use crate::content::ContentRow;
use crate::dictionary::Dictionary;
use crate::schema::migrate;
use crate::shelf::Shelf;
use crate::sql::{Connection, Copy, Database, Postgres, Sqlite, values};
use crate::vault::Vault;

/// Where a store lies.
#[derive(Clone)]
pub struct StorePlace {
    /// The station's folder: the database, unless there is a server for it, and the pictures.
    pub folder: PathBuf,
    /// The address of a PostgreSQL database, such as `postgres://lictor@/lictor?host=/run/postgresql`.
    pub server: Option<String>,
}

impl StorePlace {
    /// All of it in one folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            server: None,
        }
    }
}

/// The keys under which a store lies.
pub struct StoreKeys {
    /// Of the database's pages (SQLite).
    pub database: Key,
    /// Seals what is personal in the database's columns.
    pub columns: Key,
    /// Wraps the keys that wrap the pictures' keys.
    pub pictures: Key,
}

/// Everything that is kept.
pub struct Store {
    db: Box<dyn Database>,
    columns: Key,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dictionary: RwLock<Dictionary>,
    /// Content on its way to the database.
    pub(crate) contents: Together<ContentRow, Result<(), Arc<StoreError>>>,
}

const FILE: &str = "lictor.db";
/// The fact that says in which bucket the pictures lie.
const BUCKET: &str = "pictures' bucket";
const AUTHORITY: &str = "postgres-authority.pem";

impl Store {
    /// Opens the store, or makes it.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::Newer`], [`StoreError::InUse`], and what the disk or the
    /// server says.
    pub fn open(
        place: &StorePlace,
        keys: StoreKeys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let db: Box<dyn Database> = match &place.server {
            None => Box::new(Sqlite::open(&place.folder.join(FILE), &keys.database)?),
            Some(address) => Box::new(Postgres::open(
                address,
                authority(&place.folder)?.as_deref(),
            )?),
        };
        migrate(&*db)?;
        let mut store = Self {
            db,
            columns: keys.columns,
            vault: Vault {
                shelf: Shelf::folder(place.folder.join("pictures"))?,
                key: keys.pictures,
            },
            clock,
            dictionary: RwLock::default(),
            contents: Together::default(),
        };
        if let Some(address) = store.fact(BUCKET)? {
            store.vault.shelf = Shelf::bucket(&address)?;
        }
        store.load_dictionary()?;
        Ok(store)
    }

    /// Whether another station may take the database while this one is cut off from it: it lies on a
    /// server, under a lease.
    pub fn is_leased(&self) -> bool {
        self.turn().is_some()
    }

    /// This station's turn there; none where nobody else may take it.
    pub fn turn(&self) -> Option<Arc<dyn Turn>> {
        self.db.turn()
    }

    /// Whether nothing is kept here yet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_new(&self) -> Result<bool, StoreError> {
        let facts: i64 = self.ask(|db| db.one("SELECT count(*) FROM station", values![]))?;
        Ok(facts == 0)
    }

    /// From the next start on, pictures lie in a bucket of an S3-compatible store, such as
    /// `s3://plates/station`, not in the folder. For a new store, before its first picture.
    ///
    /// # Errors
    /// [`StoreError::Bucket`] for an address that is none.
    pub fn keep_pictures_in(&self, bucket: &str) -> Result<(), StoreError> {
        Shelf::bucket(bucket)?;
        self.set_fact(BUCKET, bucket)
    }

    /// A fact about the station, such as the agency's name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let found = self.ask(|db| {
            db.row("SELECT value FROM station WHERE fact = ?1", values![name])?
                .map(|row| row.get::<Sealed>(0))
                .transpose()
        })?;
        found
            .map(|value| self.unseal(&format!("fact {name}"), &value))
            .transpose()
    }

    /// Sets a fact about the station.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.change(|db| self.put_fact(db, name, value))
    }

    /// The same, with what else is changed.
    pub(crate) fn put_fact(
        &self,
        db: &mut dyn Connection,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&format!("fact {name}"), value)?;
        db.execute(
            "INSERT INTO station (fact, value) VALUES (?1, ?2)
             ON CONFLICT (fact) DO UPDATE SET value = excluded.value",
            values![name, &sealed],
        )?;
        Ok(())
    }

    /// Reads.
    pub(crate) fn ask<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        once(work, |work| self.db.ask(work))
    }

    /// Changes, all of it or nothing; when it returns, what was changed is durable.
    pub(crate) fn change<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        once(work, |work| self.db.change(work))
    }

    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        self.db.settle()
    }

    pub(crate) fn copy(&self, file: &Path) -> Result<Copy, StoreError> {
        self.db.copy(file)
    }

    /// Seals a text for one place of the database: its table, column and row.
    pub(crate) fn seal(&self, place: &str, text: &str) -> Result<Sealed, StoreError> {
        self.seal_bytes(place, text.as_bytes())
    }

    /// Opens what was sealed for this place.
    pub(crate) fn unseal(&self, place: &str, sealed: &Sealed) -> Result<String, StoreError> {
        String::from_utf8(self.unseal_bytes(place, sealed)?).map_err(StoreError::damaged)
    }

    /// Seals bytes as [`Store::seal`] does text.
    pub(crate) fn seal_bytes(&self, place: &str, bytes: &[u8]) -> Result<Sealed, StoreError> {
        (self.columns.seal(place.as_bytes(), bytes)).map_err(StoreError::damaged)
    }

    /// Opens bytes that were sealed for this place.
    pub(crate) fn unseal_bytes(&self, place: &str, sealed: &Sealed) -> Result<Vec<u8>, StoreError> {
        (self.columns.open(place.as_bytes(), sealed))
            .map_err(|error| StoreError::damaged(format!("{place}: {error}")))
    }

    /// Seals a value as JSON.
    pub(crate) fn seal_json(
        &self,
        place: &str,
        value: &impl serde::Serialize,
    ) -> Result<Sealed, StoreError> {
        let json = serde_json::to_string(value).map_err(StoreError::damaged)?;
        self.seal(place, &json)
    }

    /// Opens a value that was sealed as JSON.
    pub(crate) fn unseal_json<T: serde::de::DeserializeOwned>(
        &self,
        place: &str,
        sealed: &Sealed,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.unseal(place, sealed)?).map_err(StoreError::damaged)
    }

    /// A keyed hash by which a personal text is found without being told.
    pub(crate) fn mark(&self, what: &str, text: &str) -> String {
        self.columns
            .mark(format!("{what} {text}").as_bytes())
            .to_string()
    }
}

/// Runs `work`, which can be run once, where a database asks for something that could be run again.
fn once<T, W>(
    work: W,
    run: impl FnOnce(crate::sql::Work<'_>) -> Result<(), StoreError>,
) -> Result<T, StoreError>
where
    W: FnOnce(&mut dyn Connection) -> Result<T, StoreError>,
{
    let mut work = Some(work);
    let mut value = None;
    run(&mut |connection| {
        if let Some(work) = work.take() {
            value = Some(work(connection)?);
        }
        Ok(())
    })?;
    value.ok_or_else(|| StoreError::damaged("the database did not do the work it was given"))
}

/// The certificates that the database server's own must descend from, if the administrator put them
/// into the station's folder.
fn authority(folder: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let path = folder.join(AUTHORITY);
    match fs::read(&path) {
        Ok(pem) => Ok(Some(pem)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { path, source }),
    }
}
