//! `lictor status`: how a running station stands, for people and for what watches it.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Complaint, login, say};

#[derive(Args)]
pub(crate) struct Arguments {
    /// As JSON, on one line
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize, Serialize)]
struct Status {
    version: String,
    entries: u64,
    cosigned_at: Option<Timestamp>,
    certificate: Option<Certificate>,
    warnings: Vec<String>,
    alarms: Vec<String>,
    purge: String,
}

#[derive(Deserialize, Serialize)]
struct Certificate {
    host: String,
    fingerprint: String,
    issuer: String,
    until: Timestamp,
    file: Option<String>,
    authority: Option<String>,
    authority_until: Option<Timestamp>,
}

/// The exit code is 0 when nothing must be looked into, else 1.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let status: Status = login::resume()?.get("/api/status", &[])?;
    let well = status.warnings.is_empty() && status.alarms.is_empty();
    let code = if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    if arguments.json {
        say(serde_json::to_string(&status).map_err(Complaint::of)?)?;
        return Ok(code);
    }
    say(format!("Lictor {}", status.version))?;
    let cosigned = status.cosigned_at.map_or_else(
        || "no witness has cosigned in the last 24 hours".to_owned(),
        |at| format!("cosigned by a witness at {at:.0}"),
    );
    say(format!(
        "ledger       {} entries, {cosigned}",
        status.entries
    ))?;
    match status.certificate {
        Some(shown) => {
            let renewal = shown
                .file
                .map_or("renewed by the station".to_owned(), |file| {
                    format!("read from {file}")
                });
            say(format!(
                "certificate  for {}, issued by {}, until {:.0}, {renewal}",
                shown.host, shown.issuer, shown.until
            ))?;
            say(format!("             SHA-256 {}", shown.fingerprint))?;
            if let Some((authority, until)) = shown.authority.zip(shown.authority_until) {
                say(format!(
                    "authority    until {until:.0}, SHA-256 {authority}"
                ))?;
            }
        }
        None => say("certificate  none: plain HTTP on this machine alone")?,
    }
    say(format!("purge        {}", status.purge))?;
    for warning in &status.warnings {
        say(format!("warning: {warning}"))?;
    }
    for alarm in &status.alarms {
        say(format!("ALARM: {alarm}"))?;
    }
    Ok(code)
}
