//! Where stations take turns at a log: whose turn is over writes nothing any more, and what they wrote all
//! the same is found (D11).
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crypt::SystemRandom;
use jiff::Timestamp;
use ledger::{Event, Ledger, LedgerError, NoTurn, SigningKey, Turn, verify};

/// A turn that tests give and take away.
struct Given {
    number: u64,
    says: Mutex<Result<(), NoTurn>>,
}

impl Given {
    fn turn(number: u64) -> Arc<Self> {
        Arc::new(Self {
            number,
            says: Mutex::new(Ok(())),
        })
    }

    fn now_says(&self, says: Result<(), NoTurn>) {
        *self.says.lock().unwrap() = says;
    }
}

impl Turn for Given {
    fn number(&self) -> u64 {
        self.number
    }

    fn check(&self) -> Result<(), NoTurn> {
        self.says.lock().unwrap().clone()
    }
}

fn now() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn key() -> SigningKey {
    SigningKey::create("ashford-falls.example/lictor/1", &SystemRandom).unwrap()
}

/// Every byte of the log.
fn bytes(root: &Path) -> Vec<u8> {
    let mut files: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| match path.is_dir() {
        true => bytes(path),
        false => fs::read(path).unwrap(),
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn whose_turn_is_over_writes_and_signs_nothing_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::begin(dir.path(), key()).unwrap();
    let turn = Given::turn(7);
    ledger.take_turn(turn.clone());
    ledger.append(now(), Event::Stopped).unwrap();
    assert_eq!(ledger.newest(1, 1).unwrap()[0].1.turn, Some(7));
    let before = bytes(dir.path());

    // What cannot be found out now may be found out later.
    turn.now_says(Err(NoTurn::Unknown("the server is gone".to_owned())));
    let refused = ledger.append(now(), Event::Stopped);
    assert!(
        matches!(refused, Err(LedgerError::NoTurn(_))),
        "{refused:?}"
    );
    assert_eq!(bytes(dir.path()), before);
    turn.now_says(Ok(()));
    ledger.append(now(), Event::Stopped).unwrap();

    let before = bytes(dir.path());
    turn.now_says(Err(NoTurn::Over));
    for _ in 0..2 {
        let refused = ledger.append(now(), Event::Stopped);
        assert!(
            matches!(refused, Err(LedgerError::Stopped(_))),
            "{refused:?}"
        );
        turn.now_says(Ok(()));
    }
    assert!(ledger.seal().is_err());
    assert_eq!(bytes(dir.path()), before);
}

#[test]
fn a_head_that_may_not_be_kept_is_published_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::begin(dir.path(), key()).unwrap();
    ledger.append(now(), Event::Stopped).unwrap();
    let head = || fs::read(dir.path().join("checkpoint")).unwrap();
    let before = head();
    let refused = ledger.seal_with(|_| Err(LedgerError::NoSuchEntry(0)));
    assert!(refused.is_err());
    assert_eq!(head(), before);
    // Where it was only that the store could not be reached, it is signed the next time.
    assert!(ledger.seal().unwrap());
    assert_ne!(head(), before);
    verify(dir.path(), &ledger.verifying()).unwrap();
}

#[test]
fn an_entry_of_a_turn_that_was_over_is_found_by_whoever_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let public = key.verifying().clone();
    let secret = key.expose().to_owned();
    drop(Ledger::begin(dir.path(), key).unwrap());
    for number in [7, 8, 7] {
        let ledger = Ledger::open(dir.path(), SigningKey::from_text(&secret).unwrap()).unwrap();
        ledger.take_turn(Given::turn(number));
        ledger.append(now(), Event::Stopped).unwrap();
        ledger.seal().unwrap();
    }
    let found = verify(dir.path(), &public).unwrap_err();
    assert_eq!(found.entry, Some(2), "{found}");
    assert!(found.what.contains("turn"), "{found}");
}
