//! `lictor approval`: what needs a supervisor, asked over HTTP in the session that `lictor login` began.

use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use serde_json::json;

use crate::Complaint;
use crate::people::{list, tell};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Your own; for supervisors and auditors, everybody's
    List,
    /// Ask a supervisor to approve your searches of a case
    Ask {
        /// A purpose that needs a supervisor, such as `ordinance`
        purpose: String,
        /// The case or call number
        #[arg(long, default_value = "")]
        case: String,
        /// What it is for, in a sentence
        #[arg(long, default_value = "")]
        words: String,
    },
    /// Approve a member's searches of a case
    Give {
        /// The approval's name, as the list shows it
        approval: String,
        /// For how many hours
        #[arg(long)]
        hours: String,
    },
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::List => list(
            "/api/approvals",
            &[
                "approval", "login", "purpose", "case", "words", "asked", "approved",
            ],
        ),
        Command::Ask {
            purpose,
            case,
            words,
        } => tell(
            "/api/approvals",
            &json!({ "purpose": purpose, "case": case, "words": words }),
        ),
        Command::Give { approval, hours } => tell(
            &format!("/api/approvals/{approval}"),
            &json!({ "hours": hours }),
        ),
    }
}
