//! The content beside the ledger.

use std::collections::HashMap;

use govern::{Content, LedgerScope, Permit, ReviewLedger};
use ledger::{Commitment, Decision, DecisionId, Salt};
use rusqlite::{OptionalExtension, params};

use crate::{Store, StoreError};

impl Store {
    /// Keeps what is personal in a decision. Called before the decision is entered in the ledger: a
    /// crash in between leaves content of a decision that never was, which nothing leads to.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_content(
        &self,
        decision: DecisionId,
        content: &Content,
        salt: &Salt,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(content).map_err(StoreError::damaged)?;
        let put = "INSERT INTO content (decision, salt, content) VALUES (?1, ?2, ?3)";
        self.db()
            .execute(put, params![decision.as_bytes(), salt.0.as_slice(), text])?;
        Ok(())
    }

    /// The content of these decisions, as far as it is still kept, each checked against the
    /// commitment in the ledger.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when a content is not the one that was committed to.
    pub fn contents(
        &self,
        permit: &Permit<ReviewLedger>,
        decisions: &[Decision],
    ) -> Result<HashMap<DecisionId, Content>, StoreError> {
        permit.check(&*self.clock)?;
        let db = self.db();
        let mut find =
            db.prepare_cached("SELECT salt, content FROM content WHERE decision = ?1")?;
        let mut found = HashMap::new();
        let own = permit.act().scope == LedgerScope::Own;
        for decision in decisions
            .iter()
            .filter(|d| !own || d.who == permit.who().party())
        {
            let row: Option<([u8; 32], String)> = find
                .query_row([decision.id.as_bytes()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let Some((salt, text)) = row else { continue };
            if Commitment::to(&Salt(salt), text.as_bytes()) != decision.content {
                return Err(StoreError::damaged(format!(
                    "the content of decision {} was changed",
                    decision.id
                )));
            }
            found.insert(
                decision.id,
                serde_json::from_str(&text).map_err(StoreError::damaged)?,
            );
        }
        Ok(found)
    }
}
