//! Media: encrypted volumes that evidence may be written onto in the clear.

use govern::{MediumId, Permit, RegisterMedium, RetireMedium};
use jiff::Timestamp;

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medium {
    /// Which, by its encrypted volume.
    pub id: MediumId,
    /// What stands on it.
    pub label: String,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it was retired, if it was.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// Registers the permit's medium.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a label in use, or a volume that was registered before.
    pub fn register_medium(&self, permit: &Permit<RegisterMedium>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let RegisterMedium { medium, label } = permit.act();
        let added = self.change(|db| {
            db.execute(
                "INSERT INTO medium (id, label, registered_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
                values![*medium, label, self.clock.now()],
            )
        })?;
        if added == 0 {
            return Err(StoreError::Taken(format!(
                "the label {label}, or its volume"
            )));
        }
        Ok(())
    }

    /// Retires the permit's medium.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn retire_medium(&self, permit: &Permit<RetireMedium>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.withdraw_medium(permit.act().medium)
    }

    pub(crate) fn withdraw_medium(&self, medium: MediumId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE medium SET retired_at = coalesce(retired_at, ?2) WHERE id = ?1",
                values![medium, self.clock.now()],
            )?;
            Ok(())
        })
    }

    /// The medium with this volume, for what is asked of the gate about it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn medium(&self, id: MediumId) -> Result<Option<Medium>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, label, registered_at, retired_at FROM medium WHERE id = ?1",
                values![id],
            )
        })?;
        found.as_ref().map(medium).transpose()
    }

    /// Every medium that was registered, by its label; of one label the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn media(&self) -> Result<Vec<Medium>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT id, label, registered_at, retired_at FROM medium ORDER BY registered_at DESC, id",
                values![],
            )
        })?;
        let mut media = all.iter().map(medium).collect::<Result<Vec<_>, _>>()?;
        media.sort_by_key(|medium| medium.label.to_lowercase());
        Ok(media)
    }
}

fn medium(row: &Row) -> Result<Medium, StoreError> {
    Ok(Medium {
        id: row.get(0)?,
        label: row.get(1)?,
        registered_at: row.get(2)?,
        retired_at: row.get(3)?,
    })
}
