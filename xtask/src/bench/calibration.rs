//! What alerts are worth that rest on the reader.

use std::path::PathBuf;

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program, root};

/// Labelled pictures of one plate each: `us-crops` of the folder that `LICTOR_DATA` names, as
/// `training/README.md` describes it.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let data = std::env::var_os("LICTOR_DATA").ok_or_else(|| Failure::Missing {
        what: "LICTOR_DATA names no folder of labelled pictures.".to_owned(),
        advice:
            "Set it to a folder that has bench/us-crops/truth.csv (columns file, state, plate)."
                .to_owned(),
    })?;
    let pictures = PathBuf::from(data).join("bench/us-crops");
    let bench = build("vision", "calibration", "")?;
    let mut command = program(&bench, &[]);
    let printed = measured(
        command
            .arg(&pictures)
            .arg(root().join("policy/alerts.toml")),
    )?;
    let of = |name: &'static str, unit, bar| {
        let printed_as = name.strip_prefix("calibration.").unwrap_or(name);
        Figure::of(name, unit, bar, named(&printed, printed_as))
    };
    let by_strings = named(&printed, "strings_found_of_100");
    // More than by comparing strings: at least one car of all.
    let pictures = named(&printed, "pictures").first().copied().unwrap_or(1.0);
    let more = by_strings.first().copied().unwrap_or(100.0) + 100.0 / pictures - 1e-9;
    Ok(vec![
        of("calibration.states_error", "", Bar::Limit),
        of("calibration.characters_error", "", Bar::Limit),
        of("calibration.states_right_at_09", "", Bar::AtLeast(0.9)),
        of("calibration.characters_right_at_09", "", Bar::AtLeast(0.9)),
        of("calibration.strings_found_of_100", "", Bar::Limit),
        of("calibration.strings_false_per_million", "", Bar::Limit),
        of(
            "calibration.probability_found_of_100",
            "",
            Bar::AtLeast(more),
        ),
        of("calibration.probability_false_per_million", "", Bar::Limit),
        of("calibration.priority_found_of_100", "", Bar::Limit),
        of("calibration.priority_false_per_million", "", Bar::Limit),
        of("calibration.neighbours_priority_of_100", "", Bar::Limit),
        of("calibration.neighbours_by_strings_of_100", "", Bar::Limit),
        of("calibration.wrong_state_priority_of_100", "", Bar::Limit),
        of("calibration.wrong_state_by_strings_of_100", "", Bar::Limit),
    ])
}
