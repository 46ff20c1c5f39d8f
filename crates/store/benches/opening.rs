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
mod town;

use std::path::Path;
use std::time::Instant;

use govern::{Search, StatedPurpose};
use support::{House, member};
use town::Town;

/// Times it is opened.
const OPENED: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo starts it without these when it runs every bench.
    if let [_, folder, reads] = arguments.as_slice() {
        let reads = reads.parse().unwrap();
        town::sqlite::fill(Path::new(folder), Town { reads });
        open_and_search(Path::new(folder));
    }
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

/// From nothing to the first answer of a search.
fn open_and_search(folder: &Path) {
    let house = House::with_sqlite();
    for _ in 0..OPENED {
        let purpose = StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        };
        let search = Search::new(town::plate(1_234_567).parse().unwrap(), purpose);
        let permit = house.permit(member("officer"), search);
        let begun = Instant::now();
        let store = town::open(folder, None, house.clock.clone());
        figure("open_s", begun.elapsed().as_secs_f64());
        store.search(&permit).unwrap();
        figure("open_and_search_s", begun.elapsed().as_secs_f64());
    }
}
