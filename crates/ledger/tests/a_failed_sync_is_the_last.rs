//! One sync fails and every later one would succeed: nothing is written any more before the next start,
//! and what was acknowledged is there (D4). The kernel calls pages clean that a failed sync left out, so
//! trying again would lose them.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::path::Path;
use std::sync::Arc;

use crypt::{Id, Random, SystemRandom};
use durable::ForgetfulDisk;
use jiff::Timestamp;
use ledger::{Against, Event, Ledger, LedgerError, Outcome, SigningKey, verify_on};

const ROOT: &str = "/station/ledger";
fn key() -> SigningKey {
    struct Same;
    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    SigningKey::create("ashford-falls.example/lictor/1", &Same).unwrap()
}

fn now() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn append(ledger: &Ledger) -> Result<u64, LedgerError> {
    let decision = Id::random(&SystemRandom);
    let event = Event::Outcome(Outcome::Interrupted { decision });
    ledger.append(now(), event).map(|recorded| recorded.index)
}

/// A life in which the sync after so many fails; whether one did, or what went wrong.
fn live(syncs: u64, retries: bool) -> Result<bool, String> {
    let root = Path::new(ROOT);
    let disk = ForgetfulDisk::with_power_for(Path::new("/station"), 1_000_000);
    drop(Ledger::begin_on(Arc::new(disk.clone()), root, key()).unwrap());
    let ledger = Ledger::open_on(Arc::new(disk.clone()), root, key()).unwrap();
    if retries {
        disk.retry_syncs();
    }
    disk.fail_sync_after(syncs);
    let mut acknowledged = 0;
    for n in 1..=40 {
        if n % 8 == 0 && ledger.seal().is_err() {
            break;
        }
        match append(&ledger) {
            Ok(index) => acknowledged = index + 1,
            Err(_) => break,
        }
    }
    let failed = disk.has_failed();
    if failed && !retries {
        for _ in 0..3 {
            let again = append(&ledger);
            if !matches!(again, Err(LedgerError::Stopped(_))) {
                return Err(format!("after a sync that failed: {again:?}"));
            }
            if ledger.seal().is_ok() {
                return Err("it signed after a sync that failed".to_owned());
            }
        }
    }
    drop(ledger);
    // Whatever was not synced is gone.
    let disk = Arc::new(disk.after_the_cut(|_| 0));
    let ledger = Ledger::open_on(disk.clone(), root, key()).map_err(|e| e.to_string())?;
    if ledger.size() < acknowledged {
        return Err(format!(
            "{acknowledged} entries were acknowledged, {} are there",
            ledger.size()
        ));
    }
    ledger.seal().map_err(|e| e.to_string())?;
    let key = key();
    verify_on(disk.clone(), root, key.verifying(), &Against::default())
        .map_err(|finding| finding.to_string())?;
    Ok(failed)
}

/// How many lives had a sync that failed: every sync of a life does, in one of them.
fn lives(retries: bool) -> Result<u64, String> {
    let mut lives = 0;
    while live(lives, retries)? {
        lives += 1;
    }
    Ok(lives)
}

#[test]
fn after_one_failed_sync_nothing_is_written_and_nothing_acknowledged_is_lost() {
    let lives = lives(false).unwrap();
    assert!(lives > 50, "{lives}");
}

#[test]
fn a_writer_that_tries_again_would_be_found() {
    assert!(lives(true).is_err());
}
