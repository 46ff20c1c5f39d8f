//! A kill proves atomicity, not durability: what the kernel holds is still written. So the database's
//! writes are recorded by strace, the power is cut at some moment of the record, what was not synced
//! by then is dropped, torn or kept at random, and what is left is opened.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crypt::Key;
use govern::SystemClock;
use store::{Store, StoreKeys, StorePlace};

/// Changes that the recorded process makes.
const CHANGES: usize = 40;
/// Moments at which the power is cut.
const CUTS: usize = 60;
/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

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

fn value(n: usize) -> String {
    // Long enough for several sectors.
    format!("value {n} ").repeat(200)
}

/// Run under strace, in a process of its own.
#[test]
#[ignore = "a part of another test"]
fn change_and_acknowledge() {
    let Some(folder) = std::env::var_os("LICTOR_TEST_FOLDER").map(PathBuf::from) else {
        return;
    };
    let too_early = std::env::var_os("LICTOR_TEST_TOO_EARLY").is_some();
    let store = open(&folder);
    let acknowledge = |n: usize| {
        println!("acknowledged {n}");
        std::io::stdout().flush().unwrap();
    };
    for n in 0..CHANGES {
        if too_early {
            acknowledge(n);
        }
        store.set_fact(&format!("fact {n}"), &value(n)).unwrap();
        if !too_early {
            acknowledge(n);
        }
    }
}

/// What happened, in order.
enum Step {
    Write {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: String,
        length: usize,
    },
    Synced {
        file: String,
    },
    Removed {
        file: String,
    },
    Acknowledged(usize),
}

/// Runs the process above under strace and reads the record.
fn record(too_early: bool) -> Vec<Step> {
    let dir = tempfile::tempdir().unwrap();
    let (folder, trace) = (dir.path().join("store"), dir.path().join("trace"));
    fs::create_dir(&folder).unwrap();
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-xx", "-y", "-s", "1048576", "-o"])
        .arg(&trace)
        .arg("-e")
        .arg("trace=write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat")
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "change_and_acknowledge",
            "--ignored",
            "--nocapture",
        ])
        .env("LICTOR_TEST_FOLDER", &folder)
        .stdout(std::process::Stdio::null());
    if too_early {
        strace.env("LICTOR_TEST_TOO_EARLY", "yes");
    }
    let status = strace.status().expect("strace runs (cargo xtask setup)");
    assert!(status.success());
    let text = fs::read_to_string(&trace).unwrap();
    whole_lines(&text)
        .iter()
        .filter_map(|call| step(call, &folder.display().to_string()))
        .collect()
}

/// Calls that another thread's interrupted stand in two lines; they are joined, and count when they
/// returned.
fn whole_lines(text: &str) -> Vec<String> {
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        let (process, call) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let call = call.trim_start();
        if let Some(start) = call.strip_suffix(" <unfinished ...>") {
            begun.insert(process, start);
        } else if let Some((_, rest)) = call.split_once(" resumed>") {
            calls.push(format!(
                "{}{rest}",
                begun.remove(process).unwrap_or_default()
            ));
        } else {
            calls.push(call.to_owned());
        }
    }
    calls
}

fn step(call: &str, folder: &str) -> Option<Step> {
    let (name, rest) = call.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    assert!(
        !result.starts_with('-') || name.starts_with("unlink"),
        "a call failed: {name} {result}"
    );
    let file = || {
        let path = unescaped(arguments.split_once('<')?.1.split_once('>')?.0);
        let path = String::from_utf8(path).ok()?;
        Some(
            path.strip_prefix(folder)?
                .trim_start_matches('/')
                .to_owned(),
        )
    };
    let quoted = || Some(unescaped(arguments.split_once('"')?.1.rsplit_once('"')?.0));
    let last = || {
        let number = arguments.trim_end_matches(')').rsplit(", ").next()?;
        number.parse::<usize>().ok()
    };
    match name {
        "write" => {
            let text = String::from_utf8(quoted()?).ok()?;
            let n = text.strip_prefix("acknowledged ")?.trim().parse().ok()?;
            Some(Step::Acknowledged(n))
        }
        "pwrite64" => Some(Step::Write {
            file: file()?,
            at: last()?,
            bytes: quoted()?,
        }),
        "ftruncate" => Some(Step::Cut {
            file: file()?,
            length: last()?,
        }),
        "fsync" | "fdatasync" => Some(Step::Synced { file: file()? }),
        "unlink" | "unlinkat" => {
            let path = String::from_utf8(quoted()?).ok()?;
            let file = path
                .strip_prefix(folder)?
                .trim_start_matches('/')
                .to_owned();
            Some(Step::Removed { file })
        }
        _ => None,
    }
}

/// strace writes bytes as `\x0a`; paths it may write as they are.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some(&first) = rest.first() {
        if first == b'\\' && rest.get(1) == Some(&b'x') {
            let hex = std::str::from_utf8(&rest[2..4]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &rest[4..];
        } else {
            bytes.push(first);
            rest = &rest[1..];
        }
    }
    bytes
}

/// A file on a disk that may forget what it was not told to sync.
#[derive(Default, Clone)]
struct OnDisk {
    synced: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

impl OnDisk {
    fn apply(bytes: &mut Vec<u8>, at: usize, written: &[u8]) {
        if bytes.len() < at + written.len() {
            bytes.resize(at + written.len(), 0);
        }
        bytes[at..at + written.len()].copy_from_slice(written);
    }

    fn sync(&mut self) {
        for (at, written) in std::mem::take(&mut self.pending) {
            Self::apply(&mut self.synced, at, &written);
        }
    }

    /// What the disk holds after the power went: of what was pending, some, and some of it torn.
    fn after_the_cut(mut self, dice: &mut Dice) -> Vec<u8> {
        for (at, written) in std::mem::take(&mut self.pending) {
            match dice.roll(3) {
                0 => {}
                1 => Self::apply(&mut self.synced, at, &written),
                _ => {
                    for (n, sector) in written.chunks(SECTOR).enumerate() {
                        if dice.roll(2) == 0 {
                            Self::apply(&mut self.synced, at + n * SECTOR, sector);
                        }
                    }
                }
            }
        }
        self.synced
    }
}

/// Xorshift: the same cuts at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// Cuts the power after `steps`; which acknowledged changes the database then lacks.
fn lost_after(steps: &[Step], dice: &mut Dice) -> Vec<usize> {
    let mut files: BTreeMap<&str, OnDisk> = BTreeMap::new();
    let mut acknowledged = Vec::new();
    for step in steps {
        match step {
            Step::Write { file, at, bytes } => {
                let file = files.entry(file).or_default();
                file.pending.push((*at, bytes.clone()));
            }
            Step::Cut { file, length } => {
                let file = files.entry(file).or_default();
                file.sync();
                file.synced.resize(*length, 0);
            }
            Step::Synced { file } => files.entry(file).or_default().sync(),
            Step::Removed { file } => {
                files.remove(file.as_str());
            }
            Step::Acknowledged(n) => acknowledged.push(*n),
        }
    }
    if acknowledged.is_empty() {
        return Vec::new();
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, file) in files.into_iter().filter(|(name, _)| !name.is_empty()) {
        // The index of the log lies in shared memory; after a power cut there is none.
        if !name.ends_with("-shm") {
            fs::write(dir.path().join(name), file.after_the_cut(dice)).unwrap();
        }
    }
    let store = open(dir.path());
    acknowledged.retain(|n| store.fact(&format!("fact {n}")).unwrap() != Some(value(*n)));
    acknowledged
}

fn losses(steps: &[Step]) -> usize {
    let mut dice = Dice(0x1ac7_0051);
    (0..CUTS)
        .filter(|_| {
            let cut = dice.roll(steps.len()) + 1;
            !lost_after(&steps[..cut], &mut dice).is_empty()
        })
        .count()
}

#[test]
fn what_is_acknowledged_outlives_a_power_cut() {
    let steps = record(false);
    let syncs = steps
        .iter()
        .filter(|s| matches!(s, Step::Synced { .. }))
        .count();
    let acknowledged = steps
        .iter()
        .filter(|s| matches!(s, Step::Acknowledged(_)))
        .count();
    assert_eq!(acknowledged, CHANGES, "the record is whole");
    assert!(syncs >= CHANGES, "{syncs} syncs for {CHANGES} changes");
    assert_eq!(losses(&steps), 0);
}

#[test]
fn an_acknowledgement_before_the_sync_is_found_out() {
    assert!(losses(&record(true)) > 0, "this test could not fail");
}
