//! The real program, run as a person at the machine runs it.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "shared by tests; one that cannot check says so"
)]

pub mod desk;
pub mod encrypting_kernel;
pub mod volume;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use totp_rs::{Builder, Secret, Totp};

pub const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples");
pub const PASSPHRASE: &str = "four lamps over the weir";
pub const PASSWORD: &str = "a walk by the weir";

pub struct Home(pub tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program with these lines as its standard input.
    pub fn lictor(&self, arguments: &[&str], lines: &[&str]) -> Output {
        let mut child = command(self.0.path(), arguments)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
        drop(input);
        child.wait_with_output().unwrap()
    }

    /// A folder with the sample pictures, written now.
    pub fn samples(&self) -> String {
        let folder = self.path("pictures");
        fs::create_dir(&folder).unwrap();
        for entry in fs::read_dir(SAMPLES).unwrap().map(Result::unwrap) {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "jpg")
            {
                fs::write(
                    folder.join(entry.file_name()),
                    fs::read(entry.path()).unwrap(),
                )
                .unwrap();
            }
        }
        folder.to_str().unwrap().to_owned()
    }

    pub fn init(&self) -> String {
        self.init_for("localhost")
    }

    pub fn init_for(&self, host: &str) -> String {
        let arguments = [
            "init",
            "station",
            "--host",
            host,
            "--agency",
            "Ashford Falls Police Department",
            "--deputy-chief",
            "avery.holt,Avery Holt,102",
            "--administrator",
            "sam.okafor,Sam Okafor,118",
        ];
        let output = self.lictor(&arguments, &[PASSPHRASE]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lictor"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_RUNTIME_DIR", folder.join("run"))
        .stdout(Stdio::piped());
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running station, stopped at the end.
pub struct Running {
    child: Child,
    pub address: String,
}

impl Running {
    pub fn serve(home: &Home, passphrase: &str) -> Self {
        Self::serve_with(home, passphrase, &[])
    }

    pub fn serve_with(home: &Home, passphrase: &str, more: &[&str]) -> Self {
        let file = home.file("passphrase", passphrase);
        let arguments = [
            "serve",
            "station",
            "--port",
            "0",
            "--passphrase-file",
            file.to_str().unwrap(),
        ];
        let arguments = [&arguments, more].concat();
        let mut child = command(home.0.path(), &arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .rsplit(' ')
            .next()
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned();
        Self { child, address }
    }

    /// Asks it to stop, as systemd does; its exit code.
    pub fn stop(mut self) -> Option<i32> {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A founder's first login, with the code that `init` printed under this name: sets the password and
/// takes the secret. What the authenticator showed before is used, so that what it shows now is not.
pub fn first_login(station: &Running, printed: &str, name: &str) -> Totp {
    let at = format!("{}/first-login", station.address);
    let browser = ureq::Agent::new_with_defaults();
    let code = between(printed, &format!("  {name}\n    "), "   good until");
    let page = browser
        .post(&at)
        .send_form([("code", code)])
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let secret = Secret::try_from_base32(between(&page, "id=\"secret\">", "<")).unwrap();
    let authenticator = Builder::new()
        .with_secret(secret)
        .with_account_name("test")
        .build()
        .unwrap();
    // Half a minute may pass just then.
    let set = (0..3).any(|_| {
        let before = authenticator.next_step_current() - 60;
        let form = [
            ("code", code),
            ("password", PASSWORD),
            ("again", PASSWORD),
            ("shown", &authenticator.generate(before).to_string()),
        ];
        browser.post(&at).send_form(form).is_ok()
    });
    assert!(set, "the first login of {name}");
    authenticator
}

/// What it shows now.
pub fn code(authenticator: &Totp) -> String {
    authenticator.generate_current().to_string()
}

/// What it shows next: each code is good once.
pub fn next_code(authenticator: &Totp) -> String {
    authenticator
        .generate(authenticator.next_step_current())
        .to_string()
}

pub fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"))
        .1
        .split(after)
        .next()
        .unwrap()
}
