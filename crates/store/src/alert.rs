//! Alerts, from raised to closed.

use crypt::Sealed;
use govern::{
    AlertId, AlertName, AlertStep, HotlistId, MemberId, OpenAlert, Permit, Principal, SeeAlerts,
};
use hotlist::{Check, CheckResult, State, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hit::{Listed, Matched, listed_place};
use crate::read::read;
use crate::sql::{Connection, Row, values};
use crate::{Read, Store, StoreError};

/// The most alerts that are told of at once.
const MOST: i64 = 200;

/// An alert as it is kept.
#[derive(Debug)]
pub struct AlertView {
    /// Which, and where it stands.
    pub name: AlertName,
    /// Whether somebody must look at it now.
    pub priority: bool,
    /// What it turned out to be, if it is known.
    pub finding: Option<State>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// The list.
    pub list: HotlistId,
    /// The entry and the list, as they were.
    pub listed: Listed,
    /// Its sightings, newest first; in a list of alerts, the newest alone.
    pub sightings: Vec<AlertSighting>,
    /// How many sightings there are.
    pub seen: u64,
    /// The steps taken, in order; in a list of alerts, the last alone.
    pub steps: Vec<StepTaken>,
    /// Earlier alerts of this plate; none in a list of alerts.
    pub earlier: Vec<Earlier>,
}

/// A read that the alert rests on.
#[derive(Debug)]
pub struct AlertSighting {
    /// The read.
    pub read: Read,
    /// How it stands to the entry.
    pub matched: Matched,
}

/// A step somebody took.
#[derive(Debug)]
pub struct StepTaken {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub member: MemberId,
    /// Their name, as it was then.
    pub name: String,
    /// Their badge, as it was then.
    pub badge: String,
    /// What.
    pub step: Step,
}

/// What an earlier alert of the same plate turned out to be.
#[derive(Debug)]
pub struct Earlier {
    /// Its number.
    pub number: u64,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// What it turned out to be, if it is known.
    pub finding: Option<State>,
}

/// A step as it is sealed.
#[derive(Serialize, Deserialize)]
struct Said {
    name: String,
    badge: String,
    step: Step,
}

impl Store {
    /// Which alert has this number, and where it stands; nothing of what it speaks of.
    ///
    /// # Errors
    /// When the database fails.
    pub fn alert_name(&self, number: u64) -> Result<Option<AlertName>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT id, number, state, restricted, listed FROM alert WHERE number = ?1",
                values![i64::try_from(number).unwrap_or(i64::MAX)],
            )
        })?;
        found
            .map(|row| name(&row, &self.listed(&row, 4)?))
            .transpose()
    }

    /// The newest alerts, at most 200: those that are not over first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn alerts(&self, permit: &Permit<SeeAlerts>) -> Result<Vec<AlertView>, StoreError> {
        permit.check(&*self.clock)?;
        let found = self.ask(|db| {
            let alerts = db.rows(
                "SELECT id, number, state, restricted, priority, finding, raised_at, list, listed, plate_mark
                 FROM alert
                 ORDER BY CASE WHEN state IN ('closed', 'closed-by-exception') THEN 1 ELSE 0 END, number DESC
                 LIMIT ?1",
                values![MOST],
            )?;
            let mut found = Vec::new();
            for alert in alerts {
                let id: AlertId = alert.get(0)?;
                let sightings = sightings(db, id, 1)?;
                let seen: u64 =
                    db.one("SELECT count(*) FROM alert_sighting WHERE alert = ?1", values![id])?;
                let steps = steps(db, id, 1)?;
                found.push((alert, sightings, seen, steps));
            }
            Ok(found)
        })?;
        found
            .iter()
            .map(|(alert, sightings, seen, steps)| self.view(alert, sightings, *seen, steps, &[]))
            .collect()
    }

    /// The permit's alert, whole.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; when the permit has expired or the database fails.
    pub fn alert(&self, permit: &Permit<OpenAlert>) -> Result<AlertView, StoreError> {
        permit.check(&*self.clock)?;
        let id = permit.act().0.id;
        let (alert, sightings, steps, earlier) = self.ask(|db| {
            let alert = db
                .row(
                    "SELECT id, number, state, restricted, priority, finding, raised_at, list, listed, plate_mark
                     FROM alert WHERE id = ?1",
                    values![id],
                )?
                .ok_or(StoreError::NoSuch("such alert"))?;
            let earlier = db.rows(
                "SELECT number, raised_at, finding FROM alert
                 WHERE plate_mark = ?1 AND number < ?2 ORDER BY number DESC LIMIT 20",
                values![alert.get::<String>(9)?, alert.get::<i64>(1)?],
            )?;
            Ok((alert, sightings(db, id, MOST)?, steps(db, id, MOST)?, earlier))
        })?;
        self.view(&alert, &sightings, sightings.len() as u64, &steps, &earlier)
    }

    /// Takes the permit's step: only if it leads on from where the alert stands now, whatever the
    /// permit said. A record that the database did not bear out is suspended.
    ///
    /// # Errors
    /// [`StoreError::NotNow`]; when the permit has expired or the database fails.
    pub fn take_step<A: AlertStep>(&self, permit: &Permit<A>) -> Result<State, StoreError> {
        permit.check(&*self.clock)?;
        let Principal::Member(member) = permit.who() else {
            return Err(StoreError::NoSuch("member who takes this step"));
        };
        let (alert, step) = (permit.act().alert().id, permit.act().step());
        let now = self.clock.now();
        let said = serde_json::to_string(&Said {
            name: member.name.clone(),
            badge: member.badge.clone(),
            step: step.clone(),
        })
        .map_err(StoreError::damaged)?;
        self.change(|db| {
            // Two who take a step at once take it one after the other.
            db.hold(&format!("alert {alert}"))?;
            let row = db
                .row("SELECT state, list, record_mark FROM alert WHERE id = ?1", values![alert])?
                .ok_or(StoreError::NoSuch("such alert"))?;
            let next = state(&row.get::<String>(0)?)?.after(&step)?;
            db.execute(
                "UPDATE alert SET state = ?2,
                     finding = CASE WHEN ?3 = '' THEN finding ELSE ?3 END
                 WHERE id = ?1",
                values![alert, next.code(), finding(next).map_or("", State::code)],
            )?;
            let number: i64 =
                db.one("SELECT count(*) + 1 FROM alert_step WHERE alert = ?1", values![alert])?;
            let sealed = self.seal(&step_place(alert, number), &said)?;
            db.execute(
                "INSERT INTO alert_step (alert, number, at, member, step) VALUES (?1, ?2, ?3, ?4, ?5)",
                values![alert, number, now, member.id, &sealed],
            )?;
            if let Step::Check(Check { result: CheckResult::Refuted | CheckResult::Stale, .. }) = step {
                db.execute(
                    "INSERT INTO hotlist_suspension (list, record_mark, finding, alert, at)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (list, record_mark) DO NOTHING",
                    values![
                        row.get::<HotlistId>(1)?,
                        row.get::<String>(2)?,
                        next.code(),
                        alert,
                        now,
                    ],
                )?;
            }
            Ok(next)
        })
    }

    fn view(
        &self,
        alert: &Row,
        sightings: &[Row],
        seen: u64,
        steps: &[Row],
        earlier: &[Row],
    ) -> Result<AlertView, StoreError> {
        let listed = self.listed(alert, 8)?;
        let name = name(alert, &listed)?;
        Ok(AlertView {
            priority: alert.get(4)?,
            finding: known(alert.get(5)?)?,
            raised_at: alert.get(6)?,
            list: alert.get(7)?,
            listed,
            sightings: sightings.iter().map(sighting).collect::<Result<_, _>>()?,
            seen,
            steps: steps
                .iter()
                .rev()
                .map(|row| self.step(name.id, row))
                .collect::<Result<_, _>>()?,
            earlier: earlier
                .iter()
                .map(|row| {
                    Ok(Earlier {
                        number: row.get(0)?,
                        raised_at: row.get(1)?,
                        finding: known(row.get(2)?)?,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
            name,
        })
    }

    /// The entry and the list of the alert in a row, as they were.
    fn listed(&self, alert: &Row, column: usize) -> Result<Listed, StoreError> {
        let place = listed_place(alert.get(0)?);
        let listed = self.unseal(&place, &alert.get::<Sealed>(column)?)?;
        serde_json::from_str(&listed).map_err(StoreError::damaged)
    }

    fn step(&self, alert: AlertId, row: &Row) -> Result<StepTaken, StoreError> {
        let said = self.unseal(&step_place(alert, row.get(0)?), &row.get::<Sealed>(3)?)?;
        let said: Said = serde_json::from_str(&said).map_err(StoreError::damaged)?;
        Ok(StepTaken {
            at: row.get(1)?,
            member: row.get(2)?,
            name: said.name,
            badge: said.badge,
            step: said.step,
        })
    }
}

/// What a state says an alert turned out to be, if it says so.
fn finding(state: State) -> Option<State> {
    match state {
        State::PictureRefuted | State::Verified | State::Refuted | State::Stale => Some(state),
        _ => None,
    }
}

fn sightings(db: &mut dyn Connection, alert: AlertId, most: i64) -> Result<Vec<Row>, StoreError> {
    db.rows(
        "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                picture.seen_at, camera.name, camera.place, alert_sighting.matched
         FROM alert_sighting
         JOIN read ON read.id = alert_sighting.read
         JOIN picture ON picture.id = read.picture
         JOIN camera ON camera.id = picture.camera
         WHERE alert_sighting.alert = ?1
         ORDER BY picture.seen_at DESC, alert_sighting.number DESC
         LIMIT ?2",
        values![alert, most],
    )
}

/// Newest first.
fn steps(db: &mut dyn Connection, alert: AlertId, most: i64) -> Result<Vec<Row>, StoreError> {
    db.rows(
        "SELECT number, at, member, step FROM alert_step WHERE alert = ?1 ORDER BY number DESC LIMIT ?2",
        values![alert, most],
    )
}

fn sighting(row: &Row) -> Result<AlertSighting, StoreError> {
    Ok(AlertSighting {
        read: read(row)?,
        matched: serde_json::from_str(&row.get::<String>(11)?).map_err(StoreError::damaged)?,
    })
}

/// Out of `id, number, state, restricted`, the first columns of a row.
fn name(row: &Row, listed: &Listed) -> Result<AlertName, StoreError> {
    Ok(AlertName {
        class: listed.about.class,
        id: row.get(0)?,
        number: row.get(1)?,
        state: state(&row.get::<String>(2)?)?,
        restricted: row.get(3)?,
    })
}

fn state(code: &str) -> Result<State, StoreError> {
    State::from_code(code).ok_or_else(|| StoreError::damaged("an alert's state is none"))
}

fn known(code: Option<String>) -> Result<Option<State>, StoreError> {
    code.as_deref().map(state).transpose()
}

fn step_place(alert: AlertId, number: i64) -> String {
    format!("alert_step {alert} {number} step")
}
