//! Proofs, witnesses, and what neither a rollback nor a rewritten history gets past.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::Path;

use crypt::{Id, SystemRandom};
use jiff::Timestamp;
use ledger::{
    Against, Event, Ledger, LedgerError, Outcome, SigningKey, VerifyingKey, Witness, WitnessAnswer,
    WitnessKey, WitnessPublicKey, check_proof, verify, verify_against,
};

fn key() -> SigningKey {
    SigningKey::create("ashford-falls.example/lictor/1", &SystemRandom).unwrap()
}

fn again(key: &SigningKey) -> SigningKey {
    SigningKey::from_text(key.expose()).unwrap()
}

fn now() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn write(ledger: &Ledger, entries: usize) {
    for _ in 0..entries {
        let decision = Id::random(&SystemRandom);
        let event = Event::Outcome(Outcome::Interrupted { decision });
        ledger.append(now(), event).unwrap();
    }
    ledger.seal().unwrap();
}

fn witness(folder: &Path, log: &SigningKey) -> Witness {
    let key = WitnessKey::create("clerk.ashford-falls.example", &SystemRandom).unwrap();
    let logs = vec![log.verifying().clone()];
    Witness::open(folder, key, logs).unwrap()
}

/// Has the witness cosign the log's head, and keeps the answer.
fn cosign(ledger: &Ledger, witness: &Witness) {
    let seen = witness.seen().unwrap()[0].size;
    let (head, body) = ledger.submission(seen).unwrap();
    let (answer, alarm) = witness.submit(body.as_bytes(), now()).unwrap();
    let WitnessAnswer::Cosigned(line) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(alarm, None);
    let kept = ledger.keep_cosignature(witness.key().public(), &head, &line);
    assert_eq!((kept.unwrap().size, head.size), (head.size, ledger.size()));
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

#[test]
fn every_entry_is_proved_under_the_head_and_a_changed_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let key = key();
    let ledger = Ledger::begin(dir.path(), again(&key)).unwrap();
    for (more, size) in [(1, 1), (254, 255), (1, 256), (45, 301)] {
        write(&ledger, more);
        for index in [0, size / 2, size - 1] {
            let proof = ledger.prove(index).unwrap();
            let proved = check_proof(&proof, key.verifying()).unwrap();
            assert_eq!((proved.index, proved.size), (index, size));
            assert!(
                proved.entry.contains("\"kind\":\"outcome\""),
                "{}",
                proved.entry
            );
            let (before, after) = proof.split_once("extra e").unwrap();
            let forged = format!("{before}extra f{after}");
            assert!(check_proof(&forged, key.verifying()).is_err());
        }
        assert!(matches!(
            ledger.prove(size),
            Err(LedgerError::NoSuchEntry(_))
        ));
    }
}

#[test]
fn a_witness_cosigns_what_continues_what_it_saw_also_after_it_was_restarted() {
    let (dir, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = key();
    let ledger = Ledger::begin(dir.path(), again(&key)).unwrap();
    let first = witness(memory.path(), &key);
    for more in [3, 0, 250, 3, 400] {
        write(&ledger, more);
        cosign(&ledger, &first);
    }
    let public = WitnessPublicKey::from_text(&first.key().public().as_text()).unwrap();
    let again = WitnessKey::from_text(&first.key().expose()).unwrap();
    drop(first);
    let second = Witness::open(memory.path(), again, vec![key.verifying().clone()]).unwrap();
    assert_eq!(second.seen().unwrap()[0].size, 656);
    let (_, stale) = ledger.submission(3).unwrap();
    let answered = second.submit(stale.as_bytes(), now()).unwrap();
    assert_eq!(answered, (WitnessAnswer::Conflict(656), None));
    write(&ledger, 1);
    cosign(&ledger, &second);
    let against = Against {
        heads: vec![],
        witnesses: vec![public],
    };
    let verified = verify_against(dir.path(), key.verifying(), &against).unwrap();
    assert_eq!(verified.cosigned[0].size, 657);
    assert_eq!(verified.cosigned[0].at, now());
    assert_eq!(
        ledger.cosignatures(&against.witnesses).unwrap(),
        verified.cosigned
    );
}

#[test]
fn two_histories_of_one_log_are_told_loudly_and_kept_as_evidence() {
    let (dir, other, memory) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let key = key();
    let shown = Ledger::begin(dir.path(), again(&key)).unwrap();
    let hidden = Ledger::begin(other.path(), again(&key)).unwrap();
    let witness = witness(memory.path(), &key);
    write(&shown, 7);
    cosign(&shown, &witness);
    // The same size, another history: a fork, whoever sends it.
    write(&hidden, 7);
    let (_, body) = hidden.submission(7).unwrap();
    let (answer, alarm) = witness.submit(body.as_bytes(), now()).unwrap();
    assert_eq!(answer, WitnessAnswer::Conflict(7));
    let alarm = alarm.unwrap();
    assert!(
        alarm
            .says
            .starts_with("FORK: ashford-falls.example/lictor/1"),
        "{}",
        alarm.says
    );
    let evidence = fs::read_to_string(alarm.evidence).unwrap();
    assert_eq!(evidence.matches("\n7\n").count(), 2, "{evidence}");
    // A longer one that does not continue the first.
    write(&hidden, 3);
    let (_, body) = hidden.submission(7).unwrap();
    let (answer, alarm) = witness.submit(body.as_bytes(), now()).unwrap();
    assert_eq!(answer, WitnessAnswer::Unproven);
    assert!(alarm.is_some());
    // A shorter one.
    let young = tempfile::tempdir().unwrap();
    let young = Ledger::begin(young.path(), again(&key)).unwrap();
    write(&young, 2);
    let (_, body) = young.submission(0).unwrap();
    let (answer, alarm) = witness.submit(body.as_bytes(), now()).unwrap();
    assert_eq!(answer, WitnessAnswer::Conflict(7));
    assert!(alarm.unwrap().says.starts_with("ROLLBACK: "));
    // Evidence is kept once, and the log that was seen first goes on.
    witness.submit(body.as_bytes(), now()).unwrap();
    assert_eq!(witness.alarms().unwrap(), 3);
    write(&shown, 1);
    cosign(&shown, &witness);
}

#[test]
fn a_witness_answers_only_what_the_protocol_and_its_keys_allow() {
    let (dir, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mine, stranger) = (key(), key());
    let elsewhere = SigningKey::create("elsewhere.example/lictor/1", &SystemRandom).unwrap();
    let witness = witness(memory.path(), &mine);
    let answer = |body: &str| witness.submit(body.as_bytes(), now()).unwrap().0;
    for (n, key) in [&stranger, &elsewhere].into_iter().enumerate() {
        let ledger = Ledger::begin(&dir.path().join(n.to_string()), again(key)).unwrap();
        write(&ledger, 1);
        let wanted = [WitnessAnswer::Unsigned, WitnessAnswer::UnknownLog];
        assert_eq!(answer(&ledger.submission(0).unwrap().1), wanted[n]);
    }
    let ledger = Ledger::begin(&dir.path().join("mine"), again(&mine)).unwrap();
    write(&ledger, 5);
    let (_, body) = ledger.submission(0).unwrap();
    let malformed = [
        String::new(),
        "old 0\n\n".to_owned(),
        body.replacen("old 0", "old 00", 1),
        body.replacen("old 0", "old -1", 1),
        body.replacen("old 0\n", "old 0\nnot a hash\n", 1),
        body.replacen("old 0\n", &format!("old 0\n{}", "AAAA\n".repeat(64)), 1),
        body.replacen("old 0", "old 6", 1),
    ];
    for body in malformed {
        assert!(
            matches!(answer(&body), WitnessAnswer::Malformed(_)),
            "{body}"
        );
    }
    // A proof from nothing is empty.
    let padded = format!("old 0\n{}=\n", "A".repeat(43));
    let padded = body.replacen("old 0\n", &padded, 1);
    assert_eq!(answer(&padded), WitnessAnswer::Unproven);
    assert!(matches!(answer(&body), WitnessAnswer::Cosigned(_)));
}

#[test]
fn a_rolled_back_or_rewritten_log_is_found_by_a_head_that_is_known_elsewhere() {
    let (dir, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (root, old) = (dir.path().join("ledger"), dir.path().join("old"));
    let key = key();
    let witness = witness(memory.path(), &key);
    let ledger = Ledger::begin(&root, again(&key)).unwrap();
    write(&ledger, 300);
    copy(&root, &old);
    write(&ledger, 20);
    cosign(&ledger, &witness);
    let head = ledger.head().unwrap();
    drop(ledger);
    let against = Against {
        heads: vec![head.note.clone()],
        witnesses: vec![],
    };
    assert_eq!(
        verify_against(&root, key.verifying(), &against)
            .unwrap()
            .heads,
        2
    );
    // Rolled back: whole in itself, but shorter than what was witnessed.
    assert_eq!(verify(&old, key.verifying()).unwrap().signed, 300);
    let found = verify_against(&old, key.verifying(), &against).unwrap_err();
    assert_eq!(found.entry, Some(300), "{found}");
    assert!(found.what.contains("rolled back"), "{found}");
    // The station itself sees it by the head that it keeps elsewhere.
    let rolled_back = Ledger::open(&old, again(&key)).unwrap();
    assert!(matches!(
        rolled_back.continues(&head.note),
        Err(LedgerError::Damaged(_))
    ));
    assert!(matches!(
        rolled_back.submission(320),
        Err(LedgerError::Damaged(_))
    ));
    // Gone on from there: longer, signed, and another history.
    write(&rolled_back, 40);
    drop(rolled_back);
    let found = verify_against(&old, key.verifying(), &against).unwrap_err();
    assert!(found.what.contains("rewritten"), "{found}");
    let rewritten = Ledger::open(&old, again(&key)).unwrap();
    assert!(matches!(
        rewritten.continues(&head.note),
        Err(LedgerError::Damaged(_))
    ));
    drop(rewritten);
    let whole = Ledger::open(&root, again(&key)).unwrap();
    write(&whole, 5);
    whole.continues(&head.note).unwrap();
}

/// What others' implementations say, word for word.
#[test]
fn the_formats_are_the_published_ones() {
    // A witness's key of the Go implementation's tests (transparency-dev/formats).
    let theirs = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    assert_eq!(
        WitnessPublicKey::from_text(theirs).unwrap().as_text(),
        theirs
    );
    assert!(WitnessPublicKey::from_text(&theirs.replace("da77ade7", "da77ade8")).is_err());
    // A submission that the witness of FiloSottile/torchwood takes in its tests, and its log's key.
    let origin =
        "sigsum.org/v1/tree/985ea163f5af026723561354f51f2ebcdcf2af809ce254ccfb64aa9aadd80f90";
    let log = format!("{origin}+ec1293d2+AVLAXtrRv1/v+oE1T6rlmmVdmpoaeT7S9iw5wmwL4q7N");
    let log = VerifyingKey::from_text(&log).unwrap();
    let body = format!(
        "old 0\n\n{origin}\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— {origin} \
         7BKT0gOfNZ1J0So9unY3BZtm2YkPIoNYM/dce0Z2avJDs8dxN6ts9bOSwwrVrbjm6P9K3ZxpK6jJngOG6YvGGzV/lwo=\n"
    );
    let memory = tempfile::tempdir().unwrap();
    let key = WitnessKey::create("example.com/witness", &SystemRandom).unwrap();
    let witness = Witness::open(memory.path(), key, vec![log]).unwrap();
    let (answer, _) = witness.submit(body.as_bytes(), now()).unwrap();
    assert!(matches!(answer, WitnessAnswer::Cosigned(_)), "{answer:?}");
}
