//! `lictor policy check`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use govern::{Policy, PolicyFiles};

use crate::{Complaint, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Check the rules in a folder as the station would before it puts them in force
    Check {
        /// The folder; the rules built into this program, if none is given
        folder: Option<PathBuf>,
    },
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    let Command::Check { folder } = command;
    let files = match folder {
        Some(folder) => PolicyFiles::in_folder(folder).map_err(Complaint::of)?,
        None => PolicyFiles::embedded(),
    };
    let policy = Policy::load(&files).map_err(Complaint::of)?;
    say(format!(
        "the rules can be put in force: {}",
        policy.digest()
    ))?;
    Ok(ExitCode::SUCCESS)
}
