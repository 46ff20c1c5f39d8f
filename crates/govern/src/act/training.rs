//! Training: courses as the department approves them, and who completed which.

use crypt::{Digest, Id};
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::MemberId;

use super::member::Subject;
use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Marks the ids of training records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingRecord {}
/// Names a training record.
pub type TrainingId = Id<TrainingRecord>;

/// A course in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CourseVersion {
    /// The course.
    pub course: String,
    /// Its version: another one is another approval.
    pub version: String,
}

impl std::fmt::Display for CourseVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, version {}", self.course, self.version)
    }
}

/// Approves a course in one version, for so long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApproveCourse {
    /// Which.
    pub course: CourseVersion,
    /// How long its completion is in force, in calendar months.
    pub months: u32,
}

/// Records that a member completed a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordTraining {
    /// Who completed it.
    pub of: Subject,
    /// Who enrolled them; nobody enrolled a founder.
    pub enrolled_by: Option<MemberId>,
    /// Which course.
    pub course: CourseVersion,
    /// How long its completion is in force, in months, where this version was approved.
    pub approved: Option<u32>,
    /// When it was completed.
    pub completed: Date,
    /// The last day it is in force.
    pub expires: Date,
    /// SHA-256 of the proof that is kept with it.
    pub proof: Option<Digest>,
}

/// Opens the proof that is kept with a training record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeeProof {
    /// Which record.
    pub record: TrainingId,
    /// Whose.
    pub of: Subject,
}

impl sealed::Sealed for ApproveCourse {}
impl sealed::Sealed for RecordTraining {}
impl sealed::Sealed for SeeProof {}

impl Action for ApproveCourse {
    const NAME: &'static str = "approve-course";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        format!("{}, in force for {} months", self.course, self.months)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl RecordTraining {
    /// The last day that the course's approval allows.
    fn longest(&self) -> Option<Date> {
        let months = i64::from(self.approved?);
        self.completed.checked_add(months.months()).ok()
    }
}

impl Action for RecordTraining {
    const NAME: &'static str = "record-training";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let proof = self.proof.map_or_else(
            || "without proof".to_owned(),
            |digest| format!("proof {digest}"),
        );
        format!(
            "{} for {}, completed {}, in force to {}, {proof}",
            self.course, self.of.login, self.completed, self.expires
        )
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        let enroller =
            matches!(who, Principal::Member(member) if Some(member.id) == self.enrolled_by);
        vec![
            ("own", self.of.is(who)),
            ("enroller", enroller),
            ("approved", self.approved.is_some()),
            (
                "too_long",
                self.longest().is_some_and(|last| self.expires > last),
            ),
        ]
    }
}

impl Action for SeeProof {
    const NAME: &'static str = "see-proof";

    fn what(&self) -> String {
        format!("record {} of {}", self.record, self.of.login)
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        vec![("own", self.of.is(who))]
    }
}
