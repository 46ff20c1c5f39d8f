//! `lictor question`: what tripwires noticed, asked over HTTP in the session that `lictor login` began.

use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use serde::Deserialize;
use serde_json::json;

use crate::people::{list, tell};
use crate::{Complaint, login, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// The questions, those that wait first
    List,
    /// The uses of the data that a question is about
    Show {
        /// The question's name, as the list shows it
        question: String,
    },
    /// Record what you found
    Answer {
        /// The question's name, as the list shows it
        question: String,
        /// `in-order`, `not-in-order` or `referred`
        #[arg(long)]
        finding: String,
        /// In your words
        #[arg(long)]
        words: String,
    },
}

#[derive(Deserialize)]
struct Shown {
    told: Vec<String>,
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::List => list(
            "/api/questions",
            &["question", "says", "about", "uses", "opened", "answer"],
        ),
        Command::Show { question } => {
            let shown: Shown = login::resume()?.get(&format!("/api/questions/{question}"), &[])?;
            for told in shown.told {
                say(told)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Answer {
            question,
            finding,
            words,
        } => tell(
            &format!("/api/questions/{question}"),
            &json!({ "finding": finding, "words": words }),
        ),
    }
}
