//! `cargo xtask test`: everything that must hold, phase by phase.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Failure, cargo, find, output, program, root, run, say};
use crate::phase::{Phase, Times, clock, timed};
use crate::{postgres, setup};

/// Where a copy of the advisory database lies, if there is one.
const ADVISORIES: &str = "LICTOR_ADVISORY_DB";

/// Says what each phase does.
pub(crate) fn list() {
    for phase in Phase::ALL {
        say(&format!("{:<10} {}", phase.name(), phase.says()));
    }
}

/// Runs these phases in their order and stops at the first that fails.
pub(crate) fn run_phases(phases: &[Phase]) -> Result<(), Failure> {
    let mut times = Times::default();
    for phase in phases {
        say(&format!("\n== {}: {}", phase.name(), phase.says()));
        let (done, took) = timed(|| run_one(*phase));
        times.add(*phase, took);
        if let Err(failure) = done {
            say(&format!(
                "\n{}\n\n== {} failed after {}",
                times.table(),
                phase.name(),
                clock(took)
            ));
            return Err(failure);
        }
        say(&format!("== {} passed in {}", phase.name(), clock(took)));
    }
    say(&format!("\n{}\n\nEverything passed.", times.table()));
    Ok(())
}

fn run_one(phase: Phase) -> Result<(), Failure> {
    match phase {
        Phase::Setup => setup::run_all(),
        Phase::Fmt => run(
            &mut cargo(&["fmt", "--all", "--check"]),
            "Run `cargo fmt --all`.",
        ),
        Phase::Clippy => run(
            &mut cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ]),
            "Mend what clippy names above; an exception is `#[expect(…, reason = \"…\")]`.",
        ),
        Phase::Build => run(
            &mut cargo(&["build", "--workspace", "--all-targets", "--locked"]),
            "Mend what the compiler names above; if it says that Cargo.lock must change, commit the change.",
        ),
        Phase::Test => tests(),
        Phase::Doc => run(
            &mut cargo(&["test", "--workspace", "--doc", "--locked"]),
            "Mend the example that is named above.",
        ),
        Phase::Deny => deny(),
        Phase::Browser => browser(),
    }
}

fn tests() -> Result<(), Failure> {
    let arguments = [
        "run",
        "--workspace",
        "--locked",
        "--profile",
        "ci",
        "--no-tests=pass",
    ];
    let mut nextest = installed(setup::nextest(&arguments), "cargo-nextest")?;
    let folder = std::env::temp_dir().join(format!("lictor-postgres-{}", std::process::id()));
    let database = postgres::start(&folder)?;
    run(
        nextest.env(postgres::ADDRESS, database.address()),
        "The failed tests are listed above; run one by `cargo nextest run NAME`.",
    )
}

/// Licences, bans and sources always; advisories where a copy of the database is at hand.
fn deny() -> Result<(), Failure> {
    let mut arguments = vec![
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ];
    let advisories = std::env::var_os(ADVISORIES).map(PathBuf::from);
    if advisories.is_some() {
        arguments.splice(0..1, ["--frozen"]);
        arguments.push("advisories");
    }
    let mut deny = installed(setup::deny(&arguments), "cargo-deny")?;
    run(
        &mut deny,
        "Crate, licence and the rule in deny.toml are named above.",
    )?;
    say(&match advisories {
        Some(folder) => format!("advisories checked against a copy of {}", date_of(&folder)),
        None => format!("advisories not checked ({ADVISORIES} names no copy of the database)"),
    });
    Ok(())
}

/// The day of the newest advisory in the copy of the database that `folder` holds.
fn date_of(folder: &Path) -> String {
    let copy = find(folder, |name| name.starts_with("advisory-db"));
    let date = copy
        .and_then(|copy| output(program("git", &["log", "-1", "--format=%cs"]).current_dir(copy)));
    date.unwrap_or_else(|| "unknown date".to_owned())
}

/// The binary that the build phase left beside this one, looked at in Chromium.
fn browser() -> Result<(), Failure> {
    let folder = setup::browser_folder();
    let own = std::env::current_exe().map_err(Failure::file(Path::new("xtask")))?;
    let lictor = own.with_file_name("lictor");
    if !lictor.is_file() {
        return Err(Failure::Missing {
            what: format!("There is no {}.", lictor.display()),
            advice: "Run `cargo xtask test --only build` first.".to_owned(),
        });
    }
    run(
        program("node", &["--test", "--test-reporter=spec"])
            .current_dir(folder)
            .env("LICTOR_BINARY", lictor)
            .env(
                "SCREENSHOTS",
                std::env::var_os("SCREENSHOTS")
                    .unwrap_or_else(|| root().join("target/screenshots").into()),
            ),
        "What was expected and what was seen stands above; pictures of the pages lie in target/screenshots.",
    )
}

fn installed(tool: Option<Command>, name: &str) -> Result<Command, Failure> {
    tool.ok_or_else(|| Failure::Missing {
        what: format!("{name} is not installed."),
        advice: "Run `cargo xtask setup`.".to_owned(),
    })
}
