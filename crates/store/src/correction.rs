//! Corrections: what a list's owner is told of records that the law enforcement database did not bear
//! out; and how often that came about, by camera and by list.

use crypt::{Id, Random, Sealed};
use govern::{AlertId, ExportCorrections, HotlistId, Permit, SeeCorrections, SeeFigures};
use hotlist::{Check, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hit::Listed;
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// Corrections told of at once.
const MOST: i64 = 500;

/// Marks the ids of corrections.
enum Correction {}

/// A correction, as it is kept.
#[derive(Debug)]
pub struct KeptCorrection {
    /// Its number, from 1.
    pub number: u64,
    /// `refuted` or `stale`.
    pub finding: State,
    /// When it was made.
    pub made_at: Timestamp,
    /// The record and its list, as they were.
    pub listed: Listed,
    /// What the database answered.
    pub check: Check,
}

/// What an alert came to, for figures; nothing of what it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertCameTo {
    /// The camera that saw it first; none where its reads are purged.
    pub camera: Option<String>,
    /// The list.
    pub list: String,
    /// What it turned out to be, if it is known.
    pub finding: Option<State>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When the database's answer was recorded.
    pub checked_at: Option<Timestamp>,
}

/// A correction as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) listed: Listed,
    pub(crate) check: Check,
}

impl Store {
    /// Makes a correction of what a check found, in the transaction of that step.
    pub(crate) fn correct(
        &self,
        db: &mut dyn Connection,
        (alert, list): (AlertId, HotlistId),
        finding: State,
        said: &Said,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        db.hold("correction number")?;
        let number: i64 = db.one(
            "SELECT coalesce(max(number), 0) + 1 FROM correction",
            values![],
        )?;
        let id: Id<Correction> = Id::random(random);
        let sealed = self.seal_json(&place(id), said)?;
        db.execute(
            "INSERT INTO correction (id, number, alert, list, finding, made_at, said)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            values![
                id,
                number,
                alert,
                list,
                finding.code(),
                self.clock.now(),
                &sealed,
            ],
        )?;
        Ok(())
    }

    /// The newest corrections, at most 500.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn corrections(
        &self,
        permit: &Permit<SeeCorrections>,
    ) -> Result<Vec<KeptCorrection>, StoreError> {
        permit.check(&*self.clock)?;
        self.kept_corrections(MOST)
    }

    /// Every correction, newest first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn corrections_to_export(
        &self,
        permit: &Permit<ExportCorrections>,
    ) -> Result<Vec<KeptCorrection>, StoreError> {
        permit.check(&*self.clock)?;
        self.kept_corrections(i64::MAX)
    }

    fn kept_corrections(&self, most: i64) -> Result<Vec<KeptCorrection>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, number, finding, made_at, said FROM correction ORDER BY number DESC LIMIT ?1",
                values![most],
            )
        })?;
        rows.iter().map(|row| self.kept_correction(row)).collect()
    }

    fn kept_correction(&self, row: &Row) -> Result<KeptCorrection, StoreError> {
        let said: Said = self.unseal_json(&place(row.get(0)?), &row.get::<Sealed>(4)?)?;
        Ok(KeptCorrection {
            number: row.get(1)?,
            finding: known(&row.get::<String>(2)?)?,
            made_at: row.get(3)?,
            listed: said.listed,
            check: said.check,
        })
    }

    /// What the alerts since then came to.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn alerts_came_to(
        &self,
        permit: &Permit<SeeFigures>,
        since: Timestamp,
    ) -> Result<Vec<AlertCameTo>, StoreError> {
        permit.check(&*self.clock)?;
        // The check is an alert's third step: it is taken, its picture is confirmed, then that.
        let rows = self.ask(|db| {
            db.rows(
                "SELECT (SELECT camera.name FROM alert_sighting
                         JOIN read ON read.id = alert_sighting.read
                         JOIN picture ON picture.id = read.picture
                         JOIN camera ON camera.id = picture.camera
                         WHERE alert_sighting.alert = alert.id AND alert_sighting.number = 1),
                        hotlist.name, alert.finding, alert.raised_at,
                        (SELECT alert_step.at FROM alert_step
                         WHERE alert_step.alert = alert.id AND alert_step.number = 3
                             AND alert.finding IN ('verified', 'refuted', 'stale'))
                 FROM alert JOIN hotlist ON hotlist.id = alert.list
                 WHERE alert.raised_at >= ?1",
                values![since],
            )
        })?;
        rows.iter()
            .map(|row| {
                let finding: Option<String> = row.get(2)?;
                Ok(AlertCameTo {
                    camera: row.get(0)?,
                    list: row.get(1)?,
                    finding: finding.as_deref().map(known).transpose()?,
                    raised_at: row.get(3)?,
                    checked_at: row.get(4)?,
                })
            })
            .collect()
    }
}

fn known(code: &str) -> Result<State, StoreError> {
    State::from_code(code).ok_or_else(|| StoreError::damaged("an alert's finding is none"))
}

fn place(id: Id<Correction>) -> String {
    format!("correction {id} said")
}
