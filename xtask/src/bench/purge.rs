//! What a purge costs those who write beside it.

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program};

/// Reads that are past their time.
const READS: u32 = 1_000_000;

/// Purges a million reads while 200 a second arrive.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("store", "purge", "")?;
    let printed = measured(program(&bench, &[]).arg(READS.to_string()))?;
    let of = |name, unit, bar, printed_as| Figure::of(name, unit, bar, named(&printed, printed_as));
    Ok(vec![
        of(
            "purge.longest_wait_ms",
            "ms",
            Bar::AtMost(100.0),
            "longest_wait_ms",
        ),
        of("purge.wait_ms_p99", "ms", Bar::Limit, "wait_ms_p99"),
        of(
            "purge.longest_wait_alone_ms",
            "ms",
            Bar::Limit,
            "longest_wait_alone_ms",
        ),
        of("purge.longest_step_ms", "ms", Bar::Limit, "longest_step_ms"),
        of("purge.reads_per_s", "/s", Bar::Limit, "reads_per_s"),
        of("purge.writes_per_s", "/s", Bar::Limit, "writes_per_s"),
    ])
}
