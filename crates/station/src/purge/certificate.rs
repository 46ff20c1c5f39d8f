//! The certificate of a purge: what was destroyed, from when to when, by what right, what was spared, and
//! what is left elsewhere. It is signed by the ledger's key, as the ledger's heads are.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Destroyed, PurgeLine, PurgePlan, PurgeRun, Spared};

pub(super) struct Certificate<'a> {
    pub(super) agency: &'a str,
    pub(super) zone: &'a TimeZone,
    pub(super) run: &'a PurgeRun,
    pub(super) ended_at: Timestamp,
    /// The number of the decision in the ledger.
    pub(super) entry: u64,
    pub(super) spared: &'a [Spared],
    /// How long what is personal in the record is kept, where that is purged.
    pub(super) audit: Option<PurgePlan>,
    /// Until when a backup opens pictures.
    pub(super) backups_open: Option<Timestamp>,
    /// The database lies on a server.
    pub(super) server: bool,
}

impl Certificate<'_> {
    fn time(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone())
            .strftime("%Y-%m-%d %H:%M:%S %Z")
            .to_string()
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, line: &PurgeLine) -> fmt::Result {
        let PurgeLine { plan, destroyed } = line;
        writeln!(f, "\n{}", upper_first(plan.class.says()))?;
        writeln!(f, "  kept for {}", plan.keep)?;
        writeln!(f, "  schedule: {}", plan.schedule)?;
        if let Some(number) = &plan.disposal {
            writeln!(f, "  disposal certificate: {number}")?;
        }
        writeln!(f, "  past its time: of before {}", self.time(plan.before))?;
        writeln!(f, "  destroyed: {}", counted(destroyed))?;
        if let Some((oldest, newest)) = destroyed.span {
            let (oldest, newest) = (self.time(oldest), self.time(newest));
            writeln!(f, "  from {oldest} to {newest}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Purge certificate {} of a Lictor station",
            self.run.number
        )?;
        writeln!(f, "{}", self.agency)?;
        writeln!(f, "begun {}", self.time(self.run.started_at))?;
        writeln!(f, "ended {}", self.time(self.ended_at))?;
        writeln!(f, "entry {} of the ledger", self.entry)?;
        for line in &self.run.lines {
            self.line(f, line)?;
        }
        writeln!(f, "\nSpared, being held")?;
        if self.spared.is_empty() {
            writeln!(f, "  nothing")?;
        }
        for hold in self.spared {
            let Spared {
                number,
                kind,
                case,
                reads,
                ..
            } = hold;
            let reads = several(*reads, "read");
            writeln!(f, "  hold {number} ({kind}, case {case}): {reads}")?;
        }
        writeln!(f, "\nWhat is left elsewhere")?;
        match &self.audit {
            Some(audit) => writeln!(
                f,
                "  searches made of a plate stay in the record for {}",
                audit.keep
            )?,
            None => writeln!(
                f,
                "  searches made of a plate stay in the record: its content is not purged yet"
            )?,
        }
        match self.backups_open {
            Some(until) => writeln!(
                f,
                "  the last backup that opens a destroyed picture serves until {}",
                self.time(until)
            )?,
            None => writeln!(f, "  no backup opens a destroyed picture any more")?,
        }
        writeln!(
            f,
            "  backups made before keep rows of reads, encrypted; a restore destroys them again first"
        )?;
        if self.server {
            writeln!(
                f,
                "  the database server overwrites freed rows as it uses their pages again; its log and replicas go by its settings"
            )?;
        }
        Ok(())
    }
}

fn counted(destroyed: &Destroyed) -> String {
    let counts = [
        (destroyed.reads, "read"),
        (destroyed.pictures, "picture"),
        (destroyed.alerts, "alert"),
        (destroyed.entries, "entry by hand"),
        (destroyed.contents, "content"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| several(count, what))
        .collect();
    match counts.as_slice() {
        [] => "nothing".to_owned(),
        counts => counts.join(", "),
    }
}

fn several(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        n if what.starts_with("entry") => format!("{n} entries by hand"),
        n => format!("{n} {what}s"),
    }
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
