//! A station is killed under load, again and again: what it acknowledged is there, its ledger
//! verifies, and no permit was used that does not stand in it. `cargo xtask faults` does it 200 times.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed; the one that is killed speaks to the other"
)]

mod support;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crypt::{Random, SecondFactor, SystemRandom, sha256};
use govern::{AddCamera, Clock, Search, StatedPurpose};
use jiff::Timestamp;
use ledger::{Entry, Event, Outcome, Verdict, VerifyingKey};
use station::{Caller, Ingested, LoginAttempt, Station, StationError};

use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, first_login, founded};

/// How often it is killed; LICTOR_TEST_KILLS sets another number.
const KILLS: u64 = 10;
const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
/// Members who search at once.
const SEARCHERS: usize = 4;
const HOUR: Duration = Duration::from_secs(3600);

fn setting(name: &str) -> String {
    env::var(format!("LICTOR_TEST_{name}")).unwrap()
}

/// Tells the test outside that this was acknowledged: one line, whole or not at all.
fn acknowledged(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nacknowledged {what}").unwrap();
    out.flush().unwrap();
}

fn log_in(station: &Station, factor: &SecondFactor, clock: &StandingClock) -> Caller {
    clock.advance(Duration::from_secs(60));
    let code = factor.code(clock.now().as_second().unsigned_abs()).unwrap();
    let attempt = LoginAttempt {
        login: LOGIN,
        password: PASSWORD,
        code: &code,
        acknowledged: true,
        address: "test",
    };
    let key = station.login(&attempt).unwrap();
    acknowledged(&format!("login {}", sha256(key.as_text().as_bytes())));
    station.session(&key).unwrap().caller("test")
}

fn search() -> Search {
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    Search::new("DK48213".parse().unwrap(), purpose)
}

fn frame(round: u64, n: u64) -> Timestamp {
    let first: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
    let offset = Duration::from_millis(round * 10_000 + n);
    first.checked_add(offset).unwrap()
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
    let clock = StandingClock::new();
    clock.advance(HOUR * u32::try_from(round + 1).unwrap());
    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    let factor = SecondFactor::from_base32(&setting("FACTOR")).unwrap();
    let caller = log_in(&station, &factor, &clock);
    let camera = station.camera(&setting("CAMERA"), None).unwrap();
    thread::scope(|threads| {
        for _ in 0..SEARCHERS {
            threads.spawn(|| {
                loop {
                    // A login meanwhile moves the clock by a minute, which is a permit's whole life.
                    match station.search(&caller, search()) {
                        Ok(found) => acknowledged(&format!("search {}", found.entry)),
                        Err(error) => assert!(matches!(error, StationError::Permit(_)), "{error}"),
                    }
                }
            });
        }
        threads.spawn(|| {
            for n in 0.. {
                let kept = station.ingest(&camera, "test", frame(round, n), SAMPLE);
                assert!(matches!(kept.unwrap(), Ingested::Kept(_)));
                acknowledged(&format!("frame {n}"));
            }
        });
        threads.spawn(|| {
            loop {
                log_in(&station, &factor, &clock);
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

/// What the new entries say: the numbers of permitted searches with how they ended, and the logins.
fn permits(entries: &[Entry], first: u64) -> (BTreeMap<u64, Option<Outcome>>, Vec<String>) {
    let (mut searches, mut logins) = (BTreeMap::new(), Vec::new());
    let mut numbers = BTreeMap::new();
    for (number, entry) in (first..).zip(entries) {
        match &entry.event {
            Event::Decision(d) if d.act == "search" && d.verdict == Verdict::Permit => {
                numbers.insert(d.id, number);
                searches.insert(number, None);
            }
            Event::Login(d) if d.verdict == Verdict::Permit => {
                logins.extend(d.session.map(|session| session.to_string()));
            }
            Event::Outcome(outcome) => {
                if let Some(number) = numbers.get(&outcome.decision()) {
                    searches.insert(*number, Some(outcome.clone()));
                }
            }
            _ => {}
        }
    }
    (searches, logins)
}

/// Holds what was acknowledged against what is there; how much that was.
fn check(
    folder: &Path,
    before: u64,
    round: u64,
    acknowledged: &[String],
    camera: &str,
) -> BTreeMap<String, u64> {
    let root = folder.join("ledger");
    // The start after the kill closes what was open.
    let clock = StandingClock::new();
    clock.advance(HOUR * u32::try_from(round + 2).unwrap() - Duration::from_secs(60));
    let station = Station::open(folder, PASSPHRASE, around(&clock)).unwrap();
    let entries = ledger::entries_from(&root, before).unwrap();
    let (searches, logins) = permits(&entries, before);
    let camera = station.camera(camera, None).unwrap();
    let mut counted = BTreeMap::new();
    for what in acknowledged {
        let (kind, which) = what.split_once(' ').unwrap();
        match kind {
            "login" => assert!(logins.iter().any(|login| login == which), "{what} is lost"),
            // Its permit was used: decision and outcome stand in the ledger.
            "search" => assert!(
                matches!(
                    searches.get(&which.parse().unwrap()),
                    Some(Some(Outcome::Done { .. }))
                ),
                "{what} is lost"
            ),
            _ => {
                let at = frame(round, which.parse().unwrap());
                let again = station.ingest(&camera, "test", at, SAMPLE).unwrap();
                assert_eq!(again, Ingested::Already, "{what} is lost");
            }
        }
        *counted.entry(kind.to_owned()).or_default() += 1;
    }
    let open = searches
        .values()
        .filter(|outcome| outcome.is_none())
        .count();
    assert_eq!(open, 0, "every permit has an outcome after the next start");
    let cut_short =
        |outcome: &&Option<Outcome>| matches!(outcome, Some(Outcome::Interrupted { .. }));
    counted.insert(
        "interrupted".to_owned(),
        searches.values().filter(cut_short).count() as u64,
    );
    station.close().unwrap();
    drop(station);
    let key = std::fs::read_to_string(folder.join("ledger.pub")).unwrap();
    ledger::verify(&root, &VerifyingKey::from_text(&key).unwrap()).unwrap();
    counted
}

#[test]
fn a_killed_station_loses_nothing_acknowledged() {
    let kills = env::var("LICTOR_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("station");
    let clock = StandingClock::new();
    let founded = founded(None, &folder, &clock);
    let factor = first_login(&founded.station, &founded.enrolment_codes[0], &clock);
    let station = founded.station;
    let secret = SecondFactor::from_base32(&factor).unwrap();
    let caller = log_in(&station, &secret, &clock);
    let add = AddCamera {
        name: "elm-and-3rd".into(),
        place: "Elm & 3rd".into(),
        class: None,
    };
    let camera = station.add_camera(&caller, add).unwrap().0;
    station.close().unwrap();
    drop(station);

    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..kills {
        let before = ledger::entries_from(&folder.join("ledger"), 0)
            .unwrap()
            .len() as u64;
        let number = round.to_string();
        let settings = [
            ("FOLDER", folder.to_str().unwrap()),
            ("ROUND", &number),
            ("FACTOR", &factor),
            ("CAMERA", &camera),
        ];
        // Reading a picture takes longest: in every other round it is waited for.
        let kind = if round % 2 == 0 { "frame" } else { "login" };
        let acknowledged = kill_at_work(&settings, kind);
        for (kind, n) in check(&folder, before, round, &acknowledged, &camera) {
            *counted.entry(kind).or_default() += n;
        }
    }
    let told: Vec<_> = counted
        .iter()
        .map(|(kind, n)| format!("{n} {kind}"))
        .collect();
    println!("{kills} kills: {}", told.join(", "));
    for kind in ["frame", "login", "search"] {
        assert!(
            counted.get(kind) >= Some(&(kills / 2)),
            "there was load: {told:?}"
        );
    }
}
