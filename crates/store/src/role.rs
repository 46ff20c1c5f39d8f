//! The roles that members hold, each by a record that says who gave it, until when, and why.

use std::collections::HashMap;

use crypt::Sealed;
use govern::{EndRole, GiveRole, MemberId, Permit, Role, Subject};
use jiff::Timestamp;

use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A role as it is or was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleHeld {
    /// By whom.
    pub member: MemberId,
    /// Which.
    pub role: Role,
    /// Who gave it; nobody, for what was held before such records were kept.
    pub given_by: Option<MemberId>,
    /// When.
    pub given_at: Timestamp,
    /// The second of two people, where the role takes two.
    pub confirmed_by: Option<MemberId>,
    /// The moment it ends by itself.
    pub until: Option<Timestamp>,
    /// Why it was given.
    pub why: Option<String>,
    /// When it was ended, and by whom; nobody, where a restore ended it again.
    pub ended: Option<(Timestamp, Option<MemberId>)>,
    /// Why it was ended.
    pub ended_why: Option<String>,
}

impl RoleHeld {
    /// Whether it is in force at this moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.until.is_none_or(|until| until > now)
    }
}

/// Who gives a role, and who confirms it.
pub(crate) struct Giver {
    pub(crate) by: Option<MemberId>,
    pub(crate) confirmed_by: Option<MemberId>,
}

impl Store {
    /// Gives the role that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the member holds it already.
    pub fn give_role(&self, permit: &Permit<GiveRole>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let giver = Giver {
            by: permit.member(),
            confirmed_by: None,
        };
        self.change(|db| self.insert_role(db, permit.act(), &giver))
    }

    /// Ends the role that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the member does not hold it.
    pub fn end_role(&self, permit: &Permit<EndRole>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let EndRole { of, role, why } = permit.act();
        let why = self.seal(&place(of.member, "ended"), why)?;
        let ended = self.change(|db| {
            db.execute(
                "UPDATE role_held SET ended_by = ?3, ended_at = ?4, ended_why = ?5
                 WHERE member = ?1 AND role = ?2 AND ended_at IS NULL AND (until IS NULL OR until > ?4)",
                values![of.member, &role.0, permit.member(), self.clock.now(), &why],
            )
        })?;
        if ended == 0 {
            Err(StoreError::Conflict(format!(
                "{} does not hold the role {}",
                of.login, role.0
            )))
        } else {
            Ok(())
        }
    }

    /// Gives the two founders their roles, each by the other's hand, while there are no roles at all.
    ///
    /// # Errors
    /// [`StoreError::Taken`] once there are.
    pub fn give_founding_roles(&self, founders: [(MemberId, &Role); 2]) -> Result<(), StoreError> {
        self.change(|db| {
            let held: i64 = db.one("SELECT count(*) FROM role_held", values![])?;
            if held > 0 {
                return Err(StoreError::Taken("founding roles".to_owned()));
            }
            let [one, other] = founders;
            for ((member, role), (by, _)) in [(one, other), (other, one)] {
                self.insert_first_role(db, member, role, by, "founded the station")?;
            }
            Ok(())
        })
    }

    pub(crate) fn insert_first_role(
        &self,
        db: &mut dyn Connection,
        member: MemberId,
        role: &Role,
        by: MemberId,
        why: &str,
    ) -> Result<(), StoreError> {
        let to = Subject {
            member,
            login: String::new(),
            office: false,
        };
        let give = GiveRole {
            to,
            role: role.clone(),
            until: None,
            why: why.to_owned(),
        };
        let giver = Giver {
            by: Some(by),
            confirmed_by: None,
        };
        self.insert_role(db, &give, &giver)
    }

    /// Ends a role again, after a restore.
    pub(crate) fn withdraw_role(&self, member: MemberId, role: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.change(|db| {
            db.execute(
                "UPDATE role_held SET ended_at = ?3
                 WHERE member = ?1 AND role = ?2 AND ended_at IS NULL AND (until IS NULL OR until > ?3)",
                values![member, role, now],
            )?;
            Ok(())
        })
    }

    /// Every role that was ever given, in the order in which they were.
    ///
    /// # Errors
    /// When the database fails.
    pub fn roles_held(&self) -> Result<Vec<RoleHeld>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT member, role, given_by, given_at, confirmed_by, until, why, ended_by, ended_at, ended_why
                 FROM role_held ORDER BY given_at, role, nth",
                values![],
            )
        })?;
        all.iter().map(|row| self.read_role(row)).collect()
    }

    pub(crate) fn insert_role(
        &self,
        db: &mut dyn Connection,
        give: &GiveRole,
        giver: &Giver,
    ) -> Result<(), StoreError> {
        let member = give.to.member;
        db.hold(&format!("roles of {member}"))?;
        let now = self.clock.now();
        let held: i64 = db.one(
            "SELECT count(*) FROM role_held
             WHERE member = ?1 AND role = ?2 AND ended_at IS NULL AND (until IS NULL OR until > ?3)",
            values![member, &give.role.0, now],
        )?;
        if held > 0 {
            return Err(StoreError::Conflict(format!(
                "{} holds the role {} already",
                give.to.login, give.role.0
            )));
        }
        let nth: i64 = db.one(
            "SELECT count(*) + 1 FROM role_held WHERE member = ?1 AND role = ?2",
            values![member, &give.role.0],
        )?;
        db.execute(
            "INSERT INTO role_held (member, role, nth, given_by, given_at, confirmed_by, until, why)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            values![
                member,
                &give.role.0,
                nth,
                giver.by,
                now,
                giver.confirmed_by,
                give.until,
                &self.seal(&place(member, "given"), &give.why)?,
            ],
        )?;
        Ok(())
    }

    fn read_role(&self, row: &Row) -> Result<RoleHeld, StoreError> {
        let member = row.get(0)?;
        let open = |column, what| {
            row.get::<Option<Sealed>>(column)?
                .map(|sealed| self.unseal(&place(member, what), &sealed))
                .transpose()
        };
        let ended_by: Option<MemberId> = row.get(7)?;
        let ended_at: Option<Timestamp> = row.get(8)?;
        Ok(RoleHeld {
            member,
            role: Role(row.get(1)?),
            given_by: row.get(2)?,
            given_at: row.get(3)?,
            confirmed_by: row.get(4)?,
            until: row.get(5)?,
            why: open(6, "given")?,
            ended: ended_at.map(|at| (at, ended_by)),
            ended_why: open(9, "ended")?,
        })
    }
}

/// The roles in force now: of one member, or of everybody.
pub(crate) fn roles_in_force(
    db: &mut dyn Connection,
    now: Timestamp,
    of: Option<MemberId>,
) -> Result<HashMap<MemberId, Vec<Role>>, StoreError> {
    let rows = match of {
        Some(member) => db.rows(
            "SELECT member, role FROM role_held
             WHERE member = ?1 AND ended_at IS NULL AND (until IS NULL OR until > ?2) ORDER BY given_at, role",
            values![member, now],
        )?,
        None => db.rows(
            "SELECT member, role FROM role_held
             WHERE ended_at IS NULL AND (until IS NULL OR until > ?1) ORDER BY given_at, role",
            values![now],
        )?,
    };
    let mut held: HashMap<MemberId, Vec<Role>> = HashMap::new();
    for row in rows {
        held.entry(row.get(0)?).or_default().push(Role(row.get(1)?));
    }
    Ok(held)
}

fn place(member: MemberId, what: &str) -> String {
    format!("role of {member} {what}")
}
