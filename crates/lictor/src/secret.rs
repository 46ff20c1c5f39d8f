//! Asking for secrets: never as an argument, which any process on the machine can read.

use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{env, fs};

use crypt::{SealedByToken, SystemRandom};
use station::{LoginAttempt, Station};

use crate::Complaint;

/// Where systemd puts credentials, and what this one is called (`LoadCredential=lictor-passphrase:…`).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL: &str = "lictor-passphrase";
/// The same for a token's PIN.
const PIN: &str = "lictor-pin";

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

/// Shows the notice, and asks a member for password and code: whoever gives them has acknowledged it.
/// Their program's own output stays free of it.
pub(crate) fn ask_at_the_door(
    notice: &[String],
    login: &str,
) -> Result<(String, String), Complaint> {
    let mut beside = io::stderr().lock();
    for line in notice {
        writeln!(beside, "{line}")?;
    }
    writeln!(beside, "Whoever gives a password acknowledges this.")?;
    drop(beside);
    let password = ask(&format!("Password of {login}"))?;
    Ok((password, ask("Code from the authenticator")?))
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
    let Some(file) = file.map(Path::to_owned).or_else(|| credential(CREDENTIAL)) else {
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

/// What stands in the file; where a token sealed it, what the token opens.
fn read(file: &Path) -> Result<String, Complaint> {
    let named = |e: &dyn std::fmt::Display| Complaint::of(format!("{}: {e}", file.display()));
    let text = fs::read_to_string(file).map_err(|e| named(&e))?;
    let Some(sealed) = SealedByToken::read(&text).map_err(|e| named(&e))? else {
        return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
    };
    // It names the library that is loaded here.
    let mode = fs::metadata(file).map_err(|e| named(&e))?.mode();
    if mode & 0o022 != 0 {
        return Err(named(
            &"others than its owner may write it, and it names a library that is run: chmod go-w",
        ));
    }
    sealed.open(&pin()?).map_err(|e| named(&e))
}

/// The PIN of a token: from systemd's credential, or asked for.
fn pin() -> Result<String, Complaint> {
    match credential(PIN) {
        Some(file) => {
            let text = fs::read_to_string(&file)
                .map_err(|e| Complaint::of(format!("{}: {e}", file.display())))?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None => ask("PIN of the token"),
    }
}

/// Seals the station's passphrase by a token, into a new file outside the station's folder.
pub(crate) fn seal_with_token(
    folder: &Path,
    module: &Path,
    token: &str,
    to: &Path,
) -> Result<(), Complaint> {
    let passphrase = passphrase(folder, None)?;
    Station::check_passphrase(folder, &passphrase)?;
    let named = |e: &dyn std::fmt::Display| Complaint::of(format!("{}: {e}", to.display()));
    if to.exists() {
        return Err(named(&"it is there already, and is not replaced"));
    }
    let sealed = SealedByToken::seal(&passphrase, module, token, &pin()?, &SystemRandom)
        .map_err(Complaint::of)?;
    let text = sealed.text().map_err(Complaint::of)?;
    durable::replace(to, text.as_bytes()).map_err(|e| named(&e))?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).map_err(|e| named(&e))
}

/// The file of a systemd credential, if there is one.
fn credential(name: &str) -> Option<PathBuf> {
    let file = PathBuf::from(env::var_os(CREDENTIALS)?).join(name);
    file.exists().then_some(file)
}
