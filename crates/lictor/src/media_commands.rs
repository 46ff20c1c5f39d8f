//! `lictor media`: making, listing and retiring the media that evidence is written onto.

mod luks;
mod volume;

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand as Subcommands};
use crypt::{Id, SystemRandom};
use serde_json::json;

use crate::client::Client;
use crate::people::{Done, list, tell};
use crate::{Complaint, login, say, secret};

pub(crate) use volume::OnVolume;

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Make an encrypted medium and register it: whatever is on the device is lost
    Register(Registering),
    /// The media
    List,
    /// Retire a medium, as when it is lost: no evidence is written onto it in the clear any more
    Retire {
        /// What stands on it
        label: String,
        /// Why
        #[arg(long)]
        why: String,
    },
}

#[derive(Args)]
pub(crate) struct Registering {
    /// The device, such as /dev/sdb; not a folder
    device: PathBuf,
    /// What stands on it: how people know it
    #[arg(long)]
    label: String,
    /// A file with the passphrase that is to open it; else it is asked for
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Destroy what is on the device
    #[arg(long)]
    erase: bool,
}

/// The shortest passphrase of a medium.
const SHORTEST: usize = 12;
/// A device with nothing but zeros at its beginning is new.
const BEGINNING: u64 = 4 << 20;

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::Register(registering) => register(registering),
        Command::List => list("/api/media", &["label", "registered", "retired", "volume"]),
        Command::Retire { label, why } => {
            tell("/api/media/retire", &json!({ "label": label, "why": why }))
        }
    }
}

/// The station is asked first: what it refuses destroys nothing.
fn register(registering: &Registering) -> Result<ExitCode, Complaint> {
    let Registering {
        device,
        label,
        erase,
        ..
    } = registering;
    luks::is_there()?;
    check_device(device, *erase)?;
    let passphrase = passphrase(registering.passphrase_file.as_deref())?;
    let client = login::resume()?;
    let id = Id::random(&SystemRandom);
    let new = json!({ "volume": luks::uuid(id), "label": label });
    client.post::<Done>("/api/media", &new)?;
    if let Err(complaint) = luks::make(device, id, label, &passphrase) {
        return Err(take_back(&client, label, &complaint));
    }
    say(format!(
        "{label} is made and registered, volume {}. Unlock it and mount it, and write evidence onto it:\n  \
         lictor evidence book … --to FOLDER",
        luks::uuid(id)
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// What could not be made is retired.
fn take_back(client: &Client, label: &str, complaint: &Complaint) -> Complaint {
    let why = "It could not be made";
    let retire = json!({ "label": label, "why": why });
    match client.post::<Done>("/api/media/retire", &retire) {
        Ok(_) => Complaint::of(format!("{complaint}\n{label} is not registered any more.")),
        Err(error) => Complaint::of(format!(
            "{complaint}\nand {label} stays registered until it is retired: {error}"
        )),
    }
}

fn check_device(device: &Path, erase: bool) -> Result<(), Complaint> {
    let named = |e: &dyn std::fmt::Display| Complaint::of(format!("{}: {e}", device.display()));
    let kind = fs::metadata(device).map_err(|e| named(&e))?.file_type();
    if !kind.is_block_device() {
        return Err(named(
            &"this is no device: name the medium itself, such as /dev/sdb (lsblk lists them)",
        ));
    }
    let mut beginning = Vec::new();
    let opened =
        File::open(device).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    opened.map_err(|e| named(&e))?;
    if !erase && beginning.iter().any(|byte| *byte != 0) {
        return Err(named(
            &"there is something on it. If nobody needs that any more: --erase",
        ));
    }
    Ok(())
}

fn passphrase(file: Option<&Path>) -> Result<String, Complaint> {
    let passphrase = match file {
        Some(file) => {
            let text = fs::read_to_string(file);
            let text = text.map_err(|e| Complaint::of(format!("{}: {e}", file.display())))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => {
            let once = secret::ask("Passphrase of the medium")?;
            if once != secret::ask("Again")? {
                return Err(Complaint::of("these are two different passphrases"));
            }
            once
        }
    };
    if passphrase.chars().count() < SHORTEST {
        return Err(Complaint::of(format!(
            "the passphrase of a medium has {SHORTEST} characters or more: whoever finds it may try for years"
        )));
    }
    Ok(passphrase)
}
