//! `lictor search`: a search asked over HTTP, in the session that `lictor login` began.

use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::people::table;
use crate::{Complaint, login, say};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The plate, or what is known of it: `?` for one unknown character, `*` for any number, `[AB]` for one
    /// of these
    plate: String,
    /// The purpose's code, such as `crime`
    #[arg(long)]
    purpose: String,
    /// The case or call number
    #[arg(long, default_value = "")]
    case: String,
    /// What it is for, in a sentence, where the purpose needs one
    #[arg(long, default_value = "")]
    words: String,
    /// The state that issued it, such as `US-IL`
    #[arg(long, default_value = "")]
    issuer: String,
    /// A camera's name (may be given again for more); all cameras where none is named
    #[arg(long)]
    camera: Vec<String>,
    /// A street, a circle (`39.8017, -89.6437, 800`) or a polygon's corners with `;` between them
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    area: String,
    /// From when, in the agency's time, such as 2026-11-24T14:30
    #[arg(long, default_value = "")]
    from: String,
    /// Until when
    #[arg(long, default_value = "")]
    until: String,
    /// Every page of the answer, and not the first alone; each is recorded
    #[arg(long)]
    all: bool,
    /// One JSON object a read
    #[arg(long)]
    json: bool,
}

/// A page of an answer, as the station tells it.
#[derive(Deserialize)]
struct Answer {
    entry: u64,
    answer: u64,
    count: usize,
    next: Option<usize>,
    purged: usize,
    withheld: Vec<Withheld>,
    #[serde(default)]
    cameras: Option<Vec<Covered>>,
    sightings: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Withheld {
    class: String,
    count: u64,
    ask: String,
}

#[derive(Deserialize)]
struct Covered {
    silent: Vec<Value>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let station = login::resume()?;
    let asked = json!({
        "plate": arguments.plate,
        "purpose": arguments.purpose,
        "case": arguments.case,
        "words": arguments.words,
        "issuer": arguments.issuer,
        "camera": arguments.camera,
        "area": arguments.area,
        "from": arguments.from,
        "until": arguments.until,
    });
    let mut page: Answer = station.post("/api/search", &asked)?;
    if !arguments.json {
        summary(&page)?;
    }
    loop {
        show(&page, arguments.json)?;
        let Some(next) = page.next else { break };
        if !arguments.all {
            if !arguments.json {
                say(format!("{} more: with --all.", page.count + 1 - next))?;
            }
            break;
        }
        let mut turn = asked.clone();
        turn["answer"] = page.answer.to_string().into();
        turn["first"] = next.to_string().into();
        page = station.post("/api/search/page", &turn)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(page: &Answer) -> Result<(), Complaint> {
    let cameras = page.cameras.as_deref().unwrap_or_default();
    let silent = cameras.iter().filter(|camera| !camera.silent.is_empty());
    say(format!(
        "{} found; recorded as entry {} of the ledger. Cameras that cover it: {}, silent for some of the time: {}.",
        page.count,
        page.entry,
        cameras.len(),
        silent.count()
    ))?;
    Ok(())
}

fn show(page: &Answer, as_json: bool) -> Result<(), Complaint> {
    if as_json {
        for read in &page.sightings {
            say(serde_json::to_string(read).map_err(Complaint::of)?)?;
        }
        return Ok(());
    }
    for Withheld { class, count, ask } in &page.withheld {
        say(format!(
            "Restricted ({class}) and not shown: {count}. {ask}"
        ))?;
    }
    if page.purged > 0 {
        say(format!("Purged since: {}.", page.purged))?;
    }
    table(
        &page.sightings,
        &["seen_at", "camera", "plate", "probability", "read"],
    )
}
