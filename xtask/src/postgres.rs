//! A PostgreSQL of the tests' own: made in a new folder, gone when it is over.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Failure, output, program, run, say, works};

/// The oldest version that a station works with.
const OLDEST: u32 = 15;
/// Where tests that were given no address look.
const USUAL: &str = "lictor-postgres";
/// Names the server to the tests.
pub(crate) const ADDRESS: &str = "LICTOR_TEST_POSTGRES";

/// A running server, stopped and removed when it is dropped.
pub(crate) struct Server {
    folder: PathBuf,
}

impl Server {
    /// Starts one in `folder`, which is made anew.
    pub(crate) fn start(folder: &Path) -> Result<Self, Failure> {
        let programs = programs().ok_or_else(|| Failure::Missing {
            what: format!("There is no PostgreSQL {OLDEST} or newer."),
            advice: "Run `cargo xtask setup`.".to_owned(),
        })?;
        if folder.exists() {
            // What a run that was killed left behind.
            works(&mut own(
                &programs,
                "pg_ctl",
                &["-D", &text(&folder.join("data")), "-m", "immediate", "stop"],
            ));
            fs::remove_dir_all(folder).map_err(Failure::file(folder))?;
        }
        fs::create_dir(folder).map_err(Failure::file(folder))?;
        if is_root() {
            // The server refuses to run as root; Debian's package brings a user for it.
            run(
                &mut program("chown", &["postgres", &text(folder)]),
                "Install Debian's package postgresql, which brings the user postgres.",
            )?;
        } else {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
                .map_err(Failure::file(folder))?;
        }
        let advice = format!("See {}.", folder.join("log").display());
        let data = text(&folder.join("data"));
        run(
            &mut own(
                &programs,
                "initdb",
                &[
                    "-D",
                    &data,
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "--no-instructions",
                ],
            ),
            &advice,
        )?;
        let server = Self {
            folder: folder.to_owned(),
        };
        // No network: a socket in the folder.
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c max_connections=400",
            folder.display()
        );
        let log = text(&folder.join("log"));
        run(
            &mut own(
                &programs,
                "pg_ctl",
                &["-D", &data, "-l", &log, "-o", &options, "-w", "start"],
            ),
            &advice,
        )?;
        Ok(server)
    }

    /// How a client finds it.
    pub(crate) fn address(&self) -> String {
        format!("host={} user=postgres", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(programs) = programs() {
            let data = text(&self.folder.join("data"));
            works(&mut own(
                &programs,
                "pg_ctl",
                &["-D", &data, "-m", "immediate", "-w", "stop"],
            ));
        }
        // A folder that cannot be removed is in nobody's way: the next start removes it.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// `cargo xtask postgres`: one for tests that are run by hand, until Enter is pressed.
pub(crate) fn until_enter() -> Result<(), Failure> {
    let server = Server::start(&std::env::temp_dir().join(USUAL))?;
    say(&format!("{ADDRESS}=\"{}\"", server.address()));
    say("Tests find it by themselves. Press Enter to stop it.");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    Ok(())
}

/// Whether this machine has it.
pub(crate) fn is_there() -> bool {
    programs().is_some()
}

/// The folder of the newest version's programs, as Debian lays it.
fn programs() -> Option<PathBuf> {
    fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path(),
            ))
        })
        .filter(|(version, folder)| *version >= OLDEST && folder.join("bin/initdb").is_file())
        .max()
        .map(|(_, folder)| folder.join("bin"))
}

/// A program of the server's, under a user that it runs under.
fn own(programs: &Path, name: &str, arguments: &[&str]) -> Command {
    let path = text(&programs.join(name));
    let mut command = if is_root() {
        program("runuser", &["-u", "postgres", "--", &path])
    } else {
        program(path, &[])
    };
    command.args(arguments).current_dir("/");
    command
}

fn is_root() -> bool {
    output(&mut program("id", &["-u"])).is_some_and(|id| id == "0")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
