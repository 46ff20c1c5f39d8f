//! What the ledger says, in words.

use std::collections::{HashMap, HashSet};

use govern::{CameraId, Content, LedgerScope, Permit, ReviewLedger, Role};
use jiff::Timestamp;
use ledger::{Decision, DecisionId, Entry, Event, Outcome, Party, Verdict};
use store::KeptContent;

use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// Entries looked at for one review; it says where it stopped, and the next goes on from there.
const DEEPEST: u64 = 20_000;
/// Outcomes are looked for among so many entries after the newest that is told.
const OUTCOMES_AFTER: u64 = 4096;
/// Entries read from the ledger at once.
const AT_ONCE: usize = 1024;

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
    /// Whether what is kept beside it was changed after it was written.
    pub changed: bool,
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
    /// The number of the oldest entry that was looked at; `None` when that was the first of all.
    pub looked_back_to: Option<u64>,
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
            let part = self.look_back(&asked, size, &wanted)?;
            let decisions: Vec<Decision> = part
                .entries
                .iter()
                .filter_map(|(_, entry)| decision(entry))
                .cloned()
                .collect();
            let mut beside = Beside {
                outcomes: part.outcomes,
                cameras,
                ..Beside::default()
            };
            for (id, kept) in self.store.contents(permit, &decisions)? {
                match kept {
                    KeptContent::Whole(content) => {
                        beside.contents.insert(id, content);
                    }
                    KeptContent::Changed => {
                        beside.changed.insert(id);
                    }
                }
            }
            let ids = decisions.iter().map(|d| *d.id.as_bytes()).collect();
            let tell = |(index, entry): &(u64, Entry)| self.tell(*index, entry, &beside);
            Ok(Done {
                value: Story {
                    lines: part.entries.iter().map(tell).collect(),
                    size,
                    looked_back_to: part.looked_back_to,
                },
                ids,
            })
        })?;
        Ok(story)
    }

    /// The newest entries that are wanted, with the outcomes that stand after them.
    fn look_back(
        &self,
        asked: &ReviewLedger,
        size: u64,
        wanted: &dyn Fn(&Entry) -> bool,
    ) -> Result<Part, StationError> {
        let newest = asked.before.map_or(size, |before| before.min(size));
        let oldest = newest.saturating_sub(DEEPEST);
        let mut part = Part::default();
        // Newest first, so that an outcome is met before its decision.
        let mut end = newest.saturating_add(OUTCOMES_AFTER).min(size);
        while end > oldest {
            for (index, entry) in self.ledger.newest(end, AT_ONCE)? {
                if index < oldest || part.entries.len() == asked.most {
                    return Ok(part.stopped_at(end));
                }
                end = index;
                if let Event::Outcome(outcome) = entry.event {
                    part.outcomes.insert(outcome.decision(), (index, outcome));
                } else if index < newest && wanted(&entry) {
                    part.entries.push((index, entry));
                }
            }
        }
        Ok(part.stopped_at(end))
    }

    fn tell(&self, index: u64, entry: &Entry, beside: &Beside) -> StoryLine {
        let Beside {
            contents,
            outcomes,
            cameras,
            ..
        } = beside;
        let mut line = StoryLine {
            entry: index,
            at: entry.at,
            told: String::new(),
            outcome: None,
            refused: false,
            changed: decision(entry).is_some_and(|d| beside.changed.contains(&d.id)),
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
            Event::Witnesses { keys } => {
                let names: Vec<_> = keys
                    .iter()
                    .filter_map(|key| key.split('+').next())
                    .collect();
                line.told = if names.is_empty() {
                    "The ledger's head goes to no witness any more.".to_owned()
                } else {
                    format!("The ledger's head goes to: {}.", names.join(", "))
                };
            }
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
                let what = content.map_or("(its content is not kept)", |c| c.what.as_str());
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
            Event::AtTheMachine(decision) => {
                let what = contents
                    .get(&decision.id)
                    .map_or("(the content was purged)", |c| c.what.as_str());
                line.told =
                    format!("Two recovery shares released the account of {what} at the machine.");
            }
            Event::KeyFile { by, .. } => line.told = format!("{}.", crate::keys::tell(*by)),
            Event::TimeDoubtful { wall, expected } => {
                line.told = format!(
                    "The time came into doubt: the machine's clock said {wall:.0}, and {expected:.0} was expected."
                );
            }
            Event::TimeConfirmed { .. } => {
                line.told = "Two people confirmed the machine's clock.".to_owned();
            }
            Event::Backup(backup) => {
                line.told = format!(
                    "A backup was made (SHA-256 {}). Its pictures can be opened until {:.0}.",
                    &backup.data.to_string()[..12],
                    backup.pictures_until
                );
            }
            Event::Restored(restored) => {
                line.told = format!(
                    "The station was restored from a backup; what was taken away since was taken away again: {}.{}",
                    restored.withdrawn,
                    if restored.pictures {
                        ""
                    } else {
                        " Older pictures cannot be opened any more."
                    }
                );
            }
            // Told with its decision.
            Event::Outcome(_) => {}
        }
        if line.changed {
            line.told.push_str(CHANGED);
        }
        line
    }

    fn tell_decision(&self, decision: &Decision, content: Option<&Content>) -> String {
        let who = name(decision, content);
        let did = match &*decision.act {
            "search" => "asked for the reads of",
            "review-ledger" => "asked what the ledger says of",
            "see-station" | "review-policy" => "looked at",
            "approve-course" => "approved the course",
            "record-training" => "recorded training:",
            "see-proof" => "opened the proof of training",
            "enrol-member" => "enrolled",
            "give-role" => "gave the role",
            "end-role" => "ended the role",
            "change-status" => "changed the status of",
            "release-member" => "released the account of",
            "add-camera" => "added the camera",
            "remove-camera" => "took away the key of the camera",
            "confirm-time" => "confirmed the machine's clock:",
            "see-to-alarm" => "saw to the alarm",
            "back-up" => "made a backup of",
            "picture" => "asked for a picture they had not been shown:",
            "keep-reads" => "opened its standing permit for",
            _ => "asked for",
        };
        let what = content.map_or("(its content is not kept)", |c| c.what.as_str());
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

/// Said of an entry whose content is not the one that was committed to.
const CHANGED: &str =
    " What is kept beside this entry was changed after it was written, and is not shown.";

/// A part of the ledger.
#[derive(Default)]
struct Part {
    entries: Vec<(u64, Entry)>,
    outcomes: HashMap<DecisionId, (u64, Outcome)>,
    looked_back_to: Option<u64>,
}

impl Part {
    fn stopped_at(self, entry: u64) -> Self {
        Self {
            looked_back_to: Some(entry).filter(|entry| *entry > 0),
            ..self
        }
    }
}

/// What stands beside the entries.
#[derive(Default)]
struct Beside {
    contents: HashMap<DecisionId, Content>,
    /// Whose content is not the one that was committed to.
    changed: HashSet<DecisionId>,
    outcomes: HashMap<DecisionId, (u64, Outcome)>,
    cameras: HashMap<CameraId, String>,
}

fn decision(entry: &Entry) -> Option<&Decision> {
    match &entry.event {
        Event::Decision(decision)
        | Event::Login(decision)
        | Event::Founding(decision)
        | Event::AtTheMachine(decision) => Some(decision),
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

#[cfg(test)]
mod tests {
    use crypt::{Id, SystemRandom};
    use ledger::{Commitment, Salt};

    use super::*;
    use crate::support::{LOGIN, StandingClock, found, log_in};

    #[test]
    fn a_content_that_was_changed_is_named_and_the_rest_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let station = found(dir.path(), &StandingClock::new());
        let caller = log_in(&station, LOGIN);
        let salt = Salt::random(&SystemRandom);
        let decision = Decision {
            id: Id::random(&SystemRandom),
            who: caller.who.party(),
            session: None,
            act: "search".into(),
            purpose: None,
            verdict: Verdict::Refuse,
            policies: vec![],
            clauses: vec!["5(b)".to_owned()],
            withdraws: None,
            content: Commitment::to(&salt, b"what was written"),
        };
        let content = Content {
            name: "Somebody Else".into(),
            badge: "1".into(),
            address: "this machine".into(),
            what: "plate DK48213".into(),
            case: None,
            words: None,
        };
        let id = decision.id;
        station
            .enter_with_content(Event::Decision(decision), id, &content, &salt)
            .unwrap();
        let review = ReviewLedger {
            scope: LedgerScope::Everyone,
            most: 50,
            before: None,
        };
        let story = station.review(&caller, review).unwrap();
        let changed: Vec<&StoryLine> = story.lines.iter().filter(|line| line.changed).collect();
        assert_eq!(changed.len(), 1);
        assert!(changed[0].told.ends_with(CHANGED), "{}", changed[0].told);
        assert!(!changed[0].told.contains("Somebody Else"));
        let whole = |line: &StoryLine| line.told.starts_with("Avery Holt (badge 102) logged in");
        assert!(story.lines.iter().any(whole), "the rest is told");
    }
}
