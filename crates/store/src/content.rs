//! The content beside the ledger.

use std::collections::HashMap;
use std::sync::Arc;

use crypt::Sealed;
use govern::{Content, LedgerScope, Permit, ReviewLedger};
use ledger::{Commitment, Decision, DecisionId, Salt};

use crate::sql::values;
use crate::{Store, StoreError};

/// A row of the table `content`, on its way.
pub(crate) struct ContentRow {
    decision: DecisionId,
    salt: Salt,
    content: Sealed,
}

impl Store {
    /// Keeps what is personal in a decision, beside the decision's entry in the ledger: a crash may
    /// leave the one without the other, and then nobody was told anything yet. Those who come at
    /// once share one transaction.
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
        let row = ContentRow {
            decision,
            salt: salt.clone(),
            content: self.seal(&place(decision), &text)?,
        };
        let kept = self.contents.write(row, |rows| {
            let kept = self.put_contents(&rows).map_err(Arc::new);
            rows.iter().map(|_| kept.clone()).collect()
        });
        let broke_off = || Err(Arc::new(StoreError::damaged("whoever kept it broke off")));
        kept.unwrap_or_else(broke_off)
            .map_err(StoreError::ContentNotKept)
    }

    fn put_contents(&self, rows: &[ContentRow]) -> Result<(), StoreError> {
        self.change(|db| {
            for row in rows {
                db.execute(
                    "INSERT INTO content (decision, salt, content) VALUES (?1, ?2, ?3)",
                    values![row.decision, &row.salt.0, &row.content],
                )?;
            }
            Ok(())
        })
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
        let own = permit.act().scope == LedgerScope::Own;
        let mine = |decision: &&Decision| !own || decision.who == permit.who().party();
        self.ask(|db| {
            let mut found = HashMap::new();
            for decision in decisions.iter().filter(mine) {
                let find = "SELECT salt, content FROM content WHERE decision = ?1";
                let Some(row) = db.row(find, values![decision.id])? else {
                    continue;
                };
                let changed = || {
                    StoreError::damaged(format!(
                        "the content of decision {} was changed",
                        decision.id
                    ))
                };
                let text = self
                    .unseal(&place(decision.id), &row.get::<Sealed>(1)?)
                    .map_err(|_| changed())?;
                if Commitment::to(&Salt(row.get(0)?), text.as_bytes()) != decision.content {
                    return Err(changed());
                }
                found.insert(
                    decision.id,
                    serde_json::from_str(&text).map_err(StoreError::damaged)?,
                );
            }
            Ok(found)
        })
    }
}

fn place(decision: DecisionId) -> String {
    format!("content {decision}")
}
