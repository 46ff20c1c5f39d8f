//! What a search costs over many reads. Run by `cargo xtask bench search`, which knows the bars; prints one
//! JSON object a figure.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement, with the tests' help: it asks the time, and breaks off when it cannot be set up"
)]

#[path = "../tests/support/mod.rs"]
mod support;
mod town;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use crypt::Id;
use govern::{CameraFacts, Canvass, CaseStanding, Scene, Search, StatedPurpose, Within};
use jiff::ToSpan;
use store::{Store, StoreError};
use support::{House, member};
use town::{CAMERAS, Draw, Town, camera, open, plate};

/// Questions that are asked, after as many others.
const QUESTIONS: u64 = 1_000;
/// Cameras of a canvass, which is of one hour.
const CANVASSED: u64 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let arguments: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    // Cargo starts it without these when it runs every bench. The server is `-` for SQLite.
    let [what, folder, server, reads, more @ ..] = arguments.as_slice() else {
        return;
    };
    let folder = Path::new(folder);
    let server = Some(*server).filter(|server| *server != "-");
    let town = Town {
        reads: reads.parse().unwrap(),
    };
    match (*what, more) {
        ("fill", []) => fill(folder, server, town),
        ("warm", []) => warm(folder, server, town),
        ("cold", [n]) => cold(folder, server, town, n.parse().unwrap()),
        _ => {}
    }
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

fn fill(folder: &Path, server: Option<&str>, town: Town) {
    let begun = Instant::now();
    let built = match server {
        Some(server) => town::postgres::fill(folder, server, town),
        None => town::sqlite::fill(folder, town),
    };
    if built {
        figure("build_s", begun.elapsed().as_secs_f64());
    }
    let bytes = match server {
        Some(server) => town::postgres::bytes(server),
        None => town::sqlite::bytes(folder),
    };
    figure("bytes_per_read", bytes as f64 / town.reads as f64);
}

/// A question, and of which shape it is.
struct Question {
    shape: &'static str,
    asked: Asked,
}

enum Asked {
    Search(Search),
    Canvass(Canvass),
}

impl Question {
    /// Of ten: four whole plates, three with two characters unknown, two of which a part is known
    /// somewhere in the middle, one canvass. Cars are drawn as they pass.
    fn drawn(what: &str, n: u64, town: Town) -> Self {
        let mut draw = Draw::of(what, n);
        let text = plate(town.car(&mut draw));
        match n % 10 {
            0..4 => Self::search("exact", &text, town, &mut draw),
            4..7 => {
                let mut text: Vec<char> = text.chars().collect();
                let one = draw.below(7);
                let other = (one + 1 + draw.below(6)) % 7;
                for place in [one, other] {
                    text[place as usize] = '?';
                }
                let text: String = text.into_iter().collect();
                Self::search("partial", &text, town, &mut draw)
            }
            7..9 => {
                let known = 4 + draw.below(2) as usize;
                let from = draw.below(8 - known as u64) as usize;
                let text = format!("*{}*", &text[from..from + known]);
                Self::search("floating", &text, town, &mut draw)
            }
            _ => Self::canvass(town, &mut draw),
        }
    }

    /// One in three is of one week.
    fn search(shape: &'static str, plate: &str, town: Town, draw: &mut Draw) -> Self {
        let mut within = Within::default();
        if draw.below(3) == 0 {
            let from = town.time(draw);
            within.from = Some(from);
            within.until = Some(from + (7 * 24).hours());
        }
        let search = Search::new(plate.parse().unwrap(), purpose());
        Self {
            shape,
            asked: Asked::Search(Search { within, ..search }),
        }
    }

    fn canvass(town: Town, draw: &mut Draw) -> Self {
        let first = draw.below(CAMERAS);
        let cameras = (first..first + CANVASSED).map(|n| CameraFacts {
            id: Id::from_bytes(camera(n % CAMERAS)),
            name: format!("camera {:02}", n % CAMERAS),
        });
        let from = town.time(draw);
        let scene = Scene {
            name: "Elm Street".into(),
            cameras: cameras.collect(),
            area: None,
            from,
            until: from + 1.hours(),
        };
        Self {
            shape: "canvass",
            asked: Asked::Canvass(Canvass {
                scenes: vec![scene],
                plate: None,
                purpose: purpose(),
                case: CaseStanding::NoList,
            }),
        }
    }

    /// How long it takes, in milliseconds, and how much fits; nothing where it is too much.
    fn ask(&self, house: &House, store: &Store) -> (f64, Option<usize>) {
        let who = member("officer");
        let begun;
        let found = match &self.asked {
            Asked::Search(search) => {
                let permit = house.permit(who, search.clone());
                begun = Instant::now();
                store.search(&permit).map(|found| found.count)
            }
            Asked::Canvass(canvass) => {
                let permit = house.permit(who, canvass.clone());
                begun = Instant::now();
                store.canvass(&permit).map(|found| found.vehicles.len())
            }
        };
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        match found {
            Ok(count) => (took, Some(count)),
            Err(StoreError::TooMany { .. }) => (took, None),
            Err(error) => panic!("{error}"),
        }
    }
}

fn purpose() -> StatedPurpose {
    StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    }
}

/// Of each shape, after as many other questions were asked: the median, and the slowest of a hundred.
fn warm(folder: &Path, server: Option<&str>, town: Town) {
    let house = House::with_sqlite();
    let store = open(folder, server, house.clock.clone());
    let drawn = |what| (0..QUESTIONS).map(move |n| Question::drawn(what, n, town));
    let (before, questions): (Vec<_>, Vec<_>) =
        (drawn("before").collect(), drawn("asked").collect());
    for question in &before {
        question.ask(&house, &store);
    }
    let mut took: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for question in &questions {
        let (ms, count) = question.ask(&house, &store);
        took.entry(question.shape).or_default().push(ms);
        let (all, too_many) = found.entry(question.shape).or_default();
        *all += count.unwrap_or(0);
        *too_many += usize::from(count.is_none());
    }
    for (shape, mut took) in took {
        took.sort_by(f64::total_cmp);
        figure(&format!("{shape}_ms_p50"), took[took.len() / 2]);
        figure(&format!("{shape}_ms_p99"), took[took.len() * 99 / 100]);
        let (all, too_many) = found[shape];
        figure(&format!("{shape}_found"), all as f64 / took.len() as f64);
        figure(&format!("{shape}_too_many"), too_many as f64);
    }
}

/// One question, the first that the store is asked.
fn cold(folder: &Path, server: Option<&str>, town: Town, n: u64) {
    let house = House::with_sqlite();
    let store = open(folder, server, house.clock.clone());
    let question = Question::drawn("cold", n, town);
    figure(
        &format!("{}_cold_ms", question.shape),
        question.ask(&house, &store).0,
    );
}
