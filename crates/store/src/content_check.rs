//! Whether the content beside the ledger is still what was written, and all of it there.

use jiff::Timestamp;
use ledger::{Decision, DecisionId};

use crate::sql::values;
use crate::{Store, StoreError};

impl Store {
    /// The first of these decisions whose content was changed after it was written. Nothing of the
    /// content leaves the store.
    ///
    /// # Errors
    /// When the database fails.
    pub fn changed_content(
        &self,
        decisions: &[Decision],
    ) -> Result<Option<DecisionId>, StoreError> {
        self.ask(|db| {
            for decision in decisions {
                let find = "SELECT salt, content FROM content WHERE decision = ?1";
                if let Some(row) = db.row(find, values![decision.id])?
                    && self.as_committed(&row, decision).is_none()
                {
                    return Ok(Some(decision.id));
                }
            }
            Ok(None)
        })
    }

    /// Whether the content of a decision is kept. Nothing of it leaves the store.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_content(&self, decision: DecisionId) -> Result<bool, StoreError> {
        let find = "SELECT 1 FROM content WHERE decision = ?1";
        let found = self.ask(|db| db.row(find, values![decision]))?;
        Ok(found.is_some())
    }

    /// When the newest content was kept: whatever was done before then is in this database.
    ///
    /// # Errors
    /// When the database fails.
    pub fn newest_content(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ask(|db| db.one("SELECT max(at) FROM content", values![]))
    }
}
