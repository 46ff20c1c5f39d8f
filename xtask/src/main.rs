//! The chores: `cargo xtask setup` gets a machine ready, `cargo xtask test` tests everything; the others
//! are named by `cargo xtask help`.

mod bench;
mod cases;
mod command;
mod faults;
mod fips;
mod openapi;
mod phase;
mod postgres;
mod proof;
mod setup;
mod test;
mod town;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::phase::Phase;

/// The chores of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what the tests need and this machine lacks.
    Setup,
    /// Measure, and hold the figures against their bars
    Bench {
        /// What
        bench: bench::Bench,
        #[command(flatten)]
        data_set: bench::DataSet,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Kill the station, and the database server, under load: nothing acknowledged may be lost
    Faults {
        /// How often each
        #[arg(long, default_value_t = 200)]
        kills: u32,
    },
    /// Say how each acceptance case and each clause of the policy stands, by running its tests
    Cases {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Build the product on the validated module of aws-lc-rs; wants cmake and go
    Fips,
    /// Write the map of the samples' invented town
    Town,
    /// Write docs/contract/openapi.json from the table of routes
    Openapi,
    /// Run a PostgreSQL for tests that are started by hand
    Postgres,
    /// Set up, then check and test everything; stops at the first failure.
    Test {
        /// Run this phase alone (may be given again for more).
        #[arg(long, value_name = "PHASE")]
        only: Vec<Phase>,
        /// Say what each phase does, and run none.
        #[arg(long, conflicts_with = "only")]
        list: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Setup => setup::run_all(),
        Chore::Bench {
            bench,
            data_set,
            json,
        } => bench::run(bench, data_set, json),
        Chore::Faults { kills } => faults::kill(kills),
        Chore::Cases { json } => cases::run(json),
        Chore::Fips => fips::build(),
        Chore::Town => town::write(),
        Chore::Openapi => openapi::write(),
        Chore::Postgres => postgres::until_enter(),
        Chore::Test { list: true, .. } => {
            test::list();
            Ok(())
        }
        Chore::Test { only, .. } if only.is_empty() => test::run_phases(&Phase::ALL),
        Chore::Test { only, .. } => test::run_phases(&only),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            command::complain(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}
