//! `lictor hotlist`: brings a list in, and tells which there are.

mod feeds;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand as Subcommands};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Client;
use crate::{Complaint, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Bring a list in: it replaces the one of its name, once it is read and kept
    Import(Import),
    /// Tell which lists there are, how old they are, and how they came in
    List(List),
    /// Set what a false alert of a list costs, and what may be done on one
    Terms(Terms),
    /// Have a list come by itself: from a folder of the station's machine, or over https
    Feed(feeds::Set),
    /// Have a list come by itself no more; it stays in force as it is
    EndFeed(feeds::End),
    /// Tell which lists come by themselves, and what became of what came
    Feeds(feeds::List),
}

/// Where the station is, and who asks.
#[derive(Args)]
struct Door {
    /// Your login
    #[arg(long)]
    login: String,
    /// The station's address
    #[arg(long, default_value = "http://localhost:8420")]
    station: String,
    /// The station's certificate authority, for https
    #[arg(long)]
    authority: Option<PathBuf>,
}

/// What a list is.
#[derive(Args)]
struct About {
    /// Who makes the list
    #[arg(long)]
    source: String,
    /// Whose data it holds: department, state or federal
    #[arg(long)]
    class: String,
    /// The purposes it serves, as in policy/purposes.toml, with commas between them
    #[arg(long)]
    purposes: String,
    /// After how many hours it is to be refreshed
    #[arg(long, default_value_t = 12)]
    refresh_hours: u32,
    /// How the file is read: a name in policy/hotlists/
    #[arg(long, default_value = "illinois-extract")]
    mapping: String,
}

#[derive(Args)]
pub(crate) struct Import {
    /// The file
    file: PathBuf,
    /// The list's name in this department
    #[arg(long)]
    name: String,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    door: Door,
}

#[derive(Args)]
pub(crate) struct List {
    /// One JSON object a list, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    door: Door,
}

#[derive(Args)]
pub(crate) struct Terms {
    /// The list
    list: String,
    /// What a false alert for now costs: as much as so many listed cars that are shown for review only
    #[arg(long)]
    false_cost: u32,
    /// What may be done on an alert of the list, in words
    #[arg(long, default_value = "")]
    may_be_done: String,
    #[command(flatten)]
    door: Door,
}

#[derive(Deserialize)]
struct Done {
    done: String,
}

#[derive(Deserialize)]
struct Brought {
    name: String,
    entries: u64,
    before: u64,
    waits: bool,
    report: Report,
}

#[derive(Deserialize, Serialize)]
struct Report {
    rows: u64,
    dropped: Vec<Dropped>,
    bad_rows: u64,
    bad: Vec<Bad>,
}

#[derive(Deserialize, Serialize)]
struct Dropped {
    file: String,
    rows: u64,
    why: String,
}

#[derive(Deserialize, Serialize)]
struct Bad {
    line: u64,
    why: String,
}

#[derive(Deserialize, Serialize)]
struct Listed {
    name: String,
    source: String,
    class: String,
    purposes: Vec<String>,
    refresh_hours: u32,
    overdue: bool,
    failing: Option<String>,
    alert_at: f64,
    may_be_done: String,
    suspended: u64,
    imports: Vec<Past>,
}

#[derive(Deserialize, Serialize)]
struct Past {
    id: String,
    imported_at: Timestamp,
    imported_by: String,
    sha256: String,
    entries: u64,
    in_force: bool,
    waits: bool,
    report: Report,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::Import(arguments) => import(arguments),
        Command::List(arguments) => list(arguments),
        Command::Terms(arguments) => terms(arguments),
        Command::Feed(arguments) => feeds::set(arguments),
        Command::EndFeed(arguments) => feeds::end(arguments),
        Command::Feeds(arguments) => feeds::list(arguments),
    }
}

fn terms(arguments: &Terms) -> Result<ExitCode, Complaint> {
    let client = enter(&arguments.door)?;
    let terms = json!({
        "list": arguments.list,
        "false_cost": arguments.false_cost.to_string(),
        "may_be_done": arguments.may_be_done,
    });
    let done: Done = client.post("/api/hotlists/terms", &terms)?;
    say(done.done)?;
    Ok(ExitCode::SUCCESS)
}

fn import(arguments: &Import) -> Result<ExitCode, Complaint> {
    let file = std::fs::read(&arguments.file)
        .map_err(|e| Complaint::of(format!("{}: {e}", arguments.file.display())))?;
    let client = enter(&arguments.door)?;
    let about = &arguments.about;
    let hours = about.refresh_hours.to_string();
    let query = [
        ("name", arguments.name.as_str()),
        ("source", &about.source),
        ("class", &about.class),
        ("purposes", &about.purposes),
        ("refresh_hours", &hours),
        ("mapping", &about.mapping),
    ];
    let brought: Brought = client.send_table("/api/hotlists", &query, &file)?;
    say(format!(
        "{}: {} entries of {} rows; {} were in force before",
        brought.name, brought.entries, brought.report.rows, brought.before
    ))?;
    tell(&brought.report)?;
    if brought.waits {
        say(
            "It shrinks too much: the list in force stays until another administrator confirms this one.",
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(report: &Report) -> Result<(), Complaint> {
    for dropped in &report.dropped {
        say(format!(
            "  {} rows of {}: counted, not stored: {}",
            dropped.rows, dropped.file, dropped.why
        ))?;
    }
    for bad in &report.bad {
        say(format!("  line {}: {}", bad.line, bad.why))?;
    }
    let told = report.bad.len() as u64;
    if report.bad_rows > told {
        say(format!("  and {} more bad rows", report.bad_rows - told))?;
    }
    Ok(())
}

fn list(arguments: &List) -> Result<ExitCode, Complaint> {
    let client = enter(&arguments.door)?;
    let lists: Vec<Listed> = client.get("/api/hotlists", &[])?;
    for list in lists {
        if arguments.json {
            say(serde_json::to_string(&list).map_err(Complaint::of)?)?;
            continue;
        }
        let overdue = if list.overdue { ", OVERDUE" } else { "" };
        say(format!(
            "{} ({}, from {}), every {} h{overdue}; {} records suspended",
            list.name, list.class, list.source, list.refresh_hours, list.suspended
        ))?;
        say(format!(
            "  an alert is for now from {:.2} on. {}",
            list.alert_at, list.may_be_done
        ))?;
        if let Some(failing) = &list.failing {
            say(format!("  does not come by itself as it should: {failing}"))?;
        }
        for import in &list.imports {
            let stands = match (import.in_force, import.waits) {
                (true, _) => "in force",
                (_, true) => "waits for a second person",
                _ => "past",
            };
            say(format!(
                "  {}  {} entries, by {}: {stands}",
                import.imported_at, import.entries, import.imported_by
            ))?;
            tell(&import.report)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn enter(door: &Door) -> Result<Client, Complaint> {
    let client = Client::new(&door.station, door.authority.as_deref())?;
    client.log_in(&door.login)?;
    Ok(client)
}
