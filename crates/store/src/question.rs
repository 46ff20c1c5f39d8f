//! What tripwires count, and the questions that they open.

use crypt::Sealed;
use govern::{
    AnswerQuestion, Finding, MemberId, OpenQuestion, Permit, QuestionId, QuestionName,
    SeeQuestions, Use,
};
use jiff::Timestamp;
use ledger::{DecisionId, Event, LedgerError, Question};

use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A question that is to be opened.
pub struct NewQuestion<'a> {
    /// Its name, the tripwire, and whom it is about.
    pub question: Question,
    /// What else it is about.
    pub about: String,
    /// The uses.
    pub uses: &'a [&'a Use],
    /// How many entries the ledger has.
    pub entries: u64,
}

/// A question as it is kept.
#[derive(Clone, Debug)]
pub struct KeptQuestion {
    /// Which, whom it is about, and the uses.
    pub name: QuestionName,
    /// The tripwire, by its id.
    pub tripwire: String,
    /// How many entries the ledger had when it was opened.
    pub entries: u64,
    /// When.
    pub opened_at: Timestamp,
    /// What a reviewer found.
    pub answer: Option<Answer>,
}

/// What a reviewer found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// In a word.
    pub finding: Finding,
    /// Who.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
    /// In their words.
    pub words: String,
}

/// The most questions that are listed.
const MOST: i64 = 200;

/// The questions for which the rest of the statement holds.
macro_rules! questions {
    ($rest:literal) => {
        concat!(
            "SELECT id, tripwire, member, uses, entries, opened_at, finding, answered_by, answered_at, words
             FROM question ",
            $rest
        )
    };
}

impl Store {
    /// As which a plate that was looked for is counted.
    pub fn looked_for(&self, plate: &str) -> String {
        self.mark("looked for", plate)
    }

    /// A member's uses of the data, newest first: the newest `most`, and as many that looked for the
    /// same as `newest`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn uses(
        &self,
        member: MemberId,
        newest: &Use,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<Use>, StoreError> {
        let rows = self.ask(|db| {
            let mut rows = db.rows(
                "SELECT decision, at, act, refused, looked_for, for_a_call FROM use_seen
                 WHERE member = ?1 AND at > ?2 ORDER BY at DESC, decision DESC LIMIT ?3",
                values![member, since, most],
            )?;
            if let Some(plate) = &newest.looked_for {
                rows.extend(db.rows(
                    "SELECT decision, at, act, refused, looked_for, for_a_call FROM use_seen
                     WHERE member = ?1 AND at > ?2 AND looked_for = ?4 ORDER BY at DESC, decision DESC LIMIT ?3",
                    values![member, since, most, plate],
                )?);
            }
            Ok(rows)
        })?;
        let mut uses: Vec<Use> = rows.iter().map(read_use).collect::<Result<_, _>>()?;
        // The newest first, also among those of the same moment.
        let is_newest = |one: &Use| one.decision == newest.decision;
        uses.retain(|one| !is_newest(one));
        uses.sort_by_key(|one| std::cmp::Reverse((one.at, *one.decision.as_bytes())));
        uses.dedup_by_key(|one| one.decision);
        uses.insert(0, newest.clone());
        Ok(uses)
    }

    /// When the newest question of this kind was opened, and whether it waits for an answer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn newest_question(
        &self,
        member: MemberId,
        tripwire: &str,
        about: &str,
    ) -> Result<Option<(Timestamp, bool)>, StoreError> {
        let row = self.ask(|db| newest(db, member, tripwire, about))?;
        row.map(|row| {
            let answered: Option<Timestamp> = row.get(1)?;
            Ok((row.get(0)?, answered.is_none()))
        })
        .transpose()
    }

    /// Opens a question, unless one of the kind is open: false then. It is entered in the ledger
    /// before it is kept.
    ///
    /// # Errors
    /// When the database or the ledger fails.
    pub fn open_question(
        &self,
        new: NewQuestion<'_>,
        enter: impl FnOnce(Event) -> Result<(), LedgerError>,
    ) -> Result<bool, StoreError> {
        let NewQuestion {
            question,
            about,
            uses,
            entries,
        } = new;
        let decisions: Vec<DecisionId> = uses.iter().map(|one| one.decision).collect();
        let decisions = serde_json::to_string(&decisions).map_err(StoreError::damaged)?;
        let entries = i64::try_from(entries).map_err(StoreError::damaged)?;
        self.change(|db| {
            db.hold(&format!("questions about {}", question.about))?;
            if let Some(row) = newest(db, question.about, &question.tripwire, &about)?
                && row.get::<Option<Timestamp>>(1)?.is_none()
            {
                return Ok(false);
            }
            db.execute(
                "INSERT INTO question (id, tripwire, member, about, uses, entries, opened_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                values![
                    question.id,
                    &question.tripwire,
                    question.about,
                    &about,
                    &decisions,
                    entries,
                    self.clock.now(),
                ],
            )?;
            enter(Event::Question(question))?;
            Ok(true)
        })
    }

    /// How many questions wait for an answer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open_questions(&self) -> Result<u64, StoreError> {
        self.ask(|db| {
            db.one(
                "SELECT count(*) FROM question WHERE answered_at IS NULL",
                values![],
            )
        })
    }

    /// The questions, those that wait first, newest first; none about whoever asks.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn questions(
        &self,
        permit: &Permit<SeeQuestions>,
    ) -> Result<Vec<KeptQuestion>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            db.rows(
                questions!(
                    "WHERE member <> ?1
                     ORDER BY CASE WHEN answered_at IS NULL THEN 0 ELSE 1 END, opened_at DESC, id LIMIT ?2"
                ),
                values![permit.member(), MOST],
            )
        })?;
        rows.iter().map(|row| self.read_question(row)).collect()
    }

    /// Which question has this name, and whom it is about; nothing of what was found.
    ///
    /// # Errors
    /// When the database fails.
    pub fn question_name(&self, id: QuestionId) -> Result<Option<QuestionName>, StoreError> {
        let found = self.kept_question(id)?;
        Ok(found.map(|question| question.name))
    }

    /// The permit's question.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; when the permit has expired or the database fails.
    pub fn question(&self, permit: &Permit<OpenQuestion>) -> Result<KeptQuestion, StoreError> {
        permit.check(&*self.clock)?;
        let found = self.kept_question(permit.act().0.id)?;
        found.ok_or(StoreError::NoSuch("such question"))
    }

    /// Keeps the permit's finding.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody answered before.
    pub fn answer_question(&self, permit: &Permit<AnswerQuestion>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let AnswerQuestion {
            question,
            finding,
            words,
        } = permit.act();
        let words = self.seal(&place(question.id), words)?;
        let answered = self.change(|db| {
            db.execute(
                "UPDATE question SET finding = ?2, answered_by = ?3, answered_at = ?4, words = ?5
                 WHERE id = ?1 AND answered_at IS NULL",
                values![
                    question.id,
                    finding.code(),
                    permit.member(),
                    self.clock.now(),
                    &words
                ],
            )
        })?;
        if answered == 0 {
            return Err(StoreError::Conflict(
                "somebody has answered this question".to_owned(),
            ));
        }
        Ok(())
    }

    fn kept_question(&self, id: QuestionId) -> Result<Option<KeptQuestion>, StoreError> {
        let row = self.ask(|db| db.row(questions!("WHERE id = ?1"), values![id]))?;
        row.map(|row| self.read_question(&row)).transpose()
    }

    fn read_question(&self, row: &Row) -> Result<KeptQuestion, StoreError> {
        let id = row.get(0)?;
        let by: Option<MemberId> = row.get(7)?;
        let at: Option<Timestamp> = row.get(8)?;
        let answer = match by.zip(at) {
            None => None,
            Some((by, at)) => {
                let stored: String = row.get(6)?;
                let finding = Finding::ALL.into_iter().find(|f| f.code() == stored);
                Some(Answer {
                    finding: finding
                        .ok_or_else(|| StoreError::damaged("a question's finding is none"))?,
                    by,
                    at,
                    words: self.unseal(&place(id), &row.get::<Sealed>(9)?)?,
                })
            }
        };
        Ok(KeptQuestion {
            name: QuestionName {
                id,
                about: row.get(2)?,
                uses: serde_json::from_str(&row.get::<String>(3)?).map_err(StoreError::damaged)?,
            },
            tripwire: row.get(1)?,
            entries: row.get(4)?,
            opened_at: row.get(5)?,
            answer,
        })
    }
}

/// What is counted of a member's use of the data.
pub(crate) fn put_use(
    db: &mut dyn Connection,
    member: MemberId,
    used: &Use,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO use_seen (decision, member, at, act, refused, looked_for, for_a_call)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        values![
            used.decision,
            member,
            used.at,
            &used.act,
            used.refused,
            used.looked_for.clone(),
            used.for_a_call,
        ],
    )?;
    Ok(())
}

fn newest(
    db: &mut dyn Connection,
    member: MemberId,
    tripwire: &str,
    about: &str,
) -> Result<Option<Row>, StoreError> {
    db.row(
        "SELECT opened_at, answered_at FROM question
         WHERE member = ?1 AND tripwire = ?2 AND about = ?3 ORDER BY opened_at DESC LIMIT 1",
        values![member, tripwire, about],
    )
}

fn read_use(row: &Row) -> Result<Use, StoreError> {
    Ok(Use {
        decision: row.get(0)?,
        at: row.get(1)?,
        act: row.get(2)?,
        refused: row.get(3)?,
        looked_for: row.get(4)?,
        for_a_call: row.get(5)?,
    })
}

fn place(id: QuestionId) -> String {
    format!("question {id} words")
}
