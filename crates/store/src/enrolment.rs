//! How a member comes to a password and a second factor of their own, and to others later. Nobody
//! else ever has them: what an administrator hands over is a code that is good once.

use crypt::{Code, Digest, EnrolmentCode, PasswordHash, RecoveryCode, SecondFactor};
use govern::{IssueEnrolmentCode, MemberId, Permit};
use jiff::Timestamp;

use crate::sql::{Connection, values};
use crate::{Member, Store, StoreError};

/// A code that is issued, with the second factor that goes with it. Nobody has seen either.
pub struct NewEnrolment {
    /// The code.
    pub code: EnrolmentCode,
    /// The second factor that is shown to whoever brings the code.
    pub second_factor: SecondFactor,
    /// When the code is no longer good.
    pub expires: Timestamp,
}

/// An enrolment that waits for its member.
pub struct Enrolment {
    /// Whose.
    pub member: Member,
    /// The second factor that was made for them.
    pub second_factor: SecondFactor,
}

/// What a member chose, and what is given with it.
pub struct Chosen<'a> {
    /// The password's hash.
    pub password: &'a PasswordHash,
    /// The code that proved that the authenticator has the second factor.
    pub shown: Code,
    /// The recovery codes.
    pub recovery: &'a [RecoveryCode],
}

impl Store {
    /// Takes from the member that the permit names whatever they come in with, and issues a code in
    /// its place.
    ///
    /// # Errors
    /// When the database fails.
    pub fn issue_enrolment_code(
        &self,
        permit: &Permit<IssueEnrolmentCode>,
        new: &NewEnrolment,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let member = permit.act().of.member;
        self.change(|db| {
            take_way_in(db, member)?;
            self.insert_enrolment(db, member, new)
        })
    }

    /// Issues a code at the machine, for whoever showed two recovery shares, in the place of whatever
    /// the member comes in with. It gives nobody a way to the data: whoever comes in is asked for
    /// training like anybody.
    ///
    /// # Errors
    /// When the database fails.
    pub fn issue_last_enrolment_code(
        &self,
        member: MemberId,
        new: &NewEnrolment,
    ) -> Result<(), StoreError> {
        self.change(|db| {
            take_way_in(db, member)?;
            self.insert_enrolment(db, member, new)
        })
    }

    /// Whether the member has a password and an authenticator.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_way_in(&self, member: MemberId) -> Result<bool, StoreError> {
        self.ask(|db| has_way_in(db, member))
    }

    /// The enrolment that this code is for, while the code is good.
    ///
    /// # Errors
    /// When the database fails.
    pub fn enrolment(&self, code: &EnrolmentCode) -> Result<Option<Enrolment>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT member, second_factor FROM enrolment WHERE code = ?1 AND expires_at > ?2",
                values![code.digest().to_string(), self.clock.now()],
            )
        })?;
        let Some(row) = found else { return Ok(None) };
        let id = row.get(0)?;
        let member = self.member(id)?.ok_or(StoreError::NoSuch("member"))?;
        Ok(Some(Enrolment {
            second_factor: self.unseal_factor(id, &row.get(1)?)?,
            member,
        }))
    }

    /// Ends an enrolment: the code is used up, and the member has a password, the second factor and
    /// recovery codes. False when the code was used meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub fn complete_enrolment(
        &self,
        code: &EnrolmentCode,
        enrolment: &Enrolment,
        chosen: &Chosen<'_>,
    ) -> Result<bool, StoreError> {
        let member = enrolment.member.id;
        self.change(|db| {
            let used = db.execute(
                "DELETE FROM enrolment WHERE code = ?1",
                values![code.digest().to_string()],
            )?;
            if used == 0 {
                return Ok(false);
            }
            self.put_password(db, member, chosen.password)?;
            self.put_factor(db, member, &enrolment.second_factor, chosen.shown)?;
            put_recovery_codes(db, member, chosen.recovery)?;
            Ok(true)
        })
    }

    /// Sets a member's own password.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_password(
        &self,
        member: MemberId,
        password: &PasswordHash,
    ) -> Result<(), StoreError> {
        self.change(|db| self.put_password(db, member, password))
    }

    /// Sets a member's own second factor, which this code proved to be in their authenticator.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_second_factor(
        &self,
        member: MemberId,
        factor: &SecondFactor,
        shown: Code,
    ) -> Result<(), StoreError> {
        self.change(|db| self.put_factor(db, member, factor, shown))
    }

    /// Sets a member's recovery codes; the ones before are no longer good.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_recovery_codes(
        &self,
        member: MemberId,
        codes: &[RecoveryCode],
    ) -> Result<(), StoreError> {
        self.change(|db| put_recovery_codes(db, member, codes))
    }

    /// Uses up a recovery code. False when it is none of the member's, or was used already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn use_recovery_code(
        &self,
        member: MemberId,
        code: &RecoveryCode,
    ) -> Result<bool, StoreError> {
        let used = self.change(|db| {
            db.execute(
                "DELETE FROM recovery_code WHERE member = ?1 AND code = ?2",
                values![member, kept(member, code)],
            )
        })?;
        Ok(used == 1)
    }

    /// How many recovery codes a member has left.
    ///
    /// # Errors
    /// When the database fails.
    pub fn recovery_codes_left(&self, member: MemberId) -> Result<u64, StoreError> {
        let left: i64 = self.ask(|db| {
            db.one(
                "SELECT count(*) FROM recovery_code WHERE member = ?1",
                values![member],
            )
        })?;
        Ok(left.unsigned_abs())
    }

    pub(crate) fn insert_enrolment(
        &self,
        db: &mut dyn Connection,
        member: MemberId,
        new: &NewEnrolment,
    ) -> Result<(), StoreError> {
        let factor = self.seal_factor(member, &new.second_factor)?;
        db.execute(
            "INSERT INTO enrolment (member, code, second_factor, issued_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (member) DO UPDATE SET code = excluded.code,
                second_factor = excluded.second_factor, issued_at = excluded.issued_at,
                expires_at = excluded.expires_at",
            values![
                member,
                new.code.digest().to_string(),
                &factor,
                self.clock.now(),
                new.expires,
            ],
        )?;
        Ok(())
    }

    fn put_password(
        &self,
        db: &mut dyn Connection,
        member: MemberId,
        password: &PasswordHash,
    ) -> Result<(), StoreError> {
        db.execute(
            "INSERT INTO password (member, hash, set_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (member) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at",
            values![member, password.as_text(), self.clock.now()],
        )?;
        Ok(())
    }

    fn put_factor(
        &self,
        db: &mut dyn Connection,
        member: MemberId,
        factor: &SecondFactor,
        shown: Code,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_factor(member, factor)?;
        db.execute(
            "INSERT INTO authenticator (member, secret, last_step, set_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (member) DO UPDATE SET secret = excluded.secret,
                last_step = excluded.last_step, set_at = excluded.set_at",
            values![
                member,
                &sealed,
                i64::try_from(shown.step).unwrap_or(i64::MAX),
                self.clock.now()
            ],
        )?;
        Ok(())
    }
}

/// Taken away again after a restore: what the backup's database still knows of a way in. What was set at
/// `by` or later is what took its place.
impl Store {
    pub(crate) fn withdraw_way_in(&self, member: MemberId) -> Result<(), StoreError> {
        self.change(|db| {
            take_way_in(db, member)?;
            db.execute("DELETE FROM enrolment WHERE member = ?1", values![member])?;
            Ok(())
        })
    }

    pub(crate) fn withdraw_password(
        &self,
        member: MemberId,
        by: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.withdraw_set(
            "DELETE FROM password WHERE member = ?1 AND set_at < ?2",
            member,
            by,
        )
    }

    pub(crate) fn withdraw_authenticator(
        &self,
        member: MemberId,
        by: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.withdraw_set(
            "DELETE FROM authenticator WHERE member = ?1 AND set_at < ?2",
            member,
            by,
        )
    }

    pub(crate) fn withdraw_enrolment_code(
        &self,
        member: MemberId,
        by: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.withdraw_set(
            "DELETE FROM enrolment WHERE member = ?1 AND issued_at < ?2",
            member,
            by,
        )
    }

    pub(crate) fn withdraw_recovery_codes(&self, member: MemberId) -> Result<(), StoreError> {
        self.change(|db| put_recovery_codes(db, member, &[]))
    }

    fn withdraw_set(
        &self,
        sql: &'static str,
        member: MemberId,
        by: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(sql, values![member, by.unwrap_or(Timestamp::MAX)])?;
            Ok(())
        })
    }
}

fn take_way_in(db: &mut dyn Connection, member: MemberId) -> Result<(), StoreError> {
    for gone in [
        "DELETE FROM password WHERE member = ?1",
        "DELETE FROM authenticator WHERE member = ?1",
        "DELETE FROM recovery_code WHERE member = ?1",
        "DELETE FROM passkey WHERE member = ?1",
    ] {
        db.execute(gone, values![member])?;
    }
    Ok(())
}

fn has_way_in(db: &mut dyn Connection, member: MemberId) -> Result<bool, StoreError> {
    db.one(
        "SELECT EXISTS (SELECT 1 FROM password WHERE member = ?1)
            AND EXISTS (SELECT 1 FROM authenticator WHERE member = ?1)",
        values![member],
    )
}

fn put_recovery_codes(
    db: &mut dyn Connection,
    member: MemberId,
    codes: &[RecoveryCode],
) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM recovery_code WHERE member = ?1",
        values![member],
    )?;
    for code in codes {
        db.execute(
            "INSERT INTO recovery_code (member, code) VALUES (?1, ?2)",
            values![member, kept(member, code)],
        )?;
    }
    Ok(())
}

/// What is kept of a recovery code: bound to its member.
fn kept(member: MemberId, code: &RecoveryCode) -> String {
    let digest: Digest = crypt::sha256_of(&[member.as_bytes(), &code.digest().0]);
    digest.to_string()
}
