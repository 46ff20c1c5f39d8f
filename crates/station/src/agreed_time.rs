//! A clock in doubt is believed again when two witnesses answer with the time that it shows (D20).
//!
//! A witness's answer is a source of time that can be checked: it signs its own time together with a
//! head of this ledger, and that head holds the entry by which the time came into doubt. So it is that
//! witness's, and it is of now: nobody can have kept it from before.

use std::time::Duration;

use govern::Clock;
use jiff::{SignedDuration, Timestamp};
use ledger::{Cosignature, Event, WitnessPublicKey};

use crate::{Station, StationError, lock};

/// Answers further apart than this are not about one moment.
const TOGETHER: Duration = Duration::from_mins(10);

/// What a witness told of the time.
pub(crate) struct Told {
    /// Its public key, as text.
    witness: String,
    /// Its time.
    time: Timestamp,
    /// The monotonic reading when its answer came.
    came: Duration,
}

impl Told {
    /// What time it is by this witness, at the monotonic reading `now`.
    fn by_now(&self, now: Duration) -> Option<Timestamp> {
        self.time.checked_add(now.saturating_sub(self.came)).ok()
    }
}

impl Station {
    /// Heeds the time in a witness's answer, if the machine's clock is in doubt.
    pub(crate) fn heed_time(
        &self,
        witness: &WitnessPublicKey,
        cosignature: &Cosignature,
    ) -> Result<(), StationError> {
        let Some(doubtful) = *lock(&self.doubt_entered) else {
            return Ok(());
        };
        if cosignature.size <= doubtful {
            return Ok(());
        }
        let (wall, now) = (self.watch.wall(), self.watch.monotonic());
        let step = SignedDuration::try_from(self.policy.security().clock_step())
            .unwrap_or(SignedDuration::ZERO);
        let agrees = |told: &Told| {
            now.saturating_sub(told.came) <= TOGETHER
                && told
                    .by_now(now)
                    .is_some_and(|time| time.duration_since(wall).abs() <= step)
        };
        let told = Told {
            witness: witness.as_text(),
            time: cosignature.at,
            came: now,
        };
        let mut all = lock(&self.told_times);
        all.retain(|other| other.witness != told.witness && agrees(other));
        if !agrees(&told) {
            return Ok(());
        }
        let Some(other) = all.pop() else {
            all.push(told);
            return Ok(());
        };
        all.clear();
        self.believe_clock(Event::TimeAgreed {
            by: [other.witness, told.witness],
        })
    }
}
