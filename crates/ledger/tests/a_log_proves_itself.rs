//! What a log survives, and what it gives away.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::Path;
use std::thread;

use crypt::{Id, SystemRandom, sha256};
use jiff::Timestamp;
use ledger::{
    Commitment, Decision, Event, Ledger, LedgerError, Outcome, Party, Salt, SigningKey, Verdict,
    verify,
};

fn key() -> SigningKey {
    SigningKey::create("ashford-falls.example/lictor/1", &SystemRandom).unwrap()
}

fn again(key: &SigningKey) -> SigningKey {
    SigningKey::from_text(key.expose()).unwrap()
}

fn decision() -> Decision {
    Decision {
        id: Id::random(&SystemRandom),
        who: Party::Member(Id::random(&SystemRandom)),
        session: None,
        act: "search".into(),
        purpose: Some("crime".into()),
        verdict: Verdict::Permit,
        policies: vec![],
        clauses: vec!["5(b)".into()],
        withdraws: None,
        counts_as: vec![],
        in_doubt: false,
        content: Commitment::to(&Salt::random(&SystemRandom), b"7KX4821"),
    }
}

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

/// The log, begun if there is none.
fn open(root: &Path, key: &SigningKey) -> Ledger {
    let begun = root.join("checkpoint").exists();
    let open = if begun { Ledger::open } else { Ledger::begin };
    open(root, again(key)).unwrap()
}

/// A log of `n` entries, closed in order.
fn write(root: &Path, key: &SigningKey, n: usize) {
    let ledger = open(root, key);
    for _ in 0..n {
        ledger.record(now(), &decision()).unwrap();
    }
    ledger.seal().unwrap();
}

#[test]
fn a_log_verifies_at_every_size_around_a_tile_and_goes_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let mut size = 0;
    for more in [1, 254, 1, 1, 255, 300] {
        write(dir.path(), &key, more);
        size += more as u64;
        let verified = verify(dir.path(), key.verifying()).unwrap();
        assert_eq!((verified.signed, verified.newer), (size, 0));
    }
}

#[test]
fn an_entry_is_safe_before_the_head_is_signed() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let ledger = open(dir.path(), &key);
    ledger.record(now(), &decision()).unwrap();
    // No seal, no orderly end: as if the process had been killed.
    assert_eq!(verify(dir.path(), key.verifying()).unwrap().newer, 1);
    drop(ledger);
    assert_eq!(Ledger::open(dir.path(), again(&key)).unwrap().size(), 1);
}

#[test]
fn a_crash_before_the_head_is_signed_is_completed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let checkpoint = dir.path().join("checkpoint");
    write(dir.path(), &key, 0);
    let older = fs::read(&checkpoint).unwrap();
    let ledger = open(dir.path(), &key);
    for _ in 0..300 {
        ledger.record(now(), &decision()).unwrap();
    }
    let growing = dir.path().join("growing/00000000000000000000");
    let entries = fs::read(&growing).unwrap();
    ledger.seal().unwrap();
    drop(ledger);
    // As a crash in the midst of sealing leaves it: some tiles, an older head, every entry.
    fs::remove_file(dir.path().join("tile/0/000")).unwrap();
    fs::write(&growing, entries).unwrap();
    fs::write(&checkpoint, older).unwrap();
    write(dir.path(), &key, 1);
    assert!(dir.path().join("tile/entries/000").exists());
    assert_eq!(verify(dir.path(), key.verifying()).unwrap().signed, 301);
}

#[test]
fn a_write_cut_short_is_dropped_and_the_log_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    write(dir.path(), &key, 3);
    let growing = dir.path().join("growing/00000000000000000000");
    let whole = fs::read(&growing).unwrap();
    let mut torn = whole.clone();
    torn.extend_from_slice(&whole[..40]);
    fs::write(&growing, torn).unwrap();
    write(dir.path(), &key, 1);
    assert_eq!(verify(dir.path(), key.verifying()).unwrap().signed, 4);
}

#[test]
fn a_flipped_bit_in_any_byte_of_an_entry_is_found_and_the_entry_named() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    write(dir.path(), &key, 260);
    for (file, before, entry) in [
        ("tile/entries/000", 0, 0),
        ("tile/entries/001.p/4", 0, 256),
        ("growing/00000000000000000000", 256, 256),
    ] {
        let path = dir.path().join(file);
        let good = fs::read(&path).unwrap();
        let next = |at: usize| at + 2 + usize::from(u16::from_be_bytes([good[at], good[at + 1]]));
        let start = (0..before).fold(0, |at, _| next(at));
        for at in start..next(start) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&path, bad).unwrap();
            assert_eq!(
                verify(dir.path(), key.verifying()).unwrap_err().entry,
                Some(entry),
                "byte {at} of {file}"
            );
        }
        fs::write(&path, good).unwrap();
    }
    verify(dir.path(), key.verifying()).unwrap();
}

#[test]
fn of_an_entry_that_was_rewritten_together_with_its_tile_the_bundle_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    write(dir.path(), &key, 600);
    let bundle = dir.path().join("tile/entries/001");
    let mut entries = fs::read(&bundle).unwrap();
    let length = usize::from(u16::from_be_bytes([entries[0], entries[1]]));
    // A digit of its decision's id, and the hash that goes with it.
    let id = b"\"id\":\"";
    let at = entries.windows(id.len()).position(|w| w == id).unwrap() + id.len();
    entries[at] = if entries[at] == b'0' { b'1' } else { b'0' };
    let hash = ledger::leaf_hash(&entries[2..2 + length]);
    fs::write(&bundle, &entries).unwrap();
    let tile = dir.path().join("tile/0/001");
    let mut hashes = fs::read(&tile).unwrap();
    hashes[..32].copy_from_slice(&hash.0);
    fs::write(&tile, hashes).unwrap();
    let found = verify(dir.path(), key.verifying()).unwrap_err();
    assert_eq!(found.entry, Some(256), "{found}");
    assert!(
        found.what.contains("is not the one that was written"),
        "{found}"
    );
}

#[test]
fn removed_reordered_and_rolled_back_entries_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    write(dir.path(), &key, 5);
    let path = dir.path().join("tile/entries/000.p/5");
    let good = fs::read(&path).unwrap();
    let first = 2 + usize::from(u16::from_be_bytes([good[0], good[1]]));
    let second = 2 + usize::from(u16::from_be_bytes([good[first], good[first + 1]]));
    let removed = good[first..].to_vec();
    let reordered = [
        &good[first..first + second],
        &good[..first],
        &good[first + second..],
    ]
    .concat();
    for bad in [removed, reordered] {
        fs::write(&path, bad).unwrap();
        assert_eq!(
            verify(dir.path(), key.verifying()).unwrap_err().entry,
            Some(0)
        );
    }
    fs::write(&path, &good[..first]).unwrap();
    assert_eq!(
        verify(dir.path(), key.verifying()).unwrap_err().entry,
        Some(1)
    );
    fs::write(&path, good).unwrap();
    // The station itself will not go on from a log shorter than its signed head.
    fs::write(dir.path().join("growing/00000000000000000000"), "").unwrap();
    assert!(matches!(
        Ledger::open(dir.path(), again(&key)),
        Err(LedgerError::Damaged(_))
    ));
}

#[test]
fn a_log_whose_head_was_taken_away_is_not_signed_anew() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    write(dir.path(), &key, 3);
    fs::remove_file(dir.path().join("checkpoint")).unwrap();
    for again in [
        Ledger::open(dir.path(), again(&key)),
        Ledger::begin(dir.path(), again(&key)),
    ] {
        assert!(matches!(again, Err(LedgerError::Damaged(_))));
    }
}

#[test]
fn a_log_rewritten_with_another_key_does_not_verify() {
    let dir = tempfile::tempdir().unwrap();
    let (mine, other) = (key(), key());
    write(dir.path(), &other, 2);
    assert!(verify(dir.path(), mine.verifying()).is_err());
}

#[test]
fn one_process_writes() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let _first = open(dir.path(), &key);
    assert!(matches!(
        Ledger::open(dir.path(), again(&key)),
        Err(LedgerError::InUse(_))
    ));
}

#[test]
fn times_never_run_backwards() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let ledger = open(dir.path(), &key);
    let first = ledger.append(now(), Event::Stopped).unwrap().at;
    let second = ledger
        .append("1970-01-01T00:00:00Z".parse().unwrap(), Event::Stopped)
        .unwrap()
        .at;
    assert!(second > first);
    ledger.seal().unwrap();
    verify(dir.path(), key.verifying()).unwrap();
}

#[test]
fn a_permit_without_an_outcome_is_unfinished() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let ledger = open(dir.path(), &key);
    ledger
        .append(
            now(),
            Event::Started {
                version: "0".into(),
                policy: sha256(b""),
            },
        )
        .unwrap();
    let (done, lost, mut refused) = (decision(), decision(), decision());
    refused.verdict = Verdict::Refuse;
    for d in [&done, &lost, &refused] {
        ledger.record(now(), d).unwrap();
    }
    ledger
        .append(
            now(),
            Event::Outcome(Outcome::Done {
                decision: done.id,
                records: 1,
                result: sha256(b""),
            }),
        )
        .unwrap();
    assert_eq!(ledger.unfinished().unwrap(), [lost.id]);
}

#[test]
fn entries_are_read_newest_first_across_bundles() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    write(dir.path(), &key, 300);
    let ledger = open(dir.path(), &key);
    let numbers: Vec<u64> = ledger
        .newest(270, 20)
        .unwrap()
        .iter()
        .map(|(n, _)| *n)
        .collect();
    assert_eq!(numbers, (250..270).rev().collect::<Vec<_>>());
}

#[test]
fn many_files_of_new_entries_are_sealed_read_and_tidied() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let ledger = open(dir.path(), &key);
    let members = |n: usize| {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..n {
                        ledger.record(now(), &decision()).unwrap();
                    }
                });
            }
        });
    };
    members(600);
    // Nothing has been sealed since entry 0: what was written is read all the same.
    let numbers: Vec<u64> = (ledger.newest(u64::MAX, 4800).unwrap().iter())
        .map(|(n, _)| *n)
        .collect();
    assert_eq!(numbers, (0..4800).rev().collect::<Vec<_>>());
    let growing = || fs::read_dir(dir.path().join("growing")).unwrap().count();
    assert!(growing() > 1);
    assert_eq!(verify(dir.path(), key.verifying()).unwrap().newer, 4800);
    ledger.seal().unwrap();
    assert_eq!(growing(), 1);
    members(10);
    ledger.seal().unwrap();
    drop(ledger);
    assert_eq!(verify(dir.path(), key.verifying()).unwrap().signed, 4880);
    assert_eq!(open(dir.path(), &key).size(), 4880);
}
