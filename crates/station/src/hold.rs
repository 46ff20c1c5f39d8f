//! Holds (4): placed for a case, looked at again, released.

use crypt::Id;
use govern::{Covers, ExtendHold, HoldKind, PlaceHold, ReadId, ReleaseHold, SeeHolds, Within};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::Event;
use store::{Held, KeptHold, Member};

use crate::administer::check_words;
use crate::gate::Done;
use crate::release::pattern;
use crate::{Caller, Station, StationError};

/// A hold, as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct HoldAsked {
    /// The case's number.
    pub case: String,
    /// Why.
    pub why: String,
    /// When somebody looks whether it is still needed.
    pub review_on: Date,
    /// The plate, or what is known of it; empty for every plate.
    pub plate: String,
    /// Cameras, by name; none for all.
    pub cameras: Vec<String>,
    /// Seen at this time or later.
    pub from: Option<Timestamp>,
    /// Seen before this time.
    pub until: Option<Timestamp>,
    /// Or these reads.
    pub reads: Vec<ReadId>,
    /// Or this alert, by its number.
    pub alert: Option<i64>,
}

/// The holds, as a page shows them.
pub struct Holds {
    /// Those in force first, by the day on which somebody looks at them.
    pub holds: Vec<KeptHold>,
    /// Who is who.
    pub members: Vec<Member>,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

impl Station {
    /// Places a hold: what it covers is not purged before the hold is released, reads that come in
    /// later included.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for reads, an alert or cameras that there are
    /// not.
    pub fn place_hold(
        &self,
        caller: &Caller,
        kind: HoldKind,
        asked: HoldAsked,
    ) -> Result<Held, StationError> {
        check_words("a reason", &asked.why)?;
        let act = PlaceHold {
            hold: Id::random(&*self.random),
            kind,
            case: asked.case.trim().to_uppercase(),
            why: asked.why.trim().to_owned(),
            review_on: asked.review_on,
            days_off: self.days_off(asked.review_on),
            covers: self.covers(&asked)?,
        };
        let id = *act.hold.as_bytes();
        let (held, _permit) = self.perform(caller, act, |permit| {
            let enter = |event: Event| self.ledger.append(self.clock.now(), event).map(drop);
            Ok(Done {
                value: self.store.place_hold(permit, enter)?,
                ids: vec![id],
            })
        })?;
        Ok(held)
    }

    fn covers(&self, asked: &HoldAsked) -> Result<Covers, StationError> {
        let by_name = self.cameras_named(&asked.cameras)?;
        let matching = !asked.plate.trim().is_empty()
            || !by_name.is_empty()
            || asked.from.is_some()
            || asked.until.is_some();
        match (&*asked.reads, asked.alert, matching) {
            ([], None, _) => Ok(Covers::Matching {
                plate: Some(asked.plate.trim())
                    .filter(|plate| !plate.is_empty())
                    .map(pattern)
                    .transpose()?
                    .map(Box::new),
                within: Within {
                    cameras: by_name,
                    from: asked.from,
                    until: asked.until,
                },
            }),
            ([_, ..], None, false) => Ok(Covers::Reads(asked.reads.clone())),
            ([], Some(number), false) => Ok(Covers::Alert(number)),
            _ => Err(StationError::Input(
                "a hold covers a plate with its cameras and time, or listed reads, or an alert: enter one of them"
                    .to_owned(),
            )),
        }
    }

    /// How many days off a day is, where the agency is.
    fn days_off(&self, day: Date) -> i64 {
        day.duration_since(self.today()).as_hours() / 24
    }

    /// Keeps a hold on: somebody looked, and it is still needed.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a hold that there is not, or that was
    /// released.
    pub fn review_hold(
        &self,
        caller: &Caller,
        number: i64,
        review_on: Date,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let act = ExtendHold {
            hold: self.store.hold_by_number(number)?,
            number,
            why: why.trim().to_owned(),
            review_on,
            days_off: self.days_off(review_on),
        };
        let id = *act.hold.as_bytes();
        self.perform(caller, act, |permit| {
            self.store.review_hold(permit)?;
            Ok(Done {
                value: (),
                ids: vec![id],
            })
        })?;
        Ok(())
    }

    /// Releases a hold: what it alone held is purged by the schedule.
    ///
    /// # Errors
    /// As [`Station::review_hold`].
    pub fn release_hold(
        &self,
        caller: &Caller,
        number: i64,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let act = ReleaseHold {
            hold: self.store.hold_by_number(number)?,
            number,
            why: why.trim().to_owned(),
        };
        let id = *act.hold.as_bytes();
        self.perform(caller, act, |permit| {
            self.store.release_hold(permit)?;
            Ok(Done {
                value: (),
                ids: vec![id],
            })
        })?;
        Ok(())
    }

    /// Every hold.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn holds(&self, caller: &Caller) -> Result<Holds, StationError> {
        let ((holds, members), permit) = self.perform(caller, SeeHolds, |permit| {
            let holds = self.store.holds(permit)?;
            let ids = holds.iter().map(|hold| *hold.id.as_bytes()).collect();
            Ok(Done {
                value: (holds, self.store.members()?),
                ids,
            })
        })?;
        Ok(Holds {
            holds,
            members,
            entry: permit.entry(),
        })
    }
}
