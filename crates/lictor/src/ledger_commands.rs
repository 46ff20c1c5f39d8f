//! `lictor ledger …`: proving, and asking.

mod offline;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand as Subcommands};
use jiff::Timestamp;
use ledger::{Head, VerifyingKey, WitnessPublicKey};
use serde::{Deserialize, Serialize};
use station::{Station, WitnessAddress};

use crate::client::Client;
use crate::secret::Signer;
use crate::{Complaint, login, say, secret, surroundings};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Prove that every entry is the one that was written, offline
    Verify(Verifying),
    /// Print the newest signed head: keep it, and the ledger can never be rolled back unseen
    Checkpoint {
        /// A station's folder, an export, or a copy of its ledger
        #[arg(required_unless_present = "running")]
        folder: Option<PathBuf>,
        /// Ask the running station that you logged in to (`lictor login`) instead
        #[arg(long, conflicts_with = "folder")]
        running: bool,
        /// A file with the ledger's published key: the head must be signed by it
        #[arg(long)]
        key: Option<PathBuf>,
    },
    /// Print a proof that an entry stands in the ledger, for whoever has nothing but the public key
    Prove {
        #[command(flatten)]
        kept: Kept,
        /// The entry's number
        entry: u64,
    },
    /// Check such a proof
    CheckProof {
        /// The proof's file
        proof: PathBuf,
        /// A file with the ledger's published key
        #[arg(long)]
        key: PathBuf,
    },
    /// Copy the ledger as it stands under its newest head, for whoever will verify it elsewhere
    Export {
        #[command(flatten)]
        kept: Kept,
        /// A new folder for the copy
        to: PathBuf,
    },
    /// Go on in a new ledger where the old one is damaged, or take note of what the station found in
    /// its nightly check. Two members with an office do it together; the station must not be running
    Continue {
        /// The station's folder
        folder: PathBuf,
        /// The one's login
        #[arg(long)]
        one: String,
        /// The other's login
        #[arg(long)]
        other: String,
        /// A file outside the station's folder that holds the passphrase; else it is asked for
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// The witnesses that cosign the ledger's head
    #[command(subcommand)]
    Witness(Witnesses),
    /// Ask a running station what its ledger says; you log in like anybody
    Show {
        /// Your login
        #[arg(long)]
        login: String,
        /// Everybody's entries, if your role includes that; else your own
        #[arg(long)]
        everyone: bool,
        /// How many entries, newest first
        #[arg(long, default_value_t = 20)]
        most: usize,
        /// Only entries before this number
        #[arg(long)]
        before: Option<u64>,
        #[command(flatten)]
        only: Only,
        /// The station's address
        #[arg(long, default_value = "http://localhost:8420")]
        station: String,
        /// The station's certificate authority, for https
        #[arg(long)]
        authority: Option<PathBuf>,
    },
}

/// Where a ledger lies, and whose it must be.
#[derive(Args)]
pub(crate) struct Kept {
    /// A station's folder, an export, or a copy of its ledger
    pub(crate) folder: PathBuf,
    /// A file with the ledger's public key. Give the one that was published: the copy beside the
    /// ledger, which is used otherwise, lies where the ledger lies
    #[arg(long)]
    pub(crate) key: Option<PathBuf>,
}

/// Which entries are wanted: those for which all of it holds.
#[derive(Args, Serialize)]
pub(crate) struct Only {
    /// By the member with this login
    #[arg(long, default_value = "")]
    member: String,
    /// For this purpose, such as `crime`
    #[arg(long, default_value = "")]
    purpose: String,
    /// For this case or call
    #[arg(long, default_value = "")]
    case: String,
    /// That speak of this plate, or part of one, as it was entered
    #[arg(long, default_value = "")]
    plate: String,
    /// Of this day or later, such as 2026-11-01
    #[arg(long, default_value = "")]
    first: String,
    /// Of this day or earlier
    #[arg(long, default_value = "")]
    last: String,
}

#[derive(Args)]
pub(crate) struct Verifying {
    #[command(flatten)]
    kept: Kept,
    /// A file with a head of this ledger that you kept, or had from a witness: what was there then
    /// must be there now (may be given again for more)
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// A file with a witness's public key: its cosignatures count (may be given again for more)
    #[arg(long, value_name = "FILE")]
    witness: Vec<PathBuf>,
}

#[derive(Subcommands)]
pub(crate) enum Witnesses {
    /// Send the head to this witness too; a running station begins within a minute
    Add {
        /// The station's folder
        folder: PathBuf,
        /// The witness's address, such as https://clerk.ashford-falls.example:8430. For https, put
        /// the authority of its certificate into the station's folder as witnesses.pem
        url: String,
        /// The witness's public key, as `lictor witness init` printed it
        key: String,
    },
    /// List them
    List {
        /// The station's folder
        folder: PathBuf,
    },
}

#[derive(Deserialize)]
struct SignedHead {
    note: String,
}

#[derive(Deserialize)]
struct Story {
    looked_back_to: Option<u64>,
    entries: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    entry: u64,
    at: Timestamp,
    told: String,
    outcome: Option<String>,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::Verify(verifying) => offline::verify(verifying),
        Command::Checkpoint { folder, key, .. } => match folder {
            Some(folder) => offline::checkpoint(&Kept {
                folder: folder.clone(),
                key: key.clone(),
            }),
            None => running_checkpoint(key.as_deref()),
        },
        Command::Prove { kept, entry } => offline::prove(kept, *entry),
        Command::CheckProof { proof, key } => offline::check_proof(proof, key),
        Command::Export { kept, to } => offline::export(kept, to),
        Command::Continue {
            folder,
            one,
            other,
            passphrase_file,
        } => go_on(folder, [one, other], passphrase_file.as_deref()),
        Command::Witness(command) => witnesses(command),
        Command::Show {
            login,
            everyone,
            most,
            before,
            only,
            station,
            authority,
        } => {
            let client = Client::new(station, authority.as_deref())?;
            client.log_in(login)?;
            let mut asked = serde_json::to_value(only).map_err(Complaint::of)?;
            asked["scope"] = if *everyone { "everyone" } else { "own" }.into();
            asked["most"] = most.to_string().into();
            asked["before"] = before.map_or_else(String::new, |n| n.to_string()).into();
            let story: Story = client.post("/api/ledger", &asked)?;
            if let Some(entry) = story.looked_back_to {
                say(format!(
                    "(looked back to entry {entry}; for older ones: --before {entry})"
                ))?;
            }
            show(&story.entries)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The signed head of a running station.
fn running_checkpoint(key: Option<&Path>) -> Result<ExitCode, Complaint> {
    let head: SignedHead = login::resume()?.get("/api/ledger/checkpoint", &[])?;
    if let Some(path) = key {
        let key = VerifyingKey::from_text(&offline::read(path)?).map_err(Complaint::of)?;
        Head::read(head.note.as_bytes(), &key).map_err(Complaint::of)?;
    }
    say(head.note.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn go_on(
    folder: &Path,
    logins: [&String; 2],
    passphrase_file: Option<&Path>,
) -> Result<ExitCode, Complaint> {
    let passphrase = secret::passphrase(folder, passphrase_file)?;
    let [one, other] = [Signer::ask(logins[0])?, Signer::ask(logins[1])?];
    let by = [&one.attempt(), &other.attempt()];
    let finding = Station::note_finding(folder, &passphrase, by, surroundings())?;
    say(format!(
        "Noted by {} and {}: {finding}.\nThe station goes on in a new ledger, whose first entry says so and \
         commits to the old one's last head.\nPublish its key, {}, and have the witnesses watch it. Keep the \
         old ledger (ledger-1 and so on) as evidence.",
        logins[0],
        logins[1],
        folder.join("ledger.pub").display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn witnesses(command: &Witnesses) -> Result<ExitCode, Complaint> {
    match command {
        Witnesses::Add { folder, url, key } => {
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(Complaint::of(format!(
                    "{url}: a witness's address begins with https://"
                )));
            }
            let key = WitnessPublicKey::from_text(key).map_err(Complaint::of)?;
            let url = url.trim_end_matches('/').to_owned();
            let name = key.name().to_owned();
            station::add_witness(folder, WitnessAddress { url, key })?;
            say(format!("The ledger's head goes to {name} from now on."))?;
        }
        Witnesses::List { folder } => {
            for witness in station::witnesses(folder)? {
                say(format!("{} {}", witness.url, witness.key.as_text()))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(told: &[Told]) -> io::Result<()> {
    for line in told.iter().rev() {
        let outcome = line.outcome.as_deref().unwrap_or_default();
        say(format!(
            "{:>6}  {:.2}  {} {outcome}",
            line.entry, line.at, line.told
        ))?;
    }
    Ok(())
}
