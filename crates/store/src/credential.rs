//! What a member shows at the door, and what comes of attempts.

use crypt::{Code, PasswordHash, Sealed, SecondFactor};
use govern::{MemberId, Permit, ReleaseMember};
use jiff::Timestamp;

use crate::member::{Member, place};
use crate::role::roles_in_force;
use crate::sql::{Connection, values};
use crate::{Store, StoreError};

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

impl Store {
    /// What a login under this name is checked against; nothing for a member who has not set it yet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn credentials(&self, login: &str) -> Result<Option<Credentials>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, login, name, badge, locked_at, status, used_at, enrolled_at, enrolled_by,
                        hash, secret, last_step
                 FROM member
                 JOIN password ON password.member = member.id
                 JOIN authenticator ON authenticator.member = member.id
                 WHERE login_key = ?1",
                values![self.login_key(login)],
            )?
            .map(|row| {
                let roles = roles_in_force(db, self.clock.now(), Some(row.get(0)?))?;
                Ok((row, roles))
            })
            .transpose()
        })?;
        found
            .map(|(row, mut roles)| {
                let member = self.read_member(&row, &mut roles)?;
                let second_factor = self.unseal_factor(member.id, &row.get(10)?)?;
                Ok(Credentials {
                    member,
                    password: PasswordHash::from_text(row.get(9)?),
                    second_factor,
                    last_code: Code { step: row.get(11)? },
                })
            })
            .transpose()
    }

    /// Keeps a member's password under another hash; the password is the same. Nothing when another was
    /// set meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rehash_password(
        &self,
        member: MemberId,
        before: &PasswordHash,
        after: &PasswordHash,
    ) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE password SET hash = ?3 WHERE member = ?1 AND hash = ?2",
                values![member, before.as_text(), after.as_text()],
            )?;
            Ok(())
        })
    }

    /// The code was used: neither it nor an older one is accepted again. False when it already was.
    ///
    /// # Errors
    /// When the database fails.
    pub fn use_code(&self, member: MemberId, code: Code) -> Result<bool, StoreError> {
        let used = self.change(|db| {
            db.execute(
                "UPDATE authenticator SET last_step = ?2 WHERE member = ?1 AND last_step < ?2",
                values![member, i64::try_from(code.step).unwrap_or(i64::MAX)],
            )
        })?;
        Ok(used == 1)
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
        let now = self.clock.now();
        self.change(|db| {
            db.hold(&place(member, "attempts"))?;
            db.execute(
                "INSERT INTO login_failure (member, at) VALUES (?1, ?2)",
                values![member, now],
            )?;
            // This attempt is one of them, and may still be the right one.
            if recent_failures(db, member, since)? > i64::from(most) {
                lock(db, member, now)?;
            }
            db.one(
                "SELECT locked_at IS NULL FROM member WHERE id = ?1",
                values![member],
            )
        })
    }

    /// The newest attempt failed; locks the account when it was one too many. Whether it is locked.
    ///
    /// # Errors
    /// When the database fails.
    pub fn attempt_failed(
        &self,
        member: MemberId,
        since: Timestamp,
        most: u32,
    ) -> Result<bool, StoreError> {
        self.change(|db| {
            db.hold(&place(member, "attempts"))?;
            let locks = recent_failures(db, member, since)? >= i64::from(most);
            if locks {
                lock(db, member, self.clock.now())?;
            }
            Ok(locks)
        })
    }

    /// A login succeeded: earlier failures no longer count.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_failed_logins(&self, member: MemberId) -> Result<(), StoreError> {
        self.change(|db| forget_failures(db, member))
    }

    /// Releases the member that the permit names.
    ///
    /// # Errors
    /// When the database fails.
    pub fn release(&self, permit: &Permit<ReleaseMember>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.unlock(permit.act().member)
    }

    /// Opens a locked account at the machine, for whoever showed two recovery shares: it gives nobody
    /// a way to the data.
    ///
    /// # Errors
    /// When the database fails.
    pub fn unlock(&self, member: MemberId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE member SET locked_at = NULL WHERE id = ?1",
                values![member],
            )?;
            forget_failures(db, member)
        })
    }

    /// Locks an account again, after a restore; an administrator releases it if one did.
    pub(crate) fn withdraw_attempts(&self, member: MemberId) -> Result<(), StoreError> {
        self.change(|db| lock(db, member, self.clock.now()))
    }

    pub(crate) fn seal_factor(
        &self,
        member: MemberId,
        factor: &SecondFactor,
    ) -> Result<Sealed, StoreError> {
        self.seal(&place(member, "second factor"), &factor.base32())
    }

    pub(crate) fn unseal_factor(
        &self,
        member: MemberId,
        sealed: &Sealed,
    ) -> Result<SecondFactor, StoreError> {
        let text = self.unseal(&place(member, "second factor"), sealed)?;
        SecondFactor::from_base32(&text).map_err(StoreError::damaged)
    }
}

fn recent_failures(
    db: &mut dyn Connection,
    member: MemberId,
    since: Timestamp,
) -> Result<i64, StoreError> {
    db.one(
        "SELECT count(*) FROM login_failure WHERE member = ?1 AND at >= ?2",
        values![member, since],
    )
}

fn lock(db: &mut dyn Connection, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    db.execute(
        "UPDATE member SET locked_at = coalesce(locked_at, ?2) WHERE id = ?1",
        values![member, now],
    )?;
    Ok(())
}

fn forget_failures(db: &mut dyn Connection, member: MemberId) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM login_failure WHERE member = ?1",
        values![member],
    )?;
    Ok(())
}
