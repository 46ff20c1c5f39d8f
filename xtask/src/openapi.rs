//! `cargo xtask openapi`: the contract for programs, written from the table of routes.

use crate::command::{Failure, cargo, run, say};

/// Writes `docs/contract/openapi.json` by the test that otherwise compares it.
pub(crate) fn write() -> Result<(), Failure> {
    run(
        // The version tells our console from a terminal's library of that name.
        cargo(&[
            "test",
            "--quiet",
            "--locked",
            "--package",
            "console@0.1.0",
            "--test",
            "contract",
        ])
        .env("LICTOR_REWRITE", "1"),
        "Mend what is named above.",
    )?;
    say("docs/contract/openapi.json is what the table of routes says: read its diff.");
    Ok(())
}
