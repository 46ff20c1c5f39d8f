//! A station is killed under load, again and again: what it acknowledged is there, its ledger
//! verifies, and no permit was used that does not stand in it. `cargo xtask faults` does it 200 times.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed; the one that is killed speaks to the other"
)]

#[path = "support/load.rs"]
mod load;
mod support;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crypt::{Random, SecondFactor, SystemRandom};
use station::{Ingested, Station, StationError};

use support::{PASSPHRASE, around};

/// How often it is killed; LICTOR_TEST_KILLS sets another number.
const KILLS: u64 = 10;

fn setting(name: &str) -> String {
    env::var(format!("LICTOR_TEST_{name}")).unwrap()
}

/// Tells the test outside that this was acknowledged: one line, whole or not at all.
fn acknowledged(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nacknowledged {what}").unwrap();
    out.flush().unwrap();
}

/// Run by the next test, in a process of its own that is killed.
#[test]
#[ignore = "a part of another test"]
fn work_until_it_is_killed() {
    if env::var_os("LICTOR_TEST_FOLDER").is_none() {
        return;
    }
    let folder = PathBuf::from(setting("FOLDER"));
    let round: u64 = setting("ROUND").parse().unwrap();
    let clock = load::clock_of(round);
    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    let factor = SecondFactor::from_base32(&setting("FACTOR")).unwrap();
    let log_in = || {
        let (caller, login) = load::log_in(&station, &factor, &clock).unwrap();
        acknowledged(&login);
        caller
    };
    let caller = log_in();
    let camera = station.camera(&setting("CAMERA"), None).unwrap();
    thread::scope(|threads| {
        for _ in 0..load::SEARCHERS {
            threads.spawn(|| {
                loop {
                    // A login meanwhile moves the clock by a minute, which is a permit's whole life.
                    match station.search(&caller, load::search()) {
                        Ok(found) => acknowledged(&format!("search {}", found.entry)),
                        Err(error) => assert!(matches!(error, StationError::Permit(_)), "{error}"),
                    }
                }
            });
        }
        threads.spawn(|| {
            for n in 0.. {
                let kept = station.ingest(&camera, "test", load::frame(round, n), load::SAMPLE);
                assert!(matches!(kept.unwrap(), Ingested::Kept(_)));
                acknowledged(&format!("frame {n}"));
            }
        });
        threads.spawn(|| {
            loop {
                log_in();
            }
        });
        loop {
            station.sign_ledger().unwrap();
            thread::sleep(Duration::from_millis(50));
        }
    });
}

/// Starts the work, kills it at a random moment after it acknowledged something of `kind`, and gives
/// all that it acknowledged.
fn kill_at_work(settings: &[(&str, &str)], kind: &str) -> Vec<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "work_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .envs(
            settings
                .iter()
                .map(|(name, value)| (format!("LICTOR_TEST_{name}"), value)),
        )
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (send, receive) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some(what) = line.strip_prefix("acknowledged ") {
                send.send(what.to_owned()).unwrap();
            }
        }
    });
    let mut acknowledged = Vec::new();
    while !acknowledged
        .last()
        .is_some_and(|what: &String| what.starts_with(kind))
    {
        acknowledged.push(receive.recv_timeout(Duration::from_secs(100)).unwrap());
    }
    let mut dice = [0; 2];
    SystemRandom.fill(&mut dice);
    thread::sleep(Duration::from_millis(
        u64::from(u16::from_be_bytes(dice)) % 1500,
    ));
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed at work");
    reader.join().unwrap();
    acknowledged.into_iter().chain(receive).collect()
}

#[test]
fn a_killed_station_loses_nothing_acknowledged() {
    let kills = env::var("LICTOR_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("station");
    let scene = load::found(None, &folder);
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..kills {
        let before = load::entries(&folder);
        let number = round.to_string();
        let settings = [
            ("FOLDER", folder.to_str().unwrap()),
            ("ROUND", &number),
            ("FACTOR", scene.factor.as_str()),
            ("CAMERA", &scene.camera),
        ];
        // Reading a picture takes longest: in every other round it is waited for.
        let kind = if round % 2 == 0 { "frame" } else { "login" };
        let acknowledged = kill_at_work(&settings, kind);
        for (kind, n) in load::check(&folder, before, round, &acknowledged, &scene) {
            *counted.entry(kind).or_default() += n;
        }
    }
    println!("{}", load::tell(kills, &counted));
}
