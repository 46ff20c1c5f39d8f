//! Changing the key, releasing the last administrator, and a clock in doubt.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

#[path = "support/database.rs"]
mod database;
mod support;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use database::Database;
use govern::{CourseVersion, LedgerOnly, LedgerScope, ReviewLedger, Role, Search, StatedPurpose};
use jiff::SignedDuration;
use station::{
    Caller, Completion, Founded, Founder, Founding, LoginAttempt, Rotation, Server, Station,
    StationError, TimeConfirmed, WayIn,
};

use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, found, found_on, log_in};

const SECOND: &str = "sam.okafor";

/// What the ledger says of everybody, newest first.
fn told(station: &Station, caller: &Caller) -> String {
    let everything = ReviewLedger {
        scope: LedgerScope::Everyone,
        most: 100,
        before: None,
        only: LedgerOnly::default(),
    };
    let story = station.review(caller, everything).unwrap();
    story
        .lines
        .iter()
        .map(|line| line.told.clone() + "\n")
        .collect()
}

fn founded(folder: &std::path::Path, clock: &Arc<StandingClock>) -> Founded {
    let founder = |login: &str, name: &str, role: &str| Founder {
        login: login.into(),
        name: name.into(),
        badge: "102".into(),
        role: Role(role.into()),
    };
    let founding = Founding {
        agency: "Ashford Falls Police Department".into(),
        host: "localhost".into(),
        state: None,
        time_zone: "America/Chicago".into(),
        passphrase: PASSPHRASE.into(),
        founders: [
            founder(LOGIN, "Avery Holt", "deputy-chief"),
            founder(SECOND, "Sam Okafor", "administrator"),
        ],
        training: ("Initial course".into(), "2026-11-01".parse().unwrap()),
        demonstration: true,
        server: None,
        bucket: None,
    };
    let founded = Station::found(folder, founding, around(clock)).unwrap();
    for code in &founded.enrolment_codes {
        let first = founded.station.first_login_in_demonstration(code, PASSWORD);
        first.unwrap();
    }
    founded
}

#[test]
fn broken_off_at_any_step_a_change_of_the_key_leaves_a_station_that_opens() {
    for broken in 0..=4 {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("station");
        let clock = StandingClock::new();
        let Founded {
            station,
            shares: [old, old_too, _],
            ..
        } = founded(&folder, &clock);
        let before = fs::read(folder.join("keys.json")).unwrap();
        station.close().unwrap();
        drop(station);
        let (mut step, mut dealt) = (0, Vec::new());
        let rotated = Station::rotate_key(&folder, PASSPHRASE, &around(&clock), &mut |at| {
            if let Rotation::SharesDealt(shares) = at {
                dealt = shares.to_vec();
            }
            step += 1;
            if step == broken + 1 {
                return Err(StationError::Input("the power went".into()));
            }
            Ok(())
        });
        assert_eq!(rotated.is_ok(), broken == 4, "step {broken}");
        let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
        station.close().unwrap();
        drop(station);
        let renewed = fs::read(folder.join("keys.json")).unwrap() != before;
        assert_eq!(renewed, broken >= 3, "step {broken}");
        for left in ["keys.next.json", "lictor.db.next"] {
            assert!(!folder.join(left).exists(), "{left} after step {broken}");
        }
        let [new, new_too, _] = dealt.try_into().ok().unwrap();
        let good = if renewed {
            [new, new_too]
        } else {
            [old, old_too]
        };
        Station::recover(
            &folder,
            &good,
            "a wholly new passphrase",
            &*around(&clock).random,
        )
        .unwrap();
        Station::open(&folder, "a wholly new passphrase", around(&clock)).unwrap();
    }
}

#[test]
fn after_a_change_of_the_key_the_old_key_opens_nothing_and_everything_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("station");
    let clock = StandingClock::new();
    let shows = found(&folder, &clock);
    let caller = log_in(&shows, LOGIN);
    let camera = govern::AddCamera {
        name: "elm-and-3rd".into(),
        place: "Elm Street".into(),
        class: None,
    };
    let camera = shows.add_camera(&caller, camera).unwrap();
    let camera = shows.camera(&camera.0, None).unwrap();
    let sample = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
    let seen_at = "2026-11-24T15:59:00Z".parse().unwrap();
    shows.ingest(&camera, "test", seen_at, sample).unwrap();
    shows.close().unwrap();
    drop(shows);
    let old = fs::read(folder.join("keys.json")).unwrap();
    let pictures = || pictures_in(&folder);
    let before = pictures();
    Station::rotate_key(&folder, PASSPHRASE, &around(&clock), &mut |_| Ok(())).unwrap();
    assert_eq!(pictures(), before, "the pictures are not rewritten");

    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    assert_eq!(station.alarms().len(), 1);
    assert!(
        station.alarms()[0]
            .says
            .contains("key was changed for a new one")
    );
    station.close().unwrap();
    drop(station);
    let new = fs::read(folder.join("keys.json")).unwrap();
    fs::write(folder.join("keys.json"), old).unwrap();
    assert!(Station::open(&folder, PASSPHRASE, around(&clock)).is_err());
    fs::write(folder.join("keys.json"), new).unwrap();
    Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
}

fn pictures_in(folder: &std::path::Path) -> Vec<Vec<u8>> {
    fs::read_dir(folder.join("pictures"))
        .unwrap()
        .flat_map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap())
        .map(|picture| fs::read(picture.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn a_key_file_that_changed_is_entered_at_the_next_start_and_raises_an_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("station");
    let clock = StandingClock::new();
    let Founded {
        station: shows,
        shares: [one, two, _],
        ..
    } = founded(&folder, &clock);
    assert_eq!(shows.alarms(), []);
    shows.close().unwrap();
    drop(shows);
    let random = around(&clock).random;
    Station::recover(&folder, &[one, two], "a wholly new passphrase", &*random).unwrap();
    let station = Station::open(&folder, "a wholly new passphrase", around(&clock)).unwrap();
    let alarms = station.alarms();
    assert_eq!(alarms.len(), 1);
    assert_eq!(
        alarms[0].says,
        "Two recovery shares set a new passphrase for the station"
    );
    station.close().unwrap();
    drop(station);
    // Once: the next start has nothing new to say, and the alarm still stands.
    let station = Station::open(&folder, "a wholly new passphrase", around(&clock)).unwrap();
    assert_eq!(station.alarms(), alarms);
}

fn lock_out(station: &Station, login: &str) {
    for _ in 0..5 {
        let attempt = LoginAttempt {
            login,
            password: "not this password",
            code: "000000",
            acknowledged: true,
            address: login,
        };
        assert!(station.login(&attempt).is_err());
    }
}

#[test]
fn two_shares_release_the_last_administrator_with_an_entry_and_an_alarm_and_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("station");
    let clock = StandingClock::new();
    let Founded {
        station,
        shares: [one, two, three],
        ..
    } = founded(&folder, &clock);
    lock_out(&station, SECOND);
    station.close().unwrap();
    drop(station);
    let release = |shares: [&crypt::RecoveryShare; 2], login: &str| {
        let shares = shares.map(Clone::clone);
        let known = WayIn::Known;
        let released =
            Station::release_with_shares(&folder, &shares, login, known, around(&clock))?;
        assert!(released.is_none(), "a code for somebody who has a way in");
        Ok::<_, StationError>(())
    };
    // Somebody can still release it.
    let said = release([&one, &two], SECOND).unwrap_err().to_string();
    assert!(
        said.contains("avery.holt can release this account"),
        "{said}"
    );

    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    lock_out(&station, LOGIN);
    station.close().unwrap();
    drop(station);
    assert!(
        release([&one, &one], LOGIN).is_err(),
        "one share is not two"
    );
    release([&three, &one], LOGIN).unwrap();

    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    let alarms = station.alarms();
    assert_eq!(alarms.len(), 1);
    assert!(!alarms[0].says.contains("avery"), "an alarm names nobody");
    // The account is open, and still wants password and code.
    let without = LoginAttempt {
        login: LOGIN,
        password: PASSWORD,
        code: "000000",
        acknowledged: true,
        address: "test",
    };
    assert!(station.login(&without).is_err());
    let said = release([&one, &two], LOGIN).unwrap_err();
    assert!(
        matches!(said, StationError::Ledger(_)),
        "a running station: {said}"
    );
}

#[test]
fn two_shares_give_the_only_deputy_chief_a_new_way_in_and_take_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("station");
    let clock = StandingClock::new();
    let Founded {
        station,
        shares: [one, two, _],
        ..
    } = founded(&folder, &clock);
    let code = station
        .demonstration_logins()
        .unwrap()
        .into_iter()
        .find(|one| one.login == LOGIN)
        .unwrap()
        .code;
    station.close().unwrap();
    drop(station);
    let shares = [one, two];
    let lost = |login: &str| {
        Station::release_with_shares(&folder, &shares, login, WayIn::Lost, around(&clock))
    };
    // An administrator is given a code by the Deputy Chief.
    let said = lost(SECOND).map(|_| ()).unwrap_err().to_string();
    assert!(
        said.contains("avery.holt can release this account"),
        "{said}"
    );
    let issued = lost(LOGIN).unwrap().unwrap();

    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    assert_eq!(station.alarms().len(), 1);
    let before = LoginAttempt {
        login: LOGIN,
        password: PASSWORD,
        code: &code,
        acknowledged: true,
        address: "test",
    };
    assert!(station.login(&before).is_err(), "the old way in is gone");
    let offered = station
        .begin_enrolment(&issued.code.text(), "test")
        .unwrap();
    assert_eq!(offered.login, LOGIN);
}

#[test]
fn an_alarm_goes_when_somebody_who_may_has_seen_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("station");
    let clock = StandingClock::new();
    let Founded {
        station: shows,
        shares: [one, two, _],
        ..
    } = founded(&folder, &clock);
    shows.close().unwrap();
    let random = around(&clock).random;
    let shown = shows.demonstration_logins().unwrap();
    drop(shows);
    Station::recover(&folder, &[one, two], "a wholly new passphrase", &*random).unwrap();
    let station = Station::open(&folder, "a wholly new passphrase", around(&clock)).unwrap();
    let caller = |login: &str| {
        let code = &shown.iter().find(|one| one.login == login).unwrap().code;
        let key = station
            .login(&LoginAttempt {
                login,
                password: PASSWORD,
                code,
                acknowledged: true,
                address: "test",
            })
            .unwrap();
        station.session(&key).unwrap().caller("test")
    };
    let entry = station.alarms()[0].entry;
    let administrator = station.see_to_alarm(&caller(SECOND), entry);
    assert!(matches!(administrator, Err(StationError::Refused(_))));
    assert_eq!(station.alarms().len(), 1);
    let deputy_chief = caller(LOGIN);
    station.see_to_alarm(&deputy_chief, entry).unwrap();
    assert_eq!(station.alarms(), []);
    let told = told(&station, &deputy_chief);
    assert!(told.contains("saw to the alarm about entry"), "{told}");
    assert!(
        told.contains("Two recovery shares set a new passphrase"),
        "{told}"
    );
}

#[test]
fn in_doubtful_time_searches_go_on_and_approvals_stop_until_two_people_confirm() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    let deputy_chief = log_in(&station, LOGIN);
    let administrator = log_in(&station, SECOND);
    let train = |caller: &Caller, login: &str| {
        let completion = Completion {
            login: login.into(),
            course: CourseVersion {
                course: "Initial course".into(),
                version: "1".into(),
            },
            completed: "2026-11-20".parse().unwrap(),
            expires: None,
            proof: None,
        };
        station.record_training(caller, completion)
    };
    train(&deputy_chief, SECOND).unwrap();
    let right = station.now();
    clock.step(SignedDuration::from_hours(365 * 24));
    station.sign_ledger().unwrap();
    assert!(station.time_doubt().is_some());
    assert_eq!(station.now(), right, "it goes on from the time it believed");
    assert_eq!(station.warnings().len(), 1);

    let search = Search::new(
        "DK48213".parse().unwrap(),
        StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        },
    );
    station.search(&deputy_chief, search.clone()).unwrap();
    let refused = train(&deputy_chief, SECOND).unwrap_err().to_string();
    assert!(refused.contains("clock is in doubt"), "{refused}");

    // The clock is set right, and one person twice is not two.
    clock.step(SignedDuration::from_hours(-365 * 24));
    for _ in 0..2 {
        assert_eq!(
            station.confirm_time(&administrator).unwrap(),
            TimeConfirmed::Awaited
        );
    }
    assert!(station.time_doubt().is_some());
    assert_eq!(
        station.confirm_time(&deputy_chief).unwrap(),
        TimeConfirmed::Cleared
    );
    assert_eq!(station.time_doubt(), None);
    train(&deputy_chief, SECOND).unwrap();
    station.search(&deputy_chief, search).unwrap();
    let told = told(&station, &deputy_chief);
    let searches = told
        .lines()
        .filter(|line| line.contains("asked for the reads of"));
    let marked: Vec<_> = searches
        .map(|line| line.contains("The clock was in doubt."))
        .collect();
    assert_eq!(marked, [false, true], "newest first: {told}");
    assert!(told.contains("The time came into doubt"), "{told}");
    assert!(
        told.contains("Two people confirmed the machine's clock."),
        "{told}"
    );
}

#[test]
fn doubt_outlives_a_restart_and_a_start_in_1970_is_in_doubt() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    let last = station.now();
    station.close().unwrap();
    drop(station);
    let years = SignedDuration::from_secs(last.as_second() - 20);
    clock.step(-years);
    let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
    assert!(station.time_doubt().is_some());
    assert!(station.now() >= last);
    station.close().unwrap();
    drop(station);
    // The clock is set right; that it was wrong is not forgotten.
    clock.step(years);
    clock.advance(Duration::from_secs(60));
    let station = Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
    assert!(station.time_doubt().is_some());
    assert_eq!(
        station.now(),
        last.saturating_add(Duration::from_secs(60)).unwrap()
    );
}

#[test]
fn with_cji_mode_on_a_station_starts_on_validated_cryptography_alone_and_names_every_other_use() {
    let everywhere = ["Argon2id", "rustls", "AES-256-GCM", "signatures"];
    let is_validated = crypt::UNVALIDATED.is_empty();
    for on_a_server in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let database = on_a_server.then(Database::create);
        let server = database.as_ref().map(|database| Server {
            address: database.address(),
            encrypted: true,
        });
        drop(found_on(server, dir.path(), &clock));
        let file = dir.path().join("policy/security.toml");
        let values = fs::read_to_string(&file).unwrap();
        fs::write(&file, values.replace("cji_mode = false", "cji_mode = true")).unwrap();
        let opened = Station::open(dir.path(), PASSPHRASE, around(&clock)).map(|_| ());
        let said = opened.map_err(|error| error.to_string()).err();
        if is_validated && on_a_server {
            assert_eq!(said, None);
        } else {
            let said = said.unwrap();
            assert!(
                said.contains("SQLCipher on OpenSSL") != on_a_server,
                "{said}"
            );
            for used in everywhere {
                assert!(said.contains(used) != is_validated, "{used}: {said}");
            }
        }
        fs::write(&file, values).unwrap();
        Station::open(dir.path(), PASSPHRASE, around(&clock)).unwrap();
    }
}
