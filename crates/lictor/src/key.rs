//! `lictor key recover`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use crypt::{RecoveryShare, SystemRandom};
use station::Station;

use crate::{Complaint, say, secret};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Set a new passphrase with two of the three recovery shares
    Recover {
        /// The station's folder; the station must not be running
        folder: PathBuf,
    },
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    let Command::Recover { folder } = command;
    let share =
        |which| secret::ask(&format!("The {which} share")).map(|text| RecoveryShare::typed(&text));
    let shares = [share("first")?, share("second")?];
    let passphrase = secret::ask("New passphrase, 16 characters or more")?;
    Station::recover(folder, &shares, &passphrase, &SystemRandom)?;
    say(
        "The station opens with the new passphrase. The shares stay good. Destroy old\ncopies of keys.json: the old passphrase still opens those.",
    )?;
    Ok(ExitCode::SUCCESS)
}
