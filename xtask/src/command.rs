//! Running other programs, where the workspace lies, and speaking to whoever looks on.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use thiserror::Error;

/// Why a chore stopped: what failed, and what to do about it.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A program could not be started.
    #[error("`{command}` could not be started: {source}\n{advice}")]
    NotStarted {
        /// What was to run.
        command: String,
        /// Why it did not.
        source: std::io::Error,
        /// What to do.
        advice: String,
    },
    /// A program ran and failed.
    #[error("`{command}` failed ({status})\n{advice}")]
    Failed {
        /// What ran.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What to do.
        advice: String,
    },
    /// A file or folder could not be read or written.
    #[error(
        "{path}: {source}\nSee that this folder can be written to and that its disk is not full."
    )]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Something is missing that a chore cannot bring itself.
    #[error("{what}\n{advice}")]
    Missing {
        /// What.
        what: String,
        /// What to do.
        advice: String,
    },
}

impl Failure {
    /// For `map_err`: what went wrong with the file or folder at `path`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, source }
    }
}

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// A program to be run in the workspace's root.
pub(crate) fn program(name: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

/// Cargo: the one that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    program(
        std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        arguments,
    )
}

/// Says what is run and runs it, its output for all to see.
pub(crate) fn run(command: &mut Command, advice: &str) -> Result<(), Failure> {
    let shown = show(command);
    say(&format!("$ {shown}"));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Failed {
            command: shown,
            status,
            advice: advice.to_owned(),
        }),
        Err(source) => Err(Failure::NotStarted {
            command: shown,
            source,
            advice: advice.to_owned(),
        }),
    }
}

/// Whether the program is there and ends well; what it prints is not shown.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The program's output, if it ends well.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether `name` is a program on the search path.
pub(crate) fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// The first entry of `folder` whose name satisfies `wanted`, if there is one.
pub(crate) fn find(folder: &Path, wanted: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .find(|entry| entry.file_name().to_str().is_some_and(&wanted))
        .map(|entry| entry.path())
}

/// The command as one would type it, without the path of the program.
pub(crate) fn show(command: &Command) -> String {
    let path = Path::new(command.get_program());
    let mut shown = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        let _ = write!(shown, " {}", argument.to_string_lossy());
    }
    shown
}

/// A line on standard output.
#[expect(clippy::print_stdout, reason = "a chore speaks to whoever started it")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// A line on standard error.
#[expect(clippy::print_stderr, reason = "a chore speaks to whoever started it")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_what_to_do() {
        let failed = run(&mut program("false", &["--now"]), "Try true.")
            .unwrap_err()
            .to_string();
        assert!(
            failed.starts_with("`false --now` failed (exit status: 1)"),
            "{failed}"
        );
        assert!(failed.ends_with("Try true."), "{failed}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failed = run(&mut program("no-such-program", &[]), "Install it.")
            .unwrap_err()
            .to_string();
        assert!(
            failed.starts_with("`no-such-program` could not be started"),
            "{failed}"
        );
    }

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
