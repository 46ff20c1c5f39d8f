//! Purge: what is past its time is destroyed, in small steps beside whoever works, unless it is held.
//!
//! Each step is one short transaction, entered in the ledger before it is kept. Where a run stands is
//! worked out anew from what is still there: a run that a crash broke off goes on from its row in
//! `purge_run`, and its certificate counts all of it.
//!
//! A step destroys the row with a picture's own key; the file follows, and the key that wrapped it once
//! the day is over. What must stay although its day is over (held, or with an alert) is wrapped by
//! another key first.

mod again;
mod alerts;
mod keys;
mod reads;
mod record;

use std::time::Duration;

use crypt::{Random, Sealed};
use govern::{HoldId, Period, Permit, Purge, RetentionClass};
use jiff::Timestamp;
use ledger::{DecisionId, Event, LedgerError, Purged, merkle_root};
use serde::{Deserialize, Serialize};

use crate::dictionary::Lost;
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// Puts an event into the ledger.
pub(crate) type Enter<'a> = &'a mut dyn FnMut(Event) -> Result<(), LedgerError>;

/// A class that is purged, and why it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgePlan {
    /// Which.
    pub class: RetentionClass,
    /// For how long it is kept.
    pub keep: Period,
    /// The item of the approved records schedule.
    pub schedule: String,
    /// The number of the disposal certificate.
    pub disposal: Option<String>,
    /// What was seen or done before then is past its time.
    pub before: Timestamp,
}

/// What was destroyed of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroyed {
    /// Reads.
    pub reads: u64,
    /// Pictures.
    pub pictures: u64,
    /// Alerts.
    pub alerts: u64,
    /// What was kept beside entries of the ledger, and what counts uses.
    pub contents: u64,
    /// Plates entered by hand.
    #[serde(default)]
    pub entries: u64,
    /// The oldest and the newest of it.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// A class of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeLine {
    /// What is purged.
    pub plan: PurgePlan,
    /// What was destroyed so far.
    pub destroyed: Destroyed,
}

/// A run, from its beginning to its certificate.
#[derive(Debug)]
pub struct PurgeRun {
    /// Its number, from 1.
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Its classes.
    pub lines: Vec<PurgeLine>,
    phase: Phase,
    cursor: Cursor,
    /// Records that the next step looks at.
    at_once: u32,
    /// Plates that may have lost their last read; unknown in a run that was broken off: then every
    /// plate may have.
    lost: Option<Lost>,
}

/// A run, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgeShown {
    /// Its number.
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// Its classes.
    pub lines: Vec<PurgeLine>,
}

/// What a hold spared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spared {
    /// The hold.
    pub hold: HoldId,
    /// Its number.
    pub number: i64,
    /// What for, by its code.
    pub kind: String,
    /// The case's number.
    pub case: String,
    /// How many reads that are past their time.
    pub reads: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Files of pictures whose keys are destroyed.
    Files,
    /// Alerts, with the reads that no other alert rests on.
    Alerts,
    Reads,
    /// Pictures that are kept for less long than their reads.
    Pictures,
    /// Keys of days that are over.
    Keys,
    /// Plates entered by hand that are over.
    Entries,
    /// What is personal in the record.
    Record,
    /// Plates that no read is found under any more.
    Dictionary,
    /// Files of the pictures that went since.
    LastFiles,
    /// Nothing of it is left in the database's files.
    Settle,
    Over,
}

/// After which record the next step begins: its time, and its id.
type Cursor = Option<(Timestamp, Vec<u8>)>;

/// The most records that a step looks at.
const MOST_AT_ONCE: u32 = 400;
/// The fewest.
const FEWEST_AT_ONCE: u32 = 10;
/// The fact that says which run's decision has a certificate that the ledger does not know yet.
const TO_BE_ENTERED: &str = "purge certificate to be entered";
/// How long a step takes at most, about.
const STEP: Duration = Duration::from_millis(20);

/// Destroys what is past its time, so many records after the cursor.
type Destroy = fn(
    &Store,
    &mut dyn Connection,
    Timestamp,
    &Cursor,
    u32,
    Enter<'_>,
) -> Result<Stepped, StoreError>;

/// What one step came to.
struct Stepped {
    /// After which record the next begins; none, where the phase is over.
    next: Cursor,
    destroyed: Destroyed,
    ids: Vec<[u8; 16]>,
    /// Texts of reads that were destroyed: plates that may have lost their last read.
    plates: Vec<String>,
}

impl Destroyed {
    fn records(&self) -> u64 {
        self.reads + self.pictures + self.alerts + self.contents + self.entries
    }

    fn note(&mut self, at: Timestamp) {
        let (oldest, newest) = self.span.unwrap_or((at, at));
        self.span = Some((oldest.min(at), newest.max(at)));
    }

    fn add(&mut self, other: &Self) {
        self.reads += other.reads;
        self.pictures += other.pictures;
        self.alerts += other.alerts;
        self.contents += other.contents;
        self.entries += other.entries;
        if let Some((oldest, newest)) = other.span {
            self.note(oldest);
            self.note(newest);
        }
    }
}

impl PurgeRun {
    fn new(number: i64, started_at: Timestamp, lines: Vec<PurgeLine>) -> Self {
        Self {
            number,
            started_at,
            lines,
            phase: Phase::Files,
            cursor: None,
            at_once: 50,
            lost: Some(Lost::default()),
        }
    }

    /// How many records were destroyed so far.
    pub fn records(&self) -> u64 {
        let lines = self.lines.iter();
        lines.map(|line| line.destroyed.records()).sum()
    }

    fn before(&self, class: RetentionClass) -> Option<Timestamp> {
        let mut lines = self.lines.iter();
        lines
            .find(|line| line.plan.class == class)
            .map(|line| line.plan.before)
    }

    fn add(&mut self, class: RetentionClass, destroyed: &Destroyed) {
        let mut lines = self.lines.iter_mut();
        if let Some(line) = lines.find(|line| line.plan.class == class) {
            line.destroyed.add(destroyed);
        }
    }

    fn about(&self) -> Result<String, StoreError> {
        serde_json::to_string(&self.lines).map_err(StoreError::damaged)
    }

    /// A step that took longer than it may is followed by a smaller one.
    fn learn(&mut self, took: Duration) {
        self.at_once = if took > STEP {
            (self.at_once / 2).max(FEWEST_AT_ONCE)
        } else if took < STEP / 2 {
            (self.at_once + self.at_once / 4).min(MOST_AT_ONCE)
        } else {
            self.at_once
        };
    }
}

impl Store {
    /// Begins a run, or takes up one that was broken off: then its own plans count, as far as they are
    /// past their time still.
    ///
    /// # Errors
    /// When the permit does not serve or the database fails.
    pub fn begin_purge(
        &self,
        permit: &Permit<Purge>,
        plans: Vec<PurgePlan>,
    ) -> Result<PurgeRun, StoreError> {
        permit.check(&*self.clock)?;
        let now = self.clock.now();
        self.change(|db| {
            db.hold("purge")?;
            if let Some(row) = db.row(
                "SELECT number, started_at, about FROM purge_run WHERE ended_at IS NULL ORDER BY number",
                values![],
            )? {
                let mut lines: Vec<PurgeLine> = from_json(&row.get::<String>(2)?)?;
                // A class that is not purged any more is counted, and left alone.
                for line in &mut lines {
                    line.plan.before = Timestamp::MIN;
                }
                for plan in plans {
                    match lines.iter_mut().find(|line| line.plan.class == plan.class) {
                        Some(line) => line.plan = plan,
                        None => lines.push(PurgeLine::new(plan)),
                    }
                }
                return Ok(PurgeRun {
                    lost: None,
                    ..PurgeRun::new(row.get(0)?, row.get(1)?, lines)
                });
            }
            let lines: Vec<_> = plans.into_iter().map(PurgeLine::new).collect();
            let number: i64 =
                db.one("SELECT coalesce(max(number), 0) + 1 FROM purge_run", values![])?;
            let run = PurgeRun::new(number, now, lines);
            db.execute(
                "INSERT INTO purge_run (number, started_at, about) VALUES (?1, ?2, ?3)",
                values![number, now, run.about()?],
            )?;
            Ok(run)
        })
    }

    /// Does one more step of a run; false when nothing is left to do. `enter` puts what is destroyed
    /// into the ledger before it is.
    ///
    /// # Errors
    /// When the permit does not serve; when the database, the disk or the ledger fails. Then the run
    /// can go on with another step.
    pub fn purge_step(
        &self,
        permit: &Permit<Purge>,
        run: &mut PurgeRun,
        random: &dyn Random,
        enter: Enter<'_>,
    ) -> Result<bool, StoreError> {
        permit.check(&*self.clock)?;
        self.purge_some(run, permit.decision(), random, enter)
    }

    fn purge_some(
        &self,
        run: &mut PurgeRun,
        decision: DecisionId,
        random: &dyn Random,
        enter: Enter<'_>,
    ) -> Result<bool, StoreError> {
        let began = self.clock.monotonic();
        let next = match run.phase {
            Phase::Files | Phase::LastFiles => self.remove_files()?,
            Phase::Alerts => self.destroy_some(
                run,
                RetentionClass::Hit,
                decision,
                enter,
                Self::purge_alerts,
            )?,
            Phase::Reads => self.destroy_some(
                run,
                RetentionClass::Read,
                decision,
                enter,
                Self::purge_reads,
            )?,
            Phase::Pictures => self.destroy_some(
                run,
                RetentionClass::Image,
                decision,
                enter,
                Self::purge_pictures,
            )?,
            Phase::Keys => self.purge_keys(run, random)?,
            Phase::Entries => self.destroy_some(
                run,
                RetentionClass::ManualEntry,
                decision,
                enter,
                Self::purge_entries,
            )?,
            Phase::Record => self.destroy_some(
                run,
                RetentionClass::Audit,
                decision,
                enter,
                Self::purge_record,
            )?,
            Phase::Dictionary => self.compact_dictionary(run.cursor.take(), run.lost.as_ref())?,
            Phase::Settle => {
                self.settle()?;
                None
            }
            Phase::Over => return Ok(false),
        };
        run.learn(self.clock.monotonic().saturating_sub(began));
        run.cursor = next;
        if run.cursor.is_none() {
            run.phase = run.phase.after();
        }
        Ok(run.phase != Phase::Over)
    }

    /// One transaction: what is past its time after the cursor, its entry in the ledger, and the run's
    /// account of it.
    fn destroy_some(
        &self,
        run: &mut PurgeRun,
        class: RetentionClass,
        decision: DecisionId,
        enter: Enter<'_>,
        destroy: Destroy,
    ) -> Result<Cursor, StoreError> {
        let Some(before) = run.before(class) else {
            return Ok(None);
        };
        let lines = run.lines.clone();
        let stepped = self.change(|db| {
            // Whoever places a hold, or keeps reads, does so before or after.
            db.hold("holds")?;
            db.hold("plates")?;
            let stepped = destroy(self, db, before, &run.cursor, run.at_once, enter)?;
            if stepped.destroyed.records() > 0 {
                enter(Event::Purged(Purged {
                    decision,
                    class: class.as_str().into(),
                    before,
                    records: stepped.destroyed.records(),
                    root: merkle_root(stepped.ids.iter().map(<[u8; 16]>::as_slice)),
                }))?;
                run.add(class, &stepped.destroyed);
                db.execute(
                    "UPDATE purge_run SET about = ?2 WHERE number = ?1",
                    values![run.number, run.about()?],
                )?;
            }
            Ok(stepped)
        });
        if stepped.is_err() {
            // Nothing of it is kept.
            run.lines = lines;
        }
        let stepped = stepped?;
        if let Some(lost) = &mut run.lost {
            lost.add(&stepped.plates)?;
        }
        Ok(stepped.next)
    }

    /// What the holds in force spare of what is past its time.
    ///
    /// # Errors
    /// When the database fails.
    pub fn spared(
        &self,
        _permit: &Permit<Purge>,
        run: &PurgeRun,
    ) -> Result<Vec<Spared>, StoreError> {
        let before = run.before(RetentionClass::Read).into_iter();
        let Some(before) = before.chain(run.before(RetentionClass::Hit)).max() else {
            return Ok(vec![]);
        };
        let rows = self.ask(|db| {
            db.rows(
                "SELECT hold.id, hold.number, hold.kind, hold.about, count(*)
                 FROM hold JOIN held_read ON held_read.hold = hold.id
                 JOIN read ON read.id = held_read.read
                 JOIN picture ON picture.id = read.picture
                 WHERE picture.seen_at < ?1
                 GROUP BY hold.id, hold.number, hold.kind, hold.about
                 ORDER BY hold.number",
                values![before],
            )
        })?;
        rows.iter()
            .map(|row| {
                let hold: HoldId = row.get(0)?;
                Ok(Spared {
                    hold,
                    number: row.get(1)?,
                    kind: row.get(2)?,
                    case: self.case_of_hold(hold, &row.get::<Sealed>(3)?)?,
                    reads: row.get(4)?,
                })
            })
            .collect()
    }

    /// Ends a run, with its certificate, which is to be entered in the ledger next.
    ///
    /// # Errors
    /// When the permit does not serve or the database fails.
    pub fn end_purge(
        &self,
        permit: &Permit<Purge>,
        run: &PurgeRun,
        certificate: &str,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let sealed = self.seal(&place(run.number), certificate)?;
        self.change(|db| {
            db.execute(
                "UPDATE purge_run SET ended_at = ?2, certificate = ?3, about = ?4 WHERE number = ?1",
                values![run.number, self.clock.now(), &sealed, run.about()?],
            )?;
            self.put_fact(db, TO_BE_ENTERED, &permit.decision().to_string())
        })
    }

    /// The newest certificate and its run's decision, while it is to be entered in the ledger.
    ///
    /// # Errors
    /// When the database fails.
    pub fn certificate_to_enter(&self) -> Result<Option<(DecisionId, String)>, StoreError> {
        let decision = self.fact(TO_BE_ENTERED)?.unwrap_or_default();
        if decision.is_empty() {
            return Ok(None);
        }
        let decision = decision.parse().map_err(StoreError::damaged)?;
        let newest = self.ask(|db| {
            db.one(
                "SELECT max(number) FROM purge_run WHERE certificate IS NOT NULL",
                values![],
            )
        })?;
        Ok(Some((decision, self.purge_certificate(newest)?)))
    }

    /// The newest certificate stands in the ledger.
    ///
    /// # Errors
    /// When the database fails.
    pub fn certificate_is_entered(&self) -> Result<(), StoreError> {
        self.set_fact(TO_BE_ENTERED, "")
    }

    /// The runs, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn purges(&self, most: u32) -> Result<Vec<PurgeShown>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT number, started_at, ended_at, about FROM purge_run ORDER BY number DESC LIMIT ?1",
                values![most],
            )
        })?;
        rows.iter().map(shown).collect()
    }

    /// The certificate of the run with this number.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn purge_certificate(&self, number: i64) -> Result<String, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT certificate FROM purge_run WHERE number = ?1 AND certificate IS NOT NULL",
                values![number],
            )
        })?;
        let row = row.ok_or(StoreError::NoSuch("purge certificate with this number"))?;
        self.unseal(&place(number), &row.get::<Sealed>(0)?)
    }

    /// Removes the files of some pictures whose keys are destroyed.
    fn remove_files(&self) -> Result<Cursor, StoreError> {
        const AT_ONCE: u32 = 100;
        let rows = self.ask(|db| {
            db.rows(
                "SELECT picture FROM picture_gone LIMIT ?1",
                values![AT_ONCE],
            )
        })?;
        let mut gone = Vec::new();
        for row in &rows {
            let picture = row.get(0)?;
            self.drop_picture(picture)?;
            gone.push(picture);
        }
        if gone.is_empty() {
            return Ok(None);
        }
        self.change(|db| {
            for picture in gone {
                db.execute(
                    "DELETE FROM picture_gone WHERE picture = ?1",
                    values![picture],
                )?;
            }
            Ok(())
        })?;
        Ok(Some((Timestamp::MIN, vec![])))
    }
}

impl PurgeLine {
    fn new(plan: PurgePlan) -> Self {
        Self {
            plan,
            destroyed: Destroyed::default(),
        }
    }
}

impl Phase {
    fn after(self) -> Self {
        match self {
            Self::Files => Self::Alerts,
            Self::Alerts => Self::Reads,
            Self::Reads => Self::Pictures,
            Self::Pictures => Self::Keys,
            Self::Keys => Self::Entries,
            Self::Entries => Self::Record,
            Self::Record => Self::Dictionary,
            Self::Dictionary => Self::LastFiles,
            Self::LastFiles => Self::Settle,
            Self::Settle | Self::Over => Self::Over,
        }
    }
}

fn shown(row: &Row) -> Result<PurgeShown, StoreError> {
    Ok(PurgeShown {
        number: row.get(0)?,
        started_at: row.get(1)?,
        ended_at: row.get(2)?,
        lines: from_json(&row.get::<String>(3)?)?,
    })
}

fn from_json(text: &str) -> Result<Vec<PurgeLine>, StoreError> {
    serde_json::from_str(text).map_err(StoreError::damaged)
}

fn place(number: i64) -> String {
    format!("purge_run {number} certificate")
}
