//! Alerts, from raised to closed.

use crypt::{Random, Sealed};
use govern::{
    AlertId, AlertName, AlertStep, Class, HotlistId, MemberId, OpenAlert, Permit, Principal,
    SeeAlerts, WatchAlerts,
};
use hotlist::{CheckResult, State, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::correction;
use crate::escalation::Judged;
use crate::hit::{Listed, Matched, listed_place};
use crate::read::read;
use crate::sql::{Connection, Row, values};
use crate::{Read, Store, StoreError};

/// The most alerts that are told of at once.
const MOST: i64 = 200;

/// Selects an alert's own columns.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT alert.id, alert.number, alert.state, alert.restricted, alert.priority, alert.finding,
                 alert.raised_at, alert.list, alert.listed, alert.plate_mark,
                 (SELECT to_role FROM alert_escalation WHERE alert_escalation.alert = alert.id
                  ORDER BY step DESC LIMIT 1),
                 (SELECT signs FROM alert_exception WHERE alert_exception.alert = alert.id)
             FROM alert ",
            $rest
        )
    };
}

/// An alert as it is kept.
#[derive(Debug)]
pub struct AlertView {
    /// Which, and where it stands.
    pub name: AlertName,
    /// Whether somebody must look at it now.
    pub priority: bool,
    /// What it turned out to be, if it is known.
    pub finding: Option<State>,
    /// The role that it went to last, because nobody took it in time.
    pub escalated_to: Option<String>,
    /// Whether a supervisor signed what was done before it was verified, once one has judged that.
    pub signed: Option<bool>,
    /// That judgement; none in a list of alerts.
    pub judged: Option<Judged>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// The list.
    pub list: HotlistId,
    /// The entry and the list, as they were.
    pub listed: Listed,
    /// Its sightings that the permit covers, newest first; in a list of alerts, the newest alone.
    pub sightings: Vec<AlertSighting>,
    /// How many of those there are.
    pub seen: u64,
    /// How many more there are by cameras of a class that the permit does not cover.
    pub withheld: Vec<(Class, u64)>,
    /// The steps taken, in order; in a list of alerts, the last alone.
    pub steps: Vec<StepTaken>,
    /// Earlier alerts of this plate; none in a list of alerts.
    pub earlier: Vec<Earlier>,
}

impl AlertView {
    /// Whether every sighting is withheld: then there is a hit, and no more is told of it.
    pub fn is_withheld(&self) -> bool {
        self.seen == 0 && !self.withheld.is_empty()
    }
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
    /// When it was raised; not told where every sighting of it is withheld.
    pub raised_at: Option<Timestamp>,
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
                "SELECT id, number, state, restricted, list, listed FROM alert WHERE number = ?1",
                values![i64::try_from(number).unwrap_or(i64::MAX)],
            )
        })?;
        found
            .map(|row| name(&row, row.get(4)?, &self.listed(&row, 5)?))
            .transpose()
    }

    /// The classes of the cameras that saw an alert, where none without a class did: it is opened with an
    /// authorisation for one of them. Nothing of what it speaks of.
    ///
    /// # Errors
    /// When the database fails.
    pub fn alert_seen_by(&self, alert: AlertId) -> Result<Vec<Class>, StoreError> {
        let counts = self.ask(|db| Counts::of(db, alert, &[]))?;
        let classes = counts.withheld.into_iter().map(|(class, _)| class);
        Ok(classes.filter(|_| counts.seen == 0).collect())
    }

    /// The newest alerts, at most 200: those that are not over first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn alerts(&self, permit: &Permit<SeeAlerts>) -> Result<Vec<AlertView>, StoreError> {
        permit.check(&*self.clock)?;
        let found = self.ask(|db| {
            let alerts = db.rows(
                select!(
"ORDER BY CASE WHEN state = 'closed' THEN 2
                                   WHEN state = 'closed-by-exception' AND EXISTS
                                       (SELECT 1 FROM alert_exception WHERE alert_exception.alert = alert.id) THEN 2
                                   ELSE 1 END, number DESC
                     LIMIT ?1"
),
                values![MOST],
            )?;
            alerts.into_iter().map(|alert| Line::of(db, alert, permit.classes())).collect::<Result<Vec<_>, _>>()
        })?;
        found.iter().map(|line| self.line(line)).collect()
    }

    /// An alert, as a list of alerts tells of it, for those who watch.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; when the permit has expired or the database fails.
    pub fn watched_alert(
        &self,
        permit: &Permit<WatchAlerts>,
        alert: AlertId,
    ) -> Result<AlertView, StoreError> {
        permit.check(&*self.clock)?;
        self.alert_line(alert, permit.classes())
    }

    /// An alert, as a list tells of it, for whoever's permit covers it, and these classes.
    pub(crate) fn alert_line(
        &self,
        alert: AlertId,
        classes: &[Class],
    ) -> Result<AlertView, StoreError> {
        let line = self.ask(|db| {
            let alert = db
                .row(select!("WHERE id = ?1"), values![alert])?
                .ok_or(StoreError::NoSuch("such alert"))?;
            Line::of(db, alert, classes)
        })?;
        self.line(&line)
    }

    fn line(&self, line: &Line) -> Result<AlertView, StoreError> {
        self.view(&line.alert, &line.sightings, &line.counts, &line.steps)
    }

    /// The permit's alert, whole.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; when the permit has expired or the database fails.
    pub fn alert(&self, permit: &Permit<OpenAlert>) -> Result<AlertView, StoreError> {
        permit.check(&*self.clock)?;
        let (id, classes) = (permit.act().alert.id, permit.classes());
        let (alert, sightings, counts, steps, earlier, judged) = self.ask(|db| {
            let alert = db
                .row(select!("WHERE id = ?1"), values![id])?
                .ok_or(StoreError::NoSuch("such alert"))?;
            let earlier = earlier(db, &alert, classes)?;
            let judged = self.judged(db, id)?;
            Ok((
                alert,
                sightings(db, id, classes, MOST)?,
                Counts::of(db, id, classes)?,
                steps(db, id, MOST)?,
                earlier,
                judged,
            ))
        })?;
        Ok(AlertView {
            judged,
            earlier,
            ..self.view(&alert, &sightings, &counts, &steps)?
        })
    }

    /// Takes the permit's step: only if it leads on from where the alert stands now, whatever the
    /// permit said. A record that the database did not bear out is suspended.
    ///
    /// # Errors
    /// [`StoreError::NotNow`]; when the permit has expired or the database fails.
    pub fn take_step<A: AlertStep>(
        &self,
        permit: &Permit<A>,
        random: &dyn Random,
    ) -> Result<State, StoreError> {
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
                .row(
                    "SELECT id, state, list, record_mark, listed FROM alert WHERE id = ?1",
                    values![alert],
                )?
                .ok_or(StoreError::NoSuch("such alert"))?;
            let next = state(&row.get::<String>(1)?)?.after(&step)?;
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
            if let Step::Check(check) = &step
                && check.result != CheckResult::Verified
            {
                let said = correction::Said {
                    listed: self.listed(&row, 4)?,
                    check: check.clone(),
                };
                self.correct(db, (alert, row.get(2)?), next, &said, random)?;
                db.execute(
                    "INSERT INTO hotlist_suspension (list, record_mark, finding, alert, at)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (list, record_mark) DO NOTHING",
                    values![
                        row.get::<HotlistId>(2)?,
                        row.get::<String>(3)?,
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
        counts: &Counts,
        steps: &[Row],
    ) -> Result<AlertView, StoreError> {
        let listed = self.listed(alert, 8)?;
        let name = name(alert, alert.get(7)?, &listed)?;
        Ok(AlertView {
            priority: alert.get(4)?,
            finding: known(alert.get(5)?)?,
            escalated_to: alert.get(10)?,
            signed: alert.get(11)?,
            judged: None,
            raised_at: alert.get(6)?,
            list: alert.get(7)?,
            listed,
            sightings: sightings.iter().map(sighting).collect::<Result<_, _>>()?,
            seen: counts.seen,
            withheld: counts.withheld.clone(),
            steps: steps
                .iter()
                .rev()
                .map(|row| self.step(name.id, row))
                .collect::<Result<_, _>>()?,
            earlier: vec![],
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

/// What a list of alerts tells of one.
struct Line {
    alert: Row,
    sightings: Vec<Row>,
    counts: Counts,
    steps: Vec<Row>,
}

impl Line {
    fn of(db: &mut dyn Connection, alert: Row, classes: &[Class]) -> Result<Self, StoreError> {
        let id: AlertId = alert.get(0)?;
        let counts = Counts::of(db, id, classes)?;
        // The newest that is not withheld is among so many.
        let withheld: u64 = counts.withheld.iter().map(|(_, count)| count).sum();
        let mut sightings = sightings(db, id, classes, 1 + withheld as i64)?;
        sightings.truncate(1);
        Ok(Self {
            sightings,
            counts,
            steps: steps(db, id, 1)?,
            alert,
        })
    }
}

/// How many sightings an alert has.
struct Counts {
    /// That are open to these classes.
    seen: u64,
    /// That are not, by the camera's class.
    withheld: Vec<(Class, u64)>,
}

impl Counts {
    fn of(db: &mut dyn Connection, alert: AlertId, classes: &[Class]) -> Result<Self, StoreError> {
        let rows = db.rows(
            "SELECT camera.class, count(*)
             FROM alert_sighting
             JOIN read ON read.id = alert_sighting.read
             JOIN picture ON picture.id = read.picture
             JOIN camera ON camera.id = picture.camera
             WHERE alert_sighting.alert = ?1
             GROUP BY camera.class ORDER BY camera.class",
            values![alert],
        )?;
        let mut counts = Self {
            seen: 0,
            withheld: vec![],
        };
        for row in &rows {
            let count: u64 = row.get(1)?;
            match closed(row, 0, classes)? {
                Some(class) => counts.withheld.push((class, count)),
                None => counts.seen += count,
            }
        }
        Ok(counts)
    }
}

/// The class in a column, if it is one that is not among these.
fn closed(row: &Row, column: usize, classes: &[Class]) -> Result<Option<Class>, StoreError> {
    let class = row.get::<Option<String>>(column)?.map(Class);
    Ok(class.filter(|class| !classes.contains(class)))
}

/// Earlier alerts of the plate of the one in a row.
fn earlier(
    db: &mut dyn Connection,
    alert: &Row,
    classes: &[Class],
) -> Result<Vec<Earlier>, StoreError> {
    let rows = db.rows(
        "SELECT number, raised_at, finding, id FROM alert
         WHERE plate_mark = ?1 AND number < ?2 ORDER BY number DESC LIMIT 20",
        values![alert.get::<String>(9)?, alert.get::<i64>(1)?],
    )?;
    rows.iter()
        .map(|row| {
            let counts = Counts::of(db, row.get(3)?, classes)?;
            let told = counts.seen > 0 || counts.withheld.is_empty();
            Ok(Earlier {
                number: row.get(0)?,
                raised_at: told.then(|| row.get(1)).transpose()?,
                finding: known(row.get(2)?)?,
            })
        })
        .collect()
}

/// What a state says an alert turned out to be, if it says so.
fn finding(state: State) -> Option<State> {
    match state {
        State::PictureRefuted | State::Verified | State::Refuted | State::Stale => Some(state),
        _ => None,
    }
}

/// Those of the newest that are open to these classes, newest first.
fn sightings(
    db: &mut dyn Connection,
    alert: AlertId,
    classes: &[Class],
    most: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = db.rows(
        "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                picture.seen_at, camera.name, camera.place, alert_sighting.matched, camera.class
         FROM alert_sighting
         JOIN read ON read.id = alert_sighting.read
         JOIN picture ON picture.id = read.picture
         JOIN camera ON camera.id = picture.camera
         WHERE alert_sighting.alert = ?1
         ORDER BY picture.seen_at DESC, alert_sighting.number DESC
         LIMIT ?2",
        values![alert, most],
    )?;
    let closed = rows
        .iter()
        .map(|row| closed(row, 12, classes))
        .collect::<Result<Vec<_>, _>>()?;
    let mut closed = closed.iter();
    rows.retain(|_| closed.next().is_some_and(Option::is_none));
    Ok(rows)
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
fn name(row: &Row, list: HotlistId, listed: &Listed) -> Result<AlertName, StoreError> {
    Ok(AlertName {
        list,
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
