//! The database server under a station at work is killed, again and again: what the station
//! acknowledged is there, its ledger verifies, and no permit was used that does not stand in it.
//! `cargo xtask faults` does it 200 times.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed; the figures are kept"
)]

#[path = "../../store/tests/support/killing.rs"]
mod killing;
#[path = "support/load.rs"]
mod load;
#[path = "../../../xtask/src/postgres/server.rs"]
#[expect(dead_code, reason = "the chores keep a server too")]
mod server;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crypt::{Random, SecondFactor, SystemRandom};
use station::{Ingested, Station, StationError};

use load::Scene;
use support::{PASSPHRASE, around};

/// How often it is killed; LICTOR_TEST_KILLS sets another number.
const KILLS: u64 = 2;

/// Works until the server is gone; what was acknowledged. `kill` is called once something of each kind
/// was.
fn work(folder: &Path, round: u64, scene: &Scene, kill: impl FnOnce()) -> Vec<String> {
    let clock = load::clock_of(round);
    let station = Station::open(folder, PASSPHRASE, around(&clock)).unwrap();
    let factor = SecondFactor::from_base32(&scene.factor).unwrap();
    let acknowledged = Mutex::new(Vec::new());
    let acknowledge = |what: String| acknowledged.lock().unwrap().push(what);
    let (caller, login) = load::log_in(&station, &factor, &clock).unwrap();
    acknowledge(login);
    let camera = station.camera(&scene.camera, None).unwrap();
    thread::scope(|threads| {
        for _ in 0..load::SEARCHERS {
            threads.spawn(|| {
                loop {
                    match station.search(&caller, load::search()) {
                        Ok(found) => acknowledge(format!("search {}", found.entry)),
                        // A login meanwhile moves the clock by a minute, a permit's whole life.
                        Err(StationError::Permit(_)) => {}
                        Err(_) => break,
                    }
                }
            });
        }
        threads.spawn(|| {
            for n in 0.. {
                match station.ingest(&camera, "test", load::frame(round, n), load::SAMPLE) {
                    Ok(Ingested::Kept(_)) => acknowledge(format!("frame {n}")),
                    Ok(other) => unreachable!("frame {n}: {other:?}"),
                    Err(_) => break,
                }
            }
        });
        threads.spawn(|| {
            while let Ok((_, login)) = load::log_in(&station, &factor, &clock) {
                acknowledge(login);
            }
        });
        threads.spawn(|| {
            while station.sign_ledger().is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        });
        let has = |kind: &str| {
            let all = acknowledged.lock().unwrap();
            all.iter().any(|what: &String| what.starts_with(kind))
        };
        while !(has("frame") && has("search")) {
            thread::sleep(Duration::from_millis(20));
        }
        let mut dice = [0; 2];
        SystemRandom.fill(&mut dice);
        let soon = u64::from(u16::from_be_bytes(dice)) % 1500;
        thread::sleep(Duration::from_millis(soon));
        kill();
    });
    // It cannot end in order: its database is gone.
    drop(station);
    acknowledged.into_inner().unwrap()
}

#[test]
fn a_killed_server_under_a_station_loses_nothing_acknowledged() {
    let kills = std::env::var("LICTOR_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("station");
    let data = std::env::temp_dir().join(format!("lictor-under-{}", std::process::id()));
    let server = server::Server::start(&data).unwrap_or_else(|what| unreachable!("{what}"));
    let place = station::Server {
        address: format!("{} dbname=postgres", server.address()),
        encrypted: true,
    };
    let scene = load::found(Some(place), &folder);
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..kills {
        let before = load::entries(&folder);
        let acknowledged = work(&folder, round, &scene, || killing::kill(&data));
        killing::revive(&server);
        for (kind, n) in load::check(&folder, before, round, &acknowledged, &scene) {
            *counted.entry(kind).or_default() += n;
        }
    }
    println!("{}", load::tell(kills, &counted));
}
