//! Misuse is told to somebody else: tripwires look at each use of the data as it is written down, and
//! open questions to reviewers outside the chain of command, who record what they found.

use govern::{
    Action, AnswerQuestion, Finding, MemberId, OpenQuestion, Principal, QuestionId, QuestionName,
    Role, SeeQuestions, Tripwire, Use,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{DecisionId, Event, Party, Question, Verdict};
use store::{KeptQuestion, Member, NewQuestion};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError, StoryLine, lock};

/// A member's use of the data.
#[derive(Clone, Debug)]
pub(crate) struct UseOf {
    pub(crate) member: MemberId,
    pub(crate) roles: Vec<Role>,
    pub(crate) used: Use,
}

impl UseOf {
    /// It was refused.
    pub(crate) fn refused(mut self) -> Self {
        self.used.refused = true;
        self
    }
}

/// The questions, as the reviewers' page shows them.
pub struct Questions {
    /// Those that wait first, newest first.
    pub questions: Vec<KeptQuestion>,
    /// Who is who.
    pub members: Vec<Member>,
}

/// A question with what it is about.
pub struct QuestionShown {
    /// The question.
    pub question: KeptQuestion,
    /// The uses, newest first, as the ledger tells them.
    pub uses: Vec<StoryLine>,
    /// Who is who.
    pub members: Vec<Member>,
}

/// The fact that keeps up to which entry the sample was drawn.
const SAMPLED: &str = "sampled to";
/// Entries looked at at once.
const AT_ONCE: usize = 1000;

impl Station {
    pub(crate) fn use_of<A: Action>(
        &self,
        caller: &Caller,
        act: &A,
        decision: DecisionId,
        at: Timestamp,
    ) -> Option<UseOf> {
        let Principal::Member(member) = &caller.who else {
            return None;
        };
        let case = act.purpose().and_then(|stated| stated.case.as_deref());
        Some(UseOf {
            member: member.id,
            roles: member.roles.clone(),
            used: Use {
                decision,
                at,
                act: A::NAME.to_owned(),
                refused: false,
                looked_for: act.looked_for().map(|plate| self.store.looked_for(&plate)),
                for_a_call: case.is_some_and(|case| self.policy.is_call(case)),
            },
        })
    }

    /// Opens the questions that a use gives rise to, which stands in the ledger already.
    pub(crate) fn watch(&self, of: Option<&UseOf>) -> Result<(), StationError> {
        // An act that looks through nothing and is not refused trips nothing here.
        let Some(of) = of.filter(|of| of.used.refused || of.used.is_search()) else {
            return Ok(());
        };
        let tripwires = self.policy.tripwires();
        let (most, hours) = tripwires
            .iter()
            .filter_map(Tripwire::looks_back)
            .fold((0, 0), |(most, hours), (n, h)| (most.max(n), hours.max(h)));
        let since = SignedDuration::from_hours(hours.into());
        let since = of.used.at.checked_sub(since).unwrap_or(Timestamp::MIN);
        let tripping = self.tripping(of, since, 2 * most)?;
        if tripping.is_empty() {
            return Ok(());
        }
        let uses = self.store.uses(of.member, &of.used, since, 2 * most)?;
        for tripwire in tripping {
            self.ask_about(tripwire, of, &uses)?;
        }
        Ok(())
    }

    /// The tripwires that look back and may trip, by what is remembered.
    fn tripping(
        &self,
        of: &UseOf,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<&Tripwire>, StationError> {
        if !lock(&self.remembered).knows(of.member) {
            let uses = self.store.uses(of.member, &of.used, since, most)?;
            lock(&self.remembered).remember(of.member, uses);
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut remembered = lock(&self.remembered);
        remembered.note(of.member, &of.used, most);
        let zone = &self.about.time_zone;
        let member = (of.member, of.roles.as_slice());
        let tripwires = self.policy.tripwires().iter();
        Ok(tripwires
            .filter(|tripwire| tripwire.looks_back().is_some())
            .filter(|tripwire| remembered.may_trip(tripwire, member, &of.used, since, most, zone))
            .collect())
    }

    /// Opens a question, if the tripwire trips and none of the kind is open. After an answer, only
    /// what came later counts.
    fn ask_about(&self, tripwire: &Tripwire, of: &UseOf, uses: &[Use]) -> Result<(), StationError> {
        let zone = &self.about.time_zone;
        if tripwire.tripped(uses, &of.roles, zone).is_empty() {
            return Ok(());
        }
        let about = tripwire.about(&of.used);
        let newest = self
            .store
            .newest_question(of.member, &tripwire.id, &about)?;
        let kind = (of.member, tripwire.id.clone(), about.clone());
        let since = match newest {
            Some((_, true)) => {
                lock(&self.remembered).waits(kind);
                return Ok(());
            }
            Some((opened_at, false)) => opened_at,
            None => Timestamp::MIN,
        };
        let later = uses.iter().take_while(|one| one.at > since).count();
        let uses = uses.get(..later).unwrap_or_default();
        let tripped = tripwire.tripped(uses, &of.roles, zone);
        if tripped.is_empty() {
            return Ok(());
        }
        let new = NewQuestion {
            question: Question {
                id: QuestionId::random(&*self.random),
                tripwire: tripwire.id.clone(),
                about: of.member,
                tripped_by: of.used.decision,
            },
            about,
            uses: &tripped,
            entries: self.ledger.size(),
        };
        let enter = |event: Event| self.ledger.append(self.clock.now(), event).map(|_| ());
        if self.store.open_question(new, enter)? {
            *lock(&self.questions) += 1;
        }
        Ok(())
    }

    /// Draws the sample of what those at the top and those who watch looked at, among the entries
    /// since the last time. Done at night, and whenever reviewers ask for the questions.
    ///
    /// # Errors
    /// When the ledger cannot be read, or a question not be kept.
    pub fn draw_sample(&self) -> Result<(), StationError> {
        let _one_at_a_time = lock(&self.sampling);
        let size = self.ledger.size();
        let drawn = match self.store.fact(SAMPLED)? {
            Some(fact) => fact.parse().unwrap_or_default(),
            None => 0,
        };
        // A ledger that goes on in a new one is looked at from its beginning.
        let drawn: u64 = if drawn > size { 0 } else { drawn };
        let mut end = size;
        while end > drawn {
            for (index, entry) in self.ledger.newest(end, AT_ONCE)? {
                end = index;
                if index < drawn {
                    break;
                }
                if let Event::Decision(decision) = &entry.event
                    && let (Party::Member(member), Verdict::Permit) =
                        (decision.who, decision.verdict)
                {
                    let used = Use {
                        decision: decision.id,
                        at: entry.at,
                        act: decision.act.to_string(),
                        refused: false,
                        looked_for: None,
                        for_a_call: false,
                    };
                    self.sample(member, used)?;
                }
            }
        }
        Ok(self.store.set_fact(SAMPLED, &size.to_string())?)
    }

    fn sample(&self, id: MemberId, used: Use) -> Result<(), StationError> {
        let Some(member) = self.store.member(id)? else {
            return Ok(());
        };
        let of = UseOf {
            member: id,
            roles: member.roles,
            used,
        };
        for tripwire in self.policy.tripwires() {
            if tripwire.looks_back().is_none() {
                self.ask_about(tripwire, &of, std::slice::from_ref(&of.used))?;
            }
        }
        Ok(())
    }

    /// How many questions wait for a reviewer. Asks no disk: it is called for every page.
    pub fn waiting_questions(&self) -> u64 {
        *lock(&self.questions)
    }

    /// The questions; none that is about whoever asks.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn questions(&self, caller: &Caller) -> Result<Questions, StationError> {
        let (shown, _permit) = self.perform(caller, SeeQuestions, |permit| {
            self.draw_sample()?;
            let questions = self.store.questions(permit)?;
            let ids = questions.iter().map(|one| *one.name.id.as_bytes());
            Ok(Done {
                ids: ids.collect(),
                value: Questions {
                    members: self.store.members()?,
                    questions,
                },
            })
        })?;
        Ok(shown)
    }

    /// A question, with the entries that it is about and the content beside them.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is none.
    pub fn open_question(
        &self,
        caller: &Caller,
        id: QuestionId,
    ) -> Result<QuestionShown, StationError> {
        let act = OpenQuestion(self.question_name(id)?);
        let (shown, _permit) = self.perform(caller, act, |permit| {
            let question = self.store.question(permit)?;
            let decisions = &question.name.uses;
            let uses = self.tell_decisions(permit, decisions, question.entries)?;
            Ok(Done {
                ids: decisions.iter().map(|id| *id.as_bytes()).collect(),
                value: QuestionShown {
                    uses,
                    members: self.store.members()?,
                    question,
                },
            })
        })?;
        Ok(shown)
    }

    /// Answers a question with what the reviewer found.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is none, or it was answered.
    pub fn answer_question(
        &self,
        caller: &Caller,
        id: QuestionId,
        finding: Finding,
        words: &str,
    ) -> Result<(), StationError> {
        check_words("what was found", words)?;
        let act = AnswerQuestion {
            question: self.question_name(id)?,
            finding,
            words: words.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.store.answer_question(permit)?;
            self.count_questions()?;
            Ok(Done {
                value: (),
                ids: vec![*id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Counted at the start, and after an answer.
    pub(crate) fn count_questions(&self) -> Result<(), StationError> {
        let open = self.store.open_questions()?;
        *lock(&self.questions) = open;
        lock(&self.remembered).forget_questions();
        Ok(())
    }

    fn question_name(&self, id: QuestionId) -> Result<QuestionName, StationError> {
        let found = self.store.question_name(id)?;
        found.ok_or_else(|| StationError::Input("there is no such question".to_owned()))
    }
}
