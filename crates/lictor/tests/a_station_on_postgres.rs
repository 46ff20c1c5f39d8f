//! A station whose store lies on a PostgreSQL server, with the real program.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../station/tests/support/database.rs"]
mod database;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use database::Database;

const PASSPHRASE: &str = "four lamps over the weir";

fn lictor(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lictor"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn told(mut command: Command, lines: &[&str]) -> Output {
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        // A program that refuses at once reads none of it.
        let _ = writeln!(input, "{line}");
    }
    drop(input);
    child.wait_with_output().unwrap()
}

fn init(folder: &Path, station: &str, database: &Database) -> Output {
    let arguments = [
        "init",
        station,
        "--agency",
        "Ashford Falls Police Department",
        "--deputy-chief",
        "avery.holt,Avery Holt,102",
        "--administrator",
        "sam.okafor,Sam Okafor,118",
        "--store",
        &database.address(),
    ];
    told(lictor(folder, &arguments), &[PASSPHRASE])
}

/// A running station, stopped at the end.
struct Running(Child);

impl Running {
    /// Starts it and waits for its greeting.
    fn serve(folder: &Path, station: &str) -> Result<Self, String> {
        let mut child = lictor(folder, &["serve", station, "--port", "0"])
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{PASSPHRASE}").unwrap();
        let mut greeting = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut greeting)
            .unwrap();
        if greeting.contains("Lictor is at") {
            Ok(Self(child))
        } else {
            let output = child.wait_with_output().unwrap();
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Asks it to stop, as systemd does; its exit code.
    fn stop(mut self) -> Option<i32> {
        Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn one_station_works_on_a_database_from_its_founding_to_its_restart() {
    let home = tempfile::tempdir().unwrap();
    let database = Database::create();
    let founded = init(home.path(), "station", &database);
    assert!(
        founded.status.success(),
        "{}",
        String::from_utf8_lossy(&founded.stderr)
    );
    // Nothing of the members or the ledger's key lies in the folder, nor the server's address.
    assert!(!home.path().join("station/lictor.db").exists());
    let sealed = std::fs::read(home.path().join("station/server.sealed")).unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains(&database.name));

    let other = init(home.path(), "other", &database);
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(said.contains("holds a station already"), "{said}");

    for _ in 0..2 {
        let station = Running::serve(home.path(), "station").unwrap();
        let second = Running::serve(home.path(), "station").err().unwrap();
        assert!(second.contains("in use"), "{second}");
        assert_eq!(station.stop(), Some(0));
    }
}
