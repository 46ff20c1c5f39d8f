//! Watched from outside, by strace: an entry is acknowledged only after the sync that covers it has
//! returned (D4). A program that only looks at itself could be wrong about its order.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread;

use crypt::{Id, SystemRandom};
use ledger::{Event, Ledger, Outcome, SigningKey};

const MEMBERS: usize = 4;
const ENTRIES: usize = 25;

/// Run by the next test, under strace.
#[test]
#[ignore = "a part of another test"]
fn write_and_acknowledge() {
    let Some(folder) = env::var_os("LICTOR_TEST_FOLDER") else {
        return;
    };
    let key = SigningKey::create("ashford-falls.example/lictor/1", &SystemRandom).unwrap();
    let ledger = Ledger::begin(Path::new(&folder), key).unwrap();
    thread::scope(|members| {
        for _ in 0..MEMBERS {
            members.spawn(|| {
                for _ in 0..ENTRIES {
                    let decision = Id::random(&SystemRandom);
                    let event = Event::Outcome(Outcome::Interrupted { decision });
                    let now = "2026-11-25T10:00:00Z".parse().unwrap();
                    ledger.append(now, event).unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "acknowledged {decision}").unwrap();
                }
            });
        }
    });
}

/// The ids in a line of a trace that follow `before`.
fn ids<'a>(line: &'a str, before: &'static str) -> impl Iterator<Item = String> + 'a {
    line.match_indices(before)
        .filter_map(move |(at, _)| line.get(at + before.len()..at + before.len() + 32))
        .map(str::to_owned)
}

/// Reads a trace of writes and syncs in their order; how many acknowledgements came after their sync,
/// or the first that did not.
fn in_order(trace: &str) -> Result<usize, String> {
    let (mut written, mut synced) = (BTreeSet::new(), BTreeSet::new());
    // What a thread's sync covers: what was written before it began.
    let mut syncing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut acknowledged = 0;
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        if call.starts_with("write(1,") {
            for id in ids(call, "acknowledged ") {
                if !synced.contains(&id) {
                    return Err(format!("{id} was acknowledged before its sync"));
                }
                acknowledged += 1;
            }
        } else if call.starts_with("write(") {
            written.extend(ids(call, "\\\"decision\\\":\\\""));
        } else if call.starts_with("fdatasync(") {
            syncing.insert(thread, written.clone());
        }
        if call.contains("fdatasync") && call.ends_with("= 0") {
            synced.extend(syncing.remove(thread).unwrap_or_default());
        }
    }
    Ok(acknowledged)
}

#[test]
fn no_acknowledgement_leaves_before_the_sync_that_covers_it() {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let watched = Command::new("strace")
        .args(["-f", "-qq", "-s", "100000", "-e", "signal=none"])
        .args(["-e", "trace=write,fdatasync", "-o"])
        .arg(&trace)
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "write_and_acknowledge",
            "--ignored",
            "--nocapture",
        ])
        .env("LICTOR_TEST_FOLDER", dir.path().join("ledger"))
        .output()
        .expect("strace is installed by `cargo xtask setup`");
    assert!(
        watched.status.success(),
        "{}",
        String::from_utf8_lossy(&watched.stderr)
    );
    let trace = fs::read_to_string(&trace).unwrap();
    assert_eq!(in_order(&trace), Ok(MEMBERS * ENTRIES));
    // Members shared syncs: there are fewer than entries.
    let syncs = trace
        .lines()
        .filter(|line| line.contains("fdatasync("))
        .count();
    assert!(syncs < MEMBERS * ENTRIES, "{syncs} syncs");
}

#[test]
fn an_acknowledgement_before_its_sync_would_be_seen() {
    let id = "0123456789abcdef0123456789abcdef";
    let entry = format!("7 write(5, \"{{\\\"decision\\\":\\\"{id}\\\"}}\", 50) = 50\n");
    let begun = "7 fdatasync(5 <unfinished ...>\n";
    let done = "7 <... fdatasync resumed>) = 0\n";
    let told = format!("8 write(1, \"acknowledged {id}\\n\", 46) = 46\n");
    assert_eq!(in_order(&[&entry, begun, done, &told].concat()), Ok(1));
    assert!(in_order(&[&entry, begun, &told, done].concat()).is_err());
    assert!(in_order(&[begun, &entry, done, &told].concat()).is_err());
}
