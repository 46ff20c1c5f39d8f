//! The gate.

use crypt::{Digest, Id};
use govern::{Action, Decided, Moment, Permit, Principal, Request, decide};
use ledger::{Event, Outcome, Salt};

use crate::{Station, StationError};

/// Who asks, in which session, from where.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) who: Principal,
    pub(crate) session: Option<Digest>,
    pub(crate) address: String,
}

/// What an act came to: its value, and the ids of the records it returned or changed.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) ids: Vec<[u8; 16]>,
}

impl Station {
    /// Asks the rules and, if they allow it, makes the permit. The order is the product's promise:
    ///
    /// 1. the decision is made, over facts read now;
    /// 2. its personal content is kept, durably; a crash here leaves content nothing leads to;
    /// 3. the decision is entered in the ledger, durably; a crash here leaves a decision without an
    ///    outcome, which the next start completes as interrupted;
    /// 4. only then is there a permit, and with it a way to the data.
    ///
    /// # Errors
    /// [`StationError::Refused`]; anything that keeps the decision from being written down.
    pub(crate) fn permit<A: Action>(
        &self,
        caller: &Caller,
        act: A,
    ) -> Result<Permit<A>, StationError> {
        let request = Request {
            act,
            who: caller.who.clone(),
            session: caller.session,
            address: caller.address.clone(),
        };
        let moment = Moment {
            now: self.clock.now(),
            id: Id::random(&*self.random),
            salt: Salt::random(&*self.random),
        };
        match decide(&self.policy, request, moment) {
            Decided::Granted(granted) => {
                let (content, salt) = granted.content();
                self.store
                    .keep_content(granted.decision().id, content, salt)?;
                let receipt = self.ledger.record(self.clock.now(), granted.decision())?;
                Ok(Permit::join(granted, receipt, &*self.clock)?)
            }
            Decided::Refused(refused) => {
                let (content, salt) = refused.content();
                self.store
                    .keep_content(refused.decision().id, content, salt)?;
                self.enter(Event::Decision(refused.decision().clone()))?;
                Err(StationError::Refused(refused.reasons))
            }
        }
    }

    /// Does one thing under a permit and enters its outcome before the result is handed out.
    ///
    /// # Errors
    /// As [`Station::permit`], and whatever `act` itself says, after that is entered too.
    pub(crate) fn perform<A: Action, T>(
        &self,
        caller: &Caller,
        act: A,
        work: impl FnOnce(&Permit<A>) -> Result<Done<T>, StationError>,
    ) -> Result<(T, Permit<A>), StationError> {
        let permit = self.permit(caller, act)?;
        let decision = permit.decision();
        match work(&permit) {
            Ok(done) => {
                let ids: Vec<&[u8]> = done.ids.iter().map(|id| id.as_slice()).collect();
                let result = permit.result_digest(&ids);
                self.enter(Event::Outcome(Outcome::Done {
                    decision,
                    records: ids.len() as u64,
                    result,
                }))?;
                Ok((done.value, permit))
            }
            Err(error) => {
                let failed = Outcome::Failed {
                    decision,
                    error: kind(&error).to_owned(),
                };
                self.enter(Event::Outcome(failed))?;
                Err(error)
            }
        }
    }
}

/// What went wrong, without anything personal: it stands in the log for good.
fn kind(error: &StationError) -> &'static str {
    match error {
        StationError::Store(_) => "the store failed",
        StationError::Permit(_) => "the permit no longer served",
        StationError::Input(_) => "what was entered is not usable",
        _ => "the station failed",
    }
}
