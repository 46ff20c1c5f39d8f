//! The README's "Run a station", step by step, with the real program.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use totp_rs::{Builder, Secret, Totp};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples");
const PASSPHRASE: &str = "four lamps over the weir";
const PASSWORD: &str = "a walk by the weir";

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program with these lines as its standard input.
    fn lictor(&self, arguments: &[&str], lines: &[&str]) -> Output {
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
    fn samples(&self) -> String {
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

    fn init(&self) -> String {
        let arguments = [
            "init",
            "station",
            "--agency",
            "Ashford Falls Police Department",
            "--deputy-chief",
            "avery.holt,Avery Holt,102",
            "--administrator",
            "sam.okafor,Sam Okafor,118",
        ];
        let output = self.lictor(&arguments, &[PASSPHRASE, PASSWORD, PASSWORD]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lictor"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running station, stopped at the end.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn serve(home: &Home, passphrase: &str) -> Self {
        let file = home.file("passphrase", passphrase);
        let arguments = [
            "serve",
            "station",
            "--port",
            "0",
            "--passphrase-file",
            file.to_str().unwrap(),
        ];
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
    fn stop(mut self) -> Option<i32> {
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

/// What an authenticator shows for the secret that `init` printed under this name.
fn code(printed: &str, name: &str) -> String {
    authenticator(printed, name).generate_current().to_string()
}

/// The code after that one: each is good once.
fn next_code(printed: &str, name: &str) -> String {
    let authenticator = authenticator(printed, name);
    authenticator
        .generate(authenticator.next_step_current())
        .to_string()
}

fn authenticator(printed: &str, name: &str) -> Totp {
    let (_, after) = printed.split_once(&format!("  {name}\n")).unwrap();
    let secret = Secret::try_from_base32(after.lines().next().unwrap().trim()).unwrap();
    Builder::new()
        .with_secret(secret)
        .with_account_name("test")
        .build()
        .unwrap()
}

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"))
        .1
        .split(after)
        .next()
        .unwrap()
}

#[test]
fn from_nothing_to_a_proven_ledger() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let at = |path: &str| format!("{}{path}", station.address);

    // The administrator adds a camera in the browser and keeps its key.
    let browser = ureq::Agent::new_with_defaults();
    let login = [
        ("login", "sam.okafor"),
        ("password", PASSWORD),
        ("code", &code(&printed, "Sam Okafor")),
        ("acknowledged", "yes"),
    ];
    browser.post(at("/login")).send_form(login).unwrap();
    let page = browser
        .get(at("/station"))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let token = between(&page, "name=\"token\" value=\"", "\"");
    let camera = [
        ("token", token),
        ("name", "elm-and-3rd"),
        ("place", "Elm Street"),
    ];
    let page = browser
        .post(at("/station/cameras"))
        .send_form(camera)
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let key = home.file("elm.key", between(&page, "<dd class=\"mono\">", "<"));

    // A folder of pictures is handed in, twice; a picture's time is that of its file.
    let pictures = home.samples();
    let key = key.to_str().unwrap();
    let ingest = [
        "ingest",
        &pictures,
        "--camera",
        "elm-and-3rd",
        "--key",
        key,
        "--station",
        &station.address,
    ];
    let first = home.lictor(&ingest, &[]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains(" reads kept, 0 pictures were kept before, 0 failed"),
        "{}",
        text(&first.stdout)
    );
    assert!(text(&home.lictor(&ingest, &[]).stdout).contains(": 0 reads kept, "));
    let other = [
        "ingest",
        &pictures,
        "--camera",
        "mill-bridge",
        "--key",
        key,
        "--station",
        &station.address,
    ];
    assert!(text(&home.lictor(&other, &[]).stderr).contains("not the key of such a camera"));

    // The Deputy Chief asks what was written down.
    let show = [
        "ledger",
        "show",
        "--login",
        "avery.holt",
        "--everyone",
        "--most",
        "100",
        "--station",
        &station.address,
    ];
    let told = home.lictor(&show, &[PASSWORD, &code(&printed, "Avery Holt")]);
    let told = text(&told.stdout) + &text(&told.stderr);
    for sentence in [
        "Sam Okafor (badge 118) logged in from 127.0.0.1.",
        "Sam Okafor (badge 118) added the camera elm-and-3rd at Elm Street",
        "Camera elm-and-3rd opened its standing permit",
        "Camera elm-and-3rd handed in 2 reads under its standing permit.",
    ] {
        assert!(told.contains(sentence), "{sentence:?} is not in {told}");
    }
    // And whether the station does what the policy says.
    let conformity = [
        "conformity",
        "--login",
        "avery.holt",
        "--station",
        &station.address,
    ];
    let said = home.lictor(&conformity, &[PASSWORD, &next_code(&printed, "Avery Holt")]);
    let said = text(&said.stdout) + &text(&said.stderr);
    for sentence in [
        "5(a)  held  Data are reached only through a login",
        "refuses  training-first: You have no completed training in force.",
        "test     alpr_ac_28_*",
        "counted  2 of 2 members with training in force now, of those who logged in",
    ] {
        assert!(said.contains(sentence), "{sentence:?} is not in {said}");
    }
    let wrong = home.lictor(&show, &["not this password", "000000"]);
    assert!(text(&wrong.stderr).contains("do not belong together"));

    // It is stopped, and proved offline; one changed byte is found.
    assert_eq!(station.stop(), Some(0));
    let verified = home.lictor(&["ledger", "verify", "station"], &[]);
    assert!(
        text(&verified.stdout).starts_with("intact: "),
        "{}",
        text(&verified.stderr)
    );
    let growing = home.path("station/ledger/growing/00000000000000000000");
    let mut bytes = fs::read(&growing).unwrap();
    bytes[100] ^= 1;
    fs::write(&growing, bytes).unwrap();
    let damaged = home.lictor(&["ledger", "verify", "station"], &[]);
    assert_eq!(damaged.status.code(), Some(1));
    assert!(
        text(&damaged.stderr).contains("DAMAGED: entry 0:"),
        "{}",
        text(&damaged.stderr)
    );
}

#[test]
fn a_passphrase_beside_the_data_is_refused_and_a_wrong_one_does_not_open() {
    let home = Home::new();
    home.init();
    let beside = home.file("station/passphrase", PASSPHRASE);
    let refused = home.lictor(
        &[
            "serve",
            "station",
            "--passphrase-file",
            beside.to_str().unwrap(),
        ],
        &[],
    );
    assert!(
        text(&refused.stderr).contains("lies inside the data directory"),
        "{}",
        text(&refused.stderr)
    );
    let wrong = home.lictor(&["serve", "station"], &["four lamps under the weir"]);
    assert!(
        text(&wrong.stderr).contains("does not open the station"),
        "{}",
        text(&wrong.stderr)
    );
}

#[test]
fn two_of_three_shares_open_a_station_whose_passphrase_is_lost() {
    let home = Home::new();
    let printed = home.init();
    let share = |n: u8| between(&printed, &format!("share {n}   "), "\n").to_owned();
    let recovered = home.lictor(
        &["key", "recover", "station"],
        &[&share(3), &share(1), "a wholly new passphrase"],
    );
    assert!(recovered.status.success(), "{}", text(&recovered.stderr));
    assert_eq!(
        Running::serve(&home, "a wholly new passphrase").stop(),
        Some(0)
    );
    let once = home.lictor(
        &["key", "recover", "station"],
        &[&share(2), &share(2), "another new passphrase"],
    );
    assert_eq!(once.status.code(), Some(1));
}

#[test]
fn a_station_is_founded_only_in_a_new_folder() {
    let home = Home::new();
    home.init();
    let again = home.lictor(
        &[
            "init",
            "station",
            "--agency",
            "x",
            "--deputy-chief",
            "a.b,A B,1",
            "--administrator",
            "c.d,C D,2",
        ],
        &[PASSPHRASE, PASSWORD, PASSWORD],
    );
    assert!(
        text(&again.stderr).contains("there is something here already"),
        "{}",
        text(&again.stderr)
    );
}
