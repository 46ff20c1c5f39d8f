//! What alerts are worth that rest on the reader.

use std::path::PathBuf;

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program, root};

/// Labelled pictures: `bench/us-crops`, of one plate each, and if they are there `bench/us` and `bench/br`,
/// of streets, of the folder that `LICTOR_DATA` names, as `training/README.md` describes it.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let data = std::env::var_os("LICTOR_DATA").ok_or_else(|| Failure::Missing {
        what: "LICTOR_DATA names no folder of labelled pictures.".to_owned(),
        advice:
            "Set it to a folder that has bench/us-crops/truth.csv (columns file, state, plate)."
                .to_owned(),
    })?;
    let pictures = PathBuf::from(data).join("bench");
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
    // More than by comparing strings: at least one car of all.
    let more = |strings: &str, cars: &str| {
        let first = |name| named(&printed, name).first().copied();
        let one_car = 100.0 / first(cars).unwrap_or(1.0);
        Bar::AtLeast(first(strings).unwrap_or(100.0) + one_car - 1e-9)
    };
    Ok(vec![
        of("calibration.states_error", "", Bar::Limit),
        of("calibration.characters_error", "", Bar::Limit),
        of("calibration.states_right_at_09", "", Bar::AtLeast(0.9)),
        of("calibration.characters_right_at_09", "", Bar::AtLeast(0.9)),
        // Lists of characters alone; cars that no scalar of the reader was fitted on.
        of("calibration.judging_strings_found_of_100", "", Bar::Limit),
        of("calibration.judging_false_per_million", "", Bar::Limit),
        of(
            "calibration.judging_probability_found_of_100",
            "",
            more("judging_strings_found_of_100", "judging_cars"),
        ),
        of("calibration.judging_more_of_100_least", "", Bar::Limit),
        of("calibration.judging_more_of_100_most", "", Bar::Limit),
        // The same, all pictures of one plate, those that scalars were fitted on too.
        of("calibration.crops_strings_found_of_100", "", Bar::Limit),
        of("calibration.crops_probability_found_of_100", "", Bar::Limit),
        of("calibration.crops_more_of_100_least", "", Bar::Limit),
        of("calibration.crops_more_of_100_most", "", Bar::Limit),
        // Lists that name the states, against comparing characters alone.
        of("calibration.stated_strings_found_of_100", "", Bar::Limit),
        of("calibration.stated_false_per_million", "", Bar::Limit),
        of(
            "calibration.stated_probability_found_of_100",
            "",
            more("stated_strings_found_of_100", "stated_cars"),
        ),
        of("calibration.stated_more_of_100_least", "", Bar::Limit),
        of("calibration.stated_more_of_100_most", "", Bar::Limit),
        of("calibration.priority_found_of_100", "", Bar::Limit),
        of("calibration.priority_false_per_million", "", Bar::Limit),
        of("calibration.neighbours_priority_of_100", "", Bar::Limit),
        of("calibration.neighbours_by_strings_of_100", "", Bar::Limit),
        of("calibration.wrong_state_priority_of_100", "", Bar::Limit),
        of("calibration.wrong_state_by_strings_of_100", "", Bar::Limit),
    ])
}
