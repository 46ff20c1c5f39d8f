//! Questions that a tripwire opened, and who answers them.

use crypt::Id;
use ledger::{Decision, DecisionId, MemberId, Party, Question};
use serde::{Deserialize, Serialize};

use super::{Action, Facts, ReadsLedger, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Names a question.
pub type QuestionId = Id<Question>;

/// Which question, and whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionName {
    /// Names it.
    pub id: QuestionId,
    /// Whose uses of the data it is about.
    pub about: MemberId,
    /// The uses: their decisions.
    pub uses: Vec<DecisionId>,
}

/// What a reviewer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// The uses were for duty.
    InOrder,
    /// They were not.
    NotInOrder,
    /// It is for somebody else to find out.
    Referred,
}

impl Finding {
    /// Every finding.
    pub const ALL: [Self; 3] = [Self::InOrder, Self::NotInOrder, Self::Referred];

    /// Its code in forms and in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::InOrder => "in-order",
            Self::NotInOrder => "not-in-order",
            Self::Referred => "referred",
        }
    }

    /// For people.
    pub fn says(self) -> &'static str {
        match self {
            Self::InOrder => "in order",
            Self::NotInOrder => "not in order",
            Self::Referred => "referred to somebody else",
        }
    }
}

/// Sees which questions there are; none that is about oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeQuestions;

/// Looks at what a question is about: the entries of the ledger, with the content beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuestion(pub QuestionName);

/// Answers a question with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerQuestion {
    /// Which.
    pub question: QuestionName,
    /// What was found.
    pub finding: Finding,
    /// In the reviewer's words.
    pub words: String,
}

impl sealed::Sealed for SeeQuestions {}
impl sealed::Sealed for OpenQuestion {}
impl sealed::Sealed for AnswerQuestion {}

/// Who reviews, and whether they stand outside the chain of command.
pub(super) fn reviewer(who: &Principal, policy: &Policy) -> Facts {
    vec![
        ("reviews", policy.reviews(who.roles())),
        ("in_chain", policy.supervises(who.roles())),
    ]
}

fn about(question: &QuestionName, who: &Principal, policy: &Policy) -> Facts {
    let own = matches!(who, Principal::Member(member) if member.id == question.about);
    let mut facts = reviewer(who, policy);
    facts.push(("own", own));
    facts
}

impl Action for SeeQuestions {
    const NAME: &'static str = "see-questions";

    fn what(&self) -> String {
        "the questions for reviewers".to_owned()
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        reviewer(who, policy)
    }
}

impl Action for OpenQuestion {
    const NAME: &'static str = "open-question";

    fn what(&self) -> String {
        format!("question {}", self.0.id)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        about(&self.0, who, policy)
    }
}

impl ReadsLedger for OpenQuestion {
    fn covers(&self, decision: &Decision, _me: Party) -> bool {
        self.0.uses.contains(&decision.id)
    }
}

impl Action for AnswerQuestion {
    const NAME: &'static str = "answer-question";

    fn what(&self) -> String {
        format!(
            "question {}: {}; {}",
            self.question.id,
            self.finding.says(),
            self.words
        )
    }

    fn counts_as(&self) -> Vec<String> {
        vec![self.finding.code().to_owned()]
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        about(&self.question, who, policy)
    }
}
