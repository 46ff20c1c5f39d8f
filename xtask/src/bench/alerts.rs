//! How soon an alert is on a screen.

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program};

const RUNS: usize = 3;
/// How long reads arrive in a run.
const SECONDS: u32 = 30;

/// A station with a list of 100,000, five open streams, and 200 reads a second of twenty cameras, one in
/// ten of a listed car.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("console@0.1.0", "alerts", "")?;
    let mut printed = Vec::new();
    for _ in 0..RUNS {
        printed.extend(measured(program(&bench, &[]).arg(SECONDS.to_string()))?);
    }
    let of = |name: &'static str, unit, bar| {
        let printed_as = name.strip_prefix("alerts.").unwrap_or(name);
        Figure::of(name, unit, bar, named(&printed, printed_as))
    };
    Ok(vec![
        of("alerts.read_to_screen_ms_p50", "ms", Bar::Limit),
        of("alerts.read_to_screen_ms_p99", "ms", Bar::AtMost(100.0)),
        of("alerts.read_to_screen_ms_most", "ms", Bar::Limit),
        of("alerts.keep_ms_p50", "ms", Bar::Limit),
        of("alerts.keep_ms_p99", "ms", Bar::Limit),
        of("alerts.sync_ms_p50", "ms", Bar::Limit),
        of("alerts.sync_ms_p99", "ms", Bar::Limit),
        // Else they wait ever longer, and the figures above are worth nothing.
        of("alerts.reads_per_s", "/s", Bar::AtLeast(195.0)),
    ])
}
