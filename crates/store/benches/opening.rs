//! What opening a large store costs. Run by `cargo xtask bench store`, which knows the bars; prints one
//! JSON object a figure.
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

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crypt::{Key, Random, SystemRandom};
use govern::{Search, StatedPurpose, SystemClock};
use plate::{Candidate, Reading};
use rusqlite::params;
use store::{Store, StoreError, StoreKeys, StorePlace};
use support::{House, member};

/// Reads in one transaction while the store is filled.
const STEP: u64 = 100_000;
/// Cameras that saw them.
const CAMERAS: u64 = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo starts it without these when it runs every bench.
    if let [_, folder, reads] = arguments.as_slice() {
        let (folder, reads) = (Path::new(folder), reads.parse().unwrap());
        fs::create_dir_all(folder).unwrap();
        fill(folder, reads);
        open_and_search(folder);
        search_warm(folder);
    }
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

fn key() -> Key {
    Key::from_bytes([7; 32])
}

fn open(folder: &Path) -> Store {
    let keys = StoreKeys {
        database: key(),
        columns: key(),
        pictures: key(),
    };
    let place = StorePlace::in_folder(folder);
    Store::open(&place, keys, Arc::new(SystemClock::new())).unwrap()
}

/// Plates by number: three letters, four digits. Low numbers come again and again, as some cars do.
fn plate(n: u64) -> String {
    let letter = |n: u64| char::from(b"ABCDEFGHJKLMNPRSTUVWXYZ"[(n % 23) as usize]);
    format!(
        "{}{}{}{:04}",
        letter(n),
        letter(n / 23),
        letter(n / 529),
        n * 7919 % 10_000
    )
}

/// A car, drawn so that its number's logarithm is even (Zipf's law).
fn car(random: u64) -> u64 {
    let even = random as f64 / u64::MAX as f64;
    (2_000_000_f64.powf(even)) as u64
}

/// Puts reads into the tables past the store, whose own way syncs each frame with its picture. Goes on
/// where an earlier run stopped.
fn fill(folder: &Path, reads: u64) {
    drop(open(folder));
    let mut db = rusqlite::Connection::open(folder.join("lictor.db")).unwrap();
    let hex: String = key().expose().iter().map(|b| format!("{b:02x}")).collect();
    db.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db.pragma_update(None, "cache_size", -400_000).unwrap();
    let there = "SELECT count(*) FROM read";
    let mut n: u64 = db.query_row(there, [], |row| row.get::<_, i64>(0)).unwrap() as u64;
    let begun = Instant::now();
    let first = n;
    while n < reads {
        let step = db.transaction().unwrap();
        let to = reads.min(n + STEP);
        for read in n..to {
            put(&step, read);
        }
        step.commit().unwrap();
        n = to;
        eprintln!("{n} of {reads} reads");
    }
    if n > first {
        let per_s = (n - first) as f64 / begun.elapsed().as_secs_f64();
        figure("fill_per_s", per_s);
    }
    let bytes = fs::metadata(folder.join("lictor.db")).unwrap().len();
    figure("bytes_per_read", bytes as f64 / n as f64);
}

fn put(db: &rusqlite::Connection, n: u64) {
    let mut random = [0; 48];
    SystemRandom.fill(&mut random);
    let (read, picture, more) = (&random[..16], &random[16..32], &random[32..]);
    let more = u64::from_le_bytes(more[..8].try_into().unwrap());
    let camera = (n % CAMERAS).to_le_bytes();
    let camera = [camera, camera].concat();
    let seen_at = 1_790_000_000_000_i64 + n as i64 * 250;
    let day = format!(
        "2026-{:02}-{:02}",
        1 + n / 300_000 % 12,
        1 + n / 10_000 % 28
    );
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        db.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    run(
        "INSERT INTO camera (id, name, place, key_digest, added_at) VALUES (?1, ?2, ?2, ?2, 0) ON CONFLICT DO NOTHING",
        params![camera, format!("camera {}", n % CAMERAS)],
    );
    run(
        "INSERT INTO picture_key (camera, class, day, wrapped) VALUES (?1, 'no-hit', ?2, x'00') ON CONFLICT DO NOTHING",
        params![camera, day],
    );
    run(
        "INSERT INTO picture (id, camera, class, day, seen_at, wrapped, sha256) VALUES (?1, ?2, 'no-hit', ?3, ?4, ?5, ?6)",
        params![
            picture,
            camera,
            day,
            seen_at,
            [0_u8; 60],
            format!("{:064x}", more)
        ],
    );
    let (best, other) = (plate(car(more)), plate(more % 2_000_000));
    let candidate = |text: &str, probability| Candidate {
        text: text.parse().unwrap(),
        probability,
    };
    let reading =
        Reading::from_candidates(&[candidate(&best, 0.9), candidate(&other, 0.06)]).unwrap();
    run(
        "INSERT INTO read (id, picture, reading, confidence, x, y, width, height) VALUES (?1, ?2, ?3, 0.9, 10, 20, 80, 40)",
        params![read, picture, serde_json::to_string(&reading).unwrap()],
    );
    for (text, probability) in [(best, 0.9), (other, 0.06)] {
        let text = text.replace('O', "0");
        run(
            "INSERT INTO read_plate (plate, seen_at, read, camera, probability) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            params![text, seen_at, read, camera, probability],
        );
        run(
            "INSERT INTO plate_new (plate) VALUES (?1) ON CONFLICT DO NOTHING",
            params![text],
        );
    }
}

/// Searches of each shape.
const QUERIES: u64 = 500;

/// Whole plates, and plates with two characters unknown, drawn as the reads were: how long the slowest of
/// a hundred takes.
fn search_warm(folder: &Path) {
    let house = House::with_sqlite();
    let store = open(folder);
    let ask = |plate: &str| {
        let permit = house.permit(member("officer"), search_for(plate));
        let begun = Instant::now();
        let found = store.search(&permit);
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        // That too much fits is an answer too.
        assert!(matches!(found, Ok(_) | Err(StoreError::TooMany { .. })));
        took
    };
    for (name, unknown) in [("exact", 0), ("partial", 2)] {
        let mut took: Vec<f64> = (0..QUERIES)
            .map(|n| {
                let mut random = [0; 16];
                SystemRandom.fill(&mut random);
                let [one, other] = [&random[..8], &random[8..]]
                    .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
                let mut text: Vec<char> = plate(car(one)).chars().collect();
                for place in [other % 7, (other % 7 + 1 + n % 6) % 7]
                    .iter()
                    .take(unknown)
                {
                    text[*place as usize] = '?';
                }
                ask(&text.into_iter().collect::<String>())
            })
            .collect();
        took.sort_by(f64::total_cmp);
        figure(&format!("{name}_ms_p50"), took[took.len() / 2]);
        figure(&format!("{name}_ms_p99"), took[took.len() * 99 / 100]);
    }
}

fn search_for(plate: &str) -> Search {
    Search::new(
        plate.parse().unwrap(),
        StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        },
    )
}

/// From nothing to the first answer of a search, five times.
fn open_and_search(folder: &Path) {
    let house = House::with_sqlite();
    for _ in 0..5 {
        let permit = house.permit(member("officer"), search_for(&plate(1_234_567)));
        let begun = Instant::now();
        let store = open(folder);
        figure("open_s", begun.elapsed().as_secs_f64());
        store.search(&permit).unwrap();
        figure("open_and_search_s", begun.elapsed().as_secs_f64());
    }
}
