//! What a large store costs.

use std::path::PathBuf;

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program, root};

/// Reads of a busy department's year.
const READS: u32 = 10_000_000;

/// Fills a store of ten million reads, which takes minutes, or goes on with the one that an earlier
/// run filled, and opens it.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("store", "opening", "")?;
    let folder: PathBuf = root().join("target/bench/store");
    let printed = measured(program(&bench, &[]).arg(&folder).arg(READS.to_string()))?;
    let of = |name, unit, bar, printed_as| Figure::of(name, unit, bar, named(&printed, printed_as));
    let mut figures = vec![
        of(
            "store.open_1e7_s",
            "s",
            Bar::AtMost(1.0),
            "open_and_search_s",
        ),
        of("store.open_alone_1e7_s", "s", Bar::Limit, "open_s"),
        of("store.bytes_per_read", "B", Bar::Limit, "bytes_per_read"),
        of(
            "search.sqlite_1e7_exact_ms_p99",
            "ms",
            Bar::AtMost(5.0),
            "exact_ms_p99",
        ),
        of(
            "search.sqlite_1e7_partial_ms_p99",
            "ms",
            Bar::AtMost(20.0),
            "partial_ms_p99",
        ),
    ];
    let filled = named(&printed, "fill_per_s");
    if !filled.is_empty() {
        figures.push(Figure::of("store.fill_per_s", "/s", Bar::Limit, filled));
    }
    Ok(figures)
}
