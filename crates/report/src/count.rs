//! Counting entries.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledger::{Decision, Entry, Event, Outcome, Party, Verdict};

/// What was counted in a period. Entries are given in the ledger's order, from its first on where it is to be
/// known for how long data are kept.
#[derive(Clone, Debug)]
pub struct Counts {
    from: Timestamp,
    until: Timestamp,
    numbers: BTreeMap<String, u64>,
    /// Members who were permitted each act.
    members: BTreeMap<String, BTreeSet<[u8; 16]>>,
    /// By class of data: how long it is kept, and the entry with the confirmation.
    kept: BTreeMap<String, (String, u64)>,
}

impl Counts {
    /// Nothing yet, of the entries from `from` on and before `until`.
    pub fn new((from, until): (Timestamp, Timestamp)) -> Self {
        Self {
            from,
            until,
            numbers: BTreeMap::new(),
            members: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Counts entry number `index`. What is older than the period is counted for what holds on: for how long
    /// data are kept.
    pub fn take(&mut self, index: u64, entry: &Entry) {
        if entry.at >= self.until {
            return;
        }
        if let Event::Decision(decision) = &entry.event {
            self.take_retention(index, decision);
        }
        if entry.at >= self.from {
            self.count(&entry.event);
        }
    }

    /// How many: with `+` between several, their sum. One is
    /// - `permitted.ACT`, `refused.ACT`: decisions; `permitted.ACT:CODE` those that reports count as CODE;
    /// - `purpose.CODE`: searches and canvasses that were permitted for it;
    /// - `members.ACT`: members who were permitted it; `members.login`: who logged in;
    /// - `logins`, `logins.refused`, `reads`, `pictures`, `reads@CAMERA`, `cameras`, `alerts`,
    ///   `alerts.priority`, `alerts@LIST`, `escalated`, `questions`, `failed`, `held.reads`, `held.alerts`,
    ///   `purged.CLASS`, `purges`, `purges.late`, `audits.late`, `backups`.
    pub fn of(&self, what: &str) -> u64 {
        let one = |what: &str| match what.strip_prefix("members.") {
            Some(act) => self.members.get(act).map_or(0, BTreeSet::len) as u64,
            None => self.numbers.get(what).copied().unwrap_or_default(),
        };
        what.split('+').map(str::trim).map(one).sum()
    }

    /// The ids that stand after `@` in what was counted: `alerts@` gives the lists, `reads@` the cameras.
    pub fn ids(&self, what: &str) -> Vec<String> {
        let ids = self.numbers.keys().filter_map(|key| key.strip_prefix(what));
        ids.map(str::to_owned).collect()
    }

    /// For how long a class was kept at the end, and the entry with the confirmation.
    pub fn kept(&self, class: &str) -> Option<(&str, u64)> {
        let kept = self.kept.get(class);
        kept.map(|(keep, entry)| (keep.as_str(), *entry))
    }

    fn take_retention(&mut self, index: u64, decision: &Decision) {
        if decision.act != "confirm-retention" || decision.verdict != Verdict::Permit {
            return;
        }
        for (class, keep) in decision
            .counts_as
            .iter()
            .filter_map(|code| code.split_once('='))
        {
            self.kept.insert(class.to_owned(), (keep.to_owned(), index));
        }
    }

    fn count(&mut self, event: &Event) {
        match event {
            Event::Batch(batch) => {
                self.add("reads", batch.count);
                self.add("pictures", 1);
                let camera = format!("reads@{}", batch.camera);
                if !self.numbers.contains_key(&camera) {
                    self.add("cameras", 1);
                }
                self.add(&camera, batch.count);
            }
            Event::Alert(alert) if alert.sighting == 1 => {
                self.add("alerts", 1);
                self.add("alerts.priority", u64::from(alert.priority));
                self.add(&format!("alerts@{}", alert.list), 1);
            }
            Event::Escalated(_) => self.add("escalated", 1),
            Event::Question(_) => self.add("questions", 1),
            Event::Held(held) => {
                self.add("held.reads", held.reads.len() as u64);
                self.add("held.alerts", held.alerts.len() as u64);
            }
            Event::Purged(purged) => {
                self.add(&format!("purged.{}", purged.class), purged.records);
            }
            Event::PurgeCertified { .. } => self.add("purges", 1),
            Event::PurgeLate { .. } => self.add("purges.late", 1),
            Event::AuditLate { .. } => self.add("audits.late", 1),
            Event::Backup(_) => self.add("backups", 1),
            Event::Outcome(Outcome::Failed { .. } | Outcome::Interrupted { .. }) => {
                self.add("failed", 1);
            }
            Event::Login(login) if login.act == "login" => match login.verdict {
                Verdict::Permit => {
                    self.add("logins", 1);
                    self.by(login);
                }
                Verdict::Refuse => self.add("logins.refused", 1),
            },
            Event::Decision(decision) => self.count_decision(decision),
            _ => {}
        }
    }

    fn count_decision(&mut self, decision: &Decision) {
        let act = &decision.act;
        let verdict = match decision.verdict {
            Verdict::Permit => "permitted",
            Verdict::Refuse => "refused",
        };
        self.add(&format!("{verdict}.{act}"), 1);
        for code in &decision.counts_as {
            self.add(&format!("{verdict}.{act}:{code}"), 1);
        }
        if decision.verdict == Verdict::Permit {
            self.by(decision);
            if let Some(purpose) = &decision.purpose
                && matches!(&**act, "search" | "canvass")
            {
                self.add(&format!("purpose.{purpose}"), 1);
            }
        }
    }

    fn by(&mut self, decision: &Decision) {
        if let Party::Member(member) = decision.who {
            let members = self.members.entry(decision.act.to_string());
            members.or_default().insert(*member.as_bytes());
        }
    }

    fn add(&mut self, what: &str, more: u64) {
        *self.numbers.entry(what.to_owned()).or_default() += more;
    }
}
