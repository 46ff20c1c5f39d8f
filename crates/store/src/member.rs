//! Members.

use crypt::{Id, PasswordHash, Random, Sealed, SecondFactor};
use govern::{EnrolMember, MemberId, Permit, Role};
use jiff::Timestamp;

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
    /// The roles held.
    pub roles: Vec<Role>,
    /// When failed logins locked the account, if they did.
    pub locked_at: Option<Timestamp>,
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
    /// The first password's hash.
    pub password: PasswordHash,
    /// The second factor's secret.
    pub second_factor: SecondFactor,
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
        self.insert_member(new, random)
    }

    /// Enrols the member that the permit names, with these secrets.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a login that anybody ever had.
    pub fn enrol(
        &self,
        permit: &Permit<EnrolMember>,
        password: PasswordHash,
        second_factor: SecondFactor,
        random: &dyn Random,
    ) -> Result<MemberId, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act().clone();
        let new = NewMember {
            login: act.login,
            name: act.name,
            badge: act.badge,
            roles: act.roles,
            password,
            second_factor,
        };
        self.insert_member(&new, random)
    }

    /// The member of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn member(&self, member: MemberId) -> Result<Option<Member>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, login, name, badge, roles, locked_at FROM member WHERE id = ?1",
                values![member],
            )
        })?;
        found.map(|row| self.read_member(&row)).transpose()
    }

    /// Every member, by login.
    ///
    /// # Errors
    /// When the database fails.
    pub fn members(&self) -> Result<Vec<Member>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT id, login, name, badge, roles, locked_at FROM member",
                values![],
            )
        })?;
        let mut members = all
            .iter()
            .map(|row| self.read_member(row))
            .collect::<Result<Vec<_>, _>>()?;
        members.sort_by_key(|member| member.login.to_lowercase());
        Ok(members)
    }

    fn insert_member(&self, new: &NewMember, random: &dyn Random) -> Result<MemberId, StoreError> {
        let id = MemberId::from_bytes(*Id::<Member>::random(random).as_bytes());
        let login = self.seal(&place(id, "login"), &new.login)?;
        let name = self.seal(&place(id, "name"), &new.name)?;
        let badge = self.seal(&place(id, "badge"), &new.badge)?;
        let factor = self.seal_factor(id, &new.second_factor)?;
        let roles = serde_json::to_string(&new.roles).map_err(StoreError::damaged)?;
        let inserted = self.change(|db| {
            db.execute(
                "INSERT INTO member (id, login_key, login, name, badge, roles, password, second_factor, enrolled_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (login_key) DO NOTHING",
                values![
                    id,
                    self.login_key(&new.login),
                    &login,
                    &name,
                    &badge,
                    roles,
                    new.password.as_text(),
                    &factor,
                    self.clock.now(),
                ],
            )
        })?;
        if inserted == 0 {
            Err(StoreError::Taken(format!("the login {}", new.login)))
        } else {
            Ok(id)
        }
    }

    /// Out of `id, login, name, badge, roles, locked_at`, the first columns of a row.
    pub(crate) fn read_member(&self, row: &Row) -> Result<Member, StoreError> {
        let id: MemberId = row.get(0)?;
        let open = |column, what| self.unseal(&place(id, what), &row.get::<Sealed>(column)?);
        Ok(Member {
            id,
            login: open(1, "login")?,
            name: open(2, "name")?,
            badge: open(3, "badge")?,
            roles: serde_json::from_str(&row.get::<String>(4)?).map_err(StoreError::damaged)?,
            locked_at: row.get(5)?,
        })
    }

    /// Finds a member by login, whatever its capitals.
    pub(crate) fn login_key(&self, login: &str) -> String {
        self.mark("login", &login.to_lowercase())
    }
}

/// Where a member's text is sealed for.
pub(crate) fn place(member: MemberId, what: &str) -> String {
    format!("member {member} {what}")
}
