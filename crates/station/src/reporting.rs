//! Reports (5(c)): counted from the ledger, read and taken out through the gate, counted again for whoever
//! has one, and published once a month is over.

use std::collections::BTreeSet;
use std::sync::Arc;

use govern::{AgencyKind, PublishReport, ReportText, RetentionClass, SeeReport, VerifyReport};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Entry, Event, Verdict};
use report::{About, Counts, Difference, Format, Known, Report, Variables, period};
use store::PublishedReport;

use crate::gate::Done;
use crate::{Caller, Station, StationError, lock};

/// Entries read from the ledger at once.
const AT_ONCE: u64 = 4096;
/// A report covers so many days at most.
const MOST_DAYS: i32 = 732;

/// The confirmations of how long data are kept, among the ledger's entries so far: they are few, and each
/// report needs them from the beginning.
#[derive(Default)]
pub(crate) struct Confirmations {
    looked_to: u64,
    entries: Vec<(u64, Entry)>,
}

/// A report that was made.
pub struct ReportMade {
    /// The report.
    pub report: Report,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

impl Station {
    /// A report, for a page.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a report that there is not, and for days that
    /// are none.
    pub fn report(
        &self,
        caller: &Caller,
        id: &str,
        days: (Date, Date),
    ) -> Result<ReportMade, StationError> {
        let (text, act) = self.asked_report(id, days, "page")?;
        let (report, permit) = self.perform(caller, act, |_permit| {
            Ok(Done {
                value: self.make_report(text, days)?,
                ids: vec![],
            })
        })?;
        Ok(ReportMade {
            report,
            entry: permit.entry(),
        })
    }

    /// A report as a file; what stands for it is in the ledger before it leaves.
    ///
    /// # Errors
    /// As [`Station::report`].
    pub fn report_file(
        &self,
        caller: &Caller,
        id: &str,
        days: (Date, Date),
        format: Format,
    ) -> Result<Vec<u8>, StationError> {
        let (text, act) = self.asked_report(id, days, format.code())?;
        let (bytes, _permit) = self.perform(caller, act, |permit| {
            let bytes = written(&self.make_report(text, days)?, format)?;
            self.enter(Event::Packed {
                decision: permit.decision(),
                package: crypt::sha256(&bytes),
            })?;
            Ok(Done {
                value: bytes,
                ids: vec![],
            })
        })?;
        Ok(bytes)
    }

    /// Counts the numbers of a report again; what differs is told.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a report of another ledger.
    pub fn verify_report(
        &self,
        caller: &Caller,
        told: &Report,
    ) -> Result<Vec<Difference>, StationError> {
        let input = |what: String| StationError::Input(what);
        let within = told.period().map_err(|e| input(e.to_string()))?;
        let origin = self.ledger.verifying().origin().to_owned();
        if told.ledger.origin != origin {
            return Err(input(format!(
                "the report was counted from the ledger {}, and this one is {origin}: give a copy of that one",
                told.ledger.origin
            )));
        }
        let act = VerifyReport {
            report: told.report.chars().take(80).collect(),
            first: told.first,
            last: told.last,
        };
        let (differences, _permit) = self.perform(caller, act, |_permit| {
            self.ledger.seal()?;
            let entries = told.ledger.entries;
            if entries == 0 || entries > self.ledger.size() {
                return Err(input(format!("the ledger has no {entries} entries")));
            }
            let mut differences = told.differs(&self.counted(within, entries)?);
            let head = self.ledger.root_of(entries)?;
            differences.extend(told.head_differs(&head));
            Ok(Done {
                value: differences,
                ids: vec![],
            })
        })?;
        Ok(differences)
    }

    /// Publishes the report for the public of every month that is over, once. Called every night.
    ///
    /// # Errors
    /// When the store or the ledger fails.
    pub fn tend_reports(&self) -> Result<(), StationError> {
        let Some(text) = self.policy.reports().published() else {
            return Ok(());
        };
        if self.time_doubt().is_some() {
            return Ok(());
        }
        let published = self.published_reports()?;
        let published: BTreeSet<Date> = published.iter().map(|one| one.month).collect();
        for month in self.months_over()? {
            if published.contains(&month) {
                continue;
            }
            let act = PublishReport {
                report: text.id.clone(),
                month,
            };
            self.perform(&Caller::the_station(), act, |permit| {
                let report = self.make_report(text, (month, month.last_of_month()))?;
                let bytes = written(&report, Format::Json)?;
                self.enter(Event::Packed {
                    decision: permit.decision(),
                    package: crypt::sha256(&bytes),
                })?;
                self.store.publish_report(permit, &bytes)?;
                Ok(Done {
                    value: (),
                    ids: vec![],
                })
            })?;
            *lock(&self.published) = None;
        }
        Ok(())
    }

    /// What was published, newest first; it is everybody's. From memory: whoever asks often asks no disk.
    ///
    /// # Errors
    /// When the database fails, the first time.
    pub fn published_reports(&self) -> Result<Arc<Vec<PublishedReport>>, StationError> {
        let mut published = lock(&self.published);
        if let Some(published) = &*published {
            return Ok(Arc::clone(published));
        }
        let all = Arc::new(self.store.published_reports()?);
        *published = Some(Arc::clone(&all));
        Ok(all)
    }

    /// The public key that the ledger's heads are signed with, as it is published.
    pub fn ledger_key(&self) -> String {
        self.ledger.verifying().as_text().to_owned()
    }

    fn asked_report(
        &self,
        id: &str,
        (first, last): (Date, Date),
        form: &str,
    ) -> Result<(&ReportText, SeeReport), StationError> {
        let input = |what: String| Err(StationError::Input(what));
        let Some(text) = self.policy.reports().report(id) else {
            return input("there is no such report".to_owned());
        };
        if first > last || first > self.today() {
            return input(
                "a report goes from a day that was to the same or a later one".to_owned(),
            );
        }
        if first.until(last).map_or(i32::MAX, |span| span.get_days()) >= MOST_DAYS {
            return input("a report covers two years at most".to_owned());
        }
        let act = SeeReport {
            report: text.id.clone(),
            first,
            last,
            form: form.to_owned(),
        };
        Ok((text, act))
    }

    fn make_report(
        &self,
        text: &ReportText,
        (first, last): (Date, Date),
    ) -> Result<Report, StationError> {
        let input = |what: String| StationError::Input(what);
        let zone = &self.about.time_zone;
        let within = period(first, last, zone).map_err(|e| input(e.to_string()))?;
        self.ledger.seal()?;
        let entries = self.ledger.entries_before(within.1)?;
        if entries == 0 {
            return Err(input("the ledger begins after these days".to_owned()));
        }
        let counts = self.counted(within, entries)?;
        let about = About {
            agency: self.about.agency.clone(),
            first,
            last,
            time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            origin: self.ledger.verifying().origin().to_owned(),
            entries,
            head: self.ledger.root_of(entries)?,
            notes: self.notes(within)?,
        };
        let known = Known {
            variables: &self.variables(&counts)?,
            fields: &self.policy.reports().field,
        };
        Ok(Report::of(text, about, &known, &counts))
    }

    /// Counts the ledger's first `entries` entries.
    fn counted(
        &self,
        within: (Timestamp, Timestamp),
        entries: u64,
    ) -> Result<Counts, StationError> {
        let mut counts = Counts::new(within);
        let first = self.ledger.entries_before(within.0)?.min(entries);
        for (index, entry) in self.confirmations(first)? {
            counts.take(index, &entry);
        }
        self.each_entry(first, entries, &mut |index, entry| {
            counts.take(index, entry)
        })?;
        Ok(counts)
    }

    fn each_entry(
        &self,
        first: u64,
        end: u64,
        each: &mut dyn FnMut(u64, &Entry),
    ) -> Result<(), StationError> {
        let mut next = first;
        while next < end {
            let until = (next + AT_ONCE).min(end);
            let some = self.ledger.newest(until, (until - next) as usize)?;
            for (index, entry) in some.iter().rev() {
                each(*index, entry);
            }
            next = until;
        }
        Ok(())
    }

    /// The confirmations of how long data are kept among the first `end` entries.
    fn confirmations(&self, end: u64) -> Result<Vec<(u64, Entry)>, StationError> {
        let mut known = lock(&self.confirmations);
        // A ledger that goes on in a new one is looked at from its beginning.
        if known.looked_to > self.ledger.size() {
            *known = Confirmations::default();
        }
        if known.looked_to < end {
            let mut found = Vec::new();
            self.each_entry(known.looked_to, end, &mut |index, entry| {
                if is_confirmation(entry) {
                    found.push((index, entry.clone()));
                }
            })?;
            known.entries.extend(found);
            known.looked_to = end;
        }
        let before = known.entries.iter().filter(|(index, _)| *index < end);
        Ok(before.cloned().collect())
    }

    /// What the reader must know of what was counted.
    fn notes(&self, (from, until): (Timestamp, Timestamp)) -> Result<Vec<String>, StationError> {
        let zone = &self.about.time_zone;
        let told = |at: Timestamp| {
            at.to_zoned_datetime(zone.clone())
                .strftime("%-d %b %Y, %H:%M %Z")
        };
        let mut notes = self.lost_entries().to_vec();
        if let Some((_, first)) = self.ledger.newest(1, 1)?.first() {
            if let Event::Continued { head, .. } = &first.event {
                let before = head.lines().next().unwrap_or_default();
                notes.push(format!(
                    "This ledger goes on from {before}: what stands in that one is not counted here."
                ));
            }
            if first.at > from {
                notes.push(format!("The ledger begins at {}.", told(first.at)));
            }
        }
        if self.cosigned().is_none() {
            notes.push(
                "No witness outside the station has cosigned the ledger in the 24 hours before this was made."
                    .to_owned(),
            );
        }
        if self.clock.now() < until {
            notes.push(
                "These days are not over: what is done until they are is not counted.".to_owned(),
            );
        }
        Ok(notes)
    }

    /// What the codes and ids that entries speak of are called.
    fn variables(&self, counts: &Counts) -> Result<Variables, StationError> {
        let codes = |pairs: Vec<(&str, &str)>| -> Vec<(String, String)> {
            let owned = |(code, says): (&str, &str)| (code.to_owned(), says.to_owned());
            pairs.into_iter().map(owned).collect()
        };
        let lists = self.store.list_names()?.into_iter();
        let lists = lists.map(|(id, name)| (id.to_string(), name)).collect();
        let cameras = self.store.cameras()?.into_iter();
        let cameras = cameras.map(|one| (one.id.to_string(), one.name)).collect();
        let purposes = self.policy.purposes().iter();
        Ok(Variables::from([
            ("list", with_those_gone(lists, &counts.ids("alerts@"))),
            ("camera", with_those_gone(cameras, &counts.ids("reads@"))),
            (
                "purpose",
                codes(purposes.map(|one| (&*one.code, &*one.says)).collect()),
            ),
            (
                "class",
                codes(
                    RetentionClass::ALL
                        .map(|one| (one.as_str(), one.says()))
                        .into(),
                ),
            ),
            (
                "kind",
                codes(AgencyKind::ALL.map(|one| (one.code(), one.says())).into()),
            ),
            (
                "action",
                codes(
                    hotlist::Action::ALL
                        .map(|one| (one.code(), one.says()))
                        .into(),
                ),
            ),
        ]))
    }
}

fn written(report: &Report, format: Format) -> Result<Vec<u8>, StationError> {
    let written = report.write(format);
    written.map_err(|e| StationError::Damaged(format!("a report: {e}")))
}

fn is_confirmation(entry: &Entry) -> bool {
    matches!(&entry.event, Event::Decision(decision)
        if decision.act == "confirm-retention" && decision.verdict == Verdict::Permit)
}

/// Those that are known, and a row for each that entries speak of and nobody knows any more.
fn with_those_gone(mut known: Vec<(String, String)>, counted: &[String]) -> Vec<(String, String)> {
    for id in counted {
        if !known.iter().any(|(one, _)| one == id) {
            known.push((
                id.clone(),
                format!("one that is gone ({})", &id[..8.min(id.len())]),
            ));
        }
    }
    known
}
