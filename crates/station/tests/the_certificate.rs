//! The certificate that browsers are shown: renewed, read again, and warned of before it ends.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crypt::LocalAuthority;
use govern::{Clock, LedgerOnly, LedgerScope, ReviewLedger};
use station::{CertificateFiles, Founding, Station, StationError};
use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, founding, log_in};

const HOST: &str = "plates.ashford-falls.example";
const DAY: Duration = Duration::from_hours(24);

fn found(folder: &Path, clock: &Arc<StandingClock>) -> Station {
    let founding = Founding {
        host: HOST.into(),
        ..founding(None)
    };
    let founded = Station::found(folder, founding, around(clock)).unwrap();
    for code in &founded.enrolment_codes {
        let first = founded.station.first_login_in_demonstration(code, PASSWORD);
        first.unwrap();
    }
    founded.station
}

fn warning(station: &Station) -> String {
    station.certificate().unwrap().warning.unwrap_or_default()
}

fn told(station: &Station) -> String {
    let everything = ReviewLedger {
        scope: LedgerScope::Everyone,
        most: 100,
        before: None,
        only: LedgerOnly::default(),
    };
    let reader = log_in(station, LOGIN);
    let story = station.review(&reader, everything).unwrap();
    let lines = story.lines.iter();
    lines.map(|line| line.told.clone() + "\n").collect()
}

/// A certificate that the agency brings, from now on for so many days.
fn brought(folder: &Path, clock: &StandingClock, host: &str, days: u32) -> CertificateFiles {
    let now = clock.now().as_second().unsigned_abs();
    let authority = LocalAuthority::create("Ashford Falls City", host, now, 3650 * DAY).unwrap();
    let issued = authority.issue(now, days * DAY).unwrap();
    let files = CertificateFiles {
        chain: folder.join("chain.pem"),
        key: folder.join("key.pem"),
    };
    let chain = format!("{}{}", issued.chain(), authority.certificate());
    fs::write(&files.chain, chain).unwrap();
    fs::write(&files.key, issued.expose_key()).unwrap();
    files
}

/// What is taken up was the same at two looks.
fn look_twice(station: &Station) -> Option<station::ServerCertificate> {
    let first = station.tend_certificate().unwrap();
    assert!(
        first.is_none(),
        "nothing is taken up while it may be half written"
    );
    station.tend_certificate().unwrap()
}

#[test]
fn the_stations_own_certificate_is_renewed_before_it_ends_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    let first = station.take_up_certificate(None).unwrap().unwrap();
    let authority = fs::read_to_string(dir.path().join("authority.pem")).unwrap();

    clock.advance(59 * DAY);
    assert!(station.tend_certificate().unwrap().is_none());
    clock.advance(2 * DAY);
    let second = station.tend_certificate().unwrap().unwrap();
    assert!(second.facts().until > first.facts().until);
    assert!(second.facts().until - second.facts().from == 90 * 86_400);
    assert!(station.tend_certificate().unwrap().is_none(), "once");
    assert_eq!(warning(&station), "");
    assert_eq!(
        fs::read_to_string(dir.path().join("authority.pem")).unwrap(),
        authority,
        "browsers go on trusting the same authority"
    );
    assert_eq!(told(&station).matches("of its own authority").count(), 2);

    // The same after a restart; and it is renewed at a start, if the station stood still too long.
    station.close().unwrap();
    drop(station);
    let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
    let again = station.take_up_certificate(None).unwrap().unwrap();
    assert_eq!(again.facts(), second.facts());
    station.close().unwrap();
    drop(station);
    clock.advance(28 * DAY);
    let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
    station.close().unwrap();
    drop(station);
    clock.advance(28 * DAY);
    let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
    clock.advance(28 * DAY);
    let third = station.take_up_certificate(None).unwrap().unwrap();
    assert!(third.facts().until > second.facts().until);
}

#[test]
fn nothing_is_renewed_by_a_clock_that_is_in_doubt() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    station.take_up_certificate(None).unwrap().unwrap();
    clock.step(jiff::SignedDuration::from_hours(24 * 365));
    assert!(station.time_doubt().is_some());
    assert!(station.tend_certificate().unwrap().is_none());
}

#[test]
fn a_station_whose_authority_has_ended_makes_a_new_one_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    station.take_up_certificate(None).unwrap().unwrap();
    let authority = fs::read_to_string(dir.path().join("authority.pem")).unwrap();
    clock.advance(3649 * DAY);
    assert!(
        warning(&station).starts_with("The station's own authority ends on 2036-11-2"),
        "{}",
        warning(&station)
    );
    clock.advance(2 * DAY);
    station.take_up_certificate(None).unwrap().unwrap();
    assert_ne!(
        fs::read_to_string(dir.path().join("authority.pem")).unwrap(),
        authority
    );
    let alarms = station.alarms();
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.says.contains("new certificate authority")),
        "{alarms:?}"
    );
}

#[test]
fn the_agencys_certificate_is_warned_of_for_thirty_days_and_read_again_when_it_changed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    let files = brought(folder.path(), &clock, HOST, 45);
    let first = station.take_up_certificate(Some(files)).unwrap().unwrap();
    clock.advance(14 * DAY);
    assert_eq!(warning(&station), "");
    clock.advance(2 * DAY);
    let warned = warning(&station);
    assert!(
        warned.contains("ends on 2027-01-08") && warned.contains("chain.pem"),
        "{warned}"
    );

    // One for another host is not taken up, and neither is half of a new pair; what was shown goes on.
    brought(folder.path(), &clock, "other.example", 90);
    assert!(look_twice(&station).is_none());
    assert!(
        warning(&station).contains(&format!("the certificate is not for {HOST}")),
        "{}",
        warning(&station)
    );
    assert_eq!(
        station.certificate().unwrap().fingerprint,
        first.facts().fingerprint
    );
    let old_key = fs::read(folder.path().join("key.pem")).unwrap();
    brought(folder.path(), &clock, HOST, 90);
    let key = fs::read(folder.path().join("key.pem")).unwrap();
    fs::write(folder.path().join("key.pem"), old_key).unwrap();
    assert!(look_twice(&station).is_none());
    assert!(
        warning(&station).contains("the private key does not belong to the certificate"),
        "{}",
        warning(&station)
    );
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    assert!(look_twice(&station).is_none());
    fs::write(folder.path().join("key.pem"), key).unwrap();
    let second = look_twice(&station).unwrap();
    assert!(second.facts().until > first.facts().until);
    assert_eq!(warning(&station), "");
    assert_eq!(
        told(&station)
            .matches("the agency's own certificate")
            .count(),
        2
    );

    clock.advance(91 * DAY);
    assert!(
        warning(&station).contains("ended on"),
        "{}",
        warning(&station)
    );
}

#[test]
fn a_station_does_not_start_on_a_certificate_that_it_cannot_show() {
    let dir = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    let refused = |files: CertificateFiles| match station.take_up_certificate(Some(files)) {
        Err(StationError::Input(words)) => words,
        Err(other) => other.to_string(),
        Ok(_) => "shown".to_owned(),
    };
    let files = brought(folder.path(), &clock, "other.example", 90);
    let words = refused(files.clone());
    assert!(
        words.ends_with("chain.pem: the certificate is not for plates.ashford-falls.example"),
        "{words}"
    );
    brought(folder.path(), &clock, HOST, 90);
    clock.advance(90 * DAY);
    let words = refused(files.clone());
    assert!(words.ends_with("the certificate has ended"), "{words}");
    fs::remove_file(&files.key).unwrap();
    let words = refused(files);
    assert!(words.contains("key.pem: No such file"), "{words}");
}
