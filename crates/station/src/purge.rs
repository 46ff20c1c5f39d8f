//! The end of data (4): what is past the time that two people set is purged by schedule, in small steps,
//! with a certificate at the end; a purge that did not run is an alarm.

mod certificate;

use std::time::Duration;

use govern::{KeepingRules, Permit, Policy, Purge, RetentionClass, SeeRetention, StartPurge};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use ledger::{Event, Outcome};
use store::{PurgePlan, PurgeRun, PurgeShown, Retention, Store};

use crate::gate::Done;
use crate::{Caller, Station, StationError, lock};

/// How often it is looked whether a purge is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The fact that says for which missed purge an alarm was raised.
const LATE: &str = "purge late since";
/// The fact that says until when a backup opens pictures.
pub(crate) const BACKUPS_OPEN: &str = "backups open pictures until";
/// A certificate that a crash kept from being noted as entered is among so many entries at the next start.
const ENTERED_AMONG: usize = 256;

/// Where the purge stands.
#[derive(Default)]
pub(crate) struct Purging {
    run: Option<(Permit<Purge>, PurgeRun)>,
    /// Somebody wants it now.
    asked: bool,
    /// On the monotonic clock: when to look again.
    look_at: Option<Duration>,
    /// Why it does not go on, in words.
    trouble: Option<String>,
}

/// How long a class is kept, and what keeps it from being purged.
#[derive(Clone, Debug)]
pub struct ClassKept {
    /// Which.
    pub class: RetentionClass,
    /// What two people set, if they did.
    pub kept: Option<Retention>,
    /// What is missing before anything of it is purged; none, where it is armed.
    pub lacks: Option<&'static str>,
}

/// What the page of retention shows.
pub struct RetentionShown {
    /// Every class.
    pub classes: Vec<ClassKept>,
    /// The runs, newest first.
    pub runs: Vec<PurgeShown>,
    /// Where the purge stands.
    pub standing: PurgeStanding,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

/// Where the purge stands, for whoever runs the station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgeStanding {
    /// Whether any class is armed.
    pub armed: bool,
    /// Whether a run is under way.
    pub running: bool,
    /// When the last run ended.
    pub last: Option<Timestamp>,
    /// When the next one begins.
    pub due: Option<Timestamp>,
    /// Since when one is missing, where it is late.
    pub late: Option<Timestamp>,
    /// Why it does not go on.
    pub trouble: Option<String>,
}

impl Station {
    /// How long data are kept, what was purged, and what keeps a class from being purged.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn retention(&self, caller: &Caller) -> Result<RetentionShown, StationError> {
        const MOST: u32 = 100;
        let (shown, permit) = self.perform(caller, SeeRetention, |_permit| {
            Ok(Done {
                value: (
                    self.classes_kept()?,
                    self.store.purges(MOST)?,
                    self.purge_standing()?,
                ),
                ids: vec![],
            })
        })?;
        let (classes, runs, standing) = shown;
        Ok(RetentionShown {
            classes,
            runs,
            standing,
            entry: permit.entry(),
        })
    }

    /// The signed certificate of a run.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] where there is none.
    pub fn purge_certificate(&self, caller: &Caller, number: i64) -> Result<String, StationError> {
        let (text, _permit) = self.perform(caller, SeeRetention, |_permit| {
            Ok(Done {
                value: self.store.purge_certificate(number)?,
                ids: vec![],
            })
        })?;
        Ok(text)
    }

    /// Has a purge begin now, and not when it is due.
    ///
    /// # Errors
    /// [`StationError::Refused`] while no class is armed.
    pub fn start_purge(&self, caller: &Caller) -> Result<(), StationError> {
        let plans = self.plans()?;
        let classes: Vec<_> = plans.iter().map(|plan| plan.class.says()).collect();
        let act = StartPurge {
            armed: !plans.is_empty(),
            classes: if classes.is_empty() {
                "nothing".to_owned()
            } else {
                classes.join(", ")
            },
        };
        self.perform(caller, act, |_permit| {
            lock(&self.purging).asked = true;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    /// Looks whether a purge is due, and does one more step of the one under way; false when there is
    /// nothing to do now. Called again and again by whoever runs the station; what a crash broke off
    /// goes on at the next start.
    ///
    /// # Errors
    /// When the store or the ledger fails; it is tried again in a minute.
    pub fn tend_purge(&self) -> Result<bool, StationError> {
        let mut purging = lock(&self.purging);
        let now = self.clock.monotonic();
        let waits = purging.look_at.is_some_and(|at| now < at);
        if waits && !purging.asked {
            return Ok(false);
        }
        let done = self.purge_on(&mut purging);
        if let Err(error) = &done {
            purging.trouble = Some(error.to_string());
        }
        if !matches!(done, Ok(true)) {
            purging.look_at = Some(now + LOOK_EVERY);
            self.watch_purge(&purging)?;
        }
        done
    }

    fn purge_on(&self, purging: &mut Purging) -> Result<bool, StationError> {
        if self.time_doubt().is_some() {
            purging.trouble = Some("the station's clock is in doubt".to_owned());
            return Ok(false);
        }
        if purging.run.is_none() {
            self.enter_purge_certificate()?;
            if !self.begin_purge(purging)? {
                return Ok(false);
            }
        }
        let Some((permit, run)) = &mut purging.run else {
            return Ok(false);
        };
        let mut enter = |event: Event| self.ledger.append(self.clock.now(), event).map(drop);
        let goes_on = self
            .store
            .purge_step(permit, run, &*self.random, &mut enter)?;
        if !goes_on {
            self.certify(permit, run)?;
            purging.run = None;
        }
        purging.look_at = None;
        purging.trouble = None;
        Ok(goes_on)
    }

    /// Opens the standing permit of a run, where one is due.
    fn begin_purge(&self, purging: &mut Purging) -> Result<bool, StationError> {
        let plans = self.plans()?;
        let asked = std::mem::take(&mut purging.asked);
        let due = self.purge_due(&plans)?;
        if plans.is_empty() || !(asked || due.is_some_and(|due| due <= self.clock.now())) {
            purging.trouble = None;
            return Ok(false);
        }
        let act = Purge {
            before: plans.iter().map(|plan| (plan.class, plan.before)).collect(),
        };
        let permit = self.permit(&Caller::the_station(), act)?;
        let run = self.store.begin_purge(&permit, plans)?;
        purging.run = Some((permit, run));
        Ok(true)
    }

    /// Signs what the run did, and closes its standing permit.
    fn certify(&self, permit: &Permit<Purge>, run: &PurgeRun) -> Result<(), StationError> {
        let spared = self.store.spared(permit, run)?;
        let text = certificate::Certificate {
            agency: &self.about.agency,
            zone: &self.about.time_zone,
            run,
            ended_at: self.clock.now(),
            entry: permit.entry(),
            spared: &spared,
            audit: self.plan_of(RetentionClass::Audit)?,
            backups_open: self.backups_open()?,
            server: self.store.is_leased(),
        };
        let signed = self.ledger.sign_text(&text.to_string())?;
        self.store.end_purge(permit, run, &signed)?;
        self.enter_purge_certificate()?;
        let records = run.records();
        self.enter(Event::Outcome(Outcome::Done {
            decision: permit.decision(),
            records,
            result: permit.result_digest(&[]),
        }))?;
        Ok(())
    }

    /// Enters the certificate that was signed last, if the ledger does not have it: a crash may have come
    /// between.
    fn enter_purge_certificate(&self) -> Result<(), StationError> {
        let Some((decision, certificate)) = self.store.certificate_to_enter()? else {
            return Ok(());
        };
        let certificate = crypt::sha256(certificate.as_bytes());
        let entered = |event: &Event| matches!(event, Event::PurgeCertified { certificate: one, .. } if *one == certificate);
        let newest = self.ledger.newest(u64::MAX, ENTERED_AMONG)?;
        if !newest.iter().any(|(_, entry)| entered(&entry.event)) {
            self.enter(Event::PurgeCertified {
                decision,
                certificate,
            })?;
        }
        Ok(self.store.certificate_is_entered()?)
    }

    fn backups_open(&self) -> Result<Option<Timestamp>, StationError> {
        let until = self.store.fact(BACKUPS_OPEN)?;
        let until = until.and_then(|text| text.parse().ok());
        Ok(until.filter(|until| *until > self.clock.now()))
    }

    fn classes_kept(&self) -> Result<Vec<ClassKept>, StationError> {
        let kept = self.store.retention()?;
        let of = |class| kept.iter().find(|one| one.class == class).cloned();
        let rules = self.policy.keeping();
        Ok(RetentionClass::ALL
            .into_iter()
            .map(|class| {
                let kept = of(class);
                ClassKept {
                    class,
                    lacks: lacks(kept.as_ref(), rules),
                    kept,
                }
            })
            .collect())
    }

    fn plans(&self) -> Result<Vec<PurgePlan>, StationError> {
        let zone = &self.about.time_zone;
        plans(&self.store, &self.policy, self.clock.now(), zone)
    }

    fn plan_of(&self, class: RetentionClass) -> Result<Option<PurgePlan>, StationError> {
        Ok(self.plans()?.into_iter().find(|plan| plan.class == class))
    }

    /// When the next run begins: none, while no class is armed.
    fn purge_due(&self, plans: &[PurgePlan]) -> Result<Option<Timestamp>, StationError> {
        if plans.is_empty() {
            return Ok(None);
        }
        let now = self.clock.now();
        let due = match self.store.purges(1)?.first() {
            Some(last) if last.ended_at.is_some() => {
                let short = plans.iter().any(|plan| plan.keep.is_short());
                let every = if short {
                    1.minutes()
                } else {
                    i64::from(self.policy.keeping().purge_hours).hours()
                };
                last.started_at.saturating_add(every).unwrap_or(now)
            }
            _ => now,
        };
        Ok(Some(due))
    }

    pub(crate) fn purge_standing(&self) -> Result<PurgeStanding, StationError> {
        let plans = self.plans()?;
        let (running, trouble) = {
            let purging = lock(&self.purging);
            (purging.run.is_some(), purging.trouble.clone())
        };
        let ended = self.last_purge()?;
        Ok(PurgeStanding {
            armed: !plans.is_empty(),
            running,
            last: ended,
            due: self.purge_due(&plans)?,
            late: self.late_since(&plans, ended)?,
            trouble,
        })
    }

    fn last_purge(&self) -> Result<Option<Timestamp>, StationError> {
        let runs = self.store.purges(2)?;
        Ok(runs.iter().find_map(|run| run.ended_at))
    }

    /// Since when a purge is missing, where it is late.
    fn late_since(
        &self,
        plans: &[PurgePlan],
        last: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StationError> {
        if plans.is_empty() {
            return Ok(None);
        }
        // Before the first run: since the class was armed that was armed first.
        let armed = self.store.retention()?;
        let armed = armed
            .iter()
            .filter(|kept| plans.iter().any(|plan| plan.class == kept.class));
        let Some(since) = last.or_else(|| armed.map(|kept| kept.since).min()) else {
            return Ok(None);
        };
        let rules = self.policy.keeping();
        let longest = i64::from(rules.purge_hours) + i64::from(rules.late_hours);
        let late = since.saturating_add(SignedDuration::from_hours(longest));
        Ok(late
            .is_ok_and(|late| late < self.clock.now())
            .then_some(since))
    }

    /// Raises an alarm when a purge that was due did not run; once for each.
    fn watch_purge(&self, purging: &Purging) -> Result<(), StationError> {
        let Some(since) = self.late_since(&self.plans()?, self.last_purge()?)? else {
            return Ok(());
        };
        let told = since.to_string();
        if self.store.fact(LATE)?.as_ref() == Some(&told) {
            return Ok(());
        }
        let entry = self.enter(Event::PurgeLate { since })?;
        let why = match &purging.trouble {
            Some(trouble) => format!(": {trouble}"),
            None => String::new(),
        };
        let zone = &self.about.time_zone;
        let since = since
            .to_zoned_datetime(zone.clone())
            .strftime("%-d %b %Y, %H:%M %Z");
        self.raise_alarm(
            entry.index,
            &format!("What is past its time was not purged since {since}{why}"),
        )?;
        Ok(self.store.set_fact(LATE, &told)?)
    }
}

/// The classes that may be purged now, each with the moment before which its data are past their time.
pub(crate) fn plans(
    store: &Store,
    policy: &Policy,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<PurgePlan>, StationError> {
    let rules = policy.keeping();
    let mut plans = Vec::new();
    for kept in store.retention()? {
        if lacks(Some(&kept), rules).is_some() {
            continue;
        }
        let floor = rules.floor(kept.class).map(|floor| floor.before(now, zone));
        let before = [Some(kept.keep.before(now, zone)), floor];
        // A time before the calendar begins: nothing is past it.
        let before: Option<Vec<Timestamp>> = before.into_iter().flatten().collect();
        let Some(before) = before.and_then(|before| before.into_iter().min()) else {
            continue;
        };
        plans.push(PurgePlan {
            class: kept.class,
            keep: kept.keep,
            schedule: kept.schedule,
            disposal: kept.disposal,
            before,
        });
    }
    Ok(plans)
}

/// What is missing before anything of a class is purged.
fn lacks(kept: Option<&Retention>, rules: &KeepingRules) -> Option<&'static str> {
    let given = |text: &str| !text.trim().is_empty();
    match kept {
        None => Some("nobody has set how long it is kept"),
        Some(kept) if !given(&kept.schedule) => Some("the item of the approved records schedule"),
        Some(kept)
            if rules.disposal_certificate && !kept.disposal.as_deref().is_some_and(given) =>
        {
            Some("the number of the disposal certificate")
        }
        Some(_) => None,
    }
}
