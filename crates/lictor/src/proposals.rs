//! `lictor proposal`: what takes two people, asked over HTTP in the session that `lictor login` began.

use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use serde_json::json;

use crate::Complaint;
use crate::people::{list, tell};

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
        } => tell(
            "/api/proposals/retention",
            &json!({
                "class": class, "amount": amount, "unit": unit, "schedule": schedule,
                "preset": preset,
            }),
        ),
        Command::Confirm { proposal } => tell(&format!("/api/proposals/{proposal}"), &json!({})),
    }
}
