//! Completed training.

use crypt::{Id, Random};
use govern::{MemberId, Permit, Principal, RecordTraining};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A completed course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    /// Which course.
    pub course: String,
    /// When it was completed.
    pub completed: Date,
    /// The last day it is in force.
    pub expires: Date,
}

impl Store {
    /// Records the founders' training, each by the other, while there is no training at all.
    ///
    /// # Errors
    /// [`StoreError::Taken`] once there is.
    pub fn record_founding_training(
        &self,
        founders: [MemberId; 2],
        training: &Training,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        self.change(|db| {
            let records: i64 = db.one("SELECT count(*) FROM training", values![])?;
            if records > 0 {
                return Err(StoreError::Taken("founding training".to_owned()));
            }
            let [one, other] = founders;
            for (member, by) in [(one, other), (other, one)] {
                let recorded = Recorded {
                    by,
                    at: self.clock.now(),
                    founding: true,
                };
                insert(db, member, training, &recorded, random)?;
            }
            Ok(())
        })
    }

    /// Records the training that the permit names.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_training(
        &self,
        permit: &Permit<RecordTraining>,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let Principal::Member(by) = permit.who() else {
            return Err(StoreError::NoSuch("member who records this"));
        };
        let training = Training {
            course: act.course.clone(),
            completed: act.completed,
            expires: act.expires,
        };
        let recorded = Recorded {
            by: by.id,
            at: self.clock.now(),
            founding: false,
        };
        self.change(|db| insert(db, act.member, &training, &recorded, random))
    }

    /// A member's training records, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn training(&self, member: MemberId) -> Result<Vec<Training>, StoreError> {
        let all = self.ask(|db| {
            db.rows(
                "SELECT course, completed, expires FROM training WHERE member = ?1 ORDER BY expires DESC",
                values![member],
            )
        })?;
        all.iter().map(training).collect()
    }
}

/// By whom, when, and whether at the founding.
struct Recorded {
    by: MemberId,
    at: Timestamp,
    founding: bool,
}

fn insert(
    db: &mut dyn Connection,
    member: MemberId,
    training: &Training,
    recorded: &Recorded,
    random: &dyn Random,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO training (id, member, course, completed, expires, recorded_by, recorded_at, founding)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        values![
            Id::<Training>::random(random),
            member,
            &training.course,
            training.completed,
            training.expires,
            recorded.by,
            recorded.at,
            recorded.founding,
        ],
    )?;
    Ok(())
}

fn training(row: &Row) -> Result<Training, StoreError> {
    Ok(Training {
        course: row.get(0)?,
        completed: row.get(1)?,
        expires: row.get(2)?,
    })
}
