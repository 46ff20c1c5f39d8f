//! The database: one encrypted SQLite file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypt::{Id, Key};
use govern::Clock;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::schema::migrate;
use crate::{StoreError, vault};

/// The keys under which a store lies.
pub struct StoreKeys {
    /// Of the database's pages.
    pub database: Key,
    /// Wraps the keys that wrap the pictures' keys.
    pub pictures: Key,
}

/// Everything that is kept.
pub struct Store {
    db: Mutex<Connection>,
    pub(crate) pictures: PathBuf,
    pub(crate) picture_key: Key,
    pub(crate) clock: Arc<dyn Clock>,
}

const FILE: &str = "lictor.db";

impl Store {
    /// Opens the store in `folder`, or makes it.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::Newer`], and what the disk says.
    pub fn open(
        folder: &Path,
        keys: &StoreKeys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let pictures = folder.join("pictures");
        durable::create_folder(&pictures).map_err(|source| StoreError::File {
            path: pictures.clone(),
            source,
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(folder.join(FILE), flags)?;
        let hex: String = keys
            .database
            .expose()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        db.pragma_update(None, "key", format!("x'{hex}'"))?;
        // The first use of the key: a wrong one shows here, as "not a database".
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreError::WrongKey,
            _ => StoreError::Database(error),
        })?;
        for (pragma, value) in [
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            // What is deleted is overwritten, and nothing is spilt to temporary files.
            ("secure_delete", "ON"),
            ("temp_store", "MEMORY"),
            ("trusted_schema", "OFF"),
        ] {
            db.pragma_update(None, pragma, value)?;
        }
        migrate(&mut db)?;
        Ok(Self {
            db: Mutex::new(db),
            pictures,
            picture_key: keys.pictures.clone(),
            clock,
        })
    }

    /// A fact about the station, such as the agency's name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let find = "SELECT value FROM station WHERE fact = ?1";
        Ok(self
            .db()
            .query_row(find, [name], |row| row.get(0))
            .optional()?)
    }

    /// Sets a fact about the station.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let put = "INSERT INTO station (fact, value) VALUES (?1, ?2) ON CONFLICT (fact) DO UPDATE SET value = ?2";
        self.db().execute(put, params![name, value])?;
        Ok(())
    }

    pub(crate) fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a transaction rolled it back; the connection is good.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn vault(&self) -> vault::Vault<'_> {
        vault::Vault {
            folder: &self.pictures,
            key: &self.picture_key,
        }
    }
}

/// An id out of its column.
pub(crate) fn id<T>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Id<T>> {
    row.get::<_, [u8; 16]>(column).map(Id::from_bytes)
}
