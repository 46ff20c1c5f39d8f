//! A ledger that is so damaged that the station does not come up is continued by two members.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crypt::SecondFactor;
use govern::Clock;
use ledger::{Event, LedgerError, VerifyingKey, entries_from, verify};
use station::{LoginAttempt, Station, StationError};

use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, first_login, founded};

fn continue_by(
    folder: &Path,
    clock: &Arc<StandingClock>,
    who: [(&str, &SecondFactor); 2],
    password: &str,
) -> Result<String, StationError> {
    clock.advance(Duration::from_secs(60));
    let code = |n: usize| {
        let now = clock.now().as_second().unsigned_abs();
        who[n].1.code(now)
    };
    let codes = [code(0), code(1)];
    let attempt = |n: usize| LoginAttempt {
        login: who[n].0,
        password,
        code: &codes[n],
        acknowledged: true,
        address: "this machine",
    };
    let by = [&attempt(0), &attempt(1)];
    Station::note_finding(folder, PASSPHRASE, by, around(clock))
}

#[test]
fn a_station_whose_ledger_is_damaged_comes_up_again_when_two_members_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let founded = founded(None, dir.path(), &clock);
    let factor = |n: usize| {
        let secret = first_login(&founded.station, &founded.enrolment_codes[n], &clock);
        SecondFactor::from_base32(&secret).unwrap()
    };
    let (avery, sam) = (factor(0), factor(1));
    founded.station.close().unwrap();
    drop(founded.station);
    let both = [(LOGIN, &avery), ("sam.okafor", &sam)];
    let whole = continue_by(dir.path(), &clock, both, PASSWORD).unwrap_err();
    assert!(whole.to_string().contains("nothing to continue"), "{whole}");

    fs::write(dir.path().join("ledger/growing/00000000000000000000"), "").unwrap();
    let opened = || Station::open(dir.path(), PASSPHRASE, around(&clock)).map(|_| ());
    let damaged = opened().unwrap_err();
    assert!(
        matches!(damaged, StationError::Ledger(LedgerError::Damaged(_))),
        "{damaged}"
    );
    for (who, password) in [
        ([(LOGIN, &avery), (LOGIN, &avery)], PASSWORD),
        (both, "not this password"),
    ] {
        assert!(continue_by(dir.path(), &clock, who, password).is_err());
        assert!(opened().is_err(), "nothing was changed");
    }
    let finding = continue_by(dir.path(), &clock, both, PASSWORD).unwrap();
    assert!(
        finding.contains("entries were signed, 0 are there"),
        "{finding}"
    );
    opened().unwrap();
    let first = &entries_from(&dir.path().join("ledger"), 0).unwrap()[0].event;
    assert!(
        matches!(first, Event::Continued { by, .. } if by.len() == 2),
        "{first:?}"
    );
    let key = fs::read_to_string(dir.path().join("ledger.pub")).unwrap();
    let key = VerifyingKey::from_text(&key).unwrap();
    assert_eq!(key.origin(), "localhost/lictor/2");
    verify(&dir.path().join("ledger"), &key).unwrap();
    assert!(dir.path().join("ledger-1/checkpoint").exists());
}
