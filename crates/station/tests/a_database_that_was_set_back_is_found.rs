//! A database that is set back by itself, by hand or by its server's own means, is found at the start, and
//! nothing that was taken away since works again (D6).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

#[path = "support/database.rs"]
mod database;
#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crypt::SecondFactor;
use database::Database;
use govern::{Clock, EnrolMember, Role, StatusChange};
use station::{Caller, LoginAttempt, LoginRefused, Server, Station, StationError};
use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, first_login, founded};

const OFFICER: &str = "rowan.marsh";

/// A station that a Deputy Chief and an officer came in to, and is closed.
struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    database: Option<Database>,
    deputy_chief: SecondFactor,
    officer: SecondFactor,
}

impl Scene {
    fn on(database: Option<Database>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        clock.run(Duration::from_millis(3));
        let server = database.as_ref().map(|database| Server {
            address: database.address(),
            encrypted: true,
        });
        let founded = founded(server, &dir.path().join("station"), &clock);
        let station = founded.station;
        let secrets: Vec<_> = (founded.enrolment_codes.iter())
            .map(|code| SecondFactor::from_base32(&first_login(&station, code, &clock)).unwrap())
            .collect();
        let caller = log_in(&station, &clock, LOGIN, &secrets[0]).unwrap();
        let new = EnrolMember {
            login: OFFICER.into(),
            name: "Rowan Marsh".into(),
            badge: "417".into(),
            roles: vec![Role("officer".into())],
        };
        let code = station.enrol(&caller, new).unwrap();
        let officer = SecondFactor::from_base32(&first_login(&station, &code, &clock)).unwrap();
        let scene = Self {
            dir,
            clock,
            database,
            deputy_chief: secrets.into_iter().next().unwrap(),
            officer,
        };
        // The newest thing in the database is none of the officer's.
        scene.pass_time();
        log_in(&station, &scene.clock, LOGIN, &scene.deputy_chief).unwrap();
        station.close().unwrap();
        drop(station);
        scene.pass_time();
        scene
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("station")
    }

    fn open(&self) -> Result<Station, StationError> {
        Station::open(&self.folder(), PASSPHRASE, around(&self.clock))
    }

    fn pass_time(&self) {
        self.clock.advance(Duration::from_secs(60));
    }

    /// Keeps the database as it is now.
    fn keep(&self) {
        match &self.database {
            Some(database) => database.keep(),
            None => {
                fs::copy(
                    self.folder().join("lictor.db"),
                    self.dir.path().join("kept"),
                )
                .unwrap();
            }
        }
    }

    /// Sets it back to that.
    fn set_back(&self) {
        match &self.database {
            Some(database) => database.set_back(),
            None => {
                for beside in ["lictor.db-wal", "lictor.db-shm"] {
                    let _ = fs::remove_file(self.folder().join(beside));
                }
                fs::copy(
                    self.dir.path().join("kept"),
                    self.folder().join("lictor.db"),
                )
                .unwrap();
            }
        }
    }

    fn suspend_the_officer(&self, station: &Station) {
        let caller = log_in(station, &self.clock, LOGIN, &self.deputy_chief).unwrap();
        station
            .change_status(&caller, OFFICER, StatusChange::Suspend, "On leave")
            .unwrap();
    }

    fn officer_comes_in(&self, station: &Station) -> Result<Caller, StationError> {
        log_in(station, &self.clock, OFFICER, &self.officer)
    }

    /// It does not open before it is caught up, and then the officer is as suspended as before.
    fn is_found_and_caught_up(&self) {
        self.pass_time();
        let refused = self.open().err().unwrap();
        assert!(matches!(refused, StationError::SetBack(_)), "{refused}");
        assert!(refused.to_string().contains("lictor catch-up"), "{refused}");
        let caught_up =
            Station::catch_up(&self.folder(), PASSPHRASE, &around(&self.clock)).unwrap();
        assert_eq!(caught_up.withdrawn, 1);
        let station = self.open().unwrap();
        let refused = self.officer_comes_in(&station);
        assert!(
            matches!(refused, Err(StationError::Login(LoginRefused::Closed(_)))),
            "{refused:?}"
        );
        station.close().unwrap();
        drop(station);
        self.open().unwrap().close().unwrap();
        let again = Station::catch_up(&self.folder(), PASSPHRASE, &around(&self.clock));
        assert!(matches!(again, Err(StationError::Restore(_))), "{again:?}");
    }
}

fn log_in(
    station: &Station,
    clock: &StandingClock,
    login: &str,
    factor: &SecondFactor,
) -> Result<Caller, StationError> {
    let attempt = LoginAttempt {
        login,
        password: PASSWORD,
        code: &factor.code(clock.now().as_second().unsigned_abs()),
        acknowledged: true,
        address: "test",
    };
    let key = station.login(&attempt)?;
    Ok(station.session(&key)?.caller("test"))
}

/// What was taken away after the database was kept works again in no case.
fn a_revocation_outlives_it(database: Option<Database>) {
    let scene = Scene::on(database);
    scene.keep();
    let station = scene.open().unwrap();
    scene.suspend_the_officer(&station);
    station.close().unwrap();
    drop(station);
    scene.set_back();
    scene.is_found_and_caught_up();
}

#[test]
fn an_sqlite_file_that_is_put_back_by_hand_gives_nobody_back_what_was_taken_away() {
    a_revocation_outlives_it(None);
}

#[test]
fn a_postgresql_database_that_its_server_restores_gives_nobody_back_what_was_taken_away() {
    a_revocation_outlives_it(Some(Database::create()));
}

#[test]
fn it_is_found_by_what_it_lacks_too_where_the_station_was_killed_before_it_signed() {
    let scene = Scene::on(None);
    scene.keep();
    let station = scene.open().unwrap();
    scene.suspend_the_officer(&station);
    // Killed: nothing is signed or closed.
    drop(station);
    fs::remove_file(scene.folder().join("ledger.kept")).unwrap();
    scene.set_back();
    scene.is_found_and_caught_up();
}

#[test]
fn a_database_that_was_set_back_before_anything_was_done_is_found_by_the_head_that_it_had_kept() {
    let scene = Scene::on(None);
    scene.keep();
    // Nothing is done but a login, which has no outcome.
    let station = scene.open().unwrap();
    scene.officer_comes_in(&station).unwrap();
    station.close().unwrap();
    drop(station);
    scene.set_back();
    assert!(matches!(scene.open(), Err(StationError::SetBack(_))));
}

#[test]
fn a_station_that_was_killed_is_not_taken_for_one_that_was_set_back() {
    let scene = Scene::on(None);
    for _ in 0..3 {
        let station = scene.open().unwrap();
        scene.suspend_the_officer(&station);
        scene.pass_time();
        let caller = log_in(&station, &scene.clock, LOGIN, &scene.deputy_chief).unwrap();
        station
            .change_status(&caller, OFFICER, StatusChange::Reinstate, "Back")
            .unwrap();
        drop(station);
        scene.pass_time();
    }
    let station = scene.open().unwrap();
    scene.officer_comes_in(&station).unwrap();
}
