//! Alerts that went to more people because nobody took them, and exceptions that a supervisor judged.

use crypt::Sealed;
use govern::{AlertId, JudgeException, MemberId, Permit, Principal};
use hotlist::State;
use jiff::Timestamp;
use ledger::{Escalated, Event, LedgerError};
use serde::{Deserialize, Serialize};

use crate::sql::{Connection, values};
use crate::{Store, StoreError};

/// A priority alert that nobody has taken; nothing of what it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// Which.
    pub id: AlertId,
    /// Its number, for people.
    pub number: u64,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How many times it went to more people already.
    pub escalations: usize,
}

/// What a supervisor said of something that was done before an alert was verified.
#[derive(Debug)]
pub struct Judged {
    /// When.
    pub at: Timestamp,
    /// Who, as they were called then.
    pub name: String,
    /// Their badge, as it was then.
    pub badge: String,
    /// Whether they signed it.
    pub signed: bool,
    /// Why.
    pub why: String,
}

/// A judgement as it is sealed.
#[derive(Serialize, Deserialize)]
struct Said {
    name: String,
    badge: String,
    why: String,
}

impl Store {
    /// The priority alerts that nobody has taken, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn alerts_not_taken(&self) -> Result<Vec<NotTaken>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, number, raised_at,
                        (SELECT count(*) FROM alert_escalation WHERE alert_escalation.alert = alert.id)
                 FROM alert WHERE state = ?1 AND priority = 1 ORDER BY number",
                values![State::Raised.code()],
            )
        })?;
        rows.iter()
            .map(|row| {
                Ok(NotTaken {
                    id: row.get(0)?,
                    number: row.get(1)?,
                    raised_at: row.get(2)?,
                    escalations: usize::try_from(row.get::<u64>(3)?).unwrap_or(usize::MAX),
                })
            })
            .collect()
    }

    /// Has an alert go to more people, unless somebody took it meanwhile. `enter` puts that into the
    /// ledger before it is kept.
    ///
    /// # Errors
    /// When the database or the ledger fails.
    pub fn escalate(
        &self,
        escalated: &Escalated,
        mut enter: impl FnMut(Event) -> Result<(), LedgerError>,
    ) -> Result<bool, StoreError> {
        self.change(|db| {
            // As for a step: whoever takes it at this moment comes before or after.
            db.hold(&format!("alert {}", escalated.alert))?;
            let state: String = db.one(
                "SELECT state FROM alert WHERE id = ?1",
                values![escalated.alert],
            )?;
            if state != State::Raised.code() {
                return Ok(false);
            }
            enter(Event::Escalated(escalated.clone()))?;
            db.execute(
                "INSERT INTO alert_escalation (alert, step, at, to_role) VALUES (?1, ?2, ?3, ?4)",
                values![
                    escalated.alert,
                    escalated.step as i64,
                    self.clock.now(),
                    &escalated.to,
                ],
            )?;
            Ok(true)
        })
    }

    /// Who reported that something was done before this alert was verified, if somebody did.
    ///
    /// # Errors
    /// When the database fails.
    pub fn exception_reported_by(&self, alert: AlertId) -> Result<Option<MemberId>, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT alert_step.member FROM alert_step JOIN alert ON alert.id = alert_step.alert
                 WHERE alert.id = ?1 AND alert.state = ?2 ORDER BY alert_step.number DESC LIMIT 1",
                values![alert, State::ClosedByException.code()],
            )
        })?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Keeps what the permit's supervisor says of an exception.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was judged already; when the permit has expired or the database
    /// fails.
    pub fn judge_exception(&self, permit: &Permit<JudgeException>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let Principal::Member(member) = permit.who() else {
            return Err(StoreError::NoSuch("member who judges this"));
        };
        let JudgeException {
            alert, signs, why, ..
        } = permit.act();
        let said = Said {
            name: member.name.clone(),
            badge: member.badge.clone(),
            why: why.clone(),
        };
        let sealed = self.seal_json(&place(alert.id), &said)?;
        let inserted = self.change(|db| {
            db.execute(
                "INSERT INTO alert_exception (alert, judged_by, judged_at, signs, said)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (alert) DO NOTHING",
                values![alert.id, member.id, self.clock.now(), *signs, &sealed],
            )
        })?;
        if inserted == 0 {
            return Err(StoreError::Conflict(
                "a supervisor has judged this exception already".to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn judged(
        &self,
        db: &mut dyn Connection,
        alert: AlertId,
    ) -> Result<Option<Judged>, StoreError> {
        let row = db.row(
            "SELECT judged_at, signs, said FROM alert_exception WHERE alert = ?1",
            values![alert],
        )?;
        row.map(|row| {
            let said: Said = self.unseal_json(&place(alert), &row.get::<Sealed>(2)?)?;
            Ok(Judged {
                at: row.get(0)?,
                name: said.name,
                badge: said.badge,
                signed: row.get(1)?,
                why: said.why,
            })
        })
        .transpose()
    }
}

fn place(alert: AlertId) -> String {
    format!("alert_exception {alert} said")
}
