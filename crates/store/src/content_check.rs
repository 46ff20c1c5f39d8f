//! Whether the content beside the ledger is still what was written.

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
}
