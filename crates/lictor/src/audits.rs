//! `lictor audit`: samples of accesses, drawn and judged over HTTP in the session that `lictor login` began.

use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use crate::people::{list, tell};
use crate::{Complaint, login, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// The samples, newest first
    List,
    /// Draw a sample of what members did with the data in some days that are over
    Draw {
        /// The first day, as 2026-07-01
        first: Date,
        /// The last day
        last: Date,
        /// How many accesses
        #[arg(long, value_name = "COUNT")]
        most: Option<usize>,
    },
    /// The accesses of a sample, and what was found of each
    Show {
        /// The sample's number
        sample: i64,
    },
    /// Give a finding on an access
    Judge {
        /// The sample's number
        sample: i64,
        /// The access's entry
        entry: u64,
        /// `in-order`, `not-in-order` or `referred`
        #[arg(long)]
        finding: String,
        /// In your words
        #[arg(long)]
        words: String,
    },
}

#[derive(Deserialize)]
struct Sample {
    accesses: Vec<Access>,
}

#[derive(Deserialize)]
struct Access {
    entry: u64,
    at: String,
    told: String,
    findings: Vec<Given>,
}

#[derive(Deserialize)]
struct Given {
    says: String,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::List => list(
            "/api/audits",
            &[
                "sample",
                "first",
                "last",
                "accesses",
                "of",
                "drawn",
                "not_judged",
                "not_in_order",
            ],
        ),
        Command::Draw { first, last, most } => {
            let most = most.map_or_else(String::new, |most| most.to_string());
            tell(
                "/api/audits",
                &json!({ "first": first, "last": last, "most": most }),
            )
        }
        Command::Show { sample } => {
            let sample: Sample = login::resume()?.get(&format!("/api/audits/{sample}"), &[])?;
            for access in sample.accesses {
                say(format!(
                    "{:>6}  {}  {}",
                    access.entry, access.at, access.told
                ))?;
                for finding in access.findings {
                    say(format!("        {}", finding.says))?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Judge {
            sample,
            entry,
            finding,
            words,
        } => tell(
            &format!("/api/audits/{sample}"),
            &json!({ "entry": entry.to_string(), "finding": finding, "words": words }),
        ),
    }
}
