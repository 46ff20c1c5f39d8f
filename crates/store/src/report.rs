//! Reports that the station published (5(c)), and the names that reports tell of.

use govern::{HotlistId, Permit, PublishReport};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A report that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedReport {
    /// The month's first day.
    pub month: Date,
    /// When.
    pub at: Timestamp,
    /// The number of the decision in the ledger.
    pub entry: u64,
    /// As JSON.
    pub report: Vec<u8>,
}

impl Store {
    /// Keeps what is published under the permit.
    ///
    /// # Errors
    /// When the month was published before, the permit has expired, or the database fails.
    pub fn publish_report(
        &self,
        permit: &Permit<PublishReport>,
        report: &[u8],
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let entry = i64::try_from(permit.entry()).map_err(StoreError::damaged)?;
        self.change(|db| {
            db.execute(
                "INSERT INTO published_report (month, published_at, entry, report)
                 VALUES (?1, ?2, ?3, ?4)",
                values![permit.act().month, self.clock.now(), entry, report],
            )?;
            Ok(())
        })
    }

    /// What was published, newest first. It is everybody's.
    ///
    /// # Errors
    /// When the database fails.
    pub fn published_reports(&self) -> Result<Vec<PublishedReport>, StoreError> {
        let published = |row: &Row| {
            Ok(PublishedReport {
                month: row.get(0)?,
                at: row.get(1)?,
                entry: row.get(2)?,
                report: row.get(3)?,
            })
        };
        let rows = self.ask(|db| {
            db.rows(
                "SELECT month, published_at, entry, report FROM published_report ORDER BY month DESC",
                values![],
            )
        })?;
        rows.iter().map(published).collect()
    }

    /// The names of the hotlists; nothing of what is on them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_names(&self) -> Result<Vec<(HotlistId, String)>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, name FROM hotlist ORDER BY lower(name)",
                values![],
            )
        })?;
        let name = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        rows.iter().map(name).collect()
    }
}
