//! Passkeys: second factors that a member's devices keep.

use crypt::{Digest, Passkey, Sealed, sha256};
use govern::MemberId;
use jiff::Timestamp;

use crate::member::place;
use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A member's passkey, as it is kept.
#[derive(Clone, Debug)]
pub struct KeptPasskey {
    /// The passkey.
    pub passkey: Passkey,
    /// What the member calls it.
    pub name: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// Whether it counted backwards, and is not taken any more.
    pub stopped: bool,
}

const KNOWN: &str = "this passkey is known here already";

impl Store {
    /// Whether a member, whoever it is, has this passkey.
    ///
    /// # Errors
    /// When the database fails.
    pub fn knows_passkey(&self, id: &[u8]) -> Result<bool, StoreError> {
        self.ask(|db| {
            db.one(
                "SELECT EXISTS (SELECT 1 FROM passkey WHERE id = ?1)",
                values![id],
            )
        })
    }

    /// Adds a member's own passkey.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is there already.
    pub fn add_passkey(
        &self,
        member: MemberId,
        name: &str,
        passkey: &Passkey,
    ) -> Result<(), StoreError> {
        let name = self.seal(&place(member, "passkey"), name)?;
        let added = self.change(|db| {
            db.execute(
                "INSERT INTO passkey (id, member, name, public_key, counter, copied, added_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                values![
                    passkey.id.as_slice(),
                    member,
                    &name,
                    passkey.key.as_slice(),
                    passkey.counter,
                    passkey.copied,
                    self.clock.now(),
                ],
            )
        })?;
        if added == 0 {
            return Err(StoreError::Conflict(KNOWN.to_owned()));
        }
        Ok(())
    }

    /// A member's passkeys, in the order they were added.
    ///
    /// # Errors
    /// When the database fails.
    pub fn passkeys(&self, member: MemberId) -> Result<Vec<KeptPasskey>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, name, public_key, counter, copied, added_at, used_at, stopped_at
                 FROM passkey WHERE member = ?1 ORDER BY added_at, id",
                values![member],
            )
        })?;
        rows.iter().map(|row| self.passkey(member, row)).collect()
    }

    /// A passkey signed: it counts on from here. False when it is none of the member's, or was used
    /// at once by somebody else, or is not taken any more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn use_passkey(
        &self,
        member: MemberId,
        before: &Passkey,
        after: &Passkey,
    ) -> Result<bool, StoreError> {
        let used = self.change(|db| {
            db.execute(
                "UPDATE passkey SET counter = ?4, used_at = ?5
                 WHERE member = ?1 AND id = ?2 AND counter = ?3 AND stopped_at IS NULL",
                values![
                    member,
                    before.id.as_slice(),
                    before.counter,
                    after.counter,
                    self.clock.now(),
                ],
            )
        })?;
        Ok(used == 1)
    }

    /// A passkey counted backwards: it is not taken any more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn stop_passkey(&self, member: MemberId, id: &[u8]) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE passkey SET stopped_at = coalesce(stopped_at, ?3) WHERE member = ?1 AND id = ?2",
                values![member, id, self.clock.now()],
            )?;
            Ok(())
        })
    }

    /// Takes away a member's passkey. False when it is none of theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_passkey(&self, member: MemberId, id: &[u8]) -> Result<bool, StoreError> {
        let removed = self.change(|db| {
            db.execute(
                "DELETE FROM passkey WHERE member = ?1 AND id = ?2",
                values![member, id],
            )
        })?;
        Ok(removed == 1)
    }

    pub(crate) fn withdraw_passkey(&self, member: MemberId, id: &Digest) -> Result<(), StoreError> {
        let kept = self.passkeys(member)?;
        match kept.iter().find(|kept| sha256(&kept.passkey.id) == *id) {
            Some(kept) => self.remove_passkey(member, &kept.passkey.id).map(drop),
            None => Ok(()),
        }
    }

    fn passkey(&self, member: MemberId, row: &Row) -> Result<KeptPasskey, StoreError> {
        let name: Sealed = row.get(1)?;
        let counter: i64 = row.get(3)?;
        Ok(KeptPasskey {
            passkey: Passkey {
                id: row.get(0)?,
                key: row.get(2)?,
                counter: u32::try_from(counter).map_err(StoreError::damaged)?,
                copied: row.get(4)?,
            },
            name: self.unseal(&place(member, "passkey"), &name)?,
            added_at: row.get(5)?,
            used_at: row.get(6)?,
            stopped: row.get::<Option<Timestamp>>(7)?.is_some(),
        })
    }
}
