//! What a purge costs those who write beside it. Run by `cargo xtask bench purge`, which knows the bar;
//! prints one JSON object a figure.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement, with the tests' help: it asks the time, and breaks off when it cannot be set up"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crypt::SystemRandom;
use govern::{CameraId, Period, Principal, Purge, RetentionClass, Unit};
use jiff::Timestamp;
use ledger::Event;
use plate::{Candidate, Reading};
use store::{Frame, Kept, NewRead, Place, PurgePlan};
use support::House;

/// Reads that come in each second.
const WRITES: u32 = 200;
/// As long as `lictor serve` waits between two steps.
const BETWEEN_STEPS: Duration = Duration::from_millis(20);
/// How long writes are measured without a purge.
const ALONE: Duration = Duration::from_secs(10);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo starts it without these when it runs every bench.
    if let [_, reads] = arguments.as_slice() {
        measure(reads.parse().unwrap());
    }
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

fn measure(reads: u32) {
    let house = House::with_sqlite();
    let camera = house.camera("elm");
    // The run learns by the clock how much it may do at once.
    let ticking = AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| tick(&house, &ticking));
        measure_beside(&house, camera, reads);
        ticking.store(false, Ordering::Relaxed);
    });
}

/// Moves the tests' clock as the real one goes.
fn tick(house: &House, ticking: &AtomicBool) {
    let mut last = Instant::now();
    while ticking.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(1));
        house.clock.advance(last.elapsed());
        last = Instant::now();
    }
}

fn measure_beside(house: &House, camera: CameraId, reads: u32) {
    fill(house, camera, reads);
    let over = AtomicBool::new(false);
    let alone = std::thread::scope(|scope| {
        let writing = scope.spawn(|| write(house, camera, reads, &over));
        std::thread::sleep(ALONE);
        over.store(true, Ordering::Relaxed);
        writing.join().unwrap()
    });
    over.store(false, Ordering::Relaxed);
    let began = Instant::now();
    let (beside, steps, longest) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| write(house, camera, 2 * reads, &over));
        let (steps, longest) = purge(house);
        over.store(true, Ordering::Relaxed);
        (writing.join().unwrap(), steps, longest)
    });
    figure("longest_wait_ms", most(&beside));
    figure("wait_ms_p99", percentile(&beside, 0.99));
    figure("longest_wait_alone_ms", most(&alone));
    figure("longest_step_ms", longest);
    figure("steps", f64::from(steps));
    let each = f64::from(reads) / began.elapsed().as_secs_f64();
    figure("reads_per_s", each);
    let writes = beside.len() as f64 / began.elapsed().as_secs_f64();
    figure("writes_per_s", writes);
}

/// Old reads, two to a frame.
fn fill(house: &House, camera: CameraId, reads: u32) {
    const FRAME: u32 = 2;
    let permit = house.standing(camera);
    for n in 0..reads / FRAME {
        let plates: Vec<NewRead> = (0..FRAME).map(|k| read(n * FRAME + k)).collect();
        keep(house, &permit, at(n), n, &plates);
        if n % 1_000 == 0 {
            eprintln!("{} of {reads} reads", n * FRAME);
        }
    }
}

/// Hands in a read each so many milliseconds until it is over; how long each took, in milliseconds. One
/// that is late does not make the next one late.
fn write(house: &House, camera: CameraId, first: u32, over: &AtomicBool) -> Vec<f64> {
    let permit = house.standing(camera);
    let each = Duration::from_secs(1) / WRITES;
    let mut took = Vec::new();
    let mut next = Instant::now();
    let mut n = first;
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        let due = next.max(Instant::now() - each);
        let plate = [read(n)];
        let seen_at = "2026-11-24T15:00:00Z".parse::<Timestamp>().unwrap();
        keep(
            house,
            &permit,
            seen_at + Duration::from_millis(n.into()),
            n,
            &plate,
        );
        took.push(due.elapsed().as_secs_f64() * 1_000.0);
        next += each;
        n += 1;
    }
    took
}

/// How many steps it took, and the longest, in milliseconds.
fn purge(house: &House) -> (u32, f64) {
    let before = at(u32::MAX / 2);
    let act = Purge {
        before: vec![(RetentionClass::Read, before)],
    };
    let plan = PurgePlan {
        class: RetentionClass::Read,
        keep: Period {
            amount: 30,
            unit: Unit::Days,
        },
        schedule: "item 7".into(),
        disposal: None,
        before,
    };
    let permit = house.permit(Principal::Station, act);
    let mut run = house.store().begin_purge(&permit, vec![plan]).unwrap();
    let (mut steps, mut longest) = (0, 0.0_f64);
    loop {
        let began = Instant::now();
        let mut enter = |event| house.ledger.append(Timestamp::now(), event).map(drop);
        let goes_on = house
            .store()
            .purge_step(&permit, &mut run, &SystemRandom, &mut enter)
            .unwrap();
        longest = longest.max(began.elapsed().as_secs_f64() * 1_000.0);
        steps += 1;
        if !goes_on {
            return (steps, longest);
        }
        std::thread::sleep(BETWEEN_STEPS);
    }
}

fn keep(
    house: &House,
    permit: &govern::Permit<govern::KeepReads>,
    seen_at: Timestamp,
    n: u32,
    reads: &[NewRead],
) {
    let picture = format!("picture {n}").into_bytes();
    let frame = Frame {
        seen_at,
        picture: &picture,
        reads,
        hits: &[],
        possibles: &[],
        same_passing: Duration::ZERO,
    };
    let enter = |events: &[Event]| {
        let enter = |event: &Event| house.ledger.append(Timestamp::now(), event.clone());
        (events.iter())
            .map(|event| Ok(enter(event)?.index))
            .collect()
    };
    let kept = house
        .store()
        .keep_reads(permit, &frame, &SystemRandom, enter);
    assert!(matches!(kept, Ok(Kept::New(..))));
}

/// A minute apart, long ago.
fn at(n: u32) -> Timestamp {
    let begin: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let after = Duration::from_secs(u64::from(n.min(100_000)) * 60);
    begin + after
}

fn read(n: u32) -> NewRead {
    let letter = |n: u32| char::from(b"ABCDEFGHJKLMNPRSTUVWXYZ"[(n % 23) as usize]);
    let text = format!("{}{}{:05}", letter(n), letter(n / 23), n % 100_000);
    let candidate = Candidate {
        text: text.parse().unwrap(),
        probability: 0.95,
    };
    NewRead {
        reading: Reading::from_candidates(&[candidate]).unwrap(),
        confidence: 0.9,
        place: Place {
            x: 10.0,
            y: 20.0,
            width: 80.0,
            height: 40.0,
        },
    }
}

fn most(took: &[f64]) -> f64 {
    took.iter().copied().fold(0.0, f64::max)
}

fn percentile(took: &[f64], share: f64) -> f64 {
    let mut took = took.to_vec();
    took.sort_by(f64::total_cmp);
    took[((took.len() - 1) as f64 * share) as usize]
}
