//! What reading a frame costs on one core.

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program};

const RUNS: usize = 5;

pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("vision", "vision", "measure")?;
    let mut printed = Vec::new();
    for _ in 0..RUNS {
        // The limit is measured by a library that takes every core unless it is told.
        let mut command = program(&bench, &["frame"]);
        printed.extend(measured(command.env("RAYON_NUM_THREADS", "1"))?);
    }
    let part = |name, printed_as| Figure::of(name, "ms", Bar::Limit, named(&printed, printed_as));
    Ok(vec![
        Figure::of(
            "vision.frame_ms",
            "ms",
            Bar::AtMost(40.0),
            named(&printed, "frame_ms"),
        ),
        part("vision.decode_ms", "decode_ms"),
        part("vision.detector_ms", "detector_ms"),
        part("vision.reader_ms", "reader_ms"),
        part("vision.legends_ms", "legends_ms"),
        part("vision.rest_ms", "rest_ms"),
        Figure::of("vision.plates", "", Bar::Limit, named(&printed, "plates")),
        Figure::of(
            "vision.share_of_limit",
            "",
            Bar::Limit,
            named(&printed, "share_of_limit"),
        ),
    ])
}
