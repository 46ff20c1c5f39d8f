//! A station for tests.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crypt::SystemRandom;
use govern::{Clock, Role};
use jiff::Timestamp;
use station::{Caller, Founder, Founding, LoginAttempt, Server, SessionKey, Station, Surroundings};

pub const PASSPHRASE: &str = "four lamps over the weir";
pub const PASSWORD: &str = "a walk by the weir";
/// A founder, Deputy Chief, with training in force.
pub const LOGIN: &str = "avery.holt";

/// A clock that stands until it is moved.
pub struct StandingClock(Mutex<(Timestamp, Duration)>);

impl StandingClock {
    pub fn new() -> Arc<Self> {
        let start = "2026-11-24T16:00:00Z".parse().unwrap();
        Arc::new(Self(Mutex::new((start, Duration::ZERO))))
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 = now.0.saturating_add(by).unwrap();
        now.1 += by;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

pub fn around(clock: &Arc<StandingClock>) -> Surroundings {
    Surroundings {
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
    }
}

/// Founds a station whose logins it shows, as the demonstration does, so that tests have the codes.
pub fn found(folder: &Path, clock: &Arc<StandingClock>) -> Station {
    found_on(None, folder, clock)
}

/// The same with its store on a database server.
pub fn found_on(server: Option<Server>, folder: &Path, clock: &Arc<StandingClock>) -> Station {
    let founder = |login: &str, name: &str, badge: &str, role: &str| Founder {
        login: login.into(),
        name: name.into(),
        badge: badge.into(),
        role: Role(role.into()),
        password: PASSWORD.into(),
    };
    let founding = Founding {
        agency: "Ashford Falls Police Department".into(),
        host: "localhost".into(),
        time_zone: "America/Chicago".into(),
        passphrase: PASSPHRASE.into(),
        founders: [
            founder(LOGIN, "Avery Holt", "102", "deputy-chief"),
            founder("sam.okafor", "Sam Okafor", "118", "administrator"),
        ],
        training: ("Initial course".into(), "2026-11-01".parse().unwrap()),
        demonstration: true,
        tls: None,
        server,
    };
    Station::found(folder, founding, around(clock))
        .unwrap()
        .station
}

pub fn log_in(station: &Station, login: &str) -> Caller {
    let key = begin_session(station, login);
    station.session(&key).unwrap().caller("test")
}

/// Logs in with what the demonstration shows.
pub fn begin_session(station: &Station, login: &str) -> SessionKey {
    let shown = station
        .demonstration_logins()
        .unwrap()
        .into_iter()
        .find(|one| one.login == login)
        .unwrap();
    let attempt = LoginAttempt {
        login,
        password: &shown.password,
        code: &shown.code,
        acknowledged: true,
        address: "test",
    };
    station.login(&attempt).unwrap()
}
