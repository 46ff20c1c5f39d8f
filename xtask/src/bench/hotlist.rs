//! What a national hotlist costs.

use std::path::PathBuf;

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program, root};

/// Entries of a list of the whole country.
const ENTRIES: u32 = 5_000_000;

/// Brings five million invented entries in, which takes minutes, or goes on with those that an earlier
/// run brought in; opens their index, and holds reads against it.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("store", "lists", "")?;
    let folder: PathBuf = root().join("target/bench/lists");
    let printed = measured(program(&bench, &[]).arg(&folder).arg(ENTRIES.to_string()))?;
    let of = |name, unit, bar, printed_as| Figure::of(name, unit, bar, named(&printed, printed_as));
    let mut figures = vec![
        of(
            "hotlist.match_us_p50",
            "µs",
            Bar::AtMost(10.0),
            "match_us_p50",
        ),
        of(
            "hotlist.match_us_p99",
            "µs",
            Bar::AtMost(50.0),
            "match_us_p99",
        ),
        of("hotlist.open_5e6_ms", "ms", Bar::AtMost(100.0), "open_ms"),
        of("hotlist.index_5e6_mb", "MB", Bar::AtMost(300.0), "index_mb"),
        of(
            "hotlist.matches_per_1000",
            "",
            Bar::Limit,
            "matches_per_1000_reads",
        ),
        of(
            "hotlist.alerts_per_1000",
            "",
            Bar::Limit,
            "alerts_per_1000_reads",
        ),
    ];
    if !named(&printed, "compile_s").is_empty() {
        figures.extend([
            of("hotlist.compile_5e6_s", "s", Bar::AtMost(15.0), "compile_s"),
            of("hotlist.read_table_5e6_s", "s", Bar::Limit, "read_s"),
            of("hotlist.keep_5e6_s", "s", Bar::Limit, "keep_s"),
            of("hotlist.import_5e6_s", "s", Bar::Limit, "import_s"),
            of("hotlist.most_memory_mb", "MB", Bar::Limit, "most_memory_mb"),
            of(
                "hotlist.bytes_per_entry",
                "B",
                Bar::Limit,
                "bytes_per_entry",
            ),
        ]);
    }
    Ok(figures)
}
