//! What is set for a list's alerts, and what those turned out to be.

use govern::{HotlistId, Permit, SetListTerms};
use hotlist::{StateFit, Terms};

use crate::sql::{Connection, Row, values};
use crate::{Matched, Store, StoreError};

/// Alerts that are looked back at, the newest ones.
const LOOKED_BACK: i64 = 2_000;

/// What an alert turned out to be whose state was read and fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertOutcome {
    /// The probability of a true hit that was shown first.
    pub probability: f64,
    /// Whether it was that car: the database bore it out.
    pub was_it: bool,
}

impl Store {
    /// The list of this name, in its own spelling.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_named(&self, name: &str) -> Result<Option<(HotlistId, String)>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, name FROM hotlist WHERE lower(name) = lower(?1)",
                values![name],
            )
        })?;
        found.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Sets what the permit says for a list's alerts.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn set_list_terms(&self, permit: &Permit<SetListTerms>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let terms = serde_json::to_string(&act.terms).map_err(StoreError::damaged)?;
        self.change(|db| {
            let update = "UPDATE hotlist SET terms = ?2 WHERE id = ?1";
            match db.execute(update, values![act.list, &terms])? {
                0 => Err(StoreError::NoSuch("such list")),
                _ => Ok(()),
            }
        })
    }
}

/// The terms in a row's column.
pub(super) fn terms(row: &Row, column: usize) -> Result<Option<Terms>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(StoreError::damaged))
        .transpose()
}

/// What the list's alerts turned out to be. A record that was gone says nothing of the read.
pub(super) fn outcomes(
    db: &mut dyn Connection,
    list: HotlistId,
) -> Result<Vec<AlertOutcome>, StoreError> {
    let rows = db.rows(
        "SELECT alert_sighting.matched, alert.finding
         FROM alert JOIN alert_sighting ON alert_sighting.alert = alert.id AND alert_sighting.number = 1
         WHERE alert.list = ?1 AND alert.finding IN ('verified', 'refuted', 'picture-refuted')
         ORDER BY alert.number DESC LIMIT ?2",
        values![list, LOOKED_BACK],
    )?;
    let mut outcomes = Vec::new();
    for row in rows {
        let matched: Matched =
            serde_json::from_str(&row.get::<String>(0)?).map_err(StoreError::damaged)?;
        if let StateFit::Fits(_) = matched.state {
            outcomes.push(AlertOutcome {
                probability: matched.probability,
                was_it: row.get::<String>(1)? == "verified",
            });
        }
    }
    Ok(outcomes)
}
