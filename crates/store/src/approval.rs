//! What a supervisor approves: a member's searches of a case, for some hours.

use crypt::Sealed;
use govern::{
    ApprovalAsked, ApprovalId, ApproveSearches, ApprovedSearches, AskApproval, LedgerScope,
    MemberId, Permit, SeeApprovals, StatedPurpose,
};
use jiff::{Timestamp, ToSpan};

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// What was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchApproval {
    /// Its name.
    pub id: ApprovalId,
    /// Who asked.
    pub member: MemberId,
    /// For what.
    pub purpose: StatedPurpose,
    /// When.
    pub asked_at: Timestamp,
    /// Who approved it, when, and until when.
    pub approved: Option<(MemberId, Timestamp, Timestamp)>,
}

impl SearchApproval {
    /// Whether it is in force at this moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.approved.is_some_and(|(_, _, until)| until > now)
    }
}

/// The most that are listed.
const MOST: i64 = 200;

impl Store {
    /// Keeps what the permit's member asks for.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn ask_approval(&self, permit: &Permit<AskApproval>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let AskApproval { id, purpose, .. } = permit.act();
        let seal = |what, text: &Option<String>| {
            let text = text.as_ref();
            text.map(|text| self.seal(&place(*id, what), text))
                .transpose()
        };
        let case = seal("case", &purpose.case)?;
        let words = seal("words", &purpose.words)?;
        let entry = i64::try_from(permit.entry()).map_err(StoreError::damaged)?;
        self.change(|db| {
            db.execute(
                "INSERT INTO search_approval (id, member, purpose, case_number, words, asked_at, entry)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                values![
                    *id,
                    permit.member(),
                    &purpose.code,
                    case.as_ref(),
                    words.as_ref(),
                    self.clock.now(),
                    entry,
                ],
            )?;
            Ok(())
        })
    }

    /// What was asked for under this name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn approval_asked(&self, id: ApprovalId) -> Result<Option<ApprovalAsked>, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT id, member, purpose, case_number, words, entry FROM search_approval WHERE id = ?1",
                values![id],
            )
        })?;
        let Some(row) = row else { return Ok(None) };
        let by: MemberId = row.get(1)?;
        let member = self.member(by)?.ok_or(StoreError::NoSuch("member"))?;
        let entry: i64 = row.get(5)?;
        Ok(Some(ApprovalAsked {
            id,
            by,
            login: member.login,
            purpose: self.read_purpose(&row)?,
            entry: entry.unsigned_abs(),
        }))
    }

    /// Puts the permit's approval in force, for its hours.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody approved it already.
    pub fn approve_searches(&self, permit: &Permit<ApproveSearches>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ApproveSearches { asked, hours } = permit.act();
        let now = self.clock.now();
        let until = now
            .checked_add(i64::from(*hours).hours())
            .map_err(StoreError::damaged)?;
        let approved = self.change(|db| {
            db.execute(
                "UPDATE search_approval SET approved_by = ?2, approved_at = ?3, until = ?4
                 WHERE id = ?1 AND approved_at IS NULL",
                values![asked.id, permit.member(), now, until],
            )
        })?;
        if approved == 0 {
            return Err(StoreError::Conflict(
                "this was approved already: have it asked for anew".to_owned(),
            ));
        }
        Ok(())
    }

    /// What was asked for, newest first: by everybody, or by the permit's member alone.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn approvals(
        &self,
        permit: &Permit<SeeApprovals>,
    ) -> Result<Vec<SearchApproval>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| match permit.act().scope {
            LedgerScope::Everyone => db.rows(
                "SELECT id, member, purpose, case_number, words, asked_at, approved_by, approved_at, until
                 FROM search_approval ORDER BY asked_at DESC, id LIMIT ?1",
                values![MOST],
            ),
            LedgerScope::Own => db.rows(
                "SELECT id, member, purpose, case_number, words, asked_at, approved_by, approved_at, until
                 FROM search_approval WHERE member = ?2 ORDER BY asked_at DESC, id LIMIT ?1",
                values![MOST, permit.member()],
            ),
        })?;
        rows.iter().map(|row| self.read_approval(row)).collect()
    }

    /// The searches that are approved for a member now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn approved(&self, member: MemberId) -> Result<Vec<ApprovedSearches>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, member, purpose, case_number, words FROM search_approval
                 WHERE member = ?1 AND until > ?2",
                values![member, self.clock.now()],
            )
        })?;
        rows.iter()
            .map(|row| {
                let StatedPurpose { code, case, .. } = self.read_purpose(row)?;
                Ok(ApprovedSearches {
                    purpose: code,
                    case,
                })
            })
            .collect()
    }

    fn read_approval(&self, row: &Row) -> Result<SearchApproval, StoreError> {
        let by: Option<MemberId> = row.get(6)?;
        let at: Option<Timestamp> = row.get(7)?;
        let until: Option<Timestamp> = row.get(8)?;
        Ok(SearchApproval {
            id: row.get(0)?,
            member: row.get(1)?,
            purpose: self.read_purpose(row)?,
            asked_at: row.get(5)?,
            approved: by
                .zip(at)
                .zip(until)
                .map(|((by, at), until)| (by, at, until)),
        })
    }

    /// Out of `id, member, purpose, case_number, words`, the first columns of a row.
    fn read_purpose(&self, row: &Row) -> Result<StatedPurpose, StoreError> {
        let id = row.get(0)?;
        let open = |column, what| {
            row.get::<Option<Sealed>>(column)?
                .map(|sealed| self.unseal(&place(id, what), &sealed))
                .transpose()
        };
        Ok(StatedPurpose {
            code: row.get(2)?,
            case: open(3, "case")?,
            words: open(4, "words")?,
        })
    }
}

fn place(id: ApprovalId, what: &str) -> String {
    format!("search approval {id} {what}")
}
