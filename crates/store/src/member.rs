//! Members and their training.

use crypt::{Code, Id, PasswordHash, Random, SecondFactor};
use govern::{EnrolMember, MemberId, Permit, Principal, RecordTraining, ReleaseMember, Role};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::database::id;
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

/// What a login is checked against.
pub struct Credentials {
    /// Whose.
    pub member: Member,
    /// The password's hash.
    pub password: PasswordHash,
    /// The second factor's secret.
    pub second_factor: SecondFactor,
    /// The newest one-time code used.
    pub last_code: Code,
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

/// A completed course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    /// Which course.
    pub course: String,
    /// When it was completed.
    pub completed: Date,
    /// The last day it is in force.
    pub expires: Date,
}

const MEMBER: &str = "id, login, name, badge, roles, locked_at";

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
        let db = self.db();
        let members: i64 = db.query_row("SELECT count(*) FROM member", [], |row| row.get(0))?;
        if members >= 2 {
            return Err(StoreError::Taken("founding".to_owned()));
        }
        insert(&db, new, self.clock.now(), random)
    }

    /// Records the founders' training, each by the other, while there is no training at all.
    ///
    /// # Errors
    /// [`StoreError::Taken`] once there is.
    pub fn record_founding_training(
        &self,
        founders: [MemberId; 2],
        training: &Training,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        let mut db = self.db();
        let step = db.transaction()?;
        let records: i64 = step.query_row("SELECT count(*) FROM training", [], |row| row.get(0))?;
        if records > 0 {
            return Err(StoreError::Taken("founding training".to_owned()));
        }
        let [one, other] = founders;
        for (member, by) in [(one, other), (other, one)] {
            insert_training(&step, member, training, by, true, self.clock.now(), random)?;
        }
        step.commit()?;
        Ok(())
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
        insert(&self.db(), &new, self.clock.now(), random)
    }

    /// Records the training that the permit names.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_training(
        &self,
        permit: &Permit<RecordTraining>,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let Principal::Member(by) = permit.who() else {
            return Err(StoreError::NoSuch("member who records this"));
        };
        let training = Training {
            course: act.course.clone(),
            completed: act.completed,
            expires: act.expires,
        };
        insert_training(
            &self.db(),
            act.member,
            &training,
            by.id,
            false,
            self.clock.now(),
            random,
        )
    }

    /// Releases the member that the permit names.
    ///
    /// # Errors
    /// When the database fails.
    pub fn release(&self, permit: &Permit<ReleaseMember>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let mut db = self.db();
        let step = db.transaction()?;
        let member = permit.act().member;
        step.execute(
            "UPDATE member SET locked_at = NULL WHERE id = ?1",
            [member.as_bytes()],
        )?;
        step.execute(
            "DELETE FROM login_failure WHERE member = ?1",
            [member.as_bytes()],
        )?;
        step.commit()?;
        Ok(())
    }

    /// The member of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn member(&self, member: MemberId) -> Result<Option<Member>, StoreError> {
        let find = format!("SELECT {MEMBER} FROM member WHERE id = ?1");
        let found = self
            .db()
            .query_row(&find, [member.as_bytes()], read_member)
            .optional()?;
        found.transpose()
    }

    /// Every member, by login.
    ///
    /// # Errors
    /// When the database fails.
    pub fn members(&self) -> Result<Vec<Member>, StoreError> {
        let db = self.db();
        let mut all = db.prepare(&format!("SELECT {MEMBER} FROM member ORDER BY login"))?;
        all.query_map([], read_member)?.map(|row| row?).collect()
    }

    /// What a login under this name is checked against.
    ///
    /// # Errors
    /// When the database fails.
    pub fn credentials(&self, login: &str) -> Result<Option<Credentials>, StoreError> {
        let find = format!(
            "SELECT {MEMBER}, password, second_factor, last_step FROM member WHERE login = ?1"
        );
        let found = self
            .db()
            .query_row(&find, [login], |row| {
                Ok((
                    read_member(row)?,
                    row.get::<_, String>(6)?,
                    row.get::<_, Vec<u8>>(7)?,
                    row.get::<_, i64>(8)?,
                ))
            })
            .optional()?;
        found
            .map(|(member, password, factor, step)| {
                Ok(Credentials {
                    member: member?,
                    password: PasswordHash::from_text(password),
                    second_factor: SecondFactor::from_bytes(factor),
                    last_code: Code {
                        step: step.unsigned_abs(),
                    },
                })
            })
            .transpose()
    }

    /// The code was used: neither it nor an older one is accepted again. False when it already was.
    ///
    /// # Errors
    /// When the database fails.
    pub fn use_code(&self, member: MemberId, code: Code) -> Result<bool, StoreError> {
        let newer = "UPDATE member SET last_step = ?2 WHERE id = ?1 AND last_step < ?2 AND locked_at IS NULL";
        Ok(self
            .db()
            .execute(newer, params![member.as_bytes(), code.step as i64])?
            == 1)
    }

    /// Counts an attempt to log in as a failure before it is checked, so that attempts made at once
    /// cannot all find the account open; [`Store::forget_failed_logins`] takes it back when it
    /// succeeds. With `most` failures since `since` the account locks. False when it is locked.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_attempt(
        &self,
        member: MemberId,
        since: Timestamp,
        most: u32,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now().as_millisecond();
        let mut db = self.db();
        let step = db.transaction()?;
        step.execute(
            "INSERT INTO login_failure (member, at) VALUES (?1, ?2)",
            params![member.as_bytes(), now],
        )?;
        let recent: u32 = step.query_row(
            "SELECT count(*) FROM login_failure WHERE member = ?1 AND at >= ?2",
            params![member.as_bytes(), since.as_millisecond()],
            |row| row.get(0),
        )?;
        // This attempt is one of them, and may still be the right one.
        let locked = recent > most;
        if locked {
            step.execute(
                "UPDATE member SET locked_at = coalesce(locked_at, ?2) WHERE id = ?1",
                params![member.as_bytes(), now],
            )?;
        }
        let open: bool = step.query_row(
            "SELECT locked_at IS NULL FROM member WHERE id = ?1",
            [member.as_bytes()],
            |row| row.get(0),
        )?;
        step.commit()?;
        Ok(open)
    }

    /// The newest attempt failed; locks the account when it was one too many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn attempt_failed(
        &self,
        member: MemberId,
        since: Timestamp,
        most: u32,
    ) -> Result<(), StoreError> {
        self.db().execute(
            "UPDATE member SET locked_at = coalesce(locked_at, ?2) WHERE id = ?1 AND ?3 <=
                (SELECT count(*) FROM login_failure WHERE member = ?1 AND at >= ?4)",
            params![
                member.as_bytes(),
                self.clock.now().as_millisecond(),
                most,
                since.as_millisecond()
            ],
        )?;
        Ok(())
    }

    /// A login succeeded: earlier failures no longer count.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_failed_logins(&self, member: MemberId) -> Result<(), StoreError> {
        self.db().execute(
            "DELETE FROM login_failure WHERE member = ?1",
            [member.as_bytes()],
        )?;
        Ok(())
    }

    /// A member's training records, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn training(&self, member: MemberId) -> Result<Vec<Training>, StoreError> {
        let db = self.db();
        let mut all =
            db.prepare("SELECT course, completed, expires FROM training WHERE member = ?1 ORDER BY expires DESC")?;
        all.query_map([member.as_bytes()], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
            ))
        })?
        .map(|row| {
            let (course, completed, expires) = row?;
            let date = |text: String| text.parse().map_err(StoreError::damaged);
            Ok(Training {
                course,
                completed: date(completed)?,
                expires: date(expires)?,
            })
        })
        .collect()
    }
}

fn insert(
    db: &Connection,
    new: &NewMember,
    now: Timestamp,
    random: &dyn Random,
) -> Result<MemberId, StoreError> {
    let id = Id::random(random);
    let roles = serde_json::to_string(&new.roles).map_err(StoreError::damaged)?;
    let inserted = db.execute(
        "INSERT INTO member (id, login, name, badge, roles, password, second_factor, enrolled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (login) DO NOTHING",
        params![
            id.as_bytes(),
            new.login,
            new.name,
            new.badge,
            roles,
            new.password.as_text(),
            new.second_factor.expose(),
            now.as_millisecond()
        ],
    )?;
    if inserted == 0 {
        Err(StoreError::Taken(format!("the login {}", new.login)))
    } else {
        Ok(id)
    }
}

fn insert_training(
    db: &Connection,
    member: MemberId,
    training: &Training,
    by: MemberId,
    founding: bool,
    now: Timestamp,
    random: &dyn Random,
) -> Result<(), StoreError> {
    let id = Id::<Training>::random(random);
    db.execute(
        "INSERT INTO training (id, member, course, completed, expires, recorded_by, recorded_at, founding)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id.as_bytes(),
            member.as_bytes(),
            training.course,
            training.completed.to_string(),
            training.expires.to_string(),
            by.as_bytes(),
            now.as_millisecond(),
            founding
        ],
    )?;
    Ok(())
}

fn read_member(row: &Row<'_>) -> rusqlite::Result<Result<Member, StoreError>> {
    let roles: String = row.get(4)?;
    let locked_at: Option<i64> = row.get(5)?;
    let (id, login, name, badge) = (id(row, 0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok((|| {
        Ok(Member {
            id,
            login,
            name,
            badge,
            roles: serde_json::from_str(&roles).map_err(StoreError::damaged)?,
            locked_at: locked_at
                .map(Timestamp::from_millisecond)
                .transpose()
                .map_err(StoreError::damaged)?,
        })
    })())
}
