//! What of the ledger is lost for good: two members signed it, and it stands on every page and report.

use ledger::Missing;

use crate::{Station, StationError};

/// The fact that keeps it: a JSON array of sentences.
const LOST: &str = "ledger lost";

impl Station {
    /// What of the ledger is lost, a sentence each time; none, as it should be.
    pub fn lost_entries(&self) -> &[String] {
        &self.about.lost_entries
    }

    /// Remembers for good that the end of a ledger is lost, and raises an alarm about it. `head` is the
    /// last one that is known of it.
    pub(crate) fn remember_lost(
        &self,
        head: &str,
        missing: Missing,
    ) -> Result<String, StationError> {
        let says = missing.says(head);
        let mut all = lost(&self.store)?;
        all.push(says.clone());
        let text = serde_json::to_string(&all).map_err(|e| StationError::Damaged(e.to_string()))?;
        self.store.set_fact(LOST, &text)?;
        self.read_alarms()?;
        // The first entry of the ledger that goes on.
        self.raise_alarm(0, says.trim_end_matches('.'))?;
        Ok(says)
    }
}

/// What the store remembers of it.
pub(crate) fn lost(store: &store::Store) -> Result<Vec<String>, StationError> {
    let Some(text) = store.fact(LOST)? else {
        return Ok(vec![]);
    };
    serde_json::from_str(&text).map_err(|e| StationError::Damaged(e.to_string()))
}
