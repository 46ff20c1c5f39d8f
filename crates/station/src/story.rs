//! Looking back in the ledger.

use std::collections::HashMap;

use govern::{LedgerOnly, LedgerScope, Permit, ReadsLedger, ReviewLedger};
use jiff::{Timestamp, ToSpan};
use ledger::{Decision, DecisionId, Entry, Event, Outcome, Party};
use store::KeptContent;

use crate::gate::Done;
use crate::review::{Beside, decision};
use crate::{Caller, Station, StationError};

/// Entries looked at for one review; it says where it stopped, and the next goes on from there.
const DEEPEST: u64 = 20_000;
/// Outcomes are looked for among so many entries after the newest that is told.
const OUTCOMES_AFTER: u64 = 4096;
/// The outcome of one entry is looked for among so many after it.
const OUTCOME_SOON: u64 = 256;
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
    /// [`StationError::Refused`], and whatever keeps it from being done or written down;
    /// [`StationError::Input`] for a member that there is not.
    pub fn review(&self, caller: &Caller, review: ReviewLedger) -> Result<Story, StationError> {
        let me = caller.who.party();
        let (story, _permit) = self.perform(caller, review, |permit: &Permit<ReviewLedger>| {
            let ReviewLedger {
                scope,
                most,
                before,
                only,
            } = permit.act();
            let by = match &only.by {
                Some(login) => Some(Party::Member(self.member_by_login(login)?.id)),
                None => None,
            };
            let wanted = |entry: &Entry| {
                let decision = whose(entry);
                let own = || decision.is_some_and(|d| d.who == me);
                let theirs = |by| decision.is_some_and(|d| d.who == by);
                let purpose =
                    |code: &String| decision.is_some_and(|d| d.purpose.as_ref() == Some(code));
                // Whoever looks for a plate speaks of it: not this look itself.
                let this = || decision.is_some_and(|d| d.id == permit.decision());
                (*scope == LedgerScope::Everyone || own())
                    && by.is_none_or(theirs)
                    && only.purpose.as_ref().is_none_or(purpose)
                    && (!only.needs_content() || decision.is_some() && !this())
            };
            let size = self.ledger.size();
            let (first, end) = self.of_days(only)?;
            let part = self.look_back(&LookBack {
                size,
                before: before.unwrap_or(size).min(end),
                first,
                most: if only.needs_content() {
                    usize::MAX
                } else {
                    *most
                },
                wanted: &wanted,
            })?;
            let beside = self.beside(permit, &part)?;
            let part = part.with_contents(only, &beside, *most);
            let ids = part.decisions().iter().map(|d| *d.id.as_bytes()).collect();
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

    /// From which entry on, and up to which, the days go.
    fn of_days(&self, only: &LedgerOnly) -> Result<(u64, u64), StationError> {
        let first = match only.first {
            Some(first) => self.ledger.entries_before(self.begins(first)?)?,
            None => 0,
        };
        let end = match only.last {
            Some(last) => {
                let over = self.begins(last.saturating_add(1.day()))?;
                self.ledger.entries_before(over)?
            }
            None => u64::MAX,
        };
        Ok((first, end))
    }

    /// Tells these decisions, which stand before that entry, to whoever has a permit that covers them.
    pub(crate) fn tell_decisions<A: ReadsLedger>(
        &self,
        permit: &Permit<A>,
        decisions: &[DecisionId],
        before: u64,
    ) -> Result<Vec<StoryLine>, StationError> {
        let wanted = |entry: &Entry| decision(entry).is_some_and(|d| decisions.contains(&d.id));
        let part = self.look_back(&LookBack {
            size: self.ledger.size(),
            before,
            first: 0,
            most: decisions.len(),
            wanted: &wanted,
        })?;
        let beside = self.beside(permit, &part)?;
        let tell = |(index, entry): &(u64, Entry)| self.tell(*index, entry, &beside);
        Ok(part.entries.iter().map(tell).collect())
    }

    /// Tells the decisions in these entries, to whoever has a permit that covers them, with their outcomes
    /// where those follow soon.
    pub(crate) fn tell_entries<A: ReadsLedger>(
        &self,
        permit: &Permit<A>,
        entries: &[u64],
    ) -> Result<Vec<StoryLine>, StationError> {
        let mut part = Part::default();
        let size = self.ledger.size();
        for &wanted in entries.iter().filter(|entry| **entry < size) {
            let end = wanted.saturating_add(OUTCOME_SOON).min(size);
            let most = usize::try_from(end - wanted).unwrap_or(AT_ONCE);
            for (index, entry) in self.ledger.newest(end, most)? {
                let covered = |d: &Decision| permit.act().covers(d, permit.who().party());
                if index == wanted && decision(&entry).is_some_and(covered) {
                    part.entries.push((index, entry));
                } else if let Event::Outcome(outcome) = entry.event {
                    part.outcomes.insert(outcome.decision(), (index, outcome));
                }
            }
        }
        let beside = self.beside(permit, &part)?;
        let tell = |(index, entry): &(u64, Entry)| self.tell(*index, entry, &beside);
        Ok(part.entries.iter().map(tell).collect())
    }

    /// What stands beside a part of the ledger.
    fn beside<A: ReadsLedger>(
        &self,
        permit: &Permit<A>,
        part: &Part,
    ) -> Result<Beside, StationError> {
        let cameras = self.store.cameras()?;
        let mut beside = Beside {
            outcomes: part.outcomes.clone(),
            cameras: cameras.into_iter().map(|c| (c.id, c.name)).collect(),
            ..Beside::default()
        };
        let decisions = part.decisions();
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
        Ok(beside)
    }

    /// The newest entries that are wanted, with the outcomes that stand after them.
    fn look_back(&self, look: &LookBack<'_>) -> Result<Part, StationError> {
        let newest = look.before.min(look.size);
        let oldest = newest.saturating_sub(DEEPEST).max(look.first);
        let mut part = Part::default();
        // Newest first, so that an outcome is met before its decision.
        let mut end = newest.saturating_add(OUTCOMES_AFTER).min(look.size);
        while end > oldest {
            for (index, entry) in self.ledger.newest(end, AT_ONCE)? {
                if index < oldest || part.entries.len() == look.most {
                    return Ok(part.stopped_at(end, look.first));
                }
                end = index;
                if let Event::Outcome(outcome) = entry.event {
                    part.outcomes.insert(outcome.decision(), (index, outcome));
                } else if index < newest && (look.wanted)(&entry) {
                    part.entries.push((index, entry));
                }
            }
        }
        Ok(part.stopped_at(end, look.first))
    }
}

/// Where to look in the ledger, and for what.
struct LookBack<'a> {
    /// How many entries the ledger has.
    size: u64,
    /// Only entries before this one.
    before: u64,
    /// None before this one.
    first: u64,
    /// How many.
    most: usize,
    wanted: &'a dyn Fn(&Entry) -> bool,
}

/// What somebody decided or asked, came or went: entries that are somebody's.
fn whose(entry: &Entry) -> Option<&Decision> {
    match &entry.event {
        Event::Decision(d) | Event::Login(d) | Event::Founding(d) => Some(d),
        _ => None,
    }
}

/// A part of the ledger.
#[derive(Default)]
struct Part {
    entries: Vec<(u64, Entry)>,
    outcomes: HashMap<DecisionId, (u64, Outcome)>,
    looked_back_to: Option<u64>,
}

impl Part {
    fn decisions(&self) -> Vec<Decision> {
        let decisions = self.entries.iter().filter_map(|(_, entry)| decision(entry));
        decisions.cloned().collect()
    }

    /// `first` is the one before which nothing is wanted.
    fn stopped_at(self, entry: u64, first: u64) -> Self {
        Self {
            looked_back_to: Some(entry).filter(|entry| *entry > first),
            ..self
        }
    }

    /// Of its decisions, those whose content is wanted, so many of them.
    fn with_contents(mut self, only: &LedgerOnly, beside: &Beside, most: usize) -> Self {
        if only.needs_content() {
            let fits = |d: &Decision| beside.contents.get(&d.id).is_some_and(|c| only.fits(c));
            self.entries
                .retain(|(_, entry)| decision(entry).is_some_and(fits));
        }
        if self.entries.len() > most {
            self.entries.truncate(most);
            self.looked_back_to = self.entries.last().map(|(index, _)| *index);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use crypt::{Id, SystemRandom};
    use govern::Content;
    use ledger::{Commitment, Salt, Verdict};

    use super::*;
    use crate::review::CHANGED;
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
            counts_as: vec![],
            in_doubt: false,
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
            .enter_with_content(Event::Decision(decision), id, &content, &salt, None)
            .unwrap();
        let review = ReviewLedger {
            scope: LedgerScope::Everyone,
            most: 50,
            before: None,
            only: LedgerOnly::default(),
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
