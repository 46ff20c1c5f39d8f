//! One sync of the database fails, as strace has it, and every later one would succeed: nothing is kept or
//! read any more before the next start, and what was acknowledged is there (D4).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crypt::Key;
use govern::SystemClock;
use store::{Store, StoreKeys, StorePlace};

/// Changes that are tried.
const CHANGES: usize = 12;

fn open(folder: &Path) -> Store {
    let key = Key::from_bytes([7; 32]);
    let keys = StoreKeys {
        database: key.clone(),
        columns: key.clone(),
        pictures: key,
    };
    let place = StorePlace::in_folder(folder);
    Store::open(&place, keys, Arc::new(SystemClock::new())).expect("the database opens")
}

/// Run under strace, in a process of its own.
#[test]
#[ignore = "a part of another test"]
fn change_whatever_fails() {
    let Some(folder) = std::env::var_os("LICTOR_TEST_FOLDER").map(PathBuf::from) else {
        return;
    };
    let store = open(&folder);
    for n in 0..CHANGES {
        let name = format!("fact {n}");
        match store.set_fact(&name, "value") {
            Ok(()) => println!("kept {n}"),
            Err(error) => println!("not kept {n}: {error}"),
        }
        std::io::stdout().flush().unwrap();
        if let Err(error) = store.fact(&name) {
            println!("not read {n}: {error}");
        }
    }
}

/// Runs it, with one sync that fails if `fails` says which; what it said, and the trace.
fn run(folder: &Path, fails: Option<usize>) -> (String, String) {
    let trace = folder.join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "100", "-e", "signal=none", "-e"]);
    strace.args(["trace=write,fsync", "-o"]).arg(&trace);
    if let Some(n) = fails {
        // The n-th of a thread; one thread makes them all.
        strace.args(["-e", &format!("inject=fsync:error=EIO:when={n}")]);
    }
    let output = strace
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "change_whatever_fails",
            "--ignored",
            "--nocapture",
        ])
        .env("LICTOR_TEST_FOLDER", folder.join("store"))
        .output()
        .expect("strace is installed by `cargo xtask setup`");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    (said, fs::read_to_string(&trace).unwrap())
}

fn new_folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("store")).unwrap();
    dir
}

#[test]
fn after_one_failed_sync_nothing_is_kept_and_nothing_acknowledged_is_lost() {
    let says = |said: &str, line: &str| said.lines().any(|one| one.starts_with(line));
    // Which sync is that of the fifth change.
    let dir = new_folder();
    let (said, trace) = run(dir.path(), None);
    assert!(says(&said, &format!("kept {}", CHANGES - 1)), "{said}");
    let before = trace.split("kept 3").next().unwrap();
    let syncs = before.matches("fsync(").count();

    let dir = new_folder();
    let (said, _) = run(dir.path(), Some(syncs + 1));
    for n in 0..CHANGES {
        if n < 4 {
            assert!(says(&said, &format!("kept {n}")), "{said}");
        } else {
            let stopped = "the database has stopped: disk I/O error";
            assert!(says(&said, &format!("not kept {n}: {stopped}")), "{said}");
            assert!(says(&said, &format!("not read {n}: {stopped}")), "{said}");
        }
    }
    let store = open(&dir.path().join("store"));
    for n in 0..4 {
        let kept = store.fact(&format!("fact {n}")).unwrap();
        assert_eq!(kept.as_deref(), Some("value"));
    }
}
