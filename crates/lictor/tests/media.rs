//! `lictor media`, and evidence in the clear: onto registered media alone, and whole or not at all.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot be set up has failed, and one that cannot check says so"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::desk::Desk;
use support::encrypting_kernel;
use support::text;
use support::volume::{Stick, kernel_encrypts};

const BAG: &str = "stick/evidence-26-E-0412";

#[test]
fn alpr_ac_25_evidence_on_a_registered_medium_verifies_offline_and_by_the_reference_implementation()
{
    let desk = Desk::new();
    let stick = Stick::new(&desk.home);
    let registered = stick.register(&desk.home, "Evidence 7", &[]);
    assert!(registered.status.success(), "{}", text(&registered.stderr));
    let listed = desk.home.lictor(&["media", "list"], &[]);
    let volume = stick.uuid();
    assert!(
        text(&listed.stdout).contains("Evidence 7"),
        "{}",
        text(&listed.stderr)
    );
    assert!(
        text(&listed.stdout).contains(&volume),
        "{volume}: {}",
        text(&listed.stdout)
    );

    let mounted = stick.mount(&desk.home.path("stick"));
    let booked = mounted.lictor(&desk.home, &desk.booking(&[]));
    assert!(booked.status.success(), "{}", text(&booked.stderr));
    assert!(text(&booked.stdout).contains("read back, whole"));
    let bag = desk.home.path(BAG);
    let beside: Vec<_> = names(&desk.home.path("stick"));
    assert_eq!(
        beside,
        ["evidence-26-E-0412", "lost+found"],
        "nothing beside it"
    );
    assert!(!bag.join("INCOMPLETE.txt").exists());

    let (intact, said) = desk.verify(BAG, &[]);
    assert!(
        intact && said.contains("INTACT, SIGNER NOT CHECKED"),
        "{said}"
    );
    let (intact, said) = desk.verify(BAG, &["--trust", "station/ledger.pub"]);
    assert!(
        intact && said.contains("INTACT, SIGNED BY localhost/lictor/1"),
        "{said}"
    );
    assert!(said.contains("evidence 26-E-0412, case 26-01877"), "{said}");
    assert!(desk.list().contains("26-E-0412"));
    let again = mounted.lictor(&desk.home, &desk.booking(&[]));
    assert!(text(&again.stderr).contains("evidence replaces nothing"));

    by_the_reference_implementation(&bag);

    let path = bag.join("data/reads.json");
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (intact, said) = desk.verify(BAG, &[]);
    assert!(
        !intact && said.contains("data/reads.json: it was changed"),
        "{said}"
    );
    fs::remove_dir_all(&bag).unwrap();

    let retire = ["media", "retire", "evidence 7", "--why", "Lost"];
    assert!(desk.home.lictor(&retire, &[]).status.success());
    let refused = mounted.lictor(&desk.home, &desk.booking(&[]));
    let said = text(&refused.stderr);
    assert!(said.contains("no medium that is registered here"), "{said}");
    assert_eq!(names(&desk.home.path("stick")), ["lost+found"]);
}

/// Where this machine's kernel encrypts nothing, another is started that does.
#[test]
fn on_media_that_a_kernel_really_encrypts_it_holds_too() {
    if kernel_encrypts(&support::Home::new()) {
        // The other tests ran on it.
        return;
    }
    assert!(
        encrypting_kernel::is_there(),
        "neither this kernel has dm-crypt, nor is there user-mode-linux: cargo xtask setup"
    );
    let names = [
        "alpr_ac_25_evidence_on_a_registered_medium_verifies_offline_and_by_the_reference_implementation",
        "a_medium_that_fails_half_way_leaves_nothing_that_could_be_taken_for_evidence",
    ];
    let said = encrypting_kernel::run(&names);
    if !said.contains("running 2 tests") {
        // A machine may forbid what a kernel that runs as a program needs.
        eprintln!("NOT CHECKED with dm-crypt: user-mode-linux did not come up here: {said}");
        return;
    }
    assert!(
        said.contains("2 passed") && said.contains("ended with 0"),
        "{said}"
    );
    assert!(!said.contains("NOT CHECKED with dm-crypt"), "{said}");
}

#[test]
fn in_the_clear_evidence_goes_onto_no_medium_that_is_not_encrypted_and_registered_here() {
    let desk = Desk::new();
    let booked = desk.home.lictor(&desk.booking(&[]), &[]);
    let said = text(&booked.stderr);
    assert!(
        !booked.status.success() && said.contains("no encrypted volume"),
        "{said}"
    );
    assert!(
        said.contains("lictor media register") && said.contains("--for age1"),
        "{said}"
    );

    // One that is encrypted, and that nobody registered.
    let stick = Stick::new(&desk.home);
    stick.format();
    let mounted = stick.mount(&desk.home.path("stick"));
    let booked = mounted.lictor(&desk.home, &desk.booking(&[]));
    let said = text(&booked.stderr);
    assert!(said.contains("no medium that is registered here"), "{said}");
    assert_eq!(names(&desk.home.path("stick")), ["lost+found"]);
    assert!(!desk.list().contains("26-E-0412"), "nothing is booked");
    drop(mounted);

    // What is on a device is not destroyed unasked.
    let kept = stick.register(&desk.home, "Evidence 8", &[]);
    let said = text(&kept.stderr);
    assert!(said.contains("there is something on it"), "{said}");
    let folder = desk.home.path("stick");
    let register = [
        "media",
        "register",
        folder.to_str().unwrap(),
        "--label",
        "Evidence 8",
    ];
    let said = text(&desk.home.lictor(&register, &[]).stderr);
    assert!(said.contains("this is no device"), "{said}");
    let listed = text(&desk.home.lictor(&["media", "list"], &[]).stdout);
    assert!(!listed.contains("Evidence 8"), "{listed}");
    let made = stick.register(&desk.home, "Evidence 8", &["--erase"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
}

#[test]
fn a_medium_that_fills_up_is_left_as_it_was_and_the_ledger_tells_it() {
    let desk = Desk::new();
    let stick = Stick::new(&desk.home);
    assert!(
        stick
            .register(&desk.home, "Evidence 7", &[])
            .status
            .success()
    );
    let mounted = stick.mount(&desk.home.path("stick"));
    mounted.fill_but_for(400 << 10);
    let before = names(&desk.home.path("stick"));
    let booked = mounted.lictor(&desk.home, &desk.booking(&[]));
    let said = text(&booked.stderr);
    assert!(!booked.status.success(), "{said}");
    assert!(said.contains("the medium is full: No space left"), "{said}");
    assert_eq!(names(&desk.home.path("stick")), before, "nothing half done");
    assert!(
        desk.list().contains("26-E-0412"),
        "it stays booked, and held"
    );
    let custody = desk.page("/evidence");
    assert!(
        custody.contains("not written onto stick") && custody.contains("No space left"),
        "{custody}"
    );
}

#[test]
fn a_medium_that_fails_half_way_leaves_nothing_that_could_be_taken_for_evidence() {
    let desk = Desk::new();
    let stick = Stick::on_failing_ground(&desk.home);
    assert!(
        stick
            .register(&desk.home, "Evidence 7", &[])
            .status
            .success()
    );
    let mounted = stick.mount(&desk.home.path("stick"));
    stick.fail_after(200 << 10);
    let booked = mounted.lictor(&desk.home, &desk.booking(&[]));
    let said = text(&booked.stderr);
    assert!(!booked.status.success(), "{said}");
    assert!(
        said.contains("the medium was taken out, or it fails"),
        "{said}"
    );
    let left = names(&desk.home.path("stick"));
    assert!(!left.contains(&"evidence-26-E-0412".to_owned()), "{left:?}");
    assert!(
        desk.list().contains("26-E-0412"),
        "it stays booked, and held"
    );
    let custody = desk.page("/evidence");
    assert!(custody.contains("not written onto stick"), "{custody}");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
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
