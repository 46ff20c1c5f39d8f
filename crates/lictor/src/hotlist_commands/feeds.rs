//! `lictor hotlist feed`: lists that come by themselves.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{About, Done, Door, enter};
use crate::{Complaint, say, secret};

#[derive(Args)]
pub(crate) struct Set {
    /// What the feed is called
    name: String,
    /// The list that it brings
    #[arg(long)]
    list: String,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    from: From,
    /// The address's authority of certificates, where it is none that is widely known: a file on the
    /// station's machine
    #[arg(long, requires = "address")]
    address_authority: Option<PathBuf>,
    /// Ask for the value of the header `Authorization` that the address is asked with
    #[arg(long, requires = "address")]
    secret: bool,
    /// After how many minutes the address is asked again
    #[arg(long, default_value_t = 60)]
    every_minutes: u32,
    #[command(flatten)]
    door: Door,
}

/// Where its files come from.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct From {
    /// A folder of the station's machine: every file that is put there is taken, and is gone then
    #[arg(long)]
    folder: Option<PathBuf>,
    /// An address that begins with https://
    #[arg(long)]
    address: Option<String>,
}

#[derive(Args)]
pub(crate) struct End {
    /// The feed
    name: String,
    #[command(flatten)]
    door: Door,
}

#[derive(Args)]
pub(crate) struct List {
    /// One JSON object a feed, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    door: Door,
}

#[derive(Deserialize, Serialize)]
struct Feed {
    name: String,
    list: String,
    from: String,
    every_minutes: u32,
    set: String,
    ended_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    last: Option<String>,
}

pub(super) fn set(arguments: &Set) -> Result<ExitCode, Complaint> {
    let client = enter(&arguments.door)?;
    let secret = if arguments.secret {
        secret::ask("The header Authorization")?
    } else {
        String::new()
    };
    let about = &arguments.about;
    let feed = json!({
        "name": arguments.name,
        "list": arguments.list,
        "source": about.source,
        "class": about.class,
        "purposes": about.purposes,
        "refresh_hours": about.refresh_hours.to_string(),
        "mapping": about.mapping,
        "folder": arguments.from.folder.clone().unwrap_or_default(),
        "address": arguments.from.address.clone().unwrap_or_default(),
        "authority": arguments.address_authority.clone().unwrap_or_default(),
        "secret": secret,
        "every_minutes": arguments.every_minutes.to_string(),
    });
    told(client.post("/api/hotlists/feeds", &feed)?)
}

pub(super) fn end(arguments: &End) -> Result<ExitCode, Complaint> {
    let client = enter(&arguments.door)?;
    let feed: Value = json!({ "name": arguments.name });
    told(client.post("/api/hotlists/feeds/end", &feed)?)
}

fn told(done: Done) -> Result<ExitCode, Complaint> {
    say(done.done)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn list(arguments: &List) -> Result<ExitCode, Complaint> {
    let client = enter(&arguments.door)?;
    let feeds: Vec<Feed> = client.get("/api/hotlists/feeds", &[])?;
    for feed in feeds {
        if arguments.json {
            say(serde_json::to_string(&feed).map_err(Complaint::of)?)?;
            continue;
        }
        say(format!(
            "{} brings {}, from {}; {}",
            feed.name, feed.list, feed.from, feed.set
        ))?;
        let last = feed.last.as_deref().unwrap_or("nothing came yet");
        say(match (feed.ended_at, feed.failing_since, feed.tried_at) {
            (Some(ended), ..) => format!("  ended {ended}"),
            (None, Some(since), _) => format!("  FAILING since {since}: {last}"),
            (None, None, Some(tried)) => format!("  {tried}: {last}"),
            (None, None, None) => "  not looked at yet".to_owned(),
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
