//! After a restore: what the ledger says was destroyed is destroyed once more, and what it says is held
//! is held again, before anybody comes in.

use std::collections::BTreeMap;

use crypt::Random;
use govern::{Period, RetentionClass, Unit};
use jiff::Timestamp;
use ledger::{DecisionId, Hold};

use super::{Phase, PurgeLine, PurgePlan, PurgeRun};
use crate::hold::{put_again, put_held};
use crate::sql::values;
use crate::{Store, StoreError};

impl Store {
    /// Holds again what was held after the backup that this database comes from. What the hold was
    /// for is lost with the newer database; that it holds is not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn hold_again(&self, held: &Hold, at: Timestamp, entry: u64) -> Result<(), StoreError> {
        let about = self.about_lost(held)?;
        self.change(|db| {
            put_again(db, held, &about, at, entry)?;
            let mut still = held.clone();
            still.reads = Vec::new();
            for &read in &held.reads {
                if db
                    .row("SELECT 1 FROM read WHERE id = ?1", values![read])?
                    .is_some()
                {
                    still.reads.push(read);
                }
            }
            still.alerts = Vec::new();
            for &alert in &held.alerts {
                if db
                    .row("SELECT 1 FROM alert WHERE id = ?1", values![alert])?
                    .is_some()
                {
                    still.alerts.push(alert);
                }
            }
            put_held(db, &still)
        })
    }

    /// Destroys what was destroyed before, by the classes' times, and whatever of it a hold does not
    /// hold. It gives nobody anything, so it needs no permit.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub fn purge_again(
        &self,
        before: &BTreeMap<RetentionClass, Timestamp>,
        random: &dyn Random,
    ) -> Result<u64, StoreError> {
        let lines = before.iter().map(|(&class, &before)| {
            PurgeLine::new(PurgePlan {
                class,
                keep: Period {
                    amount: 0,
                    unit: Unit::Seconds,
                },
                schedule: String::new(),
                disposal: None,
                before,
            })
        });
        let mut run = PurgeRun::new(0, self.clock.now(), lines.collect());
        let nobody = DecisionId::from_bytes([0; 16]);
        while run.phase != Phase::Over {
            self.purge_some(&mut run, nobody, random, &mut |_| Ok(()))?;
        }
        Ok(run.records())
    }
}
