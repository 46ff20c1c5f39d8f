//! SQLite, encrypted as a whole (SQLCipher): one connection that writes, some that read beside it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crypt::Key;
use ledger::Turn;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, ToSql, TransactionBehavior, ffi, params_from_iter};

use super::{Connection, Copy, Database, Row, Value, Work};
use crate::StoreError;

/// One encrypted file.
pub(crate) struct Sqlite {
    file: PathBuf,
    key: Key,
    writer: Mutex<rusqlite::Connection>,
    /// Each is held by one reader at a time; WAL lets them read while the writer writes.
    readers: Vec<Mutex<rusqlite::Connection>>,
    /// Why nothing more is done, once a sync failed.
    stopped: OnceLock<String>,
}

const READERS: usize = 4;

impl Sqlite {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], and what the disk says.
    pub(crate) fn open(file: &Path, key: &Key) -> Result<Self, StoreError> {
        let writer = connect(file, key)?;
        for (pragma, value) in [
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            // What is deleted is overwritten.
            ("secure_delete", "ON"),
            // Pages, of 4 KiB: pages that change again and again are brought in once for many commits.
            ("wal_autocheckpoint", "8000"),
        ] {
            writer.pragma_update(None, pragma, value)?;
        }
        let readers = (0..READERS)
            .map(|_| {
                let reader = connect(file, key)?;
                reader.pragma_update(None, "query_only", "ON")?;
                Ok(Mutex::new(reader))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self {
            file: file.to_owned(),
            key: key.clone(),
            writer: Mutex::new(writer),
            readers,
            stopped: OnceLock::new(),
        })
    }

    /// # Errors
    /// [`StoreError::Stopped`].
    fn check(&self) -> Result<(), StoreError> {
        match self.stopped.get() {
            Some(why) => Err(StoreError::Stopped(why.clone())),
            None => Ok(()),
        }
    }

    /// After a failed sync the kernel may call pages clean that the disk never took: nothing is written or
    /// read any more before the next start.
    fn heed(&self, error: rusqlite::Error) -> StoreError {
        if is_failed_sync(&error) {
            let why = self.stopped.get_or_init(|| error.to_string());
            return StoreError::Stopped(why.clone());
        }
        error.into()
    }

    /// A reader that nobody holds, or else the first to be free of one.
    fn reader(&self) -> MutexGuard<'_, rusqlite::Connection> {
        let free = self
            .readers
            .iter()
            .find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| held(&self.readers[0]))
    }
}

fn is_failed_sync(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|said| said.extended_code);
    matches!(
        code,
        Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC)
    )
}

fn held(connection: &Mutex<rusqlite::Connection>) -> MutexGuard<'_, rusqlite::Connection> {
    // A panic in the middle of a transaction rolled it back; the connection is good.
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn connect(file: &Path, key: &Key) -> Result<rusqlite::Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(file, flags)?;
    connection.pragma_update(None, "key", raw(key))?;
    // The first use of the key: a wrong one shows here, as "not a database".
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreError::WrongKey,
            _ => error.into(),
        })?;
    // Nothing is spilt to temporary files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    Ok(connection)
}

/// A key as SQLCipher takes it: as it is, and not as a passphrase.
pub(super) fn raw(key: &Key) -> String {
    let hex: String = key
        .expose()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("x'{hex}'")
}

impl Database for Sqlite {
    fn ask(&self, work: Work<'_>) -> Result<(), StoreError> {
        self.check()?;
        work(&mut Open(&self.reader()))
    }

    fn turn(&self) -> Option<Arc<dyn Turn>> {
        None
    }

    fn change(&self, work: Work<'_>) -> Result<(), StoreError> {
        let mut writer = held(&self.writer);
        self.check()?;
        let begun = writer.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| self.heed(error))?;
        work(&mut Open(&transaction))?;
        transaction.commit().map_err(|error| self.heed(error))
    }

    /// What is deleted is overwritten in the file as it is deleted; the log in front of it is brought in
    /// and cut off.
    fn settle(&self) -> Result<(), StoreError> {
        let writer = held(&self.writer);
        self.check()?;
        let busy: i64 = writer
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|error| self.heed(error))?;
        if busy == 0 {
            Ok(())
        } else {
            Err(StoreError::Database(
                "somebody reads for so long that the database's log cannot be cut off".to_owned(),
            ))
        }
    }

    fn copy(&self, file: &Path) -> Result<Copy, StoreError> {
        Copy::make(&self.file, &self.key, file)
    }
}

pub(super) struct Open<'a>(pub(super) &'a rusqlite::Connection);

impl Connection for Open<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        let changed = self
            .0
            .prepare_cached(sql)?
            .execute(params_from_iter(values))?;
        Ok(changed as u64)
    }

    fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns)
                .map(|column| Ok(value(row.get_ref(column)?)))
                .collect::<Result<_, rusqlite::Error>>()?;
            found.push(Row(values));
        }
        Ok(found)
    }

    fn run(&mut self, step: &str) -> Result<(), StoreError> {
        Ok(self.0.execute_batch(step)?)
    }

    fn hold(&mut self, _what: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(integer) => ValueRef::Integer(*integer),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
