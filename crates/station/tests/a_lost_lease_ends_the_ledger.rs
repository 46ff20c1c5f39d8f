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
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

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

/// Run by the next test, in a process of its own: works, waits for a word, and goes down in order.
#[test]
#[ignore = "a part of another test"]
#[expect(clippy::print_stdout, reason = "tells the test that waits for it")]
fn work_and_wait() {
    let Some(folder) = std::env::var_os("LICTOR_TEST_FOLDER").map(PathBuf::from) else {
        return;
    };
    let server = Server {
        address: std::env::var("LICTOR_TEST_DATABASE").unwrap(),
        encrypted: true,
    };
    let station = found_on(Some(server), &folder, &StandingClock::new());
    let caller = log_in(&station, LOGIN);
    station.search(&caller, search()).unwrap();
    station.sign_ledger().unwrap();
    println!("it waits");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    // The first thing that it writes has no content in the database.
    match station.close() {
        Ok(()) => println!("it ended: in order"),
        Err(error) => println!("it ended: {error}"),
    }
}

fn signal(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status();
    assert!(sent.unwrap().success());
}

/// Every byte of a folder.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut paths: Vec<_> = (fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| match path.is_dir() {
        true => bytes(path),
        false => fs::read(path).unwrap(),
    };
    paths.iter().flat_map(read).collect()
}

#[test]
fn a_station_that_was_stopped_and_goes_on_after_its_lease_was_taken_neither_writes_nor_signs() {
    let database = Database::create();
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "work_and_wait", "--ignored", "--nocapture"])
        .env("LICTOR_TEST_FOLDER", one.path())
        .env("LICTOR_TEST_DATABASE", database.address())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut hear = |word: &str| {
        told.by_ref()
            .find(|line| line.as_ref().unwrap().contains(word))
    };
    assert!(hear("it waits").is_some());
    signal(&child, "-STOP");
    let state = || fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    while !state().contains(") T ") {
        thread::sleep(Duration::from_millis(5));
    }
    copy(one.path(), other.path());
    database.cut_off();
    let clock = StandingClock::new();
    clock.advance(Duration::from_secs(60));
    let second = Station::open(other.path(), PASSPHRASE, around(&clock)).unwrap();

    let ledger = one.path().join("ledger");
    let before = bytes(&ledger);
    signal(&child, "-CONT");
    writeln!(child.stdin.take().unwrap(), "go on").unwrap();
    let ended = hear("it ended").unwrap().unwrap();
    assert!(
        ended.contains("another station has the database now"),
        "{ended}"
    );
    child.wait().unwrap();
    assert_eq!(bytes(&ledger), before, "it wrote all the same");

    // The other goes on from where it was.
    second.close().unwrap();
    let key = fs::read_to_string(other.path().join("ledger.pub")).unwrap();
    let key = ledger::VerifyingKey::from_text(&key).unwrap();
    let known = ledger::Against {
        heads: vec![ledger::signed_head(&ledger, &key).unwrap().note],
        witnesses: vec![],
    };
    ledger::verify_against(&other.path().join("ledger"), &key, &known).unwrap();
}
