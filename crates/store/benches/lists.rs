//! What a national hotlist costs. Run by `cargo xtask bench hotlist`, which knows the bars; prints one
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

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crypt::{Key, SystemRandom, sha256};
use govern::{Clock, ImportList};
use hotlist::{About, Class, Index, Rules};
use plate::{Candidate, Jurisdictions, Reading};
use store::{Store, StoreKeys, StorePlace};
use support::{House, administrator};

/// Times a kept index is opened.
const OPENED: usize = 7;
/// Reads that are held against the list.
const READS: u64 = 100_000;
/// Characters that a reader takes for each other.
const ALIKE: [(char, char); 9] = [
    ('0', 'D'),
    ('8', 'B'),
    ('1', 'I'),
    ('5', 'S'),
    ('2', 'Z'),
    ('6', 'G'),
    ('C', 'G'),
    ('E', 'F'),
    ('V', 'Y'),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo starts it without these when it runs every bench.
    if let [_, folder, entries] = arguments.as_slice() {
        let (folder, entries) = (Path::new(folder), entries.parse().unwrap());
        let house = House::with_sqlite();
        if !folder.exists() {
            fs::create_dir_all(folder).unwrap();
            bring_in(&house, folder, entries);
        }
        let index = open_kept(&house, folder);
        hold_reads_against(&house, &index, entries);
    }
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

fn open(house: &House, folder: &Path) -> Store {
    let key = || Key::from_bytes([7; 32]);
    let keys = StoreKeys {
        database: key(),
        columns: key(),
        pictures: key(),
    };
    let place = StorePlace::in_folder(folder);
    // Its clock stands: permits are good for as long as this takes.
    Store::open(&place, keys, Arc::clone(&house.clock) as Arc<dyn Clock>).unwrap()
}

/// A number that looks drawn, and is the same each time: SplitMix64 (Steele, Lea and Flood, 2014).
fn drawn(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// An invented plate: in the form of one state or another, three letters and four digits, two letters
/// and five digits, or seven of either.
fn plate(n: u64) -> String {
    let mut left = drawn(n);
    let mut one = |from: &[u8]| {
        let character = char::from(from[(left % from.len() as u64) as usize]);
        left /= from.len() as u64;
        character
    };
    let (letters, digits) = (b"ABCDEFGHJKLMNPRSTUVWXYZ", b"0123456789");
    let both = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";
    match n % 3 {
        0 => (0..7)
            .map(|i| if i < 3 { one(letters) } else { one(digits) })
            .collect(),
        1 => (0..7)
            .map(|i| if i < 2 { one(letters) } else { one(digits) })
            .collect(),
        _ => (0..7).map(|_| one(both)).collect(),
    }
}

fn state(n: u64) -> &'static str {
    ["IL", "IN", "WI", "MO", "IA", "MI", "OH", "KY", "TX", "CA"][(drawn(!n) % 10) as usize]
}

fn about() -> About {
    About {
        name: "National extract".into(),
        source: "An invented state".into(),
        class: Class::Federal,
        purposes: vec!["stolen".into()],
        refresh_hours: 12,
        mapping: "illinois-extract".into(),
    }
}

/// Reads a table of so many entries, compiles it, and brings it in.
fn bring_in(house: &House, folder: &Path, entries: u64) {
    let mut table = "FILE,LIC,LIS,LIT,VYR,VMA,VMO,VST,VCO,DOE,NIC,ORI,MIS\n".to_owned();
    for n in 0..entries {
        let (plate, state) = (plate(n), state(n));
        writeln!(
            table,
            "VEHICLE,{plate},{state},PC,2019,HOND,CRV,4D,TEA,20261121,V{n:09},{state}0160000,"
        )
        .unwrap();
    }
    let mapping = house.policy.hotlists().get("illinois-extract").unwrap();
    let import = Instant::now();
    let begun = Instant::now();
    let mut imported = mapping.import(table.as_bytes()).unwrap();
    figure("read_s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    drop(imported.entries.compile());
    figure("compile_s", begun.elapsed().as_secs_f64());
    let sha256 = sha256(table.as_bytes());
    drop(table);
    let act = ImportList {
        about: about(),
        sha256,
    };
    let store = open(house, folder);
    let permit = house.permit(administrator(), act);
    let begun = Instant::now();
    store
        .import_list(&permit, imported, |_| false, &SystemRandom)
        .unwrap();
    figure("keep_s", begun.elapsed().as_secs_f64());
    figure("import_s", import.elapsed().as_secs_f64());
    figure("most_memory_mb", memory("VmHWM"));
    let bytes = fs::metadata(folder.join("lictor.db")).unwrap().len();
    figure("bytes_per_entry", bytes as f64 / entries as f64);
}

/// Opens the index as a station that starts does.
fn open_kept(house: &House, folder: &Path) -> Arc<Index> {
    let permit = house.standing(house.camera("elm"));
    let mut kept = None;
    for _ in 0..OPENED {
        drop(kept.take());
        let store = open(house, folder);
        let begun = Instant::now();
        let lists = store.lists_in_force(&permit).unwrap();
        figure("open_ms", begun.elapsed().as_secs_f64() * 1_000.0);
        kept = lists.into_iter().next();
    }
    let index = kept.unwrap().index;
    figure("index_mb", index.bytes() as f64 / 1e6);
    index
}

/// What this process takes of memory, in megabytes, as the system calls it.
fn memory(what: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1_000.0
}

/// A read as the reader gives it: 24 texts that look alike, the first so sure.
fn reading(n: u64, entries: u64) -> Reading {
    let random = drawn(n ^ 0x5EED);
    // One read in fifty is of a listed car.
    let number = if random.is_multiple_of(50) {
        random % entries
    } else {
        entries + n
    };
    let text = plate(number);
    let sure = [0.99, 0.95, 0.8, 0.5][(random >> 32) as usize % 4];
    let mut texts = vec![text.clone()];
    'all: for first in 0..text.len() {
        for second in first..text.len() {
            let mut other: Vec<char> = text.chars().collect();
            for place in [first, second] {
                other[place] = alike(other[place]);
            }
            let other: String = other.into_iter().collect();
            if !texts.contains(&other) {
                texts.push(other);
            }
            if texts.len() == 24 {
                break 'all;
            }
        }
    }
    let mut left = 1.0;
    let candidates: Vec<Candidate> = texts
        .iter()
        .map(|text| {
            let probability = left * sure;
            left -= probability;
            Candidate {
                text: text.parse().unwrap(),
                probability,
            }
        })
        .collect();
    let states = [(state(number), 0.8), ("OH", 0.1), ("TX", 0.05)];
    let states = states.map(|(state, p)| (format!("US-{state}").parse().unwrap(), p));
    Reading::from_candidates(&candidates)
        .unwrap()
        .with_jurisdictions(Jurisdictions::new(states))
}

fn alike(c: char) -> char {
    let pair = ALIKE.iter().find(|(a, b)| *a == c || *b == c);
    pair.map_or(c, |(a, b)| if *a == c { *b } else { *a })
}

fn hold_reads_against(house: &House, index: &Index, entries: u64) {
    let rules: &Rules = house.policy.alerts();
    let readings: Vec<Reading> = (0..READS).map(|n| reading(n, entries)).collect();
    let mut took = Vec::with_capacity(readings.len());
    let (mut matches, mut alerts) = (0, 0);
    for reading in &readings {
        let begun = Instant::now();
        let found = index.matches(reading, rules, rules.prior(Class::Federal));
        took.push(begun.elapsed().as_secs_f64() * 1e6);
        matches += found.len();
        alerts += found
            .iter()
            .filter(|m| m.grade(rules, &rules.terms()).is_some())
            .count();
    }
    took.sort_by(f64::total_cmp);
    figure("match_us_p50", took[took.len() / 2]);
    figure("match_us_p99", took[took.len() * 99 / 100]);
    figure(
        "matches_per_1000_reads",
        matches as f64 / READS as f64 * 1e3,
    );
    figure("alerts_per_1000_reads", alerts as f64 / READS as f64 * 1e3);
}
