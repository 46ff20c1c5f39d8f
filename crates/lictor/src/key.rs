//! `lictor key`: the station's key, at the machine.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use crypt::{RecoveryShare, SystemRandom};
use station::{Rotation, Station, WayIn};

use crate::{Complaint, say, secret, surroundings};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Set a new passphrase with two of the three recovery shares; entered, with an alarm, at the next
    /// start
    Recover {
        /// The station's folder; the station must not be running
        folder: PathBuf,
    },
    /// Change the station's key for a new one, with new recovery shares; the passphrase and the
    /// pictures stay as they are
    Rotate {
        /// The station's folder; the station must not be running
        folder: PathBuf,
        /// A file outside the station's folder that holds the passphrase; else systemd's credential
        /// `lictor-passphrase`, else it is asked for
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Seal the station's passphrase by a PKCS#11 token (a smart card, a hardware security module), into a
    /// file that opens with the token and its PIN alone; give it as --passphrase-file from then on
    SealWithToken {
        /// The station's folder
        folder: PathBuf,
        /// The library that speaks with the token, such as /usr/lib/softhsm/libsofthsm2.so
        #[arg(long)]
        module: PathBuf,
        /// The token's label
        #[arg(long)]
        token: String,
        /// The new file, outside the station's folder
        #[arg(long)]
        to: PathBuf,
    },
    /// Release the account of an administrator with two recovery shares, when all who could are
    /// locked out or have nothing to come in with; entered, with an alarm
    ReleaseAdministrator {
        /// The station's folder; the station must not be running
        folder: PathBuf,
        /// The administrator's login
        #[arg(long)]
        login: String,
        /// Password or authenticator is lost: issue a code for a first login, in the place of both
        #[arg(long)]
        new_code: bool,
    },
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::Recover { folder } => {
            let shares = ask_shares()?;
            let passphrase = secret::ask("New passphrase, 16 characters or more")?;
            Station::recover(folder, &shares, &passphrase, &SystemRandom)?;
            say(
                "The station opens with the new passphrase. The shares stay good. Destroy old\ncopies of keys.json: the old passphrase still opens those.",
            )?;
        }
        Command::Rotate {
            folder,
            passphrase_file,
        } => {
            let passphrase = secret::passphrase(folder, passphrase_file.as_deref())?;
            Station::rotate_key(
                folder,
                &passphrase,
                &surroundings(),
                &mut |step| match step {
                    Rotation::SharesDealt(shares) => Ok(show(shares)?),
                    Rotation::KeyWritten
                    | Rotation::DatabaseCopied
                    | Rotation::DatabaseReplaced => Ok(()),
                },
            )?;
            say(
                "Done: the station has a new key. Destroy the old shares. Backups made before still open\nwith the passphrase and the shares of then.",
            )?;
        }
        Command::SealWithToken {
            folder,
            module,
            token,
            to,
        } => {
            secret::seal_with_token(folder, module, token, to)?;
            say(format!(
                "The passphrase is sealed in {}. It opens with the token {token} and its PIN. Keep the\npassphrase itself on paper: it opens the station without the token.",
                to.display()
            ))?;
        }
        Command::ReleaseAdministrator {
            folder,
            login,
            new_code,
        } => {
            let shares = ask_shares()?;
            let way_in = if *new_code { WayIn::Lost } else { WayIn::Known };
            let code =
                Station::release_with_shares(folder, &shares, login, way_in, surroundings())?;
            say(format!(
                "The account of {login} is released. It stands in the ledger, and on every page until\nsomebody has seen to it."
            ))?;
            if let Some(issued) = code {
                say(format!(
                    "It has nothing to come in with. The code for its first login, shown once:\n\n    {}   good until {:.0}",
                    issued.code.text(),
                    issued.good_until
                ))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn ask_shares() -> Result<[RecoveryShare; 2], Complaint> {
    let share = |which| secret::ask(&format!("The {which} share"));
    Ok([share("first")?, share("second")?].map(|text| RecoveryShare::typed(&text)))
}

fn show(shares: &[RecoveryShare; 3]) -> Result<(), station::StationError> {
    let shown = say("Three new recovery shares, shown once. They are good from when this command says that it is\ndone; until then the old ones are.\n")
        .and_then(|()| {
            shares
                .iter()
                .enumerate()
                .try_for_each(|(n, share)| say(format!("  share {}   {}", n + 1, share.text())))
        })
        .and_then(|()| say(""));
    shown.map_err(|e| station::StationError::Input(format!("the shares cannot be shown: {e}")))
}
