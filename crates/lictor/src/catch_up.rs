//! `lictor catch-up`: a station whose database was set back by itself.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use station::Station;

use crate::restore::tell_since;
use crate::{Complaint, say, secret, surroundings};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The station's folder; the station must not be running
    folder: PathBuf,
    /// A file outside the folder that holds the passphrase; else it is asked for
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let passphrase = secret::passphrase(&arguments.folder, arguments.passphrase_file.as_deref())?;
    let caught_up = Station::catch_up(&arguments.folder, &passphrase, &surroundings())?;
    say(format!(
        "The database is of {:.0}; {} entries of the ledger are newer.",
        caught_up.made_at, caught_up.newer_entries
    ))?;
    tell_since(&caught_up)?;
    say(format!(
        "Start it with: lictor serve {}",
        arguments.folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
