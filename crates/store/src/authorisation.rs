//! Authorisations for confidential classes, each with who granted it, until when, and why.

use crypt::Sealed;
use govern::{Class, EndAuthorisation, GrantAuthorisation, MemberId, Permit};
use jiff::Timestamp;

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// An authorisation as it is or was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// By whom.
    pub member: MemberId,
    /// Of which class.
    pub class: Class,
    /// Who granted it.
    pub granted_by: MemberId,
    /// When.
    pub granted_at: Timestamp,
    /// The moment it ends by itself.
    pub until: Timestamp,
    /// Why it was granted.
    pub why: String,
    /// When it was ended before its time.
    pub ended_at: Option<Timestamp>,
}

impl Authorisation {
    /// Whether it is in force at this moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until > now
    }
}

impl Store {
    /// Grants the authorisation that the permit names. One that is in force already is ended by it, so
    /// that a longer one can follow.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn grant_authorisation(
        &self,
        permit: &Permit<GrantAuthorisation>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let GrantAuthorisation {
            to,
            class,
            until,
            why,
        } = permit.act();
        let member = to.member;
        let now = self.clock.now();
        let why = self.seal(&place(member, "granted"), why)?;
        self.change(|db| {
            db.hold(&format!("authorisations of {member}"))?;
            db.execute(
                "UPDATE authorisation SET ended_by = ?3, ended_at = ?4
                 WHERE member = ?1 AND class = ?2 AND ended_at IS NULL AND until > ?4",
                values![member, &class.0, permit.member(), now],
            )?;
            let nth: i64 = db.one(
                "SELECT count(*) + 1 FROM authorisation WHERE member = ?1 AND class = ?2",
                values![member, &class.0],
            )?;
            db.execute(
                "INSERT INTO authorisation (member, class, nth, granted_by, granted_at, until, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                values![member, &class.0, nth, permit.member(), now, *until, &why],
            )?;
            Ok(())
        })
    }

    /// Ends the authorisation that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when none is in force.
    pub fn end_authorisation(&self, permit: &Permit<EndAuthorisation>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let EndAuthorisation { of, class, why } = permit.act();
        let why = self.seal(&place(of.member, "ended"), why)?;
        let ended = self.change(|db| {
            db.execute(
                "UPDATE authorisation SET ended_by = ?3, ended_at = ?4, ended_why = ?5
                 WHERE member = ?1 AND class = ?2 AND ended_at IS NULL AND until > ?4",
                values![of.member, &class.0, permit.member(), self.clock.now(), &why],
            )
        })?;
        if ended == 0 {
            return Err(StoreError::Conflict(format!(
                "{} has no authorisation for {}",
                of.login, class.0
            )));
        }
        Ok(())
    }

    /// Ends an authorisation again, after a restore.
    pub(crate) fn withdraw_authorisation(
        &self,
        member: MemberId,
        class: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.change(|db| {
            db.execute(
                "UPDATE authorisation SET ended_at = ?3
                 WHERE member = ?1 AND class = ?2 AND ended_at IS NULL AND until > ?3",
                values![member, class, now],
            )?;
            Ok(())
        })
    }

    /// The classes that a member is authorised for now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn authorised(&self, member: MemberId) -> Result<Vec<Class>, StoreError> {
        let now = self.clock.now();
        let rows = self.ask(|db| {
            db.rows(
                "SELECT class FROM authorisation
                 WHERE member = ?1 AND ended_at IS NULL AND until > ?2 ORDER BY class",
                values![member, now],
            )
        })?;
        rows.iter().map(|row| Ok(Class(row.get(0)?))).collect()
    }

    /// Every authorisation that was ever granted, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn authorisations(&self) -> Result<Vec<Authorisation>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT member, class, granted_by, granted_at, until, why, ended_at
                 FROM authorisation ORDER BY granted_at DESC, member, class, nth DESC",
                values![],
            )
        })?;
        all.iter().map(|row| self.read_authorisation(row)).collect()
    }

    fn read_authorisation(&self, row: &Row) -> Result<Authorisation, StoreError> {
        let member = row.get(0)?;
        Ok(Authorisation {
            member,
            class: Class(row.get(1)?),
            granted_by: row.get(2)?,
            granted_at: row.get(3)?,
            until: row.get(4)?,
            why: self.unseal(&place(member, "granted"), &row.get::<Sealed>(5)?)?,
            ended_at: row.get(6)?,
        })
    }
}

fn place(member: MemberId, what: &str) -> String {
    format!("authorisation of {member} {what}")
}
