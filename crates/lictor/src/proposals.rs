//! `lictor proposal`: what takes two people, asked over HTTP in the session that `lictor login` began.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use durable::Whole;
use serde_json::json;

use crate::people::{list, tell};
use crate::{Complaint, login, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// What was proposed, newest first
    List,
    /// Propose to give a member a role that two people give
    Appoint {
        /// The member's login
        login: String,
        /// Which role, such as `chiefs-designee`
        #[arg(long)]
        role: String,
        /// The last day, such as 2027-03-14, if there is one
        #[arg(long, default_value = "")]
        until: String,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Propose how long a class of data is kept
    Retention {
        /// `read`, `image`, `hit`, `audit` or `manual-entry`
        class: String,
        /// For how many at most
        #[arg(long)]
        amount: String,
        /// Of what: `seconds`, `days` or `months`
        #[arg(long, default_value = "days")]
        unit: String,
        /// The item of the approved records schedule that allows it
        #[arg(long)]
        schedule: String,
        /// The preset of policy/retention-presets.toml that it follows, if one
        #[arg(long, default_value = "")]
        preset: String,
        /// The number of the disposal certificate, where the state wants one before anything is purged
        #[arg(long, default_value = "")]
        disposal: String,
    },
    /// Propose to take everything out: every read with its picture, and the ledger
    TakeOut {
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Confirm that everything is taken out, and receive it
    Receive {
        /// The proposal's name, as the list shows it
        proposal: String,
        /// Where to: a tar archive that is not there yet
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Confirm what another proposed; it is then done
    Confirm {
        /// The proposal's name, as the list shows it
        proposal: String,
    },
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::List => list(
            "/api/proposals",
            &["proposal", "says", "proposed", "until", "confirmed"],
        ),
        Command::Appoint {
            login,
            role,
            until,
            why,
        } => tell(
            "/api/proposals/appointment",
            &json!({ "login": login, "role": role, "until": until, "why": why }),
        ),
        Command::Retention {
            class,
            amount,
            unit,
            schedule,
            preset,
            disposal,
        } => tell(
            "/api/proposals/retention",
            &json!({
                "class": class, "amount": amount, "unit": unit, "schedule": schedule,
                "preset": preset, "disposal": disposal,
            }),
        ),
        Command::TakeOut { why } => tell("/api/proposals/export", &json!({ "why": why })),
        Command::Receive { proposal, to } => receive(&proposal, &to),
        Command::Confirm { proposal } => tell(&format!("/api/proposals/{proposal}"), &json!({})),
    }
}

/// Keeps what comes, or nothing.
fn receive(proposal: &str, to: &Path) -> Result<ExitCode, Complaint> {
    let named = |error: io::Error| Complaint::of(format!("{}: {error}", to.display()));
    if to.exists() {
        return Err(Complaint::of(format!(
            "{}: there is something here already; an export replaces nothing",
            to.display()
        )));
    }
    let mut file = Whole::create(to).map_err(named)?;
    let path = format!("/api/exports/{proposal}");
    let mut archive = login::resume()?.post_for_file(&path)?;
    let length = io::copy(&mut archive, &mut file).map_err(named)?;
    file.finish().map_err(named)?;
    say(format!(
        "{}: {length} bytes. What is in it stands in its manifest.json, its SHA-256 in the ledger. It is in \
         the clear: keep it as you keep the station.",
        to.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
