//! `lictor evidence`: sealed for its recipients, onto any medium, and checked with nothing else.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::process::Command;

use crypt::{AgeIdentity, SystemRandom};
use support::desk::Desk;
use support::text;

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

    let verify = |more: &[&str]| desk.verify("stick/evidence-26-E-0412.zip.age", more);
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
