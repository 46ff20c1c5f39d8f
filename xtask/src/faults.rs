//! `cargo xtask faults`: kills the station at its work and at a purge, and the database server under it, many
//! times.

use crate::command::{Failure, run, say};
use crate::setup;

/// The tests that kill, and read from LICTOR_TEST_KILLS how often.
const KILLERS: [(&str, &str); 4] = [
    ("station", "a_killed_station_loses_nothing_acknowledged"),
    (
        "station",
        "a_killed_server_under_a_station_loses_nothing_acknowledged",
    ),
    ("station", "a_killed_purge_destroys_nothing_by_halves"),
    ("store", "a_killed_server_loses_nothing_acknowledged"),
];

/// Runs each of them with this many kills. The ordinary tests run them with a few.
pub(crate) fn kill(kills: u32) -> Result<(), Failure> {
    for (package, test) in KILLERS {
        say(&format!("\n== {kills} kills: {test}"));
        let arguments = [
            "run",
            "--package",
            package,
            "--locked",
            "--profile",
            "faults",
            "--no-capture",
            "-E",
            &format!("test(={test})"),
        ];
        let mut nextest = setup::nextest(&arguments).ok_or_else(|| Failure::Missing {
            what: "cargo-nextest is not installed.".to_owned(),
            advice: "Run `cargo xtask setup`.".to_owned(),
        })?;
        run(
            nextest.env("LICTOR_TEST_KILLS", kills.to_string()),
            "What was acknowledged and is lost is named above.",
        )?;
    }
    Ok(())
}
