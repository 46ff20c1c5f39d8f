//! `lictor request`: the release desk, asked over HTTP in the session that `lictor login` began.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::{Args, Subcommand as Subcommands};
use durable::Whole;
use serde_json::json;

use crate::people::{list, tell};
use crate::{Complaint, login, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Requests and lawful demands, newest first
    List,
    /// File a request, or a court's or another lawful demand
    File(Box<Filing>),
    /// Find words harmless that may speak of a prohibited purpose
    Clear {
        /// The request's number
        number: i64,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Approve a request or a demand
    Approve {
        /// Its number
        number: i64,
        /// Why
        #[arg(long)]
        why: String,
        /// Of a demand: which counsel looked at it, and what they said
        #[arg(long, default_value = "")]
        counsel: String,
    },
    /// Refuse a request or a demand
    Refuse {
        /// Its number
        number: i64,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Make the package of what was approved
    Release {
        /// The request's number
        number: i64,
        /// Where to: a ZIP file that is not there yet
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct Filing {
    /// The agency, or whoever served the demand
    #[arg(long)]
    agency: String,
    /// `law-enforcement`, `prosecutor`, `federal` or `other`
    #[arg(long)]
    kind: String,
    /// Its state, such as US-IN
    #[arg(long, default_value = "")]
    state: String,
    /// The person who asks, with their title
    #[arg(long)]
    person: String,
    /// What for
    #[arg(long)]
    purpose: String,
    /// The plate
    #[arg(long)]
    plate: String,
    /// One camera; all where none is named
    #[arg(long, default_value = "")]
    camera: String,
    /// From when, where the agency is, such as 2026-11-20T00:00
    #[arg(long)]
    from: String,
    /// Until when
    #[arg(long)]
    until: String,
    /// The written request, or the instrument: a PDF, JPEG or PNG
    #[arg(long, value_name = "FILE")]
    paper: PathBuf,
    /// Of a demand: `subpoena`, `court-order`, `warrant` or `discovery`
    #[arg(long, default_value = "", requires = "issuer")]
    instrument: String,
    /// Of a demand: `home-court`, `other-court`, `federal-court`, `prosecutor` or `authority`
    #[arg(long, default_value = "")]
    issuer: String,
    /// Of a demand: the court or authority, by its name
    #[arg(long, default_value = "")]
    authority: String,
    /// Of a demand: the number of the matter
    #[arg(long, default_value = "")]
    docket: String,
    /// Of a demand: the day on which it is to be answered, such as 2026-12-04
    #[arg(long, default_value = "")]
    return_on: String,
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Complaint> {
    let decide = |number: i64, decision: &str, why: String, counsel: String| {
        tell(
            &format!("/api/requests/{number}/decide"),
            &json!({ "decision": decision, "why": why, "counsel": counsel }),
        )
    };
    match command {
        Command::List => list(
            "/api/requests",
            &[
                "number",
                "agency",
                "on",
                "filed",
                "state",
                "answer_by",
                "overdue",
            ],
        ),
        Command::File(filing) => file(&filing),
        Command::Clear { number, why } => tell(
            &format!("/api/requests/{number}/clear"),
            &json!({ "why": why }),
        ),
        Command::Approve {
            number,
            why,
            counsel,
        } => decide(number, "approve", why, counsel),
        Command::Refuse { number, why } => decide(number, "refuse", why, String::new()),
        Command::Release { number, to } => release(number, &to),
    }
}

/// `lictor access`.
pub(crate) fn access() -> Result<ExitCode, Complaint> {
    list("/api/access", &["kind", "who", "sees", "basis", "until"])
}

fn file(filing: &Filing) -> Result<ExitCode, Complaint> {
    let paper = fs::read(&filing.paper)
        .map_err(|e| Complaint::of(format!("{}: {e}", filing.paper.display())))?;
    tell(
        "/api/requests",
        &json!({
            "agency": filing.agency, "kind": filing.kind, "state": filing.state,
            "person": filing.person, "purpose": filing.purpose, "plate": filing.plate,
            "camera": filing.camera, "from": filing.from, "until": filing.until,
            "instrument": filing.instrument, "issuer": filing.issuer,
            "authority": filing.authority, "docket": filing.docket, "return_on": filing.return_on,
            "paper": BASE64_STANDARD.encode(paper),
        }),
    )
}

/// Keeps the whole package, or nothing.
fn release(number: i64, to: &Path) -> Result<ExitCode, Complaint> {
    let named = |error: io::Error| Complaint::of(format!("{}: {error}", to.display()));
    if to.exists() {
        return Err(Complaint::of(format!(
            "{}: there is something here already; a package replaces nothing",
            to.display()
        )));
    }
    let mut file = Whole::create(to).map_err(named)?;
    let path = format!("/api/requests/{number}/release");
    let mut package = login::resume()?.post_for_file(&path)?;
    let length = io::copy(&mut package, &mut file).map_err(named)?;
    file.finish().map_err(named)?;
    say(format!(
        "{}: {length} bytes. Its SHA-256 is in the ledger. It is in the clear.",
        to.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
