//! Asking for secrets: never as an argument, which any process on the machine can read.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{env, fs};

use station::LoginAttempt;

use crate::Complaint;

/// Where systemd puts credentials, and what this one is called (`LoadCredential=lictor-passphrase:…`).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL: &str = "lictor-passphrase";

/// Asks at the terminal without showing what is typed; without a terminal, takes the next line of
/// standard input.
pub(crate) fn ask(what: &str) -> Result<String, Complaint> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("{what}: ")).map_err(Complaint::from);
    }
    let mut line = String::new();
    if io::stdin().read_line(&mut line)? == 0 {
        return Err(Complaint::of(format!(
            "{what}: nothing was given on standard input"
        )));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A member who signs something at the machine, with what they showed.
pub(crate) struct Signer {
    login: String,
    password: String,
    code: String,
}

impl Signer {
    /// Asks for the member's password and code.
    pub(crate) fn ask(login: &str) -> Result<Self, Complaint> {
        Ok(Self {
            login: login.to_owned(),
            password: ask(&format!("Password of {login}"))?,
            code: ask(&format!("Code from the authenticator of {login}"))?,
        })
    }

    pub(crate) fn attempt(&self) -> LoginAttempt<'_> {
        LoginAttempt {
            login: &self.login,
            password: &self.password,
            code: &self.code,
            acknowledged: true,
            address: "this machine",
        }
    }
}

/// The station's passphrase: from the file given, from systemd's credential, or asked for.
pub(crate) fn passphrase(folder: &Path, file: Option<&Path>) -> Result<String, Complaint> {
    let credential =
        env::var_os(CREDENTIALS).map(|credentials| PathBuf::from(credentials).join(CREDENTIAL));
    let Some(file) = file
        .map(Path::to_owned)
        .or(credential.filter(|path| path.exists()))
    else {
        return ask("Passphrase of the station");
    };
    let named = |e: io::Error| Complaint::of(format!("{}: {e}", file.display()));
    // A passphrase beside the data it protects protects nothing.
    if fs::canonicalize(&file)
        .map_err(named)?
        .starts_with(fs::canonicalize(folder)?)
    {
        return Err(Complaint::of(format!(
            "{} lies inside the data directory: whoever takes the one has the other; keep it elsewhere",
            file.display()
        )));
    }
    read(&file)
}

/// The passphrase of a backup: from the file given, or asked for.
pub(crate) fn passphrase_of_backup(file: Option<&Path>) -> Result<String, Complaint> {
    match file {
        Some(file) => read(file),
        None => ask("Passphrase that the station had when the backup was made"),
    }
}

fn read(file: &Path) -> Result<String, Complaint> {
    let text =
        fs::read_to_string(file).map_err(|e| Complaint::of(format!("{}: {e}", file.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
