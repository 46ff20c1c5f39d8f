//! The content beside the ledger.

use std::collections::HashMap;
use std::sync::Arc;

use crypt::Sealed;
use govern::{Content, MemberId, Permit, ReadsLedger, Use};
use ledger::{Commitment, Decision, DecisionId, Salt};

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// What is kept beside a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptContent {
    /// What was written.
    Whole(Content),
    /// Something else: it was changed after it was written.
    Changed,
}

/// A row of the table `content`, on its way.
pub(crate) struct ContentRow {
    decision: DecisionId,
    salt: Salt,
    content: Sealed,
    used: Option<(MemberId, Use)>,
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
        self.keep_content_of_use(decision, content, salt, None)
    }

    /// The same, and with it what tripwires count: a member's use of the data.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_content_of_use(
        &self,
        decision: DecisionId,
        content: &Content,
        salt: &Salt,
        used: Option<(MemberId, Use)>,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(content).map_err(StoreError::damaged)?;
        let row = ContentRow {
            decision,
            salt: salt.clone(),
            content: self.seal(&place(decision), &text)?,
            used,
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
                    "INSERT INTO content (decision, salt, content, at) VALUES (?1, ?2, ?3, ?4)",
                    values![row.decision, &row.salt.0, &row.content, self.clock.now()],
                )?;
                if let Some((member, used)) = &row.used {
                    crate::question::put_use(db, *member, used)?;
                }
            }
            Ok(())
        })
    }

    /// The content of these decisions, as far as it is still kept, each checked against the
    /// commitment in the ledger. One that was changed is told as such, and spoils none of the others.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn contents<A: ReadsLedger>(
        &self,
        permit: &Permit<A>,
        decisions: &[Decision],
    ) -> Result<HashMap<DecisionId, KeptContent>, StoreError> {
        permit.check(&*self.clock)?;
        let me = permit.who().party();
        let covered = |decision: &&Decision| permit.act().covers(decision, me);
        self.ask(|db| {
            let mut found = HashMap::new();
            for decision in decisions.iter().filter(covered) {
                let find = "SELECT salt, content FROM content WHERE decision = ?1";
                if let Some(row) = db.row(find, values![decision.id])? {
                    let whole = self.as_committed(&row, decision);
                    found.insert(
                        decision.id,
                        whole.map_or(KeptContent::Changed, KeptContent::Whole),
                    );
                }
            }
            Ok(found)
        })
    }

    /// A content's text.
    pub(crate) fn unseal_content(
        &self,
        decision: DecisionId,
        sealed: &Sealed,
    ) -> Result<String, StoreError> {
        self.unseal(&place(decision), sealed)
    }

    /// The content in a row, if it is the one that was committed to.
    pub(crate) fn as_committed(&self, row: &Row, decision: &Decision) -> Option<Content> {
        let sealed = row.get::<Sealed>(1).ok()?;
        let text = self.unseal(&place(decision.id), &sealed).ok()?;
        let salt = Salt(row.get(0).ok()?);
        if Commitment::to(&salt, text.as_bytes()) != decision.content {
            return None;
        }
        serde_json::from_str(&text).ok()
    }
}

fn place(decision: DecisionId) -> String {
    format!("content {decision}")
}
