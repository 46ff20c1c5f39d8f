//! Whether the station does what the policy says: clause by clause, the rules that carry it, the
//! tests that prove them, and what the ledger and the store bear out.

use std::collections::{BTreeMap, BTreeSet};

use govern::{Clause, ClauseState, MemberId, ReviewPolicy, Rule};
use jiff::{Timestamp, ToSpan};
use ledger::{Decision, Event, Outcome, Party, Verdict};

use crate::gate::Done;
use crate::{Caller, Files, SessionStanding, Station, StationError};

/// Entries read from the ledger at once.
const AT_ONCE: usize = 4096;
/// A log longer than this takes too long to prove while somebody waits for a page.
const PROVED_AT_MOST: u64 = 200_000;

/// The policy in force, and how it stands.
pub struct Conformity {
    /// SHA-256 over the rules in force.
    pub policy: String,
    /// The evidence is of the entries after this time …
    pub since: Timestamp,
    /// … up to this.
    pub until: Timestamp,
    /// How many entries those are.
    pub entries: u64,
    /// What of the ledger is lost, a sentence each time.
    pub lost: Vec<String>,
    /// Every clause.
    pub clauses: Vec<Standing>,
}

/// How it stands with a clause.
pub struct Standing {
    /// Its number.
    pub clause: String,
    /// What it says, in short.
    pub says: String,
    /// Whether tests prove it, as this program was built.
    pub held: bool,
    /// What is missing, if it is open.
    pub missing: String,
    /// The rules in force that carry it.
    pub rules: Vec<Rule>,
    /// The tests that prove it, as this program was built: names, `*` for the rest of one.
    pub tests: Vec<String>,
    /// What the ledger and the store say.
    pub evidence: Vec<Evidence>,
}

/// A number that was counted, not written by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its name, for programs.
    pub name: String,
    /// What was counted.
    pub says: String,
    /// How many.
    pub value: u64,
    /// Of how many, where that is the point.
    pub of: Option<u64>,
}

impl Evidence {
    fn new(name: impl Into<String>, says: impl Into<String>, value: u64) -> Self {
        Self {
            name: name.into(),
            says: says.into(),
            value,
            of: None,
        }
    }
}

impl Station {
    /// The policy in force, clause by clause, with evidence.
    ///
    /// # Errors
    /// [`StationError::Refused`], and whatever keeps it from being done or written down.
    pub fn conformity(
        &self,
        caller: &Caller,
        review: ReviewPolicy,
    ) -> Result<Conformity, StationError> {
        let (conformity, _permit) = self.perform(caller, review, |permit| {
            let until = self.clock.now();
            let since = until
                .checked_sub((24 * i64::from(permit.act().days)).hours())
                .unwrap_or(Timestamp::UNIX_EPOCH);
            let counted = self.count(since)?;
            let built = Clause::built_in()?;
            let rules = self.policy.rules();
            let mut clauses = Vec::new();
            for clause in self.policy.clauses() {
                let built = built.iter().find(|built| built.id == clause.id);
                clauses.push(Standing {
                    clause: clause.id.clone(),
                    says: clause.says.clone(),
                    held: built.is_some_and(|built| built.state == ClauseState::Held),
                    missing: built.map_or_else(
                        || "this program was built without tests of it".to_owned(),
                        |built| built.missing.clone(),
                    ),
                    rules: rules
                        .iter()
                        .filter(|rule| rule.clause == clause.id)
                        .cloned()
                        .collect(),
                    tests: built.map(|built| built.tests.clone()).unwrap_or_default(),
                    evidence: self.evidence(&clause.id, &counted)?,
                });
            }
            Ok(Done {
                value: Conformity {
                    policy: self.policy.digest().to_string(),
                    since,
                    until,
                    entries: counted.entries,
                    lost: self.lost_entries().to_vec(),
                    clauses,
                },
                ids: vec![],
            })
        })?;
        Ok(conformity)
    }

    /// Counts the ledger's entries after `since`, a part at a time.
    fn count(&self, since: Timestamp) -> Result<Counted, StationError> {
        let mut counted = Counted::default();
        let mut end = self.ledger.size();
        while end > 0 {
            for (index, entry) in self.ledger.newest(end, AT_ONCE)? {
                if entry.at < since {
                    return Ok(counted);
                }
                counted.add(&entry.event);
                end = index;
            }
        }
        Ok(counted)
    }

    fn evidence(&self, clause: &str, counted: &Counted) -> Result<Vec<Evidence>, StationError> {
        let mut evidence = match clause {
            "2" => vec![Evidence::new(
                "members",
                "members who are enrolled",
                self.store.members()?.len() as u64,
            )],
            "3(d)" => {
                let mut trained = 0;
                for member in &counted.active {
                    let (standing, _) = self.standing(&self.store.training(*member)?);
                    trained += u64::from(standing != SessionStanding::Untrained);
                }
                vec![Evidence {
                    of: Some(counted.active.len() as u64),
                    ..Evidence::new(
                        "active_members_trained",
                        "members with training in force now, of those who logged in",
                        trained,
                    )
                }]
            }
            "3(f)" => {
                let steps = |act: &str| counted.alert_steps.get(act).copied().unwrap_or_default();
                vec![
                    Evidence::new(
                        "alerts_raised",
                        "alerts that were raised",
                        counted.alerts_raised,
                    ),
                    Evidence::new(
                        "database_checks",
                        "answers of the law enforcement database that were recorded",
                        steps("record-check"),
                    ),
                    Evidence::new(
                        "alerts_escalated",
                        "times that an alert went to more people because nobody took it",
                        counted.escalated,
                    ),
                    Evidence::new(
                        "exceptions_judged",
                        "exceptions that a supervisor signed or refused",
                        steps("judge-exception"),
                    ),
                    Evidence::new(
                        "alert_exceptions",
                        "times that somebody acted before an alert was verified",
                        steps("report-exception"),
                    ),
                ]
            }
            "4" => vec![
                Evidence::new(
                    "batches",
                    "frames of which reads were kept",
                    counted.batches,
                ),
                Evidence::new("reads_kept", "reads that were kept", counted.reads),
            ],
            "5(a)" => {
                let kinds = counted.kinds.iter().map(|(kind, n)| {
                    let name = format!("entries_{}", kind.replace(' ', "_"));
                    Evidence::new(name, format!("entries: {kind}"), *n)
                });
                kinds.chain([self.prove_ledger()]).collect()
            }
            "5(b)" => {
                let says = |code: &str| {
                    self.policy
                        .purpose(code)
                        .map_or_else(|| code.to_owned(), |p| p.says.clone())
                };
                let by_purpose = counted.purposes.iter().map(|(code, n)| {
                    Evidence::new(
                        format!("searches_{code}"),
                        format!("searches for: {}", says(code)),
                        *n,
                    )
                });
                by_purpose
                    .chain([Evidence::new(
                        "searches_refused",
                        "searches that were refused",
                        counted.searches_refused,
                    )])
                    .collect()
            }
            "5(c)" => vec![
                Evidence::new(
                    "reviews",
                    "times that the ledger or the policy was reviewed",
                    counted.reviews,
                ),
                Evidence::new(
                    "questions_opened",
                    "questions that tripwires opened to reviewers outside the chain of command",
                    counted.questions,
                ),
                Evidence::new(
                    "questions_answered",
                    "questions that a reviewer answered",
                    counted.answers,
                ),
                self.cosigned_entries(),
            ],
            _ => vec![],
        };
        let refused = counted.refused.get(clause).copied().unwrap_or_default();
        evidence.push(Evidence::new(
            "refused",
            "requests refused under this clause",
            refused,
        ));
        Ok(evidence)
    }
}

impl Station {
    /// How far somebody outside the agency has vouched for the ledger lately.
    fn cosigned_entries(&self) -> Evidence {
        let (says, value) = match self.cosigned() {
            Some(head) => (
                format!(
                    "entries under the newest head that {} cosigned",
                    head.witness
                ),
                head.size,
            ),
            None => (
                "entries that a witness cosigned: none did in the last 24 hours".to_owned(),
                0,
            ),
        };
        Evidence {
            of: Some(self.ledger.size()),
            ..Evidence::new("entries_cosigned", says, value)
        }
    }

    /// Proves the ledger as it lies on the disk now, as `lictor ledger verify` would.
    fn prove_ledger(&self) -> Evidence {
        let size = self.ledger.size();
        let proved = |says: String, value| Evidence {
            of: Some(size),
            ..Evidence::new("entries_proved", says, value)
        };
        if size > PROVED_AT_MOST {
            let says =
                "entries proved just now: too many while you wait, so run `lictor ledger verify`";
            return proved(says.to_owned(), 0);
        }
        match ledger::verify(&Files(&self.folder).ledger(), &self.ledger.verifying()) {
            Ok(verified) => proved(
                format!(
                    "entries proved just now to be as they were written, under the signed head {}",
                    verified.root
                ),
                size.min(verified.signed + verified.newer),
            ),
            Err(finding) => proved(
                format!("entries proved just now: the ledger is DAMAGED: {finding}"),
                0,
            ),
        }
    }
}

/// What was counted in the ledger.
#[derive(Default)]
struct Counted {
    entries: u64,
    /// By kind, in words.
    kinds: BTreeMap<&'static str, u64>,
    /// Who logged in.
    active: BTreeSet<MemberId>,
    /// Permitted searches by the purpose's code.
    purposes: BTreeMap<String, u64>,
    searches_refused: u64,
    reviews: u64,
    /// Refusals by clause.
    refused: BTreeMap<String, u64>,
    batches: u64,
    reads: u64,
    alerts_raised: u64,
    escalated: u64,
    questions: u64,
    answers: u64,
    /// Permitted steps of alerts, by act.
    alert_steps: BTreeMap<String, u64>,
}

impl Counted {
    fn add(&mut self, event: &Event) {
        self.entries += 1;
        let kind = match event {
            Event::Login(login) => self.login(login),
            Event::Decision(decision) => self.decision(decision),
            Event::Outcome(Outcome::Done { .. }) => "done",
            Event::Outcome(Outcome::Failed { .. }) => "failed",
            Event::Outcome(Outcome::Interrupted { .. }) => "interrupted",
            Event::Batch(batch) => {
                self.batches += 1;
                self.reads += batch.count;
                "reads kept"
            }
            Event::AtTheMachine(_) => "done at the machine with recovery shares",
            Event::KeyFile { .. } => "key file changed",
            Event::TimeDoubtful { .. } => "time doubtful",
            Event::TimeConfirmed { .. } => "time confirmed",
            Event::TimeAgreed { .. } => "time agreed",
            Event::Backup(_) => "backed up",
            Event::Restored(_) => "restored",
            Event::Alert(alert) => {
                self.alerts_raised += u64::from(alert.sighting == 1);
                "alerts"
            }
            Event::Pushed(_) => "alerts pushed",
            Event::Escalated(_) => {
                self.escalated += 1;
                "alerts that nobody took in time"
            }
            Event::Packed { .. } => "packages",
            Event::Held(_) => "holds",
            Event::Purged(_) => "steps of purges",
            Event::PurgeCertified { .. } => "purge certificates",
            Event::PurgeLate { .. } => "purges late",
            Event::AuditLate { .. } => "audits late",
            Event::Question(_) => {
                self.questions += 1;
                "questions"
            }
            Event::Founding(_) => "founded",
            Event::Started { .. } => "started",
            Event::Stopped => "stopped",
            Event::Witnesses { .. } => "witnesses",
            Event::Certificate { .. } => "certificates",
            Event::Continued { .. } => "continued",
            Event::FindingNoted { .. } => "finding noted",
        };
        *self.kinds.entry(kind).or_default() += 1;
    }

    fn login(&mut self, login: &Decision) -> &'static str {
        match (&*login.act, login.verdict, login.who) {
            ("logout", _, _) => "logged out",
            (_, Verdict::Permit, Party::Member(member)) => {
                self.active.insert(member);
                "logged in"
            }
            (_, Verdict::Permit, _) => "logged in",
            (_, Verdict::Refuse, _) => "refused at login",
        }
    }

    fn decision(&mut self, decision: &Decision) -> &'static str {
        let refused = decision.verdict == Verdict::Refuse;
        if refused {
            for clause in &decision.clauses {
                *self.refused.entry(clause.clone()).or_default() += 1;
            }
        }
        match &*decision.act {
            "search" | "canvass" if refused => self.searches_refused += 1,
            "search" | "canvass" => {
                let code = decision.purpose.clone().unwrap_or_default();
                *self.purposes.entry(code).or_default() += 1;
            }
            "review-ledger" | "review-policy" if !refused => self.reviews += 1,
            "answer-question" if !refused => self.answers += 1,
            step @ ("record-check" | "close-alert" | "report-exception" | "judge-exception")
                if !refused =>
            {
                *self.alert_steps.entry(step.to_owned()).or_default() += 1;
            }
            _ => {}
        }
        if refused { "refused" } else { "permitted" }
    }
}
