//! `lictor report`: reports counted by a running station, and counted again from the ledger alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand as Subcommands;
use jiff::civil::Date;
use report::{Counts, Difference, Report};
use serde::Deserialize;
use serde_json::json;

use crate::ledger_commands::Kept;
use crate::people::list;
use crate::{Complaint, complain, login, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Which reports there are
    List,
    /// Have a running station count a report
    Make {
        /// Which, such as `monthly`
        report: String,
        /// The first day, as 2026-07-01
        first: Date,
        /// The last day
        last: Date,
        /// `json`, `csv` or `pdf`; else as the file's name ends
        #[arg(long)]
        format: Option<String>,
        /// The file to write
        #[arg(long)]
        to: PathBuf,
    },
    /// Count the numbers of a report again, and name each that is not what the ledger bears out: from a
    /// copy of the ledger, or at the running station that you logged in to
    Verify {
        /// The report, as JSON
        file: PathBuf,
        #[command(flatten)]
        ledger: OnFile,
    },
}

/// A copy of the ledger.
#[derive(clap::Args)]
pub(crate) struct OnFile {
    /// A station's folder, an export, or a copy of its ledger
    #[arg(long, value_name = "FOLDER")]
    ledger: Option<PathBuf>,
    /// A file with the ledger's published key; else the copy beside the ledger is used
    #[arg(long, requires = "ledger")]
    key: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Verified {
    differences: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    what: String,
    told: String,
    counted: String,
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::List => list("/api/reports", &["report", "says", "source", "every"]),
        Command::Make {
            report,
            first,
            last,
            format,
            to,
        } => {
            let ending = to.extension().and_then(|ending| ending.to_str());
            let format = format.or_else(|| ending.map(str::to_owned));
            let format = format.unwrap_or_else(|| "json".to_owned());
            let (first, last) = (first.to_string(), last.to_string());
            let query = [
                ("report", report.as_str()),
                ("first", &first),
                ("last", &last),
                ("format", &format),
            ];
            let bytes = login::resume()?.get_file("/api/reports/file", &query)?;
            durable::replace(&to, &bytes)?;
            say(format!("{} holds the report {report}.", to.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify { file, ledger } => verify(&file, ledger),
    }
}

fn verify(file: &Path, on_file: OnFile) -> Result<ExitCode, Complaint> {
    let named =
        |error: &dyn std::fmt::Display| Complaint::of(format!("{}: {error}", file.display()));
    let bytes = fs::read(file).map_err(|e| named(&e))?;
    let told = Report::from_json(&bytes).map_err(|e| named(&e))?;
    let differences = match on_file.ledger {
        Some(folder) => count_again(
            &told,
            &Kept {
                folder,
                key: on_file.key,
            },
        )?,
        None => {
            let text = String::from_utf8_lossy(&bytes);
            let asked = json!({ "report": text });
            let verified: Verified = login::resume()?.post("/api/reports/verify", &asked)?;
            let difference = |one: Told| Difference {
                what: one.what,
                told: one.told,
                counted: one.counted,
            };
            verified.differences.into_iter().map(difference).collect()
        }
    };
    if differences.is_empty() {
        let numbers: usize = told.sections.iter().map(|section| section.rows.len()).sum();
        say(format!(
            "borne out: {numbers} numbers of {}, {} to {}, counted again from the first {} entries of {}",
            told.report, told.first, told.last, told.ledger.entries, told.ledger.origin
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    for one in &differences {
        complain(&format!(
            "NOT BORNE OUT: {}: the report says {}, the ledger {}",
            one.what, one.told, one.counted
        ));
    }
    Ok(ExitCode::FAILURE)
}

/// Proves the copy of the ledger, and counts its entries.
fn count_again(told: &Report, kept: &Kept) -> Result<Vec<Difference>, Complaint> {
    let (root, key) = kept.open()?;
    if key.origin() != told.ledger.origin {
        return Err(Complaint::of(format!(
            "the report was counted from the ledger {}, and this one is {}",
            told.ledger.origin,
            key.origin()
        )));
    }
    let proved = ledger::verify(&root, &key);
    proved.map_err(|finding| Complaint::of(format!("the ledger is DAMAGED: {finding}")))?;
    let entries = told.ledger.entries;
    let mut counts = Counts::new(told.period().map_err(Complaint::of)?);
    ledger::each_entry(&root, &key, entries, &mut |index, entry| {
        counts.take(index, entry)
    })
    .map_err(Complaint::of)?;
    let head = ledger::root_over(&root, &key, entries).map_err(Complaint::of)?;
    let mut differences = told.differs(&counts);
    differences.extend(told.head_differs(&head));
    Ok(differences)
}
