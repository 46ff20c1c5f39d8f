//! What stands at the head of every page until somebody has seen to it, and the clock in doubt.

use govern::{ConfirmTime, Doubt, MemberId, SeeToAlarm};
use jiff::Timestamp;
use ledger::Event;
use serde::{Deserialize, Serialize};

use crate::gate::Done;
use crate::{Caller, Station, StationError, lock};

/// Something that people must look at. It names nobody: it stands on every member's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The entry of the ledger that it is about.
    pub entry: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub says: String,
}

/// What came of confirming the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeConfirmed {
    /// Somebody else must confirm it too, and one of the two must be the Deputy Chief.
    Awaited,
    /// It is believed again.
    Cleared,
    /// It was not in doubt.
    NoDoubt,
}

const ALARMS: &str = "alarms";
pub(crate) const DOUBTFUL: &str = "time doubtful";

impl Station {
    /// What stands at the head of every page until somebody has seen to it.
    pub fn alarms(&self) -> Vec<Alarm> {
        lock(&self.unseen).clone()
    }

    /// Why the time is in doubt, if it is.
    pub fn time_doubt(&self) -> Option<Doubt> {
        self.watch.doubt()
    }

    /// What the machine's own clock says.
    pub fn wall_time(&self) -> Timestamp {
        self.watch.wall()
    }

    /// Takes the alarm about this entry off the pages: somebody has seen to it.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn see_to_alarm(&self, caller: &Caller, entry: u64) -> Result<(), StationError> {
        self.perform(caller, SeeToAlarm { entry }, |_permit| {
            let mut alarms = lock(&self.unseen);
            alarms.retain(|alarm| alarm.entry != entry);
            self.keep_alarms(&alarms)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    pub(crate) fn raise_alarm(&self, entry: u64, says: &str) -> Result<(), StationError> {
        let mut alarms = lock(&self.unseen);
        alarms.push(Alarm {
            entry,
            at: self.now(),
            says: says.to_owned(),
        });
        self.keep_alarms(&alarms)
    }

    fn keep_alarms(&self, alarms: &[Alarm]) -> Result<(), StationError> {
        let text =
            serde_json::to_string(alarms).map_err(|e| StationError::Damaged(e.to_string()))?;
        Ok(self.store.set_fact(ALARMS, &text)?)
    }

    /// At the start: what was not seen to yet.
    pub(crate) fn read_alarms(&self) -> Result<(), StationError> {
        if let Some(text) = self.store.fact(ALARMS)? {
            *lock(&self.unseen) =
                serde_json::from_str(&text).map_err(|e| StationError::Damaged(e.to_string()))?;
        }
        Ok(())
    }

    /// At the start: what was not seen to yet, and whether the time was in doubt.
    pub(crate) fn take_up_alarms(&self) -> Result<(), StationError> {
        self.read_alarms()?;
        if self.store.fact(DOUBTFUL)?.is_some_and(|fact| fact == "yes") {
            self.watch.doubt_still();
            // Whatever is signed from now on is signed in doubt.
            *lock(&self.doubt_entered) = Some(self.ledger_size());
        }
        self.watch_time()
    }

    /// Enters it in the ledger when the time came into doubt. Called once a second.
    pub(crate) fn watch_time(&self) -> Result<(), StationError> {
        let Some(Doubt { wall, expected }) = self.watch.doubt() else {
            return Ok(());
        };
        let mut entered = lock(&self.doubt_entered);
        if entered.is_none() {
            self.store.set_fact(DOUBTFUL, "yes")?;
            lock(&self.time_confirmed).clear();
            let entry = self.enter(Event::TimeDoubtful { wall, expected })?;
            *entered = Some(entry.index);
        }
        Ok(())
    }

    /// Confirms that the machine's clock is right. The time is believed again when two people have,
    /// each by an act of their own, one of them the Deputy Chief.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn confirm_time(&self, caller: &Caller) -> Result<TimeConfirmed, StationError> {
        let govern::Principal::Member(me) = &caller.who else {
            return Err(StationError::Input("a member confirms the time".to_owned()));
        };
        let mine = (me.id, me.roles.iter().any(|role| role.0 == "deputy-chief"));
        let act = ConfirmTime {
            wall: self.watch.wall(),
        };
        let (done, _permit) = self.perform(caller, act, |_permit| {
            if self.watch.doubt().is_none() {
                return Ok(Done {
                    value: TimeConfirmed::NoDoubt,
                    ids: vec![],
                });
            }
            let value = match self.confirmed_by_another(mine) {
                None => TimeConfirmed::Awaited,
                Some((other, _)) => {
                    self.believe_clock(Event::TimeConfirmed {
                        by: [other, mine.0],
                    })?;
                    TimeConfirmed::Cleared
                }
            };
            Ok(Done {
                value,
                ids: vec![*mine.0.as_bytes()],
            })
        })?;
        Ok(done)
    }

    /// Keeps that this member confirms, and says who else did, one of the two the Deputy Chief.
    fn confirmed_by_another(&self, mine: (MemberId, bool)) -> Option<(MemberId, bool)> {
        let mut confirmed = lock(&self.time_confirmed);
        confirmed.retain(|(member, _)| *member != mine.0);
        let other = confirmed.iter().find(|other| other.1 || mine.1).copied();
        confirmed.push(mine);
        other
    }

    /// The machine's clock is right; `because` says who says so. Whoever confirmed this doubt confirmed
    /// no later one.
    pub(crate) fn believe_clock(&self, because: Event) -> Result<(), StationError> {
        self.store.set_fact(DOUBTFUL, "no")?;
        self.watch.confirm();
        *lock(&self.doubt_entered) = None;
        lock(&self.time_confirmed).clear();
        self.enter(because)?;
        Ok(())
    }
}
