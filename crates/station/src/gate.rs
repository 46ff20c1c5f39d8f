//! The gate.

use crypt::{Digest, Id};
use govern::{Action, Content, Decided, Moment, Permit, Principal, Request, decide};
use ledger::{DecisionId, Event, Outcome, Salt};
use store::StoreError;

use crate::question::UseOf;
use crate::{Station, StationError};

/// Who asks, in which session, from where.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) who: Principal,
    pub(crate) session: Option<Digest>,
    pub(crate) address: String,
}

impl Caller {
    /// The station itself, at what it does by schedule.
    pub(crate) fn the_station() -> Self {
        Self {
            who: Principal::Station,
            session: None,
            address: "this station".to_owned(),
        }
    }
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
    /// 2. its personal content and its entry in the ledger are made durable, side by side; a crash
    ///    here leaves either without the other, or a decision without an outcome, which the next
    ///    start completes as interrupted. On a database server the content comes first: only a
    ///    station that still has the lease gets as far as the ledger;
    /// 3. only when both are durable is there a permit, and with it a way to the data.
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
        let moment = self.moment();
        let used = self.use_of(caller, &request.act, moment.id, moment.now);
        match decide(&self.policy, request, moment) {
            Decided::Granted(granted) => {
                let (content, salt) = granted.content();
                let decision = granted.decision();
                let keep = || self.keep_content(decision.id, content, salt, used.clone());
                let receipt = if self.store.is_leased() {
                    keep()?;
                    self.ledger.record(self.clock.now(), decision)?
                } else {
                    let entry = self.ledger.submit_decision(self.clock.now(), decision)?;
                    let kept = keep();
                    let receipt = entry.wait()?;
                    if let Err(error) = kept {
                        // The decision stands; that nothing came of it stands beside it.
                        self.enter_failure(decision.id, &error)?;
                        return Err(error);
                    }
                    receipt
                };
                if let Err(error) = self.watch(used.as_ref()) {
                    self.enter_failure(decision.id, &error)?;
                    return Err(error);
                }
                Ok(Permit::join(granted, receipt, &*self.clock)?)
            }
            Decided::Refused(refused) => {
                let (content, salt) = refused.content();
                let event = Event::Decision(refused.decision().clone());
                let used = used.map(UseOf::refused);
                let id = refused.decision().id;
                self.enter_with_content(event, id, content, salt, used.clone())?;
                self.watch(used.as_ref())?;
                Err(StationError::Refused(refused.reasons))
            }
        }
    }

    /// What a decision needs from outside, now.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            time_doubtful: self.time_doubt().is_some(),
            now: self.clock.now(),
            id: Id::random(&*self.random),
            salt: Salt::random(&*self.random),
        }
    }

    /// Makes an event and its content durable, side by side; both are when this returns.
    pub(crate) fn enter_with_content(
        &self,
        event: Event,
        decision: DecisionId,
        content: &Content,
        salt: &Salt,
        used: Option<UseOf>,
    ) -> Result<(), StationError> {
        if self.store.is_leased() {
            self.keep_content(decision, content, salt, used)?;
            self.enter(event)?;
            return Ok(());
        }
        let entry = self.ledger.submit(self.clock.now(), &event)?;
        let kept = self.keep_content(decision, content, salt, used);
        entry.wait()?;
        kept
    }

    /// Keeps the content, or learns that another station has the database: then this one's ledger
    /// ends here, or there would be two.
    fn keep_content(
        &self,
        decision: DecisionId,
        content: &Content,
        salt: &Salt,
        used: Option<UseOf>,
    ) -> Result<(), StationError> {
        let used = used.map(|of| (of.member, of.used));
        let kept = self
            .store
            .keep_content_of_use(decision, content, salt, used);
        Ok(kept.inspect_err(|error| self.heed_lease(error))?)
    }

    pub(crate) fn heed_lease(&self, error: &StoreError) {
        if error.is_lease_lost() {
            self.ledger.stop("another station has the database now");
        }
    }

    fn enter_failure(
        &self,
        decision: DecisionId,
        error: &StationError,
    ) -> Result<(), StationError> {
        self.enter(Event::Outcome(Outcome::Failed {
            decision,
            error: kind(error).to_owned(),
        }))?;
        Ok(())
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
                if let StationError::Store(error) = &error {
                    self.heed_lease(error);
                }
                self.enter_failure(decision, &error)?;
                Err(error)
            }
        }
    }
}

#[cfg(feature = "measure")]
impl Station {
    /// For the bench alone: a permit, made as any other, with which nothing is done. The station's
    /// orderly end completes it as interrupted.
    ///
    /// # Errors
    /// As any act that asks.
    pub fn permit_and_no_more<A: Action>(
        &self,
        caller: &Caller,
        act: A,
    ) -> Result<(), StationError> {
        self.permit(caller, act).map(drop)
    }
}

/// What went wrong, without anything personal: it stands in the log for good.
fn kind(error: &StationError) -> &'static str {
    match error {
        StationError::Store(_) => "the store failed",
        StationError::Permit(_) => "the permit no longer served",
        StationError::Refused(_) | StationError::NoSession => {
            "what allowed it fell away before its end"
        }
        StationError::Input(_) => "what was entered is not usable",
        _ => "the station failed",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::path::PathBuf;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use govern::{Search, StatedPurpose};
    use ledger::VerifyingKey;

    use super::*;
    use crate::support::{LOGIN, PASSPHRASE, StandingClock, around, found, log_in};

    fn search() -> Search {
        let purpose = StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        };
        Search::new("DK48213".parse().unwrap(), purpose)
    }

    /// Run by the next test, in a process of its own.
    #[test]
    #[ignore = "a part of another test"]
    #[expect(clippy::print_stdout, reason = "tells the test that waits for it")]
    fn die_at_the_gate() {
        let Some(folder) = std::env::var_os("LICTOR_TEST_FOLDER").map(PathBuf::from) else {
            return;
        };
        let station = found(&folder, &StandingClock::new());
        let caller = log_in(&station, LOGIN);
        let _ = station.perform(&caller, search(), |permit| {
            // The decision is durable, the permit is in hand, nothing has been done with it.
            println!("decided {}", permit.decision());
            std::thread::sleep(Duration::from_secs(60));
            Ok(Done {
                value: (),
                ids: vec![],
            })
        });
    }

    #[test]
    fn a_kill_between_decision_and_outcome_is_completed_as_interrupted() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "gate::tests::die_at_the_gate",
                "--ignored",
                "--nocapture",
            ])
            .env("LICTOR_TEST_FOLDER", dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let decided = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("decided ")
                    .map(|(_, id)| id.trim().to_owned())
            })
            .expect("the child came to the gate");
        // SIGKILL: nothing is flushed, nothing is closed.
        child.kill().unwrap();
        child.wait().unwrap();

        let clock = StandingClock::new();
        clock.advance(Duration::from_secs(60));
        let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
        let entries = station.ledger.newest(u64::MAX, 100).unwrap();
        let found = |wanted: &dyn Fn(&Event) -> bool| {
            entries.iter().filter(|(_, e)| wanted(&e.event)).count()
        };
        assert_eq!(
            found(&|e| matches!(e, Event::Decision(d) if d.id.to_string() == decided)),
            1
        );
        assert_eq!(
            found(
                &|e| matches!(e, Event::Outcome(Outcome::Interrupted { decision }) if decision.to_string() == decided)
            ),
            1
        );
        station.close().unwrap();
        drop(station);
        // Closed in order, it has nothing to complete at the next start.
        let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
        assert_eq!(station.ledger.newest(u64::MAX, 2).unwrap().len(), 2);
        assert!(matches!(
            station.ledger.newest(u64::MAX, 2).unwrap()[1].1.event,
            Event::Stopped
        ));
        let key =
            VerifyingKey::from_text(&fs::read_to_string(dir.path().join("ledger.pub")).unwrap())
                .unwrap();
        ledger::verify(&dir.path().join("ledger"), &key).unwrap();
    }

    #[test]
    fn the_outcome_stands_in_the_ledger_before_the_answer_is_handed_out() {
        let dir = tempfile::tempdir().unwrap();
        let station = found(dir.path(), &StandingClock::new());
        let caller = log_in(&station, LOGIN);
        let before = station.ledger.size();
        let (during, _permit) = station
            .perform(&caller, search(), |_| {
                Ok(Done {
                    value: station.ledger.size(),
                    ids: vec![],
                })
            })
            .unwrap();
        assert_eq!(during, before + 1, "the decision came first");
        assert_eq!(
            station.ledger.size(),
            before + 2,
            "the outcome is there when the answer is"
        );
    }

    #[test]
    fn an_act_that_fails_says_so_in_the_ledger_without_anything_personal() {
        let dir = tempfile::tempdir().unwrap();
        let station = found(dir.path(), &StandingClock::new());
        let caller = log_in(&station, LOGIN);
        let failed = station.perform(&caller, search(), |_| {
            Err::<Done<()>, _>(StationError::Input("DK48213".into()))
        });
        assert!(failed.is_err());
        let newest = &station.ledger.newest(u64::MAX, 1).unwrap()[0].1;
        assert!(
            matches!(&newest.event, Event::Outcome(Outcome::Failed { error, .. }) if !error.contains("DK48213"))
        );
    }
}
