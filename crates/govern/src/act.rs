//! The acts: everything that can be asked of the station, each with its exact arguments.

mod access;
mod alert;
mod approval;
mod audit;
mod authorisation;
mod case;
mod clock;
mod equipment;
mod evidence;
mod export;
mod feed;
mod hold;
mod hotlist;
mod local;
mod medium;
mod member;
mod proposal;
mod question;
mod release;
mod report;
mod retention;
mod search;
mod terminal;
mod training;
mod webhook;

use std::time::Duration;

use cedar_policy::RestrictedExpression;
use jiff::civil::Date;
use ledger::{Decision, Party, Withdrawal};

use crate::content::{Class, Content, Principal};
use crate::policy::Policy;

pub use access::SeeAccess;
pub use alert::{
    AcknowledgeAlert, AlertName, AlertStep, CloseAlert, ConfirmPicture, ExportCorrections,
    JudgeException, OpenAlert, RecordCheck, ReportException, SeeAlerts, SeeCorrections, SeeFigures,
    WatchAlerts,
};
pub use approval::{ApprovalAsked, ApprovalId, ApproveSearches, AskApproval, SeeApprovals};
pub use audit::{
    DrawSample, JudgeAccess, OpenSample, Sample, SampleId, SampleName, Sampled, SeeSamples,
};
pub use authorisation::{EndAuthorisation, GrantAuthorisation};
pub use case::{Case, CaseStanding, ImportCases, SeeCases};
pub use clock::{ConfirmTime, SeeToAlarm};
pub use equipment::{BackUp, ClassifyCamera, PlaceCamera, RemoveCamera};
pub use evidence::{
    BookEvidence, CustodyStep, Evidence, EvidenceId, LeavesAs, NoteCustody, Recipient, SeeEvidence,
};
pub use export::ExportEverything;
pub use feed::{EndFeed, FeedFrom, FindListUnchanged, SeeFeeds, SetFeed, TakeList};
pub use hold::{Covers, ExtendHold, HoldId, HoldKind, PlaceHold, ReadId, ReleaseHold, SeeHolds};
pub use hotlist::{
    BringsList, ConfirmList, ImportId, ImportList, ListImport, SeeLists, SetListTerms,
};
pub use local::{
    ConfirmLocalEntry, EnterLocalEntry, LocalEntry, LocalEntryId, LocalEntryName, RenewLocalEntry,
    SeeLocalEntries, Wanted, WithdrawLocalEntry,
};
pub use medium::{RegisterMedium, RetireMedium};
pub use member::{
    ChangeStatus, EndRole, EndSessions, EnrolMember, GiveRole, IssueEnrolmentCode, MemberStatus,
    ReleaseMember, StatusChange, Subject,
};
pub use proposal::{Confirm, Matter, Proposal, ProposalId, Propose, Proposed, SeeProposals};
pub use question::{AnswerQuestion, Finding, OpenQuestion, QuestionId, QuestionName, SeeQuestions};
pub use release::{
    ClearWords, DecideRequest, DeclarationId, FileDeclaration, FileRequest, ReleaseReads,
    RequestId, RevokeDeclaration, Scope, SeeRequests, Standing,
};
pub use report::{PublishReport, SeeReport, VerifyReport};
pub use retention::{ChangeRetention, Purge, SeeRetention, StartPurge};
pub use search::{Canvass, InArea, Scene, Search, StatedPurpose, TurnPage, Within};
pub use terminal::{EnrolTerminal, RemoveTerminal};
pub use training::{
    ApproveCourse, CourseVersion, RecordTraining, SeeProof, TrainingId, TrainingRecord,
};

pub use webhook::{AddWebhook, RemoveWebhook, SeeWebhooks, SendAlert};

/// What an act tells the rules besides who and when.
pub(crate) type Facts = Vec<(&'static str, bool)>;

/// An act that a permit can be given for.
pub trait Action: sealed::Sealed {
    /// Its name in the rules and in the ledger.
    const NAME: &'static str;
    /// How long a permit for it is good; `None` for a standing permit, which is opened and closed.
    const LIFETIME: Option<Duration> = Some(Duration::from_secs(60));

    /// Whether it approves something or depends on what day it is: it stops while the time is in
    /// doubt, and the rules are told whether it is.
    const NEEDS_TIME: bool = false;

    /// The act's arguments in words, for the content beside the log.
    fn what(&self) -> String;

    /// Why, where the act needs a purpose.
    fn purpose(&self) -> Option<&StatedPurpose> {
        None
    }

    /// What it looks for, where it looks for something: to be counted, never told.
    fn looked_for(&self) -> Option<String> {
        None
    }

    /// What it takes away, where it takes something away: a restore from an older backup takes it
    /// away again.
    fn withdraws(&self) -> Option<Withdrawal> {
        None
    }

    /// What reports count it as, besides its act: codes of the rules and ids of lists. It stands in the
    /// ledger for good, so nothing personal.
    fn counts_as(&self) -> Vec<String> {
        vec![]
    }

    #[doc(hidden)]
    fn facts(&self, who: &Principal, policy: &Policy) -> Facts;
}

/// An act that hands out more than a minute's worth, step by step. Its permit goes on from minute to
/// minute while the rules, asked before every step, go on allowing it.
pub trait HandOut: Action {
    /// Whether `now` hands out the same to the same: where it stands under the rules may have changed.
    fn is_still(&self, now: &Self) -> bool;
}

mod sealed {
    pub trait Sealed {}
}

/// An act that reads decisions with the content beside them.
pub trait ReadsLedger: Action {
    /// Whether it reads this decision, when `me` does it.
    fn covers(&self, decision: &Decision, me: Party) -> bool;
}

/// Whose entries are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerScope {
    /// The member's own.
    Own,
    /// Everybody's.
    Everyone,
}

/// Which entries are wanted: those for which all of this holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerOnly {
    /// By the member with this login.
    pub by: Option<String>,
    /// For this purpose, by its code.
    pub purpose: Option<String>,
    /// For this case or call.
    pub case: Option<String>,
    /// That speak of this plate, or part of one, as it was entered.
    pub plate: Option<String>,
    /// Of this day or later.
    pub first: Option<Date>,
    /// Of this day or earlier.
    pub last: Option<Date>,
}

impl LedgerOnly {
    /// Whether it can be told from the content beside the ledger alone.
    pub fn needs_content(&self) -> bool {
        self.case.is_some() || self.plate.is_some()
    }

    /// Whether the content is one of these.
    pub fn fits(&self, content: &Content) -> bool {
        let same =
            |one: &str, other: &str| one.trim().to_uppercase() == other.trim().to_uppercase();
        let case = |wanted: &String| content.case.as_ref().is_some_and(|case| same(case, wanted));
        let speaks_of = |plate: &String| {
            let mut words = content
                .what
                .split(|c: char| c.is_whitespace() || c == ',' || c == ';');
            words.any(|word| same(word, plate))
        };
        self.case.as_ref().is_none_or(case) && self.plate.as_ref().is_none_or(speaks_of)
    }

    /// In words, with what comes before them.
    fn says(&self) -> String {
        let text = |before: &str, what: &Option<String>| {
            what.as_ref()
                .map_or_else(String::new, |what| format!(", {before}{what}"))
        };
        let day = |before: &str, day: Option<Date>| text(before, &day.map(|day| day.to_string()));
        [
            text("by ", &self.by),
            text("for ", &self.purpose),
            text("case ", &self.case),
            text("of plate ", &self.plate),
            day("from ", self.first),
            day("to ", self.last),
        ]
        .concat()
    }
}

/// Reads the ledger with the content beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLedger {
    /// Whose entries.
    pub scope: LedgerScope,
    /// How many, newest first.
    pub most: usize,
    /// Only entries before this number.
    pub before: Option<u64>,
    /// Only these.
    pub only: LedgerOnly,
}

/// Adds a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCamera {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// The class of confidential data that it and its reads are, if they are.
    pub class: Option<Class>,
}

/// Sees who is enrolled and which cameras there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeStation;

/// Sees the policy in force, clause by clause, with the evidence of these days for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewPolicy {
    /// How many days back the evidence goes.
    pub days: u16,
}

/// Hands in what a camera saw: a standing permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepReads;

impl sealed::Sealed for ReviewLedger {}
impl sealed::Sealed for AddCamera {}
impl sealed::Sealed for SeeStation {}
impl sealed::Sealed for ReviewPolicy {}
impl sealed::Sealed for KeepReads {}

impl Action for ReviewLedger {
    const NAME: &'static str = "review-ledger";

    fn what(&self) -> String {
        let whose = match self.scope {
            LedgerScope::Own => "their own entries",
            LedgerScope::Everyone => "everybody's entries",
        };
        format!("{whose}{}", self.only.says())
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![("own", self.scope == LedgerScope::Own)]
    }
}

impl ReadsLedger for ReviewLedger {
    fn covers(&self, decision: &Decision, me: Party) -> bool {
        self.scope == LedgerScope::Everyone || decision.who == me
    }
}

impl Action for AddCamera {
    const NAME: &'static str = "add-camera";

    fn what(&self) -> String {
        let class = self.class.as_ref().map_or_else(String::new, |class| {
            format!(", whose reads are {}", class.0)
        });
        format!("{} at {}{class}", self.name, self.place)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeStation {
    const NAME: &'static str = "see-station";

    fn what(&self) -> String {
        "members and cameras".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for ReviewPolicy {
    const NAME: &'static str = "review-policy";

    fn what(&self) -> String {
        format!(
            "the policy in force, with the evidence of {} days",
            self.days
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for KeepReads {
    const NAME: &'static str = "keep-reads";
    const LIFETIME: Option<Duration> = None;

    fn what(&self) -> String {
        "reads of this camera".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

pub(crate) fn expressions(facts: Facts) -> impl Iterator<Item = (String, RestrictedExpression)> {
    facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), RestrictedExpression::new_bool(value)))
}
