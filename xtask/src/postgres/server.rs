//! A PostgreSQL server in a folder of its own. Tests that kill one bring it in too, so it knows nothing
//! of the chores around it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest version that a station works with.
const OLDEST: u32 = 15;

/// A running server, stopped when it is dropped, and removed unless it is kept.
pub(crate) struct Server {
    folder: PathBuf,
    programs: PathBuf,
    is_kept: bool,
}

impl Server {
    /// Starts one in `folder`, which is made anew.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or it does not start; in words.
    pub(crate) fn start(folder: &Path) -> Result<Self, String> {
        let server = Self::on(folder, false)?;
        if folder.exists() {
            // What a run that was killed left behind.
            server.stop();
            fs::remove_dir_all(folder).map_err(|e| server.says(&e))?;
        }
        server.begin()?;
        Ok(server)
    }

    /// Starts one on the data that an earlier one left in `folder`, or on none; what it holds is kept.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub(crate) fn kept(folder: &Path) -> Result<Self, String> {
        let server = Self::on(folder, true)?;
        if folder.exists() {
            // A run that was killed left it running.
            server.stop();
            server.go_on()?;
        } else {
            server.begin()?;
        }
        Ok(server)
    }

    fn on(folder: &Path, is_kept: bool) -> Result<Self, String> {
        let programs = programs()
            .ok_or_else(|| format!("there is no PostgreSQL {OLDEST} or newer on this machine"))?;
        Ok(Self {
            folder: folder.to_owned(),
            programs,
            is_kept,
        })
    }

    /// Makes the data anew, and starts.
    fn begin(&self) -> Result<(), String> {
        fs::create_dir(&self.folder).map_err(|e| self.says(&e))?;
        if is_root() {
            // The server refuses to run as root; Debian's package brings a user for it.
            let folder = self.folder.display().to_string();
            quietly(Command::new("chown").args(["postgres", &folder]))?;
        } else {
            fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700))
                .map_err(|e| self.says(&e))?;
        }
        quietly(self.program("initdb").args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-instructions",
        ]))?;
        self.go_on()
    }

    /// Starts it on the data that it has.
    ///
    /// # Errors
    /// When it does not start; in words.
    pub(crate) fn go_on(&self) -> Result<(), String> {
        // No network: a socket in the folder.
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c max_connections=400",
            self.folder.display()
        );
        let log = self.folder.join("log").display().to_string();
        quietly(
            self.program("pg_ctl")
                .args(["-l", &log, "-o", &options, "-w", "start"]),
        )
    }

    /// How a client finds it.
    pub(crate) fn address(&self) -> String {
        format!("host={} user=postgres", self.folder.display())
    }

    /// Stops it; what was kept stays.
    pub(crate) fn stop(&self) {
        let how = if self.is_kept { "fast" } else { "immediate" };
        let _ = quietly(self.program("pg_ctl").args(["-m", how, "-w", "stop"]));
    }

    /// A program of the server's on this data, under a user that it runs under.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command
            .arg("-D")
            .arg(self.folder.join("data"))
            .current_dir("/");
        command
    }

    fn says(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if self.is_kept {
            return;
        }
        // A folder that cannot be removed is in nobody's way: the next start removes it.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest version's programs, as Debian lays it.
pub(crate) fn programs() -> Option<PathBuf> {
    fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse::<u32>().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(version, programs)| *version >= OLDEST && programs.join("initdb").is_file())
        .max()
        .map(|(_, programs)| programs)
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// Runs a program; what it says is heard only when it fails. Its output goes to a file, for a server
/// that it starts would keep a pipe open.
fn quietly(command: &mut Command) -> Result<(), String> {
    let said = std::env::temp_dir().join(format!("lictor-postgres-said-{}", std::process::id()));
    let ended = fs::File::create(&said).and_then(|file| {
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()
    });
    let words = fs::read_to_string(&said).unwrap_or_default();
    let _ = fs::remove_file(&said);
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} failed ({status}): {words}")),
        Err(error) => Err(format!("{command:?} could not be started: {error}")),
    }
}
