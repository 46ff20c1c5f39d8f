//! `lictor ledger verify` and `lictor ledger show`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use clap::Subcommand as Subcommands;
use jiff::Timestamp;
use ledger::VerifyingKey;
use serde::Deserialize;

use crate::client::Client;
use crate::{Complaint, complain, say, secret};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Prove that every entry is the one that was written, offline
    Verify {
        /// A station's folder, or a copy of its ledger
        folder: PathBuf,
        /// A file with the ledger's public key. Give the one that was published: the station's own
        /// copy, which is used otherwise, lies where the ledger lies
        #[arg(long)]
        key: Option<PathBuf>,
    },
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
        /// The station's address
        #[arg(long, default_value = "http://localhost:8420")]
        station: String,
        /// The station's certificate authority, for https
        #[arg(long)]
        authority: Option<PathBuf>,
    },
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
        Command::Verify { folder, key } => {
            let root = if folder.join("ledger").is_dir() {
                folder.join("ledger")
            } else {
                folder.clone()
            };
            let given = key.is_some();
            let path = key.clone().unwrap_or_else(|| folder.join("ledger.pub"));
            let text = fs::read_to_string(&path)
                .map_err(|e| Complaint::of(format!("{}: {e}", path.display())))?;
            let key = VerifyingKey::from_text(&text).map_err(Complaint::of)?;
            match ledger::verify(&root, &key) {
                Ok(verified) => {
                    say(format!(
                        "intact: {} entries, each as it was written",
                        verified.signed
                    ))?;
                    if verified.newer > 0 {
                        say(format!(
                            "  and {} newer than the signed head",
                            verified.newer
                        ))?;
                    }
                    say(format!(
                        "  head {} signed by {}",
                        verified.root,
                        key.as_text()
                    ))?;
                    if !given {
                        say(
                            "  the key is the folder's own copy: compare it with the one that was published (--key)",
                        )?;
                    }
                    say(
                        "  not cosigned by a witness: that this is the newest head cannot be told from here",
                    )?;
                    Ok(ExitCode::SUCCESS)
                }
                Err(finding) => {
                    complain(&format!("DAMAGED: {finding}"));
                    Ok(ExitCode::FAILURE)
                }
            }
        }
        Command::Show {
            login,
            everyone,
            most,
            before,
            station,
            authority,
        } => {
            let client = Client::new(station, authority.as_deref())?;
            let password = secret::ask(&format!("Password of {login}"))?;
            let code = secret::ask("Code from the authenticator")?;
            client.log_in(login, &password, &code)?;
            let most = most.to_string();
            let scope = if *everyone { "everyone" } else { "own" };
            let before = before.map(|before| before.to_string());
            let mut query = vec![("scope", scope), ("most", &most)];
            query.extend(before.as_deref().map(|before| ("before", before)));
            let story: Story = client.get("/api/ledger", &query)?;
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
