//! Courses, and completed training.

use crypt::{Id, Random};
use govern::{ApproveCourse, CourseVersion, MemberId, Permit, RecordTraining, TrainingId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::proof::{NewProof, SealedProof};
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A course that the department approved, in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Which.
    pub course: CourseVersion,
    /// How long its completion is in force, in calendar months.
    pub months: u32,
    /// Who approved it; nobody, where it is the founding's.
    pub approved_by: Option<MemberId>,
    /// When.
    pub approved_at: Timestamp,
}

/// A completed course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    /// Names the record.
    pub id: TrainingId,
    /// Which course.
    pub course: CourseVersion,
    /// When it was completed.
    pub completed: Date,
    /// The last day it is in force.
    pub expires: Date,
    /// Who recorded it.
    pub recorded_by: MemberId,
    /// Whether it was recorded at the founding, by one founder for the other.
    pub founding: bool,
    /// Whether a proof is kept with it.
    pub proven: bool,
}

/// What is recorded, and by whom.
struct Record<'a> {
    member: MemberId,
    course: &'a CourseVersion,
    completed: Date,
    expires: Date,
    by: Option<MemberId>,
    founding: bool,
}

impl Store {
    /// Approves the founding course and records it for the founders, each by the other, while there is
    /// no training at all.
    ///
    /// # Errors
    /// [`StoreError::Taken`] once there is.
    pub fn record_founding_training(
        &self,
        founders: [MemberId; 2],
        founding: &Founding,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        self.change(|db| {
            let records: i64 = db.one("SELECT count(*) FROM training", values![])?;
            if records > 0 {
                return Err(StoreError::Taken("founding training".to_owned()));
            }
            self.insert_course(db, &founding.course, founding.months, None)?;
            let [one, other] = founders;
            for (member, by) in [(one, other), (other, one)] {
                let record = Record {
                    member,
                    course: &founding.course,
                    completed: founding.completed,
                    expires: founding.expires,
                    by: Some(by),
                    founding: true,
                };
                self.insert_training(db, &record, random)?;
            }
            Ok(())
        })
    }

    /// Approves the course that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when this version is approved already.
    pub fn approve_course(&self, permit: &Permit<ApproveCourse>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ApproveCourse { course, months } = permit.act();
        self.change(|db| self.insert_course(db, course, *months, permit.member()))
    }

    /// Every course that was approved.
    ///
    /// # Errors
    /// When the database fails.
    pub fn courses(&self) -> Result<Vec<Course>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT name, version, months, approved_by, approved_at FROM course
                 ORDER BY approved_at, name, version",
                values![],
            )
        })?;
        all.iter().map(course).collect()
    }

    /// Records the training that the permit names, and keeps the proof that it names with it.
    ///
    /// # Errors
    /// When the permit has expired, the proof is another than the permit's, or the disk fails.
    pub fn record_training(
        &self,
        permit: &Permit<RecordTraining>,
        proof: Option<&NewProof>,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        if act.proof != proof.map(NewProof::digest) {
            return Err(StoreError::damaged("this is not the proof of the permit"));
        }
        let record = Record {
            member: act.of.member,
            course: &act.course,
            completed: act.completed,
            expires: act.expires,
            by: permit.member(),
            founding: false,
        };
        self.change(|db| {
            let id = self.insert_training(db, &record, random)?;
            if let Some(proof) = proof {
                let SealedProof {
                    kind,
                    digest,
                    wrapped,
                } = self.put_proof(id, proof, random)?;
                db.execute(
                    "INSERT INTO training_proof (training, kind, sha256, wrapped) VALUES (?1, ?2, ?3, ?4)",
                    values![id, kind, digest.to_string(), &wrapped],
                )?;
            }
            Ok(())
        })
    }

    /// A member's training records, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn training(&self, member: MemberId) -> Result<Vec<Training>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT training.id, course, version, completed, expires, recorded_by, founding,
                        training_proof.training IS NOT NULL
                 FROM training LEFT JOIN training_proof ON training_proof.training = training.id
                 WHERE member = ?1 ORDER BY expires DESC",
                values![member],
            )
        })?;
        all.iter().map(training).collect()
    }

    /// Whose record this is.
    ///
    /// # Errors
    /// When the database fails.
    pub fn trained_by(&self, record: TrainingId) -> Result<Option<MemberId>, StoreError> {
        self.ask(|db| {
            db.row("SELECT member FROM training WHERE id = ?1", values![record])?
                .map(|row| row.get(0))
                .transpose()
        })
    }

    fn insert_course(
        &self,
        db: &mut dyn Connection,
        course: &CourseVersion,
        months: u32,
        by: Option<MemberId>,
    ) -> Result<(), StoreError> {
        let inserted = db.execute(
            "INSERT INTO course (name, version, months, approved_by, approved_at)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name, version) DO NOTHING",
            values![
                &course.course,
                &course.version,
                months,
                by,
                self.clock.now()
            ],
        )?;
        if inserted == 0 {
            return Err(StoreError::Conflict(format!(
                "{course} is approved already: a changed course is another version"
            )));
        }
        Ok(())
    }

    fn insert_training(
        &self,
        db: &mut dyn Connection,
        record: &Record<'_>,
        random: &dyn Random,
    ) -> Result<TrainingId, StoreError> {
        let id = Id::random(random);
        db.execute(
            "INSERT INTO training (id, member, course, version, completed, expires, recorded_by, recorded_at, founding)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            values![
                id,
                record.member,
                &record.course.course,
                &record.course.version,
                record.completed,
                record.expires,
                record.by,
                self.clock.now(),
                record.founding,
            ],
        )?;
        Ok(id)
    }
}

/// The course with which a station is founded, and when both founders completed it.
pub struct Founding {
    /// Which.
    pub course: CourseVersion,
    /// How long its completion is in force, in calendar months.
    pub months: u32,
    /// When it was completed.
    pub completed: Date,
    /// The last day it is in force.
    pub expires: Date,
}

fn course(row: &Row) -> Result<Course, StoreError> {
    Ok(Course {
        course: CourseVersion {
            course: row.get(0)?,
            version: row.get(1)?,
        },
        months: u32::try_from(row.get::<i64>(2)?).map_err(StoreError::damaged)?,
        approved_by: row.get(3)?,
        approved_at: row.get(4)?,
    })
}

fn training(row: &Row) -> Result<Training, StoreError> {
    Ok(Training {
        id: row.get(0)?,
        course: CourseVersion {
            course: row.get(1)?,
            version: row.get(2)?,
        },
        completed: row.get(3)?,
        expires: row.get(4)?,
        recorded_by: row.get(5)?,
        founding: row.get(6)?,
        proven: row.get(7)?,
    })
}
