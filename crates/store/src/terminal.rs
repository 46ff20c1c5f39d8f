//! Terminals: machines that members log in from.

use crypt::{Digest, EnrolmentCode, Id, Random};
use govern::{EnrolTerminal, Permit, RemoveTerminal, TerminalId};
use jiff::Timestamp;

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Which.
    pub id: TerminalId,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// Its class, of `policy/device-classes.toml`.
    pub class: String,
    /// When it was given its key; none before that.
    pub set_up_at: Option<Timestamp>,
    /// Whether its key was taken away.
    pub removed: bool,
}

/// The code that a terminal is set up with.
pub struct NewTerminal {
    /// The code.
    pub code: EnrolmentCode,
    /// When it is no longer good.
    pub expires: Timestamp,
}

impl Store {
    /// Enrols the terminal that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a name in use.
    pub fn enrol_terminal(
        &self,
        permit: &Permit<EnrolTerminal>,
        new: &NewTerminal,
        random: &dyn Random,
    ) -> Result<TerminalId, StoreError> {
        permit.check(&*self.clock)?;
        let id = Id::random(random);
        let EnrolTerminal { name, place, class } = permit.act();
        let added = self.change(|db| {
            db.execute(
                "INSERT INTO terminal (id, name, place, class, code, code_expires_at, enrolled_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                values![
                    id,
                    name,
                    place,
                    class,
                    new.code.digest().to_string(),
                    new.expires,
                    self.clock.now(),
                ],
            )
        })?;
        if added == 0 {
            Err(StoreError::Taken(format!("the name {name}")))
        } else {
            Ok(id)
        }
    }

    /// Gives the machine that brings this code its key; the code is used up. Nothing when the code is
    /// not good.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_up_terminal(
        &self,
        code: &EnrolmentCode,
        key: &Digest,
    ) -> Result<Option<Terminal>, StoreError> {
        let now = self.clock.now();
        let set_up = self.change(|db| {
            db.execute(
                "UPDATE terminal SET code = NULL, key_digest = ?2, set_up_at = ?3
                 WHERE code = ?1 AND code_expires_at > ?3 AND removed_at IS NULL",
                values![code.digest().to_string(), key.to_string(), now],
            )
        })?;
        if set_up == 0 {
            return Ok(None);
        }
        self.terminal_by_key(key)
    }

    /// The terminal whose key has this digest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn terminal_by_key(&self, key: &Digest) -> Result<Option<Terminal>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, name, place, class, set_up_at, removed_at FROM terminal
                 WHERE key_digest = ?1 AND removed_at IS NULL",
                values![key.to_string()],
            )
        })?;
        found.as_ref().map(terminal).transpose()
    }

    /// Takes the key of the permit's terminal away. Its name stays taken.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_terminal(&self, permit: &Permit<RemoveTerminal>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.withdraw_terminal(permit.act().terminal)
    }

    pub(crate) fn withdraw_terminal(&self, terminal: TerminalId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE terminal SET code = NULL, key_digest = NULL,
                    removed_at = coalesce(removed_at, ?2)
                 WHERE id = ?1",
                values![terminal, self.clock.now()],
            )?;
            Ok(())
        })
    }

    /// Every terminal, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn terminals(&self) -> Result<Vec<Terminal>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT id, name, place, class, set_up_at, removed_at FROM terminal",
                values![],
            )
        })?;
        let mut terminals = all.iter().map(terminal).collect::<Result<Vec<_>, _>>()?;
        terminals.sort_by_key(|terminal| terminal.name.to_lowercase());
        Ok(terminals)
    }
}

fn terminal(row: &Row) -> Result<Terminal, StoreError> {
    Ok(Terminal {
        id: row.get(0)?,
        name: row.get(1)?,
        place: row.get(2)?,
        class: row.get(3)?,
        set_up_at: row.get(4)?,
        removed: row.get::<Option<Timestamp>>(5)?.is_some(),
    })
}
