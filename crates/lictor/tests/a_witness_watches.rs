//! A station and its witness, with the real program: what a rollback comes up against.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

const PASSPHRASE: &str = "four lamps over the weir";

struct Home(tempfile::TempDir);

impl Home {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lictor"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn lictor(&self, arguments: &[&str], lines: &[&str]) -> Output {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
        drop(input);
        child.wait_with_output().unwrap()
    }

    /// What it printed; it must have gone well.
    fn well(&self, arguments: &[&str], lines: &[&str]) -> String {
        let output = self.lictor(arguments, lines);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Starts a server; its address is the last word of what it says first.
    fn serve(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .to_owned();
        if !address.starts_with("http") {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("{arguments:?} did not come up: {line}{said}");
        }
        Running { child, address }
    }

    fn serve_station(&self) -> Running {
        self.serve(&[
            "serve",
            "station",
            "--port",
            "0",
            "--passphrase-file",
            "passphrase",
        ])
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

struct Running {
    child: Child,
    address: String,
}

impl Running {
    /// Asks it to stop; what it said on standard error.
    fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Waits until the file is there.
fn until_there(path: &Path) {
    for _ in 0..200 {
        if path.exists()
            && path
                .read_dir()
                .map_or(true, |mut files| files.next().is_some())
        {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{} did not come", path.display());
}

#[test]
fn a_witness_cosigns_and_neither_the_ledger_nor_the_whole_folder_can_be_rolled_back() {
    let home = Home(tempfile::tempdir().unwrap());
    fs::write(home.path("passphrase"), PASSPHRASE).unwrap();
    let init = [
        "init",
        "station",
        "--agency",
        "Ashford Falls Police Department",
        "--deputy-chief",
        "avery.holt,Avery Holt,102",
        "--administrator",
        "sam.okafor,Sam Okafor,118",
    ];
    home.well(&init, &[PASSPHRASE]);
    fs::copy(home.path("station/ledger.pub"), home.path("published.pub")).unwrap();
    let young = home.path("young");
    copy(&home.path("station"), &young);

    // The county clerk makes a witness and has it watch the station's log.
    let made = home.well(
        &[
            "witness",
            "init",
            "clerk",
            "--name",
            "clerk.ashford-falls.example",
        ],
        &[],
    );
    let key = made
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("clerk."))
        .unwrap();
    fs::write(home.path("clerk.pub"), key).unwrap();
    home.well(&["witness", "trust", "clerk", "published.pub"], &[]);
    let again = home.lictor(&["witness", "trust", "clerk", "published.pub"], &[]);
    assert!(text(&again.stderr).contains("is watched already"));
    let witness = home.serve(&["witness", "serve", "clerk", "--port", "0"]);
    home.well(
        &["ledger", "witness", "add", "station", &witness.address, key],
        &[],
    );

    // A station that runs asks for its cosignature at once, and then every minute.
    let station = home.serve_station();
    until_there(&home.path("station/ledger/witnessed"));
    let said = station.stop();
    assert!(!said.contains("ALARM"), "{said}");
    let verify = ["ledger", "verify", "station", "--key", "published.pub"];
    let unchecked = home.well(&verify, &[]);
    assert!(unchecked.contains("NOT CHECKED"), "{unchecked}");
    let verified = home.well(&[&verify[..], &["--witness", "clerk.pub"]].concat(), &[]);
    assert!(
        verified.contains("cosigned by clerk.ashford-falls.example at 2"),
        "{verified}"
    );
    let head = home.well(&["ledger", "checkpoint", "station"], &[]);
    fs::write(home.path("head"), &head).unwrap();
    home.well(&[&verify[..], &["--head", "head"]].concat(), &[]);

    // An export proves itself as well, and so does a single entry.
    home.well(&["ledger", "export", "station", "export"], &[]);
    let exported = [
        "ledger",
        "verify",
        "export",
        "--key",
        "published.pub",
        "--witness",
        "clerk.pub",
    ];
    assert!(home.well(&exported, &[]).contains("cosigned by clerk"));
    let proof = home.well(&["ledger", "prove", "export", "0"], &[]);
    fs::write(home.path("proof"), &proof).unwrap();
    let proved = home.well(
        &["ledger", "check-proof", "proof", "--key", "published.pub"],
        &[],
    );
    assert!(proved.starts_with("proved: entry 0 of "), "{proved}");

    // The ledger alone is rolled back: the store knows its last head.
    let whole = home.path("whole");
    copy(&home.path("station"), &whole);
    fs::remove_dir_all(home.path("station/ledger")).unwrap();
    copy(&young.join("ledger"), &home.path("station/ledger"));
    let serve = [
        "serve",
        "station",
        "--port",
        "0",
        "--passphrase-file",
        "passphrase",
    ];
    let refused = home.lictor(&serve, &[]);
    assert!(
        text(&refused.stderr).contains("rolled back"),
        "{}",
        text(&refused.stderr)
    );

    // The whole folder is rolled back: whoever kept a head knows, and so does the witness.
    fs::remove_dir_all(home.path("station")).unwrap();
    copy(&young, &home.path("station"));
    home.well(&verify, &[]);
    let found = home.lictor(&[&verify[..], &["--head", "head"]].concat(), &[]);
    assert_eq!(found.status.code(), Some(1));
    assert!(
        text(&found.stderr).contains("DAMAGED: entry "),
        "{}",
        text(&found.stderr)
    );
    assert!(
        text(&found.stderr).contains("rolled back"),
        "{}",
        text(&found.stderr)
    );
    home.well(
        &["ledger", "witness", "add", "station", &witness.address, key],
        &[],
    );
    let station = home.serve_station();
    until_there(&home.path("clerk/seen/alarms"));
    thread::sleep(Duration::from_millis(300));
    let said = station.stop();
    assert!(
        said.contains("ALARM: it does not cosign this ledger"),
        "{said}"
    );
    // It came up and wrote as many entries as before: the same size, another history.
    let told = witness.stop();
    assert!(told.contains("ALARM: FORK: localhost/lictor/1"), "{told}");
}
