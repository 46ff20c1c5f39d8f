//! Two stations, one database: whoever was cut off while another took over writes nothing any more.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

#[path = "support/database.rs"]
mod database;
#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use database::Database;
use govern::{Search, StatedPurpose};
use station::{Server, Station};
use support::{LOGIN, PASSPHRASE, StandingClock, around, found_on, log_in};

fn search() -> Search {
    Search::new(
        "DK48213".parse().unwrap(),
        StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        },
    )
}

/// A copy of the station's folder, as a second machine would have it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_station_that_wakes_after_its_lease_was_taken_permits_nothing_and_does_not_fork_the_ledger() {
    let (database, clock) = (Database::create(), StandingClock::new());
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server {
        address: database.address(),
        encrypted: true,
    };
    let first = found_on(Some(server), one.path(), &clock);
    let caller = log_in(&first, LOGIN);
    first.search(&caller, search()).unwrap();

    // While it is cut off, a second machine takes the database over.
    first.sign_ledger().unwrap();
    copy(one.path(), other.path());
    database.cut_off();
    let second = Station::open(other.path(), PASSPHRASE, around(&clock)).unwrap();

    // It wakes: the first use shows that its connections are dead, the next that its lease is gone.
    let before = first.ledger_size();
    for _ in 0..3 {
        assert!(first.search(&caller, search()).is_err());
    }
    let said = first.search(&caller, search()).err().unwrap().to_string();
    assert!(
        said.contains("another station has taken this database over"),
        "{said}"
    );
    assert_eq!(first.ledger_size(), before, "nothing was entered any more");
    assert!(first.close().is_err());

    assert!(second.ledger_size() > 0);
    second.close().unwrap();
}
