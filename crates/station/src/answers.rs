//! The pages of answers: what was found, in the order in which it was shown first, whatever comes in since.
//! Which reads these are is kept in memory, for the session that asked; the reads themselves are fetched
//! page by page, each time through the gate.

use std::sync::Arc;
use std::time::Duration;

use crypt::Digest;
use govern::{Action, Permit, ReadId, StatedPurpose, TurnPage};
use plate::Pattern;
use store::{LINES, Page, Vehicle};

use crate::gate::Done;
use crate::search::Withheld;
use crate::{Caller, Station, StationError, lock};

/// The newest answers of a session that are kept.
const OF_A_SESSION: usize = 8;
/// The most lines of all answers together: about fifty megabytes.
const MOST_LINES: usize = 1_000_000;

/// An answer.
pub(crate) struct Answer {
    /// The number of its decision in the ledger.
    entry: u64,
    session: Digest,
    /// On the monotonic clock.
    until: Duration,
    /// What was asked for, in words.
    asked: String,
    purpose: StatedPurpose,
    pub(crate) lines: Lines,
}

/// What was found, in its order.
pub(crate) enum Lines {
    /// By a search for this.
    Reads(Pattern, Vec<(ReadId, f64)>),
    /// By a canvass of scenes of these names.
    Vehicles(Vec<String>, Vec<Vehicle>),
}

impl Lines {
    pub(crate) fn is_reads(&self) -> bool {
        matches!(self, Self::Reads(..))
    }

    pub(crate) fn is_vehicles(&self) -> bool {
        matches!(self, Self::Vehicles(..))
    }

    fn count(&self) -> usize {
        match self {
            Self::Reads(_, lines) => lines.len(),
            Self::Vehicles(_, lines) => lines.len(),
        }
    }

    /// The reads on some lines.
    fn reads(&self, from: usize, to: usize) -> Vec<ReadId> {
        match self {
            Self::Reads(_, lines) => lines[from..to].iter().map(|(id, _)| *id).collect(),
            Self::Vehicles(_, lines) => lines[from..to]
                .iter()
                .flat_map(|vehicle| vehicle.reads.iter().map(|read| read.read))
                .collect(),
        }
    }
}

/// A page that was turned to.
pub(crate) struct Turned {
    pub(crate) answer: Arc<Answer>,
    /// Its lines, counted from 0: from this one to before that one.
    pub(crate) lines: (usize, usize),
    pub(crate) page: Page,
    pub(crate) withheld: Vec<Withheld>,
    pub(crate) permit: Permit<TurnPage>,
}

impl Station {
    /// Keeps the answer to the permit's act for as long as its pages can be turned.
    pub(crate) fn keep_answer<A: Action>(&self, caller: &Caller, permit: &Permit<A>, lines: Lines) {
        let (Some(session), Some(purpose)) = (caller.session, permit.act().purpose()) else {
            return;
        };
        let now = self.clock.monotonic();
        let mut answers = lock(&self.answers);
        answers.retain(|answer| now < answer.until);
        let theirs = answers.iter().filter(|answer| answer.session == session);
        if theirs.count() >= OF_A_SESSION {
            let oldest = answers.iter().position(|answer| answer.session == session);
            oldest.map(|oldest| answers.remove(oldest));
        }
        answers.push(Arc::new(Answer {
            entry: permit.entry(),
            session,
            until: now + self.policy.security().answers_last(),
            asked: permit.act().what(),
            purpose: purpose.clone(),
            lines,
        }));
        let all = |answers: &[Arc<Answer>]| answers.iter().map(|a| a.lines.count()).sum::<usize>();
        while answers.len() > 1 && all(&answers) > MOST_LINES {
            answers.remove(0);
        }
    }

    /// Turns to the page, of an answer of this kind, that begins with this line, counted from 1.
    pub(crate) fn turn_page(
        &self,
        caller: &Caller,
        entry: u64,
        first: usize,
        is_of_kind: fn(&Lines) -> bool,
    ) -> Result<Turned, StationError> {
        let answer = self.kept_answer(caller, entry, is_of_kind)?;
        let count = answer.lines.count();
        let from = first.checked_sub(1).filter(|from| *from < count);
        let from = from
            .ok_or_else(|| StationError::Input(format!("the answer has the lines 1 to {count}")))?;
        let to = count.min(from + LINES);
        let turn = TurnPage {
            answer: entry,
            asked: answer.asked.clone(),
            first,
            lines: to - from,
            reads: answer.lines.reads(from, to),
            case: self.case_of(&answer.purpose)?,
            purpose: answer.purpose.clone(),
        };
        let (page, permit) = self.perform(caller, turn, |permit| {
            let value = self.store.turn_page(permit)?;
            let ids = value.reads.keys().map(|id| *id.as_bytes()).collect();
            Ok(Done { value, ids })
        })?;
        let withheld = self.withhold(caller, permit.entry(), page.withheld.clone())?;
        Ok(Turned {
            answer,
            lines: (from, to),
            page,
            withheld,
            permit,
        })
    }

    fn kept_answer(
        &self,
        caller: &Caller,
        entry: u64,
        is_of_kind: fn(&Lines) -> bool,
    ) -> Result<Arc<Answer>, StationError> {
        let now = self.clock.monotonic();
        let answers = lock(&self.answers);
        let theirs = answers.iter().find(|answer| {
            answer.entry == entry
                && Some(answer.session) == caller.session
                && is_of_kind(&answer.lines)
                && now < answer.until
        });
        theirs.cloned().ok_or_else(not_kept)
    }
}

/// That there is no such answer, of the kind that was asked for.
pub(crate) fn not_kept() -> StationError {
    StationError::Input(
        "the pages of this answer can be turned no longer, or not in this session: ask again"
            .to_owned(),
    )
}
