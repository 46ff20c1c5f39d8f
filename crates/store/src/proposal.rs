//! What takes two people, from the proposal to its confirmation.

use crypt::Sealed;
use govern::{
    ChangeRetention, Confirm, GiveRole, Matter, MemberId, Period, Permit, Principal, Proposal,
    ProposalId, Propose, RetentionClass,
};
use jiff::Timestamp;

use crate::role::Giver;
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A proposal, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub id: ProposalId,
    /// The act by which it was proposed.
    pub kind: String,
    /// What was proposed, in words.
    pub says: String,
    /// Who proposed it.
    pub by: MemberId,
    /// When.
    pub proposed_at: Timestamp,
    /// Until when it can be confirmed.
    pub until: Timestamp,
    /// Who confirmed it, and when.
    pub confirmed: Option<(MemberId, Timestamp)>,
}

/// How long a class of data is kept, as two people decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Which class.
    pub class: RetentionClass,
    /// For how long at most.
    pub keep: Period,
    /// The item of the approved records schedule.
    pub schedule: String,
    /// The number of the disposal certificate, where it was entered.
    pub disposal: Option<String>,
    /// The preset that it follows, if one.
    pub preset: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// Keeps the proposal that the permit names.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn propose<M: Matter>(
        &self,
        permit: &Permit<Propose<M>>,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let Propose { id, matter } = permit.act();
        let text = serde_json::to_string(matter).map_err(StoreError::damaged)?;
        let sealed = self.seal(&place(*id, "matter"), &text)?;
        let says = self.seal(&place(*id, "words"), &matter.says())?;
        let deputy_chief = matches!(permit.who(), Principal::Member(member)
            if member.roles.iter().any(|role| role.0 == "deputy-chief"));
        let entry = i64::try_from(permit.entry()).map_err(StoreError::damaged)?;
        self.change(|db| {
            db.execute(
                "INSERT INTO proposal (id, kind, matter, words, proposed_by, by_deputy_chief, entry, proposed_at, until)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                values![
                    *id,
                    M::PROPOSE,
                    &sealed,
                    &says,
                    permit.member(),
                    deputy_chief,
                    entry,
                    self.clock.now(),
                    until,
                ],
            )?;
            Ok(())
        })
    }

    /// The proposal of this name, if it is one of this kind.
    ///
    /// # Errors
    /// When the database fails.
    pub fn proposal<M: Matter>(&self, id: ProposalId) -> Result<Option<Proposal<M>>, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT matter, proposed_by, by_deputy_chief, entry, until FROM proposal WHERE id = ?1 AND kind = ?2",
                values![id, M::PROPOSE],
            )
        })?;
        row.map(|row| {
            let text = self.unseal(&place(id, "matter"), &row.get::<Sealed>(0)?)?;
            let entry: i64 = row.get(3)?;
            Ok(Proposal {
                id,
                matter: serde_json::from_str(&text).map_err(StoreError::damaged)?,
                by: row.get(1)?,
                by_deputy_chief: row.get(2)?,
                entry: entry.unsigned_abs(),
                until: row.get(4)?,
            })
        })
        .transpose()
    }

    /// Every proposal, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn proposals(&self) -> Result<Vec<Kept>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT id, kind, words, proposed_by, proposed_at, until, confirmed_by, confirmed_at
                 FROM proposal ORDER BY proposed_at DESC, id",
                values![],
            )
        })?;
        all.iter().map(|row| self.read_proposal(row)).collect()
    }

    /// Gives the role that was proposed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was confirmed already, its time is over, or the role is held.
    pub fn confirm_appointment(
        &self,
        permit: &Permit<Confirm<GiveRole>>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let proposal = &permit.act().proposal;
        let giver = Giver {
            by: Some(proposal.by),
            confirmed_by: permit.member(),
        };
        self.change(|db| {
            self.close_proposal(db, proposal.id, permit.member())?;
            self.insert_role(db, &proposal.matter, &giver)
        })
    }

    /// Puts the retention that was proposed in force.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was confirmed already or its time is over.
    pub fn confirm_retention(
        &self,
        permit: &Permit<Confirm<ChangeRetention>>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let proposal = &permit.act().proposal;
        let ChangeRetention {
            class,
            keep,
            schedule,
            preset,
            disposal,
        } = &proposal.matter;
        let keep = serde_json::to_string(keep).map_err(StoreError::damaged)?;
        self.change(|db| {
            self.close_proposal(db, proposal.id, permit.member())?;
            db.execute(
                "INSERT INTO retention (proposal, class, keep, schedule, preset, since, disposal)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                values![
                    proposal.id,
                    class.as_str(),
                    keep,
                    schedule,
                    preset.clone(),
                    self.clock.now(),
                    disposal.clone(),
                ],
            )?;
            Ok(())
        })
    }

    /// How long each class is kept, where that was decided; the newest decision counts.
    ///
    /// # Errors
    /// When the database fails.
    pub fn retention(&self) -> Result<Vec<Retention>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT class, keep, schedule, preset, since, disposal FROM retention ORDER BY since DESC, proposal",
                values![],
            )
        })?;
        let mut newest: Vec<Retention> = Vec::new();
        for row in &rows {
            let stored: String = row.get(0)?;
            let class = RetentionClass::ALL
                .into_iter()
                .find(|class| class.as_str() == stored)
                .ok_or_else(|| StoreError::damaged(format!("there is no class {stored}")))?;
            if newest.iter().all(|known| known.class != class) {
                newest.push(Retention {
                    class,
                    keep: serde_json::from_str(&row.get::<String>(1)?)
                        .map_err(StoreError::damaged)?,
                    schedule: row.get(2)?,
                    preset: row.get(3)?,
                    since: row.get(4)?,
                    disposal: row.get(5)?,
                });
            }
        }
        Ok(newest)
    }

    /// Whoever comes second finds it confirmed.
    pub(crate) fn close_proposal(
        &self,
        db: &mut dyn Connection,
        id: ProposalId,
        by: Option<MemberId>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let closed = db.execute(
            "UPDATE proposal SET confirmed_by = ?2, confirmed_at = ?3
             WHERE id = ?1 AND confirmed_at IS NULL AND until > ?3",
            values![id, by, now],
        )?;
        if closed == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict(
                "this proposal was confirmed already, or its time is over".to_owned(),
            ))
        }
    }

    fn read_proposal(&self, row: &Row) -> Result<Kept, StoreError> {
        let id = row.get(0)?;
        let by: Option<MemberId> = row.get(6)?;
        let at: Option<Timestamp> = row.get(7)?;
        Ok(Kept {
            id,
            kind: row.get(1)?,
            says: self.unseal(&place(id, "words"), &row.get::<Sealed>(2)?)?,
            by: row.get(3)?,
            proposed_at: row.get(4)?,
            until: row.get(5)?,
            confirmed: by.zip(at),
        })
    }
}

fn place(id: ProposalId, what: &str) -> String {
    format!("proposal {id} {what}")
}
