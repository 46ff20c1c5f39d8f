//! The database server itself is killed under load, again and again: what was acknowledged is there.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "support/killing.rs"]
mod killing;
#[path = "../../../xtask/src/postgres/server.rs"]
#[expect(dead_code, reason = "the chores keep a server too")]
mod server;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crypt::{Key, Random, SystemRandom};
use govern::SystemClock;
use server::Server;
use store::{Store, StoreError, StoreKeys, StorePlace};

/// How often it is killed; LICTOR_TEST_KILLS sets another number.
const KILLS: usize = 4;
/// Threads that change things at once.
const AT_ONCE: usize = 4;

fn open(place: &StorePlace) -> Result<Store, StoreError> {
    let key = Key::from_bytes([7; 32]);
    let keys = StoreKeys {
        database: key.clone(),
        columns: key.clone(),
        pictures: key,
    };
    Store::open(place, keys, Arc::new(SystemClock::new()))
}

/// Changes one fact after the other until the server is gone; the last value that was acknowledged.
fn change_until_it_dies(store: &Store, fact: &str) -> Option<u64> {
    (0..)
        .take_while(|n: &u64| store.set_fact(fact, &n.to_string()).is_ok())
        .last()
}

#[test]
fn a_killed_server_loses_nothing_acknowledged() {
    let kills = std::env::var("LICTOR_TEST_KILLS")
        .map_or(KILLS, |kills| kills.parse().expect("a number of kills"));
    let home = tempfile::tempdir().unwrap();
    let folder = std::env::temp_dir().join(format!("lictor-killed-{}", std::process::id()));
    let server = Server::start(&folder).unwrap_or_else(|what| unreachable!("{what}"));
    let place = StorePlace {
        server: Some(format!("{} dbname=postgres", server.address())),
        ..StorePlace::in_folder(home.path())
    };
    let mut acknowledged_in_all = 0;
    for round in 0..kills {
        let store = open(&place).unwrap();
        let facts: Vec<_> = (0..AT_ONCE).map(|n| format!("fact {round} {n}")).collect();
        let acknowledged: Vec<_> = thread::scope(|threads| {
            let changes: Vec<_> = facts
                .iter()
                .map(|fact| threads.spawn(|| change_until_it_dies(&store, fact)))
                .collect();
            let mut dice = [0];
            SystemRandom.fill(&mut dice);
            thread::sleep(Duration::from_millis(100 + u64::from(dice[0])));
            killing::kill(&folder);
            changes.into_iter().map(|one| one.join().unwrap()).collect()
        });
        drop(store);
        killing::revive(&server);
        let store = open(&place).unwrap();
        for (fact, acknowledged) in facts.iter().zip(acknowledged) {
            let there = store.fact(fact).unwrap();
            let there: Option<u64> = there.map(|value| value.parse().unwrap());
            // One more may be there: done, but its acknowledgement died with the server.
            assert!(
                there >= acknowledged,
                "{fact}: {there:?} is there, {acknowledged:?} was acknowledged"
            );
            acknowledged_in_all += acknowledged.map_or(0, |n| n + 1);
        }
    }
    assert!(
        acknowledged_in_all > kills as u64,
        "there was load: {acknowledged_in_all}"
    );
}
