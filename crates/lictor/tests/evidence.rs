//! `lictor evidence`: onto a medium, and checked with nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot be set up has failed, and one that cannot check says so"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crypt::{AgeIdentity, SystemRandom};
use support::{Home, PASSPHRASE, PASSWORD, Running, between, code, first_login, next_code, text};

const NUMBER: [&str; 6] = [
    "--number",
    "26-E-0412",
    "--case",
    "26-01877",
    "--to",
    "stick",
];

/// A running station with two plates' reads, and the Deputy Chief logged in at the command line.
struct Desk {
    home: Home,
    _station: Running,
    reads: Vec<String>,
}

impl Desk {
    fn new() -> Self {
        let home = Home::new();
        let printed = home.init();
        let station = Running::serve(&home, PASSPHRASE);
        let at = |path: &str| format!("{}{path}", station.address);
        let avery = first_login(&station, &printed, "Avery Holt");
        let browser = ureq::Agent::new_with_defaults();
        let login = [
            ("login", "avery.holt"),
            ("password", PASSWORD),
            ("code", &code(&avery)),
            ("acknowledged", "yes"),
        ];
        let read = |mut answer: ureq::http::Response<ureq::Body>| {
            answer.body_mut().read_to_string().unwrap()
        };
        browser.post(at("/login")).send_form(login).unwrap();
        let page = read(browser.get(at("/station")).call().unwrap());
        let token = between(&page, "name=\"token\" value=\"", "\"").to_owned();
        let camera = [
            ("token", &*token),
            ("name", "elm-and-3rd"),
            ("place", "Elm Street"),
        ];
        let page = read(
            browser
                .post(at("/station/cameras"))
                .send_form(camera)
                .unwrap(),
        );
        let key = home.file("elm.key", between(&page, "<dd class=\"mono\">", "<"));
        let pictures = home.samples();
        let arguments = ["ingest", &pictures, "--camera", "elm-and-3rd", "--key"];
        let more = [key.to_str().unwrap(), "--station", &station.address];
        let ingested = home.lictor(&[&arguments[..], &more].concat(), &[]);
        assert!(ingested.status.success(), "{}", text(&ingested.stderr));
        let search = [
            ("token", &*token),
            ("plate", "DK48213"),
            ("purpose", "crime"),
            ("case", "26-01877"),
        ];
        let page = read(browser.post(at("/search")).send_form(search).unwrap());
        let found = page.split("/evidence?read=").skip(1);
        let reads: Vec<String> = found.map(|rest| rest[..32].to_owned()).collect();
        assert!(reads.len() >= 2, "{page}");
        let arguments = ["login", "avery.holt", "--station", &station.address];
        let came = home.lictor(&arguments, &[PASSWORD, &next_code(&avery)]);
        assert!(came.status.success(), "{}", text(&came.stderr));
        fs::create_dir(home.path("stick")).unwrap();
        Self {
            home,
            _station: station,
            reads,
        }
    }

    fn book(&self) -> std::process::Output {
        self.book_for(&[])
    }

    fn book_for(&self, recipients: &[&str]) -> std::process::Output {
        let recipients = recipients.iter().flat_map(|key| ["--for", key]);
        let reads = self.reads.iter().map(String::as_str);
        let arguments: Vec<&str> = ["evidence", "book"]
            .into_iter()
            .chain(reads)
            .chain(NUMBER)
            .chain(recipients)
            .collect();
        self.home.lictor(&arguments, &[])
    }

    fn verify(&self, more: &[&str]) -> (bool, String) {
        let folder = ["evidence", "verify", "stick/evidence-26-E-0412"];
        let output = self.home.lictor(&[&folder[..], more].concat(), &[]);
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.success(), said)
    }

    fn list(&self) -> String {
        text(&self.home.lictor(&["evidence", "list"], &[]).stdout)
    }
}

#[test]
fn alpr_ac_25_evidence_on_a_medium_verifies_offline_and_by_the_reference_implementation() {
    let desk = Desk::new();
    let booked = desk.book();
    assert!(booked.status.success(), "{}", text(&booked.stderr));
    assert!(text(&booked.stdout).contains("read back, whole"));
    let bag = desk.home.path("stick/evidence-26-E-0412");
    assert!(!bag.join("INCOMPLETE.txt").exists());

    let (intact, said) = desk.verify(&[]);
    assert!(
        intact && said.contains("INTACT, SIGNER NOT CHECKED"),
        "{said}"
    );
    let (intact, said) = desk.verify(&["--trust", "station/ledger.pub"]);
    assert!(
        intact && said.contains("INTACT, SIGNED BY localhost/lictor/1"),
        "{said}"
    );
    assert!(said.contains("evidence 26-E-0412, case 26-01877"), "{said}");
    assert!(desk.list().contains("26-E-0412"));
    let again = desk.book();
    assert!(text(&again.stderr).contains("evidence replaces nothing"));

    by_the_reference_implementation(&bag);

    let path = bag.join("data/reads.json");
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (intact, said) = desk.verify(&[]);
    assert!(
        !intact && said.contains("data/reads.json: it was changed"),
        "{said}"
    );
}

/// PyPI's `bagit`, where it is at hand or can be had.
fn by_the_reference_implementation(bag: &Path) {
    let Some(python) = python_with_bagit() else {
        eprintln!(
            "NOT CHECKED by the reference implementation: no Python that has bagit or can fetch it"
        );
        return;
    };
    let run = Command::new(python)
        .args(["-m", "bagit", "--validate"])
        .arg(bag)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", text(&run.stderr));
}

/// A Python of the tests' own, with bagit in it.
fn python_with_bagit() -> Option<PathBuf> {
    let has = |python: &Path| {
        let found = Command::new(python).args(["-c", "import bagit"]).output();
        found.is_ok_and(|output| output.status.success())
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bagit");
    let own = folder.join("bin/python");
    if !has(&own) {
        let made = |command: &mut Command| command.output().is_ok_and(|o| o.status.success());
        let _ = made(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        ) && made(Command::new(&own).args([
            "-m",
            "pip",
            "install",
            "-q",
            "bagit==1.9.0",
            "setuptools",
        ]));
    }
    [own, PathBuf::from("python3")]
        .into_iter()
        .find(|python| has(python))
}

#[test]
fn evidence_sealed_for_its_recipients_is_opened_by_them_alone_and_verifies() {
    let desk = Desk::new();
    let [attorney, court, stranger] = ["attorney", "court", "stranger"].map(|name| {
        let identity = AgeIdentity::random(&SystemRandom);
        let file = format!("# of {name}\n{}\n", *identity.expose());
        let path = desk.home.file(&format!("{name}.key"), &file);
        let key = identity.recipient().unwrap().to_string();
        (path.display().to_string(), key)
    });
    let mistaken = desk.book_for(&[&attorney.1.replace('1', "2")]);
    assert!(text(&mistaken.stderr).contains("no recipient's key"));
    assert!(
        !desk.list().contains("26-E-0412"),
        "nothing is booked on a mistake"
    );

    let booked = desk.book_for(&[&attorney.1, &court.1]);
    assert!(booked.status.success(), "{}", text(&booked.stderr));
    let path = desk.home.path("stick/evidence-26-E-0412.zip.age");
    let sealed = fs::read(&path).unwrap();
    let holds = |part: &[u8]| sealed.windows(part.len()).any(|bytes| bytes == part);
    assert!(!holds(b"DK48213") && !holds(b"bagit.txt"), "in the clear");
    let entries = fs::read_dir(desk.home.path("stick")).unwrap().count();
    assert_eq!(entries, 1, "nothing beside it");

    let verify = |more: &[&str]| {
        let arguments = [&["evidence", "verify", path.to_str().unwrap()], more].concat();
        let output = desk.home.lictor(&arguments, &[]);
        (
            output.status.success(),
            text(&output.stdout) + &text(&output.stderr),
        )
    };
    let trust = ["--trust", "station/ledger.pub"];
    for who in [&attorney, &court] {
        let (intact, said) = verify(&[&["--identity", &who.0][..], &trust].concat());
        assert!(intact && said.contains("INTACT, SIGNED BY"), "{said}");
    }
    let (intact, said) = verify(&["--identity", &stranger.0]);
    assert!(!intact && said.contains("sealed for others"), "{said}");
    let (intact, said) = verify(&[]);
    assert!(!intact && said.contains("--identity FILE"), "{said}");
    let mut changed = sealed;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&path, changed).unwrap();
    let (intact, said) = verify(&["--identity", &court.0]);
    assert!(!intact && said.contains("not as it was sealed"), "{said}");
}

#[test]
fn a_medium_that_fills_up_leaves_nothing_of_what_is_sealed() {
    let desk = Desk::new();
    let medium = desk.home.path("stick");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"])
        .arg(&medium)
        .status()
        .unwrap();
    assert!(
        mounted.success(),
        "a small medium is mounted, which takes root"
    );
    let key = AgeIdentity::random(&SystemRandom).recipient().unwrap();
    let booked = desk.book_for(&[&key.to_string()]);
    let left = fs::read_dir(&medium).unwrap().count();
    Command::new("umount").arg(&medium).status().unwrap();
    assert!(!booked.status.success());
    let said = text(&booked.stderr);
    assert!(said.contains("No space left"), "{said}");
    assert_eq!(left, 0, "a part is not taken for the whole");
    assert!(
        desk.list().contains("26-E-0412"),
        "it stays booked, and held"
    );
}

#[test]
fn a_medium_that_fills_up_leaves_a_folder_that_says_it_is_incomplete() {
    let desk = Desk::new();
    let medium = desk.home.path("stick");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"])
        .arg(&medium)
        .output()
        .unwrap();
    assert!(
        mounted.status.success(),
        "a small medium is mounted, which takes root: {}",
        text(&mounted.stderr)
    );
    let booked = desk.book();
    let listed = desk.list();
    let (intact, said) = desk.verify(&[]);
    let marked = medium.join("evidence-26-E-0412/INCOMPLETE.txt").exists();
    Command::new("umount").arg(&medium).status().unwrap();
    assert!(!booked.status.success() && !intact, "{said}");
    assert!(
        text(&booked.stderr).contains("No space left"),
        "{}",
        text(&booked.stderr)
    );
    assert!(marked && said.contains("INCOMPLETE.txt"), "{said}");
    assert!(
        listed.contains("26-E-0412"),
        "it stays booked, and held: {listed}"
    );
}
