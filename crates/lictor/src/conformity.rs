//! `lictor conformity`: the policy, clause by clause: the rules that carry it, the tests that prove
//! it, and what a running station counted.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::{Complaint, say};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Your login; you need to be an auditor, the Deputy Chief or the Chief
    #[arg(long)]
    login: String,
    /// How many days back the station counts
    #[arg(long, default_value_t = 30)]
    days: u16,
    /// One JSON object a clause, one a line
    #[arg(long)]
    json: bool,
    /// The station's address
    #[arg(long, default_value = "http://localhost:8420")]
    station: String,
    /// The station's certificate authority, for https
    #[arg(long)]
    authority: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Conformity {
    policy: String,
    since: Timestamp,
    until: Timestamp,
    entries: u64,
    #[serde(default)]
    lost: Vec<String>,
    clauses: Vec<Standing>,
}

#[derive(Deserialize, Serialize)]
struct Standing {
    clause: String,
    says: String,
    held: bool,
    missing: String,
    rules: Vec<Rule>,
    tests: Vec<String>,
    evidence: Vec<Evidence>,
}

#[derive(Deserialize, Serialize)]
struct Rule {
    id: String,
    refuses: bool,
    says: String,
    text: String,
}

#[derive(Deserialize, Serialize)]
struct Evidence {
    name: String,
    says: String,
    value: u64,
    of: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let client = Client::new(&arguments.station, arguments.authority.as_deref())?;
    client.log_in(&arguments.login)?;
    let days = arguments.days.to_string();
    let conformity: Conformity = client.get("/api/conformity", &[("days", &days)])?;
    if arguments.json {
        for clause in &conformity.clauses {
            say(serde_json::to_string(clause).map_err(Complaint::of)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let held = conformity
        .clauses
        .iter()
        .filter(|clause| clause.held)
        .count();
    say(format!(
        "Rules in force: {}. Counted from {:.0} to {:.0}: {} entries.",
        conformity.policy, conformity.since, conformity.until, conformity.entries
    ))?;
    for lost in &conformity.lost {
        say(lost)?;
    }
    for clause in &conformity.clauses {
        say(in_words(clause))?;
    }
    say(format!(
        "\n{held} of {} clauses are held.",
        conformity.clauses.len()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn in_words(clause: &Standing) -> String {
    let state = if clause.held { "held" } else { "open" };
    let mut lines = vec![format!("\n{:<5} {state}  {}", clause.clause, clause.says)];
    if !clause.held {
        lines.push(format!("        missing  {}", clause.missing));
    }
    for rule in &clause.rules {
        let kind = if rule.refuses { "refuses" } else { "permits" };
        let says = if rule.says.is_empty() {
            String::new()
        } else {
            format!(": {}", rule.says)
        };
        lines.push(format!("        {kind}  {}{says}", rule.id));
    }
    for test in &clause.tests {
        lines.push(format!("        test     {test}"));
    }
    for counted in &clause.evidence {
        let of = counted
            .of
            .map_or_else(String::new, |of| format!(" of {of}"));
        lines.push(format!(
            "        counted  {}{of} {}",
            counted.value, counted.says
        ));
    }
    lines.join("\n")
}
