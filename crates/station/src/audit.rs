//! Regular audits (5(c)): samples of accesses, drawn by the ledger's own head, a finding on each, and an
//! alarm when one is overdue.

use std::collections::{BTreeMap, BTreeSet};

use govern::{
    Access, DrawSample, Finding, JudgeAccess, OpenSample, Permit, SampleId, Sampled, SeeSamples,
    draw_accesses,
};
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};
use ledger::{Event, Party, Verdict};
use store::{KeptSample, Member};

use crate::administer::check_words;
use crate::gate::Done;
use crate::story::StoryLine;
use crate::{Caller, Station, StationError};

/// Entries read from the ledger at once.
const AT_ONCE: usize = 1024;
/// Weeks and months that a station sees to afterwards, that was away for longer than one.
const WEEKS_BACK: i64 = 53;
const MONTHS_BACK: i64 = 12;
/// The fact that says for what an alarm was raised: a line each.
const TOLD: &str = "audits late";

/// The samples, as a page shows them.
pub struct Samples {
    /// Newest first.
    pub samples: Vec<KeptSample>,
    /// Who is who.
    pub members: Vec<Member>,
    /// What is overdue, in words.
    pub overdue: Vec<String>,
}

/// A sample with its accesses.
pub struct SampleShown {
    /// The sample.
    pub sample: KeptSample,
    /// Its accesses as the ledger tells them, by their entries.
    pub told: BTreeMap<u64, StoryLine>,
    /// Who is who.
    pub members: Vec<Member>,
}

/// Something that is overdue.
struct Late {
    /// Names it, so that the alarm about it is raised once.
    key: String,
    since: Timestamp,
    says: String,
}

impl Station {
    /// Draws a sample of the accesses of some days, without the drawer's own; the ledger's head at the end of
    /// the last day decides which. Returns its number.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for days that are not over, and for more than a
    /// sample may have.
    pub fn draw_audit(
        &self,
        caller: &Caller,
        (first, last): (Date, Date),
        most: Option<usize>,
    ) -> Result<i64, StationError> {
        let rules = self.policy.audits();
        let most = most.unwrap_or(rules.sample);
        let input = |what: String| Err(StationError::Input(what));
        if most == 0 || most > rules.largest_sample {
            return input(format!(
                "a sample has 1 to {} accesses",
                rules.largest_sample
            ));
        }
        if first > last {
            return input("the last day is before the first".to_owned());
        }
        if last >= self.today() {
            return input(
                "draw from days that are over: what comes later would change the sample".to_owned(),
            );
        }
        let entries = self
            .ledger
            .entries_before(self.begins(last.saturating_add(1.day()))?)?;
        if entries == 0 {
            return input("the ledger begins after these days".to_owned());
        }
        self.ledger.seal()?;
        let act = DrawSample {
            sample: SampleId::random(&*self.random),
            first,
            last,
            entries,
            seed: self.ledger.root_of(entries)?,
            most,
        };
        let (serial, _permit) = self.perform(caller, act, |permit: &Permit<DrawSample>| {
            let act = permit.act();
            let accesses = self.accesses(act, caller.who.party())?;
            let drawn = draw_accesses(&act.seed, &accesses, act.most);
            let drawn: Vec<Sampled> = drawn.iter().map(sampled).collect();
            Ok(Done {
                ids: drawn.iter().map(|one| *one.decision.as_bytes()).collect(),
                value: self.store.keep_sample(permit, accesses.len(), &drawn)?,
            })
        })?;
        Ok(serial)
    }

    /// When a day begins, where the agency is.
    pub(crate) fn begins(&self, day: Date) -> Result<Timestamp, StationError> {
        let begins = day.to_zoned_datetime(self.about.time_zone.clone());
        Ok(begins
            .map_err(|e| StationError::Input(e.to_string()))?
            .timestamp())
    }

    /// The accesses of the act's days, without these.
    fn accesses(&self, act: &DrawSample, but: Party) -> Result<Vec<Access>, StationError> {
        let from = self.begins(act.first)?;
        let wanted = &self.policy.audits().accesses;
        let mut found = Vec::new();
        let mut end = act.entries;
        while end > 0 {
            for (index, entry) in self.ledger.newest(end, AT_ONCE)? {
                end = index;
                if entry.at < from {
                    return Ok(found);
                }
                if let Event::Decision(decision) = entry.event
                    && decision.verdict == Verdict::Permit
                    && decision.who != but
                    && let Party::Member(by) = decision.who
                    && wanted.iter().any(|act| *act == decision.act)
                {
                    found.push(Access {
                        entry: index,
                        decision: decision.id,
                        by,
                        act: decision.act.into_owned(),
                        purpose: decision.purpose,
                    });
                }
            }
        }
        Ok(found)
    }

    /// The samples, and what is overdue.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn samples(&self, caller: &Caller) -> Result<Samples, StationError> {
        let (shown, _permit) = self.perform(caller, SeeSamples, |permit| {
            let samples = self.store.samples(permit)?;
            let overdue = self.overdue(&samples)?.into_iter().map(|late| late.says);
            Ok(Done {
                ids: samples.iter().map(|one| *one.id.as_bytes()).collect(),
                value: Samples {
                    overdue: overdue.collect(),
                    members: self.store.members()?,
                    samples,
                },
            })
        })?;
        Ok(shown)
    }

    /// A sample with its accesses, and the content beside them.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is none.
    pub fn open_sample(&self, caller: &Caller, serial: i64) -> Result<SampleShown, StationError> {
        let act = OpenSample(self.store.sample_name(serial)?);
        let (shown, _permit) = self.perform(caller, act, |permit| {
            let accesses = &permit.act().0.accesses;
            let entries: Vec<u64> = accesses.iter().map(|one| one.entry).collect();
            let lines = self.tell_entries(permit, &entries)?;
            Ok(Done {
                ids: accesses
                    .iter()
                    .map(|one| *one.decision.as_bytes())
                    .collect(),
                value: SampleShown {
                    told: lines.into_iter().map(|line| (line.entry, line)).collect(),
                    members: self.store.members()?,
                    sample: self.store.sample(permit)?,
                },
            })
        })?;
        Ok(shown)
    }

    /// Gives a finding on an access of a sample.
    ///
    /// # Errors
    /// [`StationError::Refused`]: on one's own access; [`StationError::Input`] for one that was not
    /// drawn.
    pub fn judge_access(
        &self,
        caller: &Caller,
        serial: i64,
        entry: u64,
        finding: Finding,
        words: &str,
    ) -> Result<(), StationError> {
        check_words("what was found", words)?;
        let sample = self.store.sample_name(serial)?;
        let mut accesses = sample.accesses.iter();
        let access = *accesses
            .find(|access| access.entry == entry)
            .ok_or_else(|| {
                StationError::Input(format!("entry {entry} is not in sample {serial}"))
            })?;
        let act = JudgeAccess {
            sample,
            access,
            finding,
            words: words.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.store.judge_access(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*access.decision.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Draws what is due: every week that is over, once; and raises an alarm for what is overdue. Called
    /// every night.
    ///
    /// # Errors
    /// When the store or the ledger fails.
    pub fn tend_audits(&self) -> Result<(), StationError> {
        if self.time_doubt().is_some() {
            return Ok(());
        }
        for week in self.weeks_not_drawn(&self.store.all_samples()?)? {
            let days = (week, week.saturating_add(6.days()));
            self.draw_audit(&Caller::the_station(), days, None)?;
        }
        self.watch_audits()
    }

    /// The first days of the months that are over, of the ledger's time and not too long ago, oldest first.
    pub(crate) fn months_over(&self) -> Result<Vec<Date>, StationError> {
        let now = self.today().first_of_month();
        let began = self.began()?.unwrap_or(now);
        let oldest = began
            .first_of_month()
            .max(now.saturating_sub(MONTHS_BACK.months()));
        let months = oldest.series(1.month()).take_while(|month| *month < now);
        Ok(months.collect())
    }

    /// The Mondays of the weeks that are over, likewise.
    fn weeks_over(&self) -> Result<Vec<Date>, StationError> {
        let monday = |day: Date| day.saturating_sub(day.weekday().since(Weekday::Monday).days());
        let now = monday(self.today());
        let began = self.began()?.unwrap_or(now);
        let oldest = monday(began).max(now.saturating_sub(WEEKS_BACK.weeks()));
        let weeks = oldest.series(1.week()).take_while(|week| *week < now);
        Ok(weeks.collect())
    }

    /// The day on which the ledger begins.
    fn began(&self) -> Result<Option<Date>, StationError> {
        let first = self.ledger.newest(1, 1)?.into_iter().next();
        Ok(first.map(|(_, first)| self.about.time_zone.to_datetime(first.at).date()))
    }

    /// Those of the weeks that were not drawn.
    fn weeks_not_drawn(&self, samples: &[KeptSample]) -> Result<Vec<Date>, StationError> {
        let drawn: BTreeSet<Date> = (samples.iter())
            .filter(|sample| sample.drawn_by.is_none())
            .map(|sample| sample.about.first)
            .collect();
        let mut weeks = self.weeks_over()?;
        weeks.retain(|week| !drawn.contains(week));
        Ok(weeks)
    }

    fn overdue(&self, samples: &[KeptSample]) -> Result<Vec<Late>, StationError> {
        let rules = self.policy.audits();
        let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
        let after = |at: Timestamp, wait| at.saturating_add(wait).unwrap_or(at);
        let mut late = Vec::new();
        for week in self.weeks_not_drawn(samples)? {
            let over = self.begins(week.saturating_add(1.week()))?;
            late.push(Late {
                key: format!("week {week}"),
                since: after(over, days(rules.drawn_within_days)),
                says: format!(
                    "No sample of the week from {} was drawn",
                    week.strftime("%-d %B %Y")
                ),
            });
        }
        for sample in samples.iter().filter(|sample| sample.not_judged() > 0) {
            late.push(Late {
                key: format!("sample {}", sample.serial),
                since: after(sample.drawn_at, days(rules.judged_within_days)),
                says: format!(
                    "Of sample {}, {} of {} accesses wait for a reviewer's finding",
                    sample.serial,
                    sample.not_judged(),
                    sample.about.accesses.len()
                ),
            });
        }
        let now = self.clock.now();
        late.retain(|one| one.since < now);
        Ok(late)
    }

    /// Raises an alarm for what is overdue; once for each.
    fn watch_audits(&self) -> Result<(), StationError> {
        let late = self.overdue(&self.store.all_samples()?)?;
        let told = self.store.fact(TOLD)?.unwrap_or_default();
        let now_late: Vec<&str> = late.iter().map(|one| one.key.as_str()).collect();
        let now_late = now_late.join("\n");
        if told == now_late {
            return Ok(());
        }
        let is_new = |one: &&Late| !told.lines().any(|key| key == one.key);
        for one in late.iter().filter(is_new) {
            let entry = self.enter(Event::AuditLate { since: one.since })?;
            self.raise_alarm(entry.index, &format!("An audit is overdue. {}", one.says))?;
        }
        Ok(self.store.set_fact(TOLD, &now_late)?)
    }
}

fn sampled(access: &Access) -> Sampled {
    Sampled {
        entry: access.entry,
        decision: access.decision,
        by: access.by,
    }
}
