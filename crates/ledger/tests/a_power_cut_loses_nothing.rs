//! Whatever the disk forgets, tears or reorders at a power cut: what was acknowledged is there, and
//! the log verifies (D4).
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use crypt::{Id, Random, SystemRandom};
use durable::ForgetfulDisk;
use jiff::Timestamp;
use ledger::{Against, DecisionId, Event, Ledger, Outcome, SigningKey, verify_on};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const ROOT: &str = "/station/ledger";

/// Repeatable numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

fn key() -> SigningKey {
    struct Same;
    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    SigningKey::create("ashford-falls.example/lictor/1", &Same).unwrap()
}

fn event() -> (DecisionId, Event) {
    let decision = Id::random(&SystemRandom);
    (decision, Event::Outcome(Outcome::Interrupted { decision }))
}

fn now() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

/// Members write until the power goes; what was acknowledged to them.
fn write_until_the_power_goes(
    ledger: &Ledger,
    most: usize,
    seal_every: usize,
) -> Vec<(u64, DecisionId)> {
    let acknowledged = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for member in 0..3 {
            let acknowledged = &acknowledged;
            scope.spawn(move || {
                for n in 1..=most {
                    let (id, event) = event();
                    let Ok(recorded) = ledger.append(now(), event) else {
                        return;
                    };
                    acknowledged.lock().unwrap().push((recorded.index, id));
                    if member == 0 && n % seal_every == 0 && ledger.seal().is_err() {
                        return;
                    }
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

/// Plays one life of a log, with a power cut in every one of its starts; what went wrong, if
/// something did.
fn live(seed: u64, late: bool) -> Result<(), String> {
    let mut dice = Dice(seed);
    let root = Path::new(ROOT);
    let mut disk = ForgetfulDisk::with_power_for(Path::new("/station"), 1_000_000);
    drop(Ledger::begin_on(Arc::new(disk.clone()), root, key()).map_err(|e| e.to_string())?);
    let mut acknowledged = Vec::new();
    for _ in 0..3 {
        if late {
            disk.sync_late("growing");
        }
        disk.power_for(dice.below(600) as u64);
        if let Ok(ledger) = Ledger::open_on(Arc::new(disk.clone()), root, key()) {
            let (most, seal_every) = (1 + dice.below(150), 1 + dice.below(60));
            acknowledged.extend(write_until_the_power_goes(&ledger, most, seal_every));
        }
        disk = disk.after_the_cut(|n| dice.below(n));
    }
    let shared = Arc::new(disk);
    let ledger =
        Ledger::open_on(shared.clone(), root, key()).map_err(|e| format!("does not open: {e}"))?;
    let entries = ledger
        .newest(u64::MAX, usize::MAX)
        .map_err(|e| e.to_string())?;
    for (index, id) in acknowledged {
        let there = entries.iter().any(|(n, entry)| {
            *n == index && matches!(&entry.event, Event::Outcome(o) if o.decision() == id)
        });
        if !there {
            return Err(format!("entry {index} was acknowledged and is gone"));
        }
    }
    ledger.seal().map_err(|e| e.to_string())?;
    drop(ledger);
    let verified = verify_on(shared, root, key().verifying(), &Against::default())
        .map_err(|e| e.to_string())?;
    if verified.signed == entries.len() as u64 {
        Ok(())
    } else {
        Err(format!("{verified:?}, not {}", entries.len()))
    }
}

#[test]
fn after_any_power_cut_every_acknowledged_entry_is_there_and_the_log_verifies() {
    TestRunner::new(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })
    .run(&any::<u64>(), |seed| {
        live(seed, false).map_err(TestCaseError::fail)
    })
    .unwrap();
}

#[test]
fn acknowledging_before_the_sync_would_be_found_out() {
    let lost = (0..40).filter(|&seed| live(seed, true).is_err()).count();
    assert!(lost > 4, "the mutant lost something in {lost} lives of 40");
}
