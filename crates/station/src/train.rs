//! Training: courses approved, completions recorded, proofs kept (3(d)).

use govern::{ApproveCourse, CourseVersion, RecordTraining, SeeProof, TrainingId};
use jiff::ToSpan;
use jiff::civil::Date;
use store::{NewProof, Proof};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// A course that a member completed, as it is entered.
pub struct Completion {
    /// Whose.
    pub login: String,
    /// Which course.
    pub course: CourseVersion,
    /// When.
    pub completed: Date,
    /// The last day it is in force; as long as the course allows, if none is given.
    pub expires: Option<Date>,
    /// The certificate: a PDF, JPEG or PNG.
    pub proof: Option<Vec<u8>>,
}

impl Station {
    /// Approves a course in one version. A course that changed is another version.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when it is approved already.
    pub fn approve_course(
        &self,
        caller: &Caller,
        course: CourseVersion,
        months: u32,
    ) -> Result<(), StationError> {
        check_words("a course's name", &course.course)?;
        check_words("a course's version", &course.version)?;
        let longest = self.policy.security().training_longest_months();
        if !(1..=longest).contains(&months) {
            return Err(StationError::Input(format!(
                "a course is in force for 1 to {longest} months, and is then renewed"
            )));
        }
        let course = trimmed(course);
        self.perform(caller, ApproveCourse { course, months }, |permit| {
            self.store.approve_course(permit)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    /// Records that a member completed a course. Completions of a version that was not approved are
    /// refused, and so is a record by the one who enrolled the member.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for days in the wrong order and a proof that
    /// is none.
    pub fn record_training(
        &self,
        caller: &Caller,
        completion: Completion,
    ) -> Result<(), StationError> {
        let input = |words: &str| StationError::Input(words.to_owned());
        check_words("a course's name", &completion.course.course)?;
        check_words("a course's version", &completion.course.version)?;
        let proof = completion
            .proof
            .map(|bytes| {
                NewProof::of(bytes)
                    .ok_or_else(|| input("a proof is a PDF, a JPEG or a PNG of 5 MB at most"))
            })
            .transpose()?;
        let named = self.named(&completion.login)?;
        let course = trimmed(completion.course);
        let approved = self
            .store
            .courses()?
            .into_iter()
            .find(|known| known.course == course)
            .map(|known| known.months);
        let completed = completion.completed;
        let months = approved.unwrap_or(self.policy.security().training_longest_months());
        let expires = completion
            .expires
            .unwrap_or_else(|| completed.saturating_add(i64::from(months).months()));
        if completed > expires || completed > self.today() {
            return Err(input(
                "training is completed today or earlier, and expires after it was completed",
            ));
        }
        let act = RecordTraining {
            of: named.subject.clone(),
            enrolled_by: named.member.as_ref().and_then(|member| member.enrolled_by),
            course,
            approved,
            completed,
            expires,
            proof: proof.as_ref().map(NewProof::digest),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            self.store
                .record_training(permit, proof.as_ref(), &*self.random)?;
            Ok(Done::about(named.subject.member))
        })?;
        Ok(())
    }

    /// The proof that is kept with a training record.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is none.
    pub fn proof(&self, caller: &Caller, record: TrainingId) -> Result<Proof, StationError> {
        let no_record = || StationError::Input("there is no such training record".to_owned());
        let member = self.store.trained_by(record)?.ok_or_else(no_record)?;
        let member = self.store.member(member)?.ok_or_else(no_record)?;
        let of = self.named(&member.login)?.subject;
        let (proof, _permit) = self.perform(caller, SeeProof { record, of }, |permit| {
            Ok(Done {
                value: self.store.proof(permit)?,
                ids: vec![*record.as_bytes()],
            })
        })?;
        Ok(proof)
    }
}

fn trimmed(course: CourseVersion) -> CourseVersion {
    CourseVersion {
        course: course.course.trim().to_owned(),
        version: course.version.trim().to_owned(),
    }
}
