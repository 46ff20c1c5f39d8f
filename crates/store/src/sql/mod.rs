//! One text of SQL for both databases.
//!
//! Statements are written in what SQLite and PostgreSQL have in common: `?1` placeholders, `ON
//! CONFLICT`, booleans as the integers 0 and 1, ids as 16 bytes, times as milliseconds since 1970
//! (UTC), days as `YYYY-MM-DD`. What differs stands in `sqlite.rs` and `postgres.rs`, and nowhere
//! else; the conformance tests run every behaviour against both.

mod copy;
mod postgres;
mod sqlite;
mod value;

use std::path::Path;
use std::sync::Arc;

use ledger::Turn;

use crate::StoreError;

pub(crate) use copy::Copy;
pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;
pub(crate) use value::{FromValue, Row, Value};

/// The values of a statement's placeholders, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        &[$($crate::sql::Value::from($value)),*]
    };
}
pub(crate) use values;

/// Things asked for at a time, where a statement names several: so many places it has.
pub(crate) const AT_A_TIME: usize = 32;

/// Values for all the places: what is left over names the last once more.
pub(crate) fn filled_up(mut values: Vec<Value>) -> Vec<Value> {
    if let Some(last) = values.last().cloned() {
        values.resize(AT_A_TIME, last);
    }
    values
}

/// A database.
pub(crate) trait Database: Send + Sync {
    /// Reads. Work that writes is refused by the database.
    fn ask(&self, work: Work<'_>) -> Result<(), StoreError>;

    /// This station's turn at it, where somebody else may take it.
    fn turn(&self) -> Option<Arc<dyn Turn>>;

    /// Does `work` in one transaction: all of it is kept, durably, or, when it fails, nothing.
    fn change(&self, work: Work<'_>) -> Result<(), StoreError>;

    /// Leaves nothing of what was deleted in the database's files, as far as the database can.
    fn settle(&self) -> Result<(), StoreError>;

    /// Copies the whole into a file, as it stands now, while others go on writing.
    fn copy(&self, file: &Path) -> Result<Copy, StoreError>;
}

/// What is to be done with a connection.
pub(crate) type Work<'a> = &'a mut dyn FnMut(&mut dyn Connection) -> Result<(), StoreError>;

/// A connection, inside a transaction or outside one.
pub(crate) trait Connection {
    /// Runs a statement; how many rows it changed.
    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError>;

    /// The rows that a query finds.
    fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Runs a schema's step: several statements, without placeholders.
    fn run(&mut self, step: &str) -> Result<(), StoreError>;

    /// Until the transaction ends, nobody else holds the same thing: two logins of one member, two
    /// starts of a station. SQLite has one writer at a time anyway.
    fn hold(&mut self, what: &str) -> Result<(), StoreError>;
}

impl dyn Connection + '_ {
    /// The first row that a query finds.
    pub(crate) fn row(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// The first value of a query that always finds one row.
    pub(crate) fn one<T: FromValue>(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<T, StoreError> {
        self.row(sql, values)?
            .ok_or_else(|| {
                StoreError::damaged("a query that always finds something found nothing")
            })?
            .get(0)
    }
}
