//! Plates entered by hand, and what is personal in the record: the content beside the ledger's entries, with the salt without which
//! its commitment tells nothing, and what is kept as long as it.

use jiff::Timestamp;

use super::{Cursor, Destroyed, Enter, Stepped};
use crate::sql::{Connection, values};
use crate::{Store, StoreError};

/// What is kept as long as the content of decisions, by its time.
const KEPT_ALIKE: [&str; 3] = [
    "DELETE FROM use_seen WHERE decision IN
         (SELECT decision FROM use_seen WHERE at < ?1 ORDER BY at LIMIT ?2)",
    "DELETE FROM search_approval WHERE id IN
         (SELECT id FROM search_approval WHERE asked_at < ?1 AND coalesce(until, 0) < ?1 LIMIT ?2)",
    "DELETE FROM question WHERE id IN
         (SELECT id FROM question WHERE answered_at < ?1 LIMIT ?2)",
];

impl Store {
    /// Destroys content of decisions made before then, and what is kept alike.
    pub(super) fn purge_record(
        &self,
        db: &mut dyn Connection,
        before: Timestamp,
        _after: &Cursor,
        at_once: u32,
        _enter: Enter<'_>,
    ) -> Result<Stepped, StoreError> {
        // Written before its time was kept: its time runs from now on.
        let dated = db.execute(
            "UPDATE content SET at = ?1 WHERE decision IN
                 (SELECT decision FROM content WHERE at IS NULL LIMIT ?2)",
            values![self.clock.now(), at_once],
        )?;
        let mut destroyed = Destroyed::default();
        let mut ids = Vec::new();
        let old = db.rows(
            "SELECT decision, at FROM content WHERE at < ?1 ORDER BY at LIMIT ?2",
            values![before, at_once],
        )?;
        for row in &old {
            let decision: ledger::DecisionId = row.get(0)?;
            db.execute("DELETE FROM content WHERE decision = ?1", values![decision])?;
            ids.push(*decision.as_bytes());
            destroyed.contents += 1;
            destroyed.note(row.get(1)?);
        }
        let mut alike = 0;
        for statement in KEPT_ALIKE {
            alike += db.execute(statement, values![before, at_once])?;
        }
        let more = dated + destroyed.contents + alike > 0;
        Ok(Stepped {
            next: more.then(|| (Timestamp::MIN, vec![])),
            destroyed,
            ids,
            plates: vec![],
        })
    }

    /// Destroys plates entered by hand that were over before then, with what was noted as possible of
    /// them; reads stay as long as reads do.
    pub(super) fn purge_entries(
        &self,
        db: &mut dyn Connection,
        before: Timestamp,
        _after: &Cursor,
        at_once: u32,
        _enter: Enter<'_>,
    ) -> Result<Stepped, StoreError> {
        let over = db.rows(
            "SELECT id, coalesce(withdrawn_at, ends_at) FROM local_entry
             WHERE coalesce(withdrawn_at, ends_at) < ?1 LIMIT ?2",
            values![before, at_once],
        )?;
        let mut destroyed = Destroyed::default();
        let mut ids = Vec::new();
        for row in &over {
            let entry: ledger::LocalEntryId = row.get(0)?;
            db.execute("DELETE FROM possible WHERE entry = ?1", values![entry])?;
            db.execute("DELETE FROM local_entry WHERE id = ?1", values![entry])?;
            ids.push(*entry.as_bytes());
            destroyed.entries += 1;
            destroyed.note(row.get(1)?);
        }
        Ok(Stepped {
            next: (!over.is_empty()).then(|| (Timestamp::MIN, vec![])),
            destroyed,
            ids,
            plates: vec![],
        })
    }
}
