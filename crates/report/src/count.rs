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

#[cfg(test)]
mod tests {
    use crypt::{Id, SystemRandom, sha256};
    use govern::{AgencyKind, Policy, PolicyFiles};
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;
    use ledger::{Alert, Batch, Commitment, Hold, HoldKind, HotlistId, Purged, Question, Salt};

    use super::*;
    use crate::{About, Known, Report, Variables, period};

    fn decision(act: &str, member: u8, codes: &[&str]) -> Decision {
        Decision {
            id: Id::random(&SystemRandom),
            who: Party::Member(Id::from_bytes([member; 16])),
            session: None,
            act: act.to_owned().into(),
            purpose: None,
            verdict: Verdict::Permit,
            policies: vec![],
            clauses: vec![],
            withdraws: None,
            counts_as: codes.iter().map(|&code| code.to_owned()).collect(),
            in_doubt: false,
            content: Commitment::to(&Salt([0; 32]), b""),
        }
    }

    fn batch(count: u64) -> Event {
        Event::Batch(Batch {
            id: Id::random(&SystemRandom),
            camera: Id::from_bytes([3; 16]),
            standing: Id::random(&SystemRandom),
            count,
            pictures: true,
            root: sha256(b""),
        })
    }

    fn alert(list: HotlistId, sighting: u64) -> Event {
        Event::Alert(Alert {
            id: Id::random(&SystemRandom),
            number: 1,
            list,
            camera: Id::random(&SystemRandom),
            standing: Id::random(&SystemRandom),
            sighting,
            priority: true,
        })
    }

    /// July in Chicago, and an entry in it, just before it and just after.
    fn july() -> ((Timestamp, Timestamp), [Timestamp; 3]) {
        let day = |day| jiff::civil::date(2026, 7, day);
        let within = period(day(1), day(31), &TimeZone::get("America/Chicago").unwrap()).unwrap();
        let second = SignedDuration::from_secs(1);
        let before = within.0.saturating_sub(second).unwrap();
        (within, [within.0, before, within.1])
    }

    #[test]
    fn what_lies_in_the_period_is_counted_and_a_second_before_or_after_it_is_not() {
        let (within, [at, before, after]) = july();
        let mut counts = Counts::new(within);
        let (list, other) = (
            HotlistId::from_bytes([1; 16]),
            HotlistId::from_bytes([2; 16]),
        );
        let mut search = decision("search", 7, &[]);
        search.purpose = Some("crime".to_owned());
        let mut refused = search.clone();
        refused.verdict = Verdict::Refuse;
        let verified = format!("verified@{list}");
        let events = [
            (before, batch(1000)),
            (at, batch(3)),
            (at, batch(4)),
            (at, alert(list, 1)),
            (at, alert(list, 2)),
            (at, alert(other, 1)),
            (at, Event::Decision(search.clone())),
            (at, Event::Decision(refused)),
            (at, Event::Decision(decision("search", 8, &[]))),
            (
                at,
                Event::Decision(decision("record-check", 7, &["verified", &verified])),
            ),
            (
                before,
                Event::Decision(decision("confirm-retention", 7, &["read=30 days"])),
            ),
            (
                after,
                Event::Decision(decision("confirm-retention", 7, &["read=21 days"])),
            ),
            (after, Event::Decision(search)),
        ];
        for (index, (at, event)) in (0..).zip(events) {
            let turn = None;
            counts.take(index, &Entry { at, turn, event });
        }
        for (what, number) in [
            ("reads", 7),
            ("pictures", 2),
            ("cameras", 1),
            ("alerts", 2),
            ("alerts.priority", 2),
            (&format!("alerts@{list}"), 1),
            ("permitted.search", 2),
            ("refused.search", 1),
            ("permitted.search + permitted.canvass", 2),
            ("purpose.crime", 1),
            ("members.search", 2),
            ("permitted.record-check:verified", 1),
            (&format!("permitted.record-check:verified@{list}"), 1),
            (&format!("permitted.record-check:verified@{other}"), 0),
        ] {
            assert_eq!(counts.of(what), number, "{what}");
        }
        assert_eq!(counts.kept("read"), Some(("30 days", 10)));
    }

    /// A month in which everything that any report counts happened: no cell stays at nought.
    #[test]
    fn a_full_month_leaves_no_cell_of_any_report_at_nought() {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let (within, [at, ..]) = july();
        let list = HotlistId::from_bytes([1; 16]);
        let mut events = vec![
            batch(9),
            alert(list, 1),
            Event::Escalated(ledger::Escalated {
                alert: Id::random(&SystemRandom),
                number: 1,
                step: 1,
                to: "supervisor".to_owned(),
            }),
            Event::Question(Question {
                id: Id::random(&SystemRandom),
                tripwire: "same-plate".to_owned(),
                about: Id::random(&SystemRandom),
                tripped_by: Id::random(&SystemRandom),
            }),
            Event::Held(Hold {
                id: Id::random(&SystemRandom),
                number: 1,
                held_for: HoldKind::Discovery,
                decision: None,
                reads: vec![Id::random(&SystemRandom)],
                alerts: vec![Id::random(&SystemRandom)],
            }),
            Event::PurgeCertified {
                decision: Id::random(&SystemRandom),
                certificate: sha256(b""),
            },
            Event::PurgeLate { since: at },
            Event::AuditLate { since: at },
            Event::Backup(ledger::Backup {
                decision: Id::random(&SystemRandom),
                data: sha256(b""),
                picture_keys: sha256(b""),
                pictures_until: at,
            }),
            Event::Outcome(Outcome::Interrupted {
                decision: Id::random(&SystemRandom),
            }),
        ];
        let finding = ["not-in-order", "referred"].map(str::to_owned).to_vec();
        let of_alerts: Vec<String> = ["verified", "refuted", "stale", "signed", "refused"]
            .into_iter()
            .chain(hotlist::Action::ALL.map(hotlist::Action::code))
            .flat_map(|code| [code.to_owned(), format!("{code}@{list}")])
            .collect();
        let mut decided = vec!["approved".to_owned(), "refused".to_owned()];
        for asked in AgencyKind::ALL
            .map(AgencyKind::code)
            .into_iter()
            .chain(["demand"])
        {
            decided.extend(["approved", "refused"].map(|way| format!("{way}:{asked}")));
        }
        for act in policy.acts() {
            let mut one = decision(&act, 7, &[]);
            one.counts_as = match act.as_str() {
                "record-check" | "close-alert" | "judge-exception" => of_alerts.clone(),
                "judge-access" | "answer-question" => finding.clone(),
                "decide-request" => decided.clone(),
                "confirm-retention" => vec!["read=30 days".to_owned()],
                _ => vec![],
            };
            for purpose in policy.purposes() {
                one.purpose = Some(purpose.code.clone());
                events.push(Event::Decision(one.clone()));
            }
            one.verdict = Verdict::Refuse;
            events.push(Event::Decision(one));
        }
        for verdict in [Verdict::Permit, Verdict::Refuse] {
            let mut login = decision("login", 7, &[]);
            login.verdict = verdict;
            events.push(Event::Login(login));
        }
        for class in govern::RetentionClass::ALL {
            events.push(Event::Purged(Purged {
                decision: Id::random(&SystemRandom),
                class: class.as_str().into(),
                before: at,
                records: 1,
                root: sha256(b""),
            }));
        }
        let mut counts = Counts::new(within);
        for (index, event) in (0..).zip(events) {
            let turn = None;
            counts.take(index, &Entry { at, turn, event });
        }
        let own = |code: &str| vec![(code.to_owned(), code.to_owned())];
        let all = |codes: Vec<&str>| codes.into_iter().flat_map(own).collect::<Vec<_>>();
        let variables = Variables::from([
            ("list", own(&list.to_string())),
            (
                "camera",
                own(&Id::<ledger::Camera>::from_bytes([3; 16]).to_string()),
            ),
            (
                "purpose",
                all(policy.purposes().iter().map(|one| &*one.code).collect()),
            ),
            (
                "class",
                all(govern::RetentionClass::ALL.map(|one| one.as_str()).into()),
            ),
            ("kind", all(AgencyKind::ALL.map(AgencyKind::code).into())),
            (
                "action",
                all(hotlist::Action::ALL.map(hotlist::Action::code).into()),
            ),
        ]);
        let known = Known {
            variables: &variables,
            fields: &policy.reports().field,
        };
        for text in &policy.reports().report {
            let about = About {
                agency: "Ashford Falls Police Department".to_owned(),
                first: jiff::civil::date(2026, 7, 1),
                last: jiff::civil::date(2026, 7, 31),
                time_zone: "America/Chicago".to_owned(),
                origin: "localhost/lictor/1".to_owned(),
                entries: 1000,
                head: sha256(b""),
                notes: vec![],
            };
            let report = Report::of(text, about, &known, &counts);
            let rows = report.sections.iter().flat_map(|section| &section.rows);
            let at_nought: Vec<_> = rows.filter(|row| row.number == Some(0)).collect();
            assert!(at_nought.is_empty(), "{}: {at_nought:?}", text.id);
            assert_eq!(report.kept.len(), usize::from(text.kept), "{}", text.id);
            assert_eq!(report.differs(&counts), []);
            for format in crate::Format::ALL {
                assert!(report.write(format).unwrap().len() > 200);
            }
        }
    }
}
