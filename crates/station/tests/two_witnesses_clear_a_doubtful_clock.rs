//! A clock in doubt is believed again when two witnesses, each by its own signature, answer with the time
//! that it shows; and by nothing less.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crypt::SystemRandom;
use govern::Clock;
use jiff::{SignedDuration, Timestamp};
use ledger::{Event, LedgerError, VerifyingKey, Witness, WitnessAnswer, WitnessKey};
use station::{Station, StationError, TimeConfirmed, WitnessAddress, add_witness};

use support::{LOGIN, PASSPHRASE, StandingClock, around, found, log_in};

const SECOND: &str = "sam.okafor";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A station with three witnesses, whose clock stepped by a day.
struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Station,
    witnesses: Vec<(Witness, WitnessAddress)>,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let folder = dir.path().join("station");
        let station = found(&folder, &clock);
        let published = std::fs::read_to_string(folder.join("ledger.pub")).unwrap();
        let log = VerifyingKey::from_text(&published).unwrap();
        let witnesses = ["clerk", "county", "state"].map(|name| {
            let key = WitnessKey::create(&format!("{name}.example"), &SystemRandom).unwrap();
            let address = WitnessAddress {
                url: format!("https://{name}.example"),
                key: key.public().clone(),
            };
            add_witness(&folder, address.clone()).unwrap();
            let memory = dir.path().join(name);
            let witness = Witness::open(&memory, key, vec![log.clone()]).unwrap();
            (witness, address)
        });
        station.witnesses().unwrap();
        clock.step(DAY);
        station.sign_ledger().unwrap();
        assert!(station.time_doubt().is_some());
        Self {
            dir,
            clock,
            station,
            witnesses: witnesses.into(),
        }
    }

    /// Witness `n` is asked, and its clock shows this.
    fn ask(&self, n: usize, shows: Timestamp) -> Result<(), StationError> {
        self.station.sign_ledger().unwrap();
        let (witness, address) = &self.witnesses[n];
        let (head, submission) = self.station.submission(address, None).unwrap();
        let answer = match witness.submit(submission.as_bytes(), shows).unwrap().0 {
            WitnessAnswer::Cosigned(answer) => answer,
            other => panic!("{other:?}"),
        };
        self.station.keep_cosignature(address, &head, &answer)
    }

    fn wall(&self) -> Timestamp {
        self.clock.now()
    }

    fn in_doubt(&self) -> bool {
        self.station.time_doubt().is_some()
    }

    fn events(&self, folder: &Path) -> Vec<Event> {
        let entries = ledger::entries_from(&folder.join("ledger"), 0).unwrap();
        entries.into_iter().map(|entry| entry.event).collect()
    }
}

#[test]
fn two_witnesses_that_answer_with_the_clocks_time_clear_it_and_stand_in_the_ledger() {
    let scene = Scene::new();
    scene.ask(0, scene.wall()).unwrap();
    assert!(scene.in_doubt(), "one is not two");
    scene.clock.advance(Duration::from_secs(60));
    scene.ask(0, scene.wall()).unwrap();
    assert!(scene.in_doubt(), "one twice is not two");
    scene.ask(1, scene.wall()).unwrap();
    assert!(!scene.in_doubt());
    assert_eq!(scene.station.now(), scene.wall());
    let events = scene.events(&scene.dir.path().join("station"));
    let agreed = events.iter().find_map(|event| match event {
        Event::TimeAgreed { by } => Some(by.clone()),
        _ => None,
    });
    let [one, other] = agreed.unwrap();
    assert!(one.starts_with("clerk.example+") && other.starts_with("county.example+"));
}

#[test]
fn who_confirmed_a_doubt_that_witnesses_cleared_confirmed_no_later_one() {
    let scene = Scene::new();
    let confirm = |login| {
        let caller = log_in(&scene.station, login);
        scene.station.confirm_time(&caller).unwrap()
    };
    assert_eq!(confirm(LOGIN), TimeConfirmed::Awaited);
    scene.ask(0, scene.wall()).unwrap();
    scene.ask(1, scene.wall()).unwrap();
    assert!(!scene.in_doubt());
    scene.clock.step(DAY);
    scene.station.sign_ledger().unwrap();
    assert_eq!(confirm(SECOND), TimeConfirmed::Awaited);
    assert!(scene.in_doubt());
    assert_eq!(confirm(LOGIN), TimeConfirmed::Cleared);
}

#[test]
fn witnesses_that_say_another_time_or_at_different_times_clear_nothing() {
    let scene = Scene::new();
    let wrong = scene.wall().saturating_sub(DAY).unwrap();
    // Before the step, both of them; and one of them with the machine's clock.
    scene.ask(0, wrong).unwrap();
    scene.ask(1, wrong).unwrap();
    scene.ask(2, scene.wall()).unwrap();
    assert!(scene.in_doubt());
    // A quarter of an hour later another agrees: the first one's answer is too old.
    scene.clock.advance(Duration::from_secs(900));
    scene.ask(0, scene.wall()).unwrap();
    assert!(scene.in_doubt());
    // The clock steps again between two answers that each agreed.
    scene.clock.step(DAY);
    scene.ask(1, scene.wall()).unwrap();
    assert!(scene.in_doubt());
    scene.ask(2, scene.wall()).unwrap();
    assert!(!scene.in_doubt());
}

#[test]
fn an_answer_that_is_not_the_witnesss_own_counts_for_nothing() {
    let scene = Scene::new();
    scene.ask(0, scene.wall()).unwrap();
    // Somebody else under the name of the second witness, with a key of their own.
    let forged = WitnessKey::create("county.example", &SystemRandom).unwrap();
    let published = std::fs::read_to_string(scene.dir.path().join("station/ledger.pub")).unwrap();
    let log = VerifyingKey::from_text(&published).unwrap();
    let forger = Witness::open(&scene.dir.path().join("forger"), forged, vec![log]).unwrap();
    let address = &scene.witnesses[1].1;
    let (head, submission) = scene.station.submission(address, None).unwrap();
    let answer = match forger
        .submit(submission.as_bytes(), scene.wall())
        .unwrap()
        .0
    {
        WitnessAnswer::Cosigned(answer) => answer,
        other => panic!("{other:?}"),
    };
    let kept = scene.station.keep_cosignature(address, &head, &answer);
    assert!(matches!(
        kept,
        Err(StationError::Ledger(LedgerError::NotCosigned(_)))
    ));
    assert!(scene.in_doubt());
}

#[test]
fn an_answer_about_a_head_of_before_the_doubt_counts_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let folder = dir.path().join("station");
    let station = found(&folder, &clock);
    let published = std::fs::read_to_string(folder.join("ledger.pub")).unwrap();
    let log = VerifyingKey::from_text(&published).unwrap();
    let mut kept = Vec::new();
    for name in ["clerk", "county"] {
        let key = WitnessKey::create(&format!("{name}.example"), &SystemRandom).unwrap();
        let address = WitnessAddress {
            url: format!("https://{name}.example"),
            key: key.public().clone(),
        };
        let witness = Witness::open(&dir.path().join(name), key, vec![log.clone()]).unwrap();
        station.sign_ledger().unwrap();
        let (head, submission) = station.submission(&address, Some(0)).unwrap();
        let tomorrow = clock.now().saturating_add(DAY).unwrap();
        let answer = match witness.submit(submission.as_bytes(), tomorrow).unwrap().0 {
            WitnessAnswer::Cosigned(answer) => answer,
            other => panic!("{other:?}"),
        };
        kept.push((address, head, answer));
    }
    clock.step(DAY);
    station.sign_ledger().unwrap();
    for (address, head, answer) in &kept {
        station.keep_cosignature(address, head, answer).unwrap();
    }
    assert!(station.time_doubt().is_some());
    // Nor after a restart, which is in doubt still.
    station.close().unwrap();
    drop(station);
    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    for (address, head, answer) in &kept {
        station.keep_cosignature(address, head, answer).unwrap();
    }
    assert!(station.time_doubt().is_some());
}
