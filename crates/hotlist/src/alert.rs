//! What becomes of an alert: raised, acknowledged, its picture confirmed, verified in the database,
//! closed. There is no other way to an enforcement action than this one, and one exception, which
//! goes to a supervisor and is counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has taken it yet.
    Raised,
    /// Somebody has, by name.
    Acknowledged,
    /// A person compared plate, state and vehicle with the entry, and each fits.
    PictureConfirmed,
    /// A person compared them, and something does not fit: it is not that car.
    PictureRefuted,
    /// The law enforcement database bears the entry out, after the picture was confirmed.
    Verified,
    /// The database says otherwise.
    Refuted,
    /// The database knows nothing of it any more.
    Stale,
    /// It ended in order.
    Closed,
    /// Somebody acted on it before it was verified.
    ClosedByException,
}

/// What a person does about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Takes it.
    Acknowledge,
    /// Compares the picture with the entry.
    Picture(PictureCheck),
    /// Records what the law enforcement database answered.
    Check(Check),
    /// Closes it.
    Close(Disposition),
    /// Reports that somebody acted on it before it was verified.
    Except(Exception),
}

/// What a person saw in the picture, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureCheck {
    /// The plate fits the entry's.
    pub plate: bool,
    /// The state does.
    pub state: bool,
    /// The vehicle does.
    pub vehicle: bool,
}

/// What the law enforcement database answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What came of it.
    pub result: CheckResult,
    /// Which database: `LEADS`, `NCIC`.
    pub database: String,
    /// The reference of its reply.
    pub reference: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What it returned, in words.
    pub returned: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// The record is there, and active.
    Verified,
    /// The database says otherwise: another plate, another car.
    Refuted,
    /// There is no such record any more.
    Stale,
}

/// How an alert ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// What was done.
    pub action: Action,
    /// In words.
    pub words: String,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The vehicle was stopped.
    Stop,
    /// Somebody was arrested.
    Arrest,
    /// The vehicle or the plate was recovered.
    Recovery,
    /// A person was found.
    PersonFound,
    /// Nothing: it was not that car, or not so.
    Nothing,
    /// Nothing: the car was not found.
    NotFound,
}

/// That somebody acted before the alert was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What was done.
    pub action: Action,
    /// Why it could not wait.
    pub why: String,
}

/// A step that does not lead on from where the alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotNow {
    /// Somebody has it already.
    #[error("this alert is acknowledged already")]
    Taken,
    /// Nobody has it yet.
    #[error("nobody has acknowledged this alert yet: acknowledge it first")]
    NotTaken,
    /// The picture is not confirmed.
    #[error("first compare the picture with the entry: plate, state and vehicle")]
    PictureFirst,
    /// The picture was judged already.
    #[error("the picture of this alert has been compared already")]
    PictureDone,
    /// An action before both.
    #[error(
        "an enforcement action is recorded only once the picture is confirmed and the database has verified the entry"
    )]
    NotVerified,
    /// An exception where none is needed, or possible.
    #[error("an exception is for an alert that somebody acted on before it was verified")]
    NoException,
    /// It is over.
    #[error("this alert is closed")]
    Over,
}

impl Action {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Stop,
        Self::Arrest,
        Self::Recovery,
        Self::PersonFound,
        Self::Nothing,
        Self::NotFound,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Arrest => "arrest",
            Self::Recovery => "recovery",
            Self::PersonFound => "person-found",
            Self::Nothing => "nothing",
            Self::NotFound => "not-found",
        }
    }

    /// In words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Stop => "the vehicle was stopped",
            Self::Arrest => "somebody was arrested",
            Self::Recovery => "the vehicle or plate was recovered",
            Self::PersonFound => "the person was found",
            Self::Nothing => "nothing was done",
            Self::NotFound => "the vehicle was not found",
        }
    }

    /// Whether it is an act of force of law, which must not rest on an alert alone (3(f)).
    pub fn enforces(self) -> bool {
        !matches!(self, Self::Nothing | Self::NotFound)
    }
}

impl PictureCheck {
    /// Whether everything fits.
    pub fn fits(self) -> bool {
        self.plate && self.state && self.vehicle
    }
}

impl CheckResult {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Verified, Self::Refuted, Self::Stale];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Refuted => "refuted",
            Self::Stale => "stale",
        }
    }
}

impl State {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Acknowledged => "acknowledged",
            Self::PictureConfirmed => "picture-confirmed",
            Self::PictureRefuted => "picture-refuted",
            Self::Verified => "verified",
            Self::Refuted => "refuted",
            Self::Stale => "stale",
            Self::Closed => "closed",
            Self::ClosedByException => "closed-by-exception",
        }
    }

    /// The state of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Raised,
            Self::Acknowledged,
            Self::PictureConfirmed,
            Self::PictureRefuted,
            Self::Verified,
            Self::Refuted,
            Self::Stale,
            Self::Closed,
            Self::ClosedByException,
        ]
        .into_iter()
        .find(|state| state.code() == code)
    }

    /// Whether nothing more is to be done.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::ClosedByException)
    }

    /// Where the alert stands after this step.
    ///
    /// # Errors
    /// [`NotNow`], when the step does not lead on from here.
    pub fn after(self, step: &Step) -> Result<Self, NotNow> {
        match (self, step) {
            (Self::Closed | Self::ClosedByException, _) => Err(NotNow::Over),
            (Self::Raised, Step::Acknowledge) => Ok(Self::Acknowledged),
            (_, Step::Acknowledge) => Err(NotNow::Taken),
            (Self::Raised, _) => Err(NotNow::NotTaken),
            (Self::Acknowledged, Step::Picture(check)) if check.fits() => {
                Ok(Self::PictureConfirmed)
            }
            (Self::Acknowledged, Step::Picture(_)) => Ok(Self::PictureRefuted),
            (_, Step::Picture(_)) => Err(NotNow::PictureDone),
            (Self::PictureConfirmed, Step::Check(check)) => Ok(match check.result {
                CheckResult::Verified => Self::Verified,
                CheckResult::Refuted => Self::Refuted,
                CheckResult::Stale => Self::Stale,
            }),
            (Self::Acknowledged, Step::Check(_)) => Err(NotNow::PictureFirst),
            (_, Step::Check(_)) => Err(NotNow::PictureDone),
            (Self::Verified, Step::Close(_)) => Ok(Self::Closed),
            (_, Step::Close(end)) if end.action.enforces() => Err(NotNow::NotVerified),
            (_, Step::Close(_)) => Ok(Self::Closed),
            (Self::Verified, Step::Except(_)) => Err(NotNow::NoException),
            (_, Step::Except(exception)) if exception.action.enforces() => {
                Ok(Self::ClosedByException)
            }
            (_, Step::Except(_)) => Err(NotNow::NoException),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FITS: PictureCheck = PictureCheck {
        plate: true,
        state: true,
        vehicle: true,
    };

    fn check(result: CheckResult) -> Step {
        Step::Check(Check {
            result,
            database: "LEADS".into(),
            reference: "L-204417".into(),
            asked_at: Timestamp::UNIX_EPOCH,
            returned: "record".into(),
        })
    }

    fn close(action: Action) -> Step {
        Step::Close(Disposition {
            action,
            words: "words".into(),
        })
    }

    fn every_step() -> Vec<Step> {
        let mut steps = vec![Step::Acknowledge];
        for n in 0..8 {
            steps.push(Step::Picture(PictureCheck {
                plate: n & 1 != 0,
                state: n & 2 != 0,
                vehicle: n & 4 != 0,
            }));
        }
        steps.extend(CheckResult::ALL.map(check));
        steps.extend(Action::ALL.map(close));
        steps.extend(Action::ALL.map(|action| {
            Step::Except(Exception {
                action,
                why: "words".into(),
            })
        }));
        steps
    }

    /// Every way that an alert can go, tried to its end.
    fn every_way() -> Vec<Vec<(Step, State)>> {
        let mut ways = vec![vec![]];
        let mut over = vec![];
        while let Some(way) = ways.pop() {
            let state = way.last().map_or(State::Raised, |(_, state)| *state);
            let before = ways.len();
            for step in every_step() {
                if let Ok(next) = state.after(&step) {
                    let mut longer = way.clone();
                    longer.push((step, next));
                    ways.push(longer);
                }
            }
            if ways.len() == before {
                over.push(way);
            }
        }
        over
    }

    #[test]
    fn no_enforcement_is_recorded_before_picture_and_database_both_bear_it_out() {
        let mut enforced = 0;
        for way in every_way() {
            let steps: Vec<&Step> = way.iter().map(|(step, _)| step).collect();
            assert_eq!(steps[0], &Step::Acknowledge, "{way:?}");
            let closed = steps
                .iter()
                .any(|s| matches!(s, Step::Close(end) if end.action.enforces()));
            if closed {
                enforced += 1;
                assert!(steps.contains(&&Step::Picture(FITS)), "{way:?}");
                assert!(steps.contains(&&check(CheckResult::Verified)), "{way:?}");
            }
        }
        assert_eq!(enforced, 4, "one way for each enforcement action");
    }

    #[test]
    fn every_alert_comes_to_an_end_and_then_nothing_can_be_done() {
        for way in every_way() {
            let (_, end) = way.last().unwrap();
            assert!(end.is_over(), "{way:?}");
            for step in every_step() {
                assert_eq!(end.after(&step), Err(NotNow::Over));
            }
        }
    }

    #[test]
    fn acting_before_it_is_verified_is_an_exception_and_nothing_else() {
        let stop = Step::Except(Exception {
            action: Action::Stop,
            why: "the driver fled".into(),
        });
        assert_eq!(State::Raised.after(&stop), Err(NotNow::NotTaken));
        assert_eq!(
            State::Acknowledged.after(&stop),
            Ok(State::ClosedByException)
        );
        assert_eq!(State::Verified.after(&stop), Err(NotNow::NoException));
        assert_eq!(
            State::Acknowledged.after(&close(Action::Stop)),
            Err(NotNow::NotVerified)
        );
    }

    #[test]
    fn a_state_is_found_by_its_code() {
        for way in every_way() {
            for (_, state) in way {
                assert_eq!(State::from_code(state.code()), Some(state));
            }
        }
    }
}
