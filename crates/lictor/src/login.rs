//! `lictor login` and `lictor logout`: a session kept for the commands that follow.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Client;
use crate::{Complaint, say};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Your login
    login: String,
    /// The station's address
    #[arg(long, default_value = "http://localhost:8420")]
    station: String,
    /// The station's certificate authority, for https
    #[arg(long)]
    authority: Option<PathBuf>,
}

/// A session as it is kept between two commands. Whoever has it is the member, until it is over.
#[derive(Serialize, Deserialize)]
struct Kept {
    station: String,
    authority: Option<PathBuf>,
    /// The session's cookie, name and value.
    cookie: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let authority = arguments.authority.as_deref().map(fs::canonicalize);
    let authority = authority.transpose()?;
    let client = Client::new(&arguments.station, authority.as_deref())?;
    let cookie = client.log_in(&arguments.login)?;
    let kept = Kept {
        station: arguments.station.clone(),
        authority,
        cookie,
    };
    let path = place()?;
    let text = serde_json::to_vec(&kept).map_err(Complaint::of)?;
    durable::replace(&path, &text).map_err(|e| named(&path, &e))?;
    say(format!(
        "You are logged in at {}, until you have been idle for half an hour, or `lictor logout`.",
        kept.station
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Ends the session at the station, and forgets it here whatever the station says.
pub(crate) fn leave() -> Result<ExitCode, Complaint> {
    let path = place()?;
    if !path.exists() {
        say("You were not logged in.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let ended = resume().and_then(|client| client.post::<Done>("/api/logout", &json!({})));
    fs::remove_file(&path).map_err(|e| named(&path, &e))?;
    match ended {
        Ok(done) => say(done.done)?,
        Err(e) => say(format!(
            "The session is forgotten here. The station did not end it ({e}); unused, it locks by itself."
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What the station answers to what was done.
#[derive(Deserialize)]
struct Done {
    done: String,
}

/// The station, in the session that `lictor login` began.
pub(crate) fn resume() -> Result<Client, Complaint> {
    let path = place()?;
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(Complaint::of("you are not logged in: lictor login LOGIN"));
        }
        Err(e) => return Err(named(&path, &e)),
    };
    let kept: Kept = serde_json::from_slice(&text)
        .map_err(|e| Complaint::of(format!("{}: {e}: log in anew", path.display())))?;
    Ok(Client::new(&kept.station, kept.authority.as_deref())?.with_session(kept.cookie))
}

/// A file that its owner alone can read: in memory where the system has such a place, else among the
/// state of this user's programs.
fn place() -> Result<PathBuf, Complaint> {
    let folder = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    let state = || folder("HOME").map(|home| home.join(".local/state"));
    folder("XDG_RUNTIME_DIR")
        .or_else(|| folder("XDG_STATE_HOME"))
        .or_else(state)
        .map(|folder| folder.join("lictor/session"))
        .ok_or_else(|| {
            Complaint::of("there is no place for the session: set XDG_RUNTIME_DIR or HOME")
        })
}

fn named(path: &Path, error: &io::Error) -> Complaint {
    Complaint::of(format!("{}: {error}", path.display()))
}
