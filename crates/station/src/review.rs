//! What the ledger says, in words.

use std::collections::HashMap;

use govern::{CameraId, Content, LedgerScope, Permit, ReviewLedger, Role};
use jiff::Timestamp;
use ledger::{Decision, DecisionId, Entry, Event, Outcome, Party, Verdict};

use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// Entries looked at for one review; older ones need a narrower question.
const DEEPEST: usize = 20_000;

/// One entry, told.
#[derive(Clone, Debug)]
pub struct StoryLine {
    /// The entry's number.
    pub entry: u64,
    /// When.
    pub at: Timestamp,
    /// What happened, in a sentence.
    pub told: String,
    /// What came of it, in a sentence.
    pub outcome: Option<String>,
    /// Whether it was refused.
    pub refused: bool,
    /// For a decision, a login and the founding: who asked what, field by field.
    pub asked: Option<Asked>,
}

/// What somebody asked, and what came of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The act's name in the rules, or `login`, `logout`.
    pub act: String,
    /// Who, by name; empty when that was purged, or nobody known.
    pub name: String,
    /// Their badge.
    pub badge: String,
    /// Of what: the query, the camera, the member concerned.
    pub object: String,
    /// The purpose's code, where the act needs one.
    pub purpose: Option<String>,
    /// The case or call number.
    pub case: Option<String>,
    /// The clauses it was decided under.
    pub clauses: Vec<String>,
    /// How many records it returned or changed; `None` when it was refused, failed, or goes on.
    pub records: Option<u64>,
}

/// A part of the ledger, told newest first.
pub struct Story {
    /// The entries.
    pub lines: Vec<StoryLine>,
    /// How many entries the ledger has.
    pub size: u64,
}

impl Station {
    /// Tells what stands in the ledger, with the content beside it.
    ///
    /// # Errors
    /// [`StationError::Refused`], and whatever keeps it from being done or written down.
    pub fn review(&self, caller: &Caller, review: ReviewLedger) -> Result<Story, StationError> {
        let me = caller.who.party();
        let (story, _permit) = self.perform(caller, review, |permit: &Permit<ReviewLedger>| {
            let asked = *permit.act();
            let size = self.ledger.size();
            let wanted = |entry: &Entry| match asked.scope {
                LedgerScope::Everyone => true,
                LedgerScope::Own => {
                    matches!(&entry.event, Event::Decision(d) | Event::Login(d) | Event::Founding(d) if d.who == me)
                }
            };
            let cameras: HashMap<_, _> =
                self.store.cameras()?.into_iter().map(|c| (c.id, c.name)).collect();
            let mut outcomes = HashMap::new();
            let mut entries = Vec::new();
            // Newest first, so that an outcome is met before its decision.
            for (index, entry) in self.ledger.newest(size, DEEPEST)? {
                if let Event::Outcome(outcome) = entry.event {
                    outcomes.insert(outcome.decision(), (index, outcome));
                } else if wanted(&entry) {
                    entries.push((index, entry));
                    if entries.len() == asked.most {
                        break;
                    }
                }
            }
            let decisions: Vec<Decision> = entries
                .iter()
                .filter_map(|(_, entry)| decision(entry))
                .cloned()
                .collect();
            let contents = self.store.contents(permit, &decisions)?;
            let ids = decisions.iter().map(|d| *d.id.as_bytes()).collect();
            let tell =
                |(index, entry): &(u64, Entry)| self.tell(*index, entry, &contents, &outcomes, &cameras);
            Ok(Done {
                value: Story {
                    lines: entries.iter().map(tell).collect(),
                    size,
                },
                ids,
            })
        })?;
        Ok(story)
    }

    fn tell(
        &self,
        index: u64,
        entry: &Entry,
        contents: &HashMap<DecisionId, Content>,
        outcomes: &HashMap<DecisionId, (u64, Outcome)>,
        cameras: &HashMap<CameraId, String>,
    ) -> StoryLine {
        let mut line = StoryLine {
            entry: index,
            at: entry.at,
            told: String::new(),
            outcome: None,
            refused: false,
            asked: decision(entry).map(|decision| {
                asked(
                    decision,
                    contents.get(&decision.id),
                    outcomes.get(&decision.id),
                )
            }),
        };
        match &entry.event {
            Event::Started { version, policy } => {
                line.told = format!(
                    "The station came up: Lictor {version}, rules {}.",
                    &policy.to_string()[..12]
                );
            }
            Event::Stopped => line.told = "The station went down in order.".to_owned(),
            Event::Batch(batch) => {
                let reads = if batch.count == 1 {
                    "1 read".to_owned()
                } else {
                    format!("{} reads", batch.count)
                };
                let camera = cameras
                    .get(&batch.camera)
                    .map_or("that is gone", String::as_str);
                line.told = format!("Camera {camera} handed in {reads} under its standing permit.");
            }
            Event::Founding(decision) => {
                let content = contents.get(&decision.id);
                let what = content.map_or("(the content was purged)", |c| c.what.as_str());
                line.told = format!(
                    "The station was founded by {} {what}.",
                    name(decision, content)
                );
            }
            Event::Login(decision) => {
                line.refused = decision.verdict == Verdict::Refuse;
                line.told = tell_login(decision, contents.get(&decision.id));
            }
            Event::Decision(decision) => {
                line.refused = decision.verdict == Verdict::Refuse;
                line.told = self.tell_decision(decision, contents.get(&decision.id));
                line.outcome = outcomes
                    .get(&decision.id)
                    .map(|(index, outcome)| tell_outcome(*index, outcome));
            }
            // Told with its decision.
            Event::Outcome(_) => {}
        }
        line
    }

    fn tell_decision(&self, decision: &Decision, content: Option<&Content>) -> String {
        let who = name(decision, content);
        let did = match &*decision.act {
            "search" => "asked for the reads of",
            "review-ledger" => "asked what the ledger says of",
            "see-station" | "review-policy" => "looked at",
            "record-training" => "recorded training:",
            "enrol-member" => "enrolled",
            "release-member" => "released the account of",
            "add-camera" => "added the camera",
            "picture" => "asked for a picture they had not been shown:",
            "keep-reads" => "opened its standing permit for",
            _ => "asked for",
        };
        let what = content.map_or("(the content was purged)", |c| c.what.as_str());
        let mut told = format!("{who} {did} {what}");
        if let Some(purpose) = decision.purpose.as_deref() {
            let says = self
                .policy
                .purpose(purpose)
                .map_or(purpose, |p| p.says.as_str());
            told.push_str(&format!(", for {}", lower_first(says)));
        }
        if let Some(case) = content.and_then(|c| c.case.as_deref()) {
            told.push_str(&format!(", case {case}"));
        }
        if let Some(words) = content.and_then(|c| c.words.as_deref()) {
            told.push_str(&format!(", “{words}”"));
        }
        if let Some(content) = content {
            told.push_str(&format!(", from {}", content.address));
        }
        let clauses = decision.clauses.join(", ");
        match decision.verdict {
            Verdict::Permit => told.push_str(&format!(". Permitted under {clauses}.")),
            Verdict::Refuse => told.push_str(&format!(". Refused under {clauses}.")),
        }
        told
    }

    /// A role's name for people.
    pub fn role_name(&self, role: &Role) -> String {
        self.policy.role(role).unwrap_or(&role.0).to_owned()
    }
}

fn decision(entry: &Entry) -> Option<&Decision> {
    match &entry.event {
        Event::Decision(decision) | Event::Login(decision) | Event::Founding(decision) => {
            Some(decision)
        }
        _ => None,
    }
}

fn asked(
    decision: &Decision,
    content: Option<&Content>,
    outcome: Option<&(u64, Outcome)>,
) -> Asked {
    let text = |of: fn(&Content) -> &String| content.map(of).cloned().unwrap_or_default();
    Asked {
        act: decision.act.to_string(),
        name: text(|c| &c.name),
        badge: text(|c| &c.badge),
        object: text(|c| &c.what),
        purpose: decision.purpose.clone(),
        case: content.and_then(|c| c.case.clone()),
        clauses: decision.clauses.clone(),
        records: match outcome {
            Some((_, Outcome::Done { records, .. })) => Some(*records),
            _ => None,
        },
    }
}

fn name(decision: &Decision, content: Option<&Content>) -> String {
    match (decision.who, content) {
        (Party::Member(_), Some(content)) => format!("{} (badge {})", content.name, content.badge),
        (Party::Camera(_), Some(content)) => format!("Camera {}", content.name),
        (Party::Unknown, _) => "Somebody".to_owned(),
        (Party::Member(_), None) => "A member".to_owned(),
        (Party::Camera(_), None) => "A camera".to_owned(),
    }
}

fn tell_login(decision: &Decision, content: Option<&Content>) -> String {
    let from = content.map_or_else(String::new, |c| format!(" from {}", c.address));
    let who = name(decision, content);
    match (&*decision.act, decision.verdict, decision.who) {
        ("logout", _, _) => format!("{who} logged out."),
        ("unlock", Verdict::Permit, _) => format!("{who} unlocked their session{from}."),
        ("unlock", Verdict::Refuse, _) => {
            format!("Somebody did not unlock the session of {who}{from}.")
        }
        ("close-address", _, _) => {
            format!("Nobody can log in{from} for a while: too many logins from there failed.")
        }
        (_, Verdict::Permit, _) => format!("{who} logged in{from}."),
        (_, Verdict::Refuse, Party::Unknown) => {
            format!(
                "Somebody was refused a login{from}: no member has that name, or the notice was not acknowledged."
            )
        }
        (_, Verdict::Refuse, _) => format!("A login as {who} was refused{from}."),
    }
}

fn tell_outcome(index: u64, outcome: &Outcome) -> String {
    let told = match outcome {
        Outcome::Done { records: 0, .. } => "Nothing was returned".to_owned(),
        Outcome::Done { records: 1, .. } => "1 record".to_owned(),
        Outcome::Done { records, .. } => format!("{records} records"),
        Outcome::Failed { error, .. } => format!("It failed: {error}; nothing was handed out"),
        Outcome::Interrupted { .. } => {
            "The station stopped before what came of it was written down".to_owned()
        }
    };
    format!("{told} (entry {index}).")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
