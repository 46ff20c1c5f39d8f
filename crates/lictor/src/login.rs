//! `lictor login` and `lictor logout`: a session kept for the commands that follow.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::{Complaint, say, secret};

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
    let password = secret::ask(&format!("Password of {}", arguments.login))?;
    let code = secret::ask("Code from the authenticator")?;
    let cookie = client.log_in(&arguments.login, &password, &code)?;
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

/// Forgets the session here; at the station it ends by itself.
pub(crate) fn forget() -> Result<ExitCode, Complaint> {
    let path = place()?;
    match fs::remove_file(&path) {
        Ok(()) => say("You are logged out.")?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => say("You were not logged in.")?,
        Err(e) => return Err(named(&path, &e)),
    }
    Ok(ExitCode::SUCCESS)
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
