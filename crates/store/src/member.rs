//! Members.

use std::collections::HashMap;

use crypt::{Id, Random, Sealed};
use govern::{EnrolMember, MemberId, MemberStatus, Permit, Role};
use jiff::Timestamp;

use crate::enrolment::NewEnrolment;
use crate::role::roles_in_force;
use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A member of the department, as enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// What they log in with.
    pub login: String,
    /// The name.
    pub name: String,
    /// The badge.
    pub badge: String,
    /// The roles in force.
    pub roles: Vec<Role>,
    /// When failed logins locked the account, if they did.
    pub locked_at: Option<Timestamp>,
    /// What was last said of the account; that it was not used for too long is reckoned.
    pub status: MemberStatus,
    /// When the member last came in, was reinstated, or else was enrolled.
    pub used_at: Timestamp,
    /// Who enrolled them; nobody enrolled a founder.
    pub enrolled_by: Option<MemberId>,
}

/// What a new member is enrolled with.
pub struct NewMember {
    /// What they log in with.
    pub login: String,
    /// The name.
    pub name: String,
    /// The badge.
    pub badge: String,
    /// The roles held.
    pub roles: Vec<Role>,
    /// What they set their password and second factor with.
    pub enrolment: NewEnrolment,
}

impl Store {
    /// Enrols one of the two founders, while there are fewer than two members.
    ///
    /// # Errors
    /// [`StoreError::Taken`] once the station has its founders.
    pub fn enrol_founder(
        &self,
        new: &NewMember,
        random: &dyn Random,
    ) -> Result<MemberId, StoreError> {
        let members: i64 = self.ask(|db| db.one("SELECT count(*) FROM member", values![]))?;
        if members >= 2 {
            return Err(StoreError::Taken("founding".to_owned()));
        }
        self.insert_member(new, None, random)
    }

    /// Enrols a reviewer from outside beside the two founders, while there is nobody else. The Deputy
    /// Chief, the first of the two, stands as who enrolled them.
    ///
    /// # Errors
    /// [`StoreError::Taken`] once the station has others.
    pub fn enrol_first_reviewer(
        &self,
        new: &NewMember,
        random: &dyn Random,
    ) -> Result<MemberId, StoreError> {
        let members = self.members()?;
        let deputy_chief = members
            .iter()
            .find(|one| one.roles.iter().any(|role| role.0 == "deputy-chief"));
        match deputy_chief {
            Some(by) if members.len() == 2 => self.insert_member(new, Some(by.id), random),
            _ => Err(StoreError::Taken("founding".to_owned())),
        }
    }

    /// Enrols the member that the permit names, who comes in with this code first.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a login that anybody ever had.
    pub fn enrol(
        &self,
        permit: &Permit<EnrolMember>,
        enrolment: NewEnrolment,
        random: &dyn Random,
    ) -> Result<MemberId, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act().clone();
        let new = NewMember {
            login: act.login,
            name: act.name,
            badge: act.badge,
            roles: act.roles,
            enrolment,
        };
        self.insert_member(&new, permit.member(), random)
    }

    /// The member of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn member(&self, member: MemberId) -> Result<Option<Member>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, login, name, badge, locked_at, status, used_at, enrolled_at, enrolled_by
                 FROM member WHERE id = ?1",
                values![member],
            )?
            .map(|row| Ok((row, roles_in_force(db, self.clock.now(), Some(member))?)))
            .transpose()
        })?;
        found
            .map(|(row, mut roles)| self.read_member(&row, &mut roles))
            .transpose()
    }

    /// Every member, by login.
    ///
    /// # Errors
    /// When the database fails.
    pub fn members(&self) -> Result<Vec<Member>, StoreError> {
        let (all, mut roles) = self.ask(|db| {
            let all = db.rows(
                "SELECT id, login, name, badge, locked_at, status, used_at, enrolled_at, enrolled_by FROM member",
                values![],
            )?;
            Ok((all, roles_in_force(db, self.clock.now(), None)?))
        })?;
        let mut members = all
            .iter()
            .map(|row| self.read_member(row, &mut roles))
            .collect::<Result<Vec<_>, _>>()?;
        members.sort_by_key(|member| member.login.to_lowercase());
        Ok(members)
    }

    fn insert_member(
        &self,
        new: &NewMember,
        enrolled_by: Option<MemberId>,
        random: &dyn Random,
    ) -> Result<MemberId, StoreError> {
        let id = MemberId::from_bytes(*Id::<Member>::random(random).as_bytes());
        let login = self.seal(&place(id, "login"), &new.login)?;
        let name = self.seal(&place(id, "name"), &new.name)?;
        let badge = self.seal(&place(id, "badge"), &new.badge)?;
        self.change(|db| {
            let inserted = db.execute(
                "INSERT INTO member (id, login_key, login, name, badge, enrolled_at, enrolled_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (login_key) DO NOTHING",
                values![
                    id,
                    self.login_key(&new.login),
                    &login,
                    &name,
                    &badge,
                    self.clock.now(),
                    enrolled_by,
                ],
            )?;
            if inserted == 0 {
                return Err(StoreError::Taken(format!("the login {}", new.login)));
            }
            self.insert_enrolment(db, id, &new.enrolment)?;
            if let Some(by) = enrolled_by {
                for role in &new.roles {
                    self.insert_first_role(db, id, role, by, "enrolled as that")?;
                }
            }
            Ok(id)
        })
    }

    /// Out of `id, login, name, badge, locked_at, status, used_at, enrolled_at, enrolled_by`, the first
    /// columns of a row, and of the roles in force.
    pub(crate) fn read_member(
        &self,
        row: &Row,
        roles: &mut HashMap<MemberId, Vec<Role>>,
    ) -> Result<Member, StoreError> {
        let id: MemberId = row.get(0)?;
        let open = |column, what| self.unseal(&place(id, what), &row.get::<Sealed>(column)?);
        Ok(Member {
            id,
            login: open(1, "login")?,
            name: open(2, "name")?,
            badge: open(3, "badge")?,
            roles: roles.remove(&id).unwrap_or_default(),
            locked_at: row.get(4)?,
            status: status(&row.get::<String>(5)?)?,
            used_at: match row.get(6)? {
                Some(used_at) => used_at,
                None => row.get(7)?,
            },
            enrolled_by: row.get(8)?,
        })
    }

    /// Finds a member by login, whatever its capitals.
    pub(crate) fn login_key(&self, login: &str) -> String {
        self.mark("login", &login.to_lowercase())
    }
}

fn status(stored: &str) -> Result<MemberStatus, StoreError> {
    [
        MemberStatus::Active,
        MemberStatus::Suspended,
        MemberStatus::Ended,
    ]
    .into_iter()
    .find(|status| status.as_str() == stored)
    .ok_or_else(|| StoreError::damaged(format!("there is no status {stored}")))
}

/// Where a member's text is sealed for.
pub(crate) fn place(member: MemberId, what: &str) -> String {
    format!("member {member} {what}")
}
