//! What the gate and the ledger cost. Run by `cargo xtask bench gate`, which knows the bars; prints
//! one JSON object a figure.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it asks the time, and breaks off when it cannot be set up"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crypt::{Id, SystemRandom};
use durable::{GrowingFile, RealDisk};
use govern::{
    Decided, MemberFacts, Moment, Policy, PolicyFiles, Principal, Request, Role, Search,
    StatedPurpose, decide,
};
use jiff::Timestamp;
use ledger::{
    Commitment, Decision, Event, Ledger, Party, Salt, SigningKey, Verdict, check_proof, verify,
};
use station::{Caller, Station};

const MEMBERS: u64 = 16;
const SECONDS: Duration = Duration::from_secs(3);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("decisions") => decisions(),
        Some("disk") => disk(),
        Some("permits") => at_the_gate(|station, caller| {
            station.permit_and_no_more(caller, search()).unwrap();
        }),
        Some("acts") => at_the_gate(|station, caller| {
            station.search(caller, search()).unwrap();
        }),
        Some("log") => log(),
        // Cargo starts it without any of these when it runs every bench.
        _ => {}
    }
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

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

/// The decision alone: rules, commitment, no disk. The median of many.
fn decisions() {
    let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
    let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
    let officer = MemberFacts {
        id: Id::random(&SystemRandom),
        name: "Avery Holt".into(),
        badge: "102".into(),
        roles: vec![Role("officer".into())],
        trained_until: Some("2027-11-25T10:00:00Z".parse().unwrap()),
        authorised: vec![],
        approved: vec![],
    };
    let mut took: Vec<Duration> = (0..20_000)
        .map(|_| {
            let request = Request {
                act: search(),
                who: Principal::Member(officer.clone()),
                session: None,
                address: "192.0.2.7".into(),
            };
            let moment = Moment {
                now,
                time_doubtful: false,
                id: Id::random(&SystemRandom),
                salt: Salt::random(&SystemRandom),
            };
            let began = Instant::now();
            let decided = decide(&policy, request, moment);
            let took = began.elapsed();
            assert!(matches!(decided, Decided::Granted(_)));
            took
        })
        .collect();
    took.sort();
    figure("decision_us", took[took.len() / 2].as_secs_f64() * 1e6);
}

/// How many times a second this disk makes half a kilobyte durable, one after the other.
fn disk() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = GrowingFile::open(&RealDisk, &dir.path().join("growing"), 0).unwrap();
    let (began, mut syncs) = (Instant::now(), 0);
    while began.elapsed() < SECONDS {
        file.append(&[0x20; 512]).unwrap();
        syncs += 1;
    }
    figure(
        "syncs_per_s",
        f64::from(syncs) / began.elapsed().as_secs_f64(),
    );
}

/// Sixteen members ask for some seconds, while the head is signed every second as ever.
fn at_the_gate(ask: impl Fn(&Station, &Caller) + Sync) {
    let dir = tempfile::tempdir().unwrap();
    let station = support::found(dir.path(), &support::StandingClock::new());
    let caller = support::log_in(&station, support::LOGIN);
    let (over, asked) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..MEMBERS {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    ask(&station, &caller);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_secs(1));
                station.sign_ledger().unwrap();
            }
        });
        // The first half second is for warming up.
        thread::sleep(Duration::from_millis(500));
        let (began, before) = (Instant::now(), asked.load(Ordering::Relaxed));
        fs::create_dir(dir.path().join("measuring-from-here")).unwrap();
        thread::sleep(SECONDS);
        let done = asked.load(Ordering::Relaxed) - before;
        fs::create_dir(dir.path().join("measuring-to-here")).unwrap();
        figure("per_s", done as f64 / began.elapsed().as_secs_f64());
        over.store(true, Ordering::Relaxed);
    });
    figure("asked", asked.into_inner() as f64);
    figure("entries", station.ledger_size() as f64);
    station.close().unwrap();
}

/// A log of a million decisions: writing, verifying, proving, and the memory it takes.
fn log() {
    const ENTRIES: u64 = 1_000_000;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("ledger");
    let key = SigningKey::create("ashford-falls.example/lictor/1", &SystemRandom).unwrap();
    let public = key.verifying().clone();
    let ledger = Ledger::begin(&root, key).unwrap();
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    let event = Event::Decision(Decision {
        id: Id::random(&SystemRandom),
        who: Party::Member(Id::random(&SystemRandom)),
        session: Some(crypt::sha256(b"a session")),
        act: "search".into(),
        purpose: Some("crime".into()),
        verdict: Verdict::Permit,
        policies: vec!["officers-search".into()],
        clauses: vec!["3(b)".into()],
        withdraws: None,
        counts_as: vec![],
        in_doubt: false,
        content: Commitment::to(&Salt::random(&SystemRandom), b"DK48213"),
    });
    let mut early = 0.0;
    while ledger.size() < ENTRIES {
        let most = 2_000.min(ENTRIES - ledger.size());
        let batch: Vec<_> = (0..most)
            .map(|_| ledger.submit(now, &event).unwrap())
            .collect();
        for pending in batch {
            pending.wait().unwrap();
        }
        ledger.seal().unwrap();
        if early == 0.0 && ledger.size() >= ENTRIES / 10 {
            early = resident_mb();
        }
    }
    figure("memory_growth_mb", resident_mb() - early);
    for _ in 0..3 {
        let began = Instant::now();
        let verified = verify(&root, &public).unwrap();
        assert_eq!(verified.signed, ENTRIES);
        figure("verify_1e6_s", began.elapsed().as_secs_f64());
    }
    let mut took: Vec<Duration> = (0..2_000_u64)
        .map(|n| {
            let index = n * 499_979 % ENTRIES;
            let began = Instant::now();
            let proof = ledger.prove(index).unwrap();
            let took = began.elapsed();
            assert_eq!(check_proof(&proof, &public).unwrap().index, index);
            took
        })
        .collect();
    took.sort();
    figure("proof_us", took[took.len() / 2].as_secs_f64() * 1e6);
}

/// What of this process lies in memory.
fn resident_mb() -> f64 {
    let pages = fs::read_to_string(Path::new("/proc/self/statm")).unwrap();
    let pages: f64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096.0 / 1e6
}
