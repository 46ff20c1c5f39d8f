//! Whether a member may come in: suspended, ended, reinstated, and when the account was last used.

use crypt::{Id, Random};
use govern::{ChangeStatus, MemberId, Permit, StatusChange};

use crate::sql::values;
use crate::{Store, StoreError};

/// Marks the ids of changes of status.
enum Change {}

impl Store {
    /// Changes the status that the permit names. With a member who leaves, the roles end too.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn change_status(
        &self,
        permit: &Permit<ChangeStatus>,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let member = act.of.member;
        let status = act.change.leads_to().as_str();
        let now = self.clock.now();
        let id = Id::<Change>::random(random);
        let why = self.seal(&format!("change of status {id}"), &act.why)?;
        self.change(|db| {
            db.hold(&format!("roles of {member}"))?;
            db.execute(
                "UPDATE member SET status = ?2 WHERE id = ?1",
                values![member, status],
            )?;
            if act.change == StatusChange::Reinstate {
                db.execute(
                    "UPDATE member SET used_at = ?2 WHERE id = ?1",
                    values![member, now],
                )?;
            }
            if act.change == StatusChange::End {
                db.execute(
                    "UPDATE role_held SET ended_by = ?2, ended_at = ?3
                     WHERE member = ?1 AND ended_at IS NULL AND (until IS NULL OR until > ?3)",
                    values![member, permit.member(), now],
                )?;
            }
            db.execute(
                "INSERT INTO status_change (id, member, status, changed_by, changed_at, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                values![id, member, status, permit.member(), now, &why],
            )?;
            Ok(())
        })
    }

    /// Closes an account again, after a restore; somebody reinstates it if it was.
    pub(crate) fn withdraw_member(&self, member: MemberId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE member SET status = 'suspended' WHERE id = ?1 AND status = 'active'",
                values![member],
            )?;
            Ok(())
        })
    }

    /// The member came in: the account is in use.
    ///
    /// # Errors
    /// When the database fails.
    pub fn account_used(&self, member: MemberId) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.change(|db| {
            db.execute(
                "UPDATE member SET used_at = ?2 WHERE id = ?1",
                values![member, now],
            )?;
            Ok(())
        })
    }
}
