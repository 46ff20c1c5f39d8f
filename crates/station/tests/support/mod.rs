//! A station for tests.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests"
)]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crypt::{SecondFactor, SystemRandom};
use govern::{Clock, CourseVersion, EnrolMember, Role};
use jiff::Timestamp;
use station::{
    BackedUp, BackupPart, Caller, Completion, FirstLogin, Founded, Founder, Founding, IssuedCode,
    LoginAttempt, Server, SessionKey, Station, StationError, Surroundings,
};

pub const PASSPHRASE: &str = "four lamps over the weir";
pub const PASSWORD: &str = "a walk by the weir";
/// A founder, Deputy Chief, with training in force.
pub const LOGIN: &str = "avery.holt";

/// A clock that stands until it is moved. Held, it keeps whoever asks it waiting: the station asks
/// it at every step of the gate, so that a test can stop it at each.
pub struct StandingClock {
    time: Mutex<Time>,
    changed: Condvar,
}

struct Time {
    wall: Timestamp,
    monotonic: Duration,
    /// How far it goes with every look at it.
    each: Duration,
    held: bool,
    waiting: usize,
    let_go: usize,
}

impl StandingClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            time: Mutex::new(Time {
                wall: "2026-11-24T16:00:00Z".parse().unwrap(),
                monotonic: Duration::ZERO,
                each: Duration::ZERO,
                held: false,
                waiting: 0,
                let_go: 0,
            }),
            changed: Condvar::new(),
        })
    }

    /// Sets the wall's clock, and not the other.
    pub fn step(&self, by: jiff::SignedDuration) {
        let mut time = self.time.lock().unwrap();
        time.wall = time.wall.saturating_add(by).unwrap();
    }

    pub fn advance(&self, by: Duration) {
        let mut time = self.time.lock().unwrap();
        time.wall = time.wall.saturating_add(by).unwrap();
        time.monotonic += by;
    }

    /// From now on every look at it takes so long.
    pub fn run(&self, each: Duration) {
        self.time.lock().unwrap().each = each;
    }

    /// Keeps whoever asks from now on waiting, or no longer.
    pub fn hold(&self, held: bool) {
        self.time.lock().unwrap().held = held;
        self.changed.notify_all();
    }

    /// Lets one who waits go on, once there is one; whether one came in time.
    pub fn let_one_go(&self, in_time: Duration) -> bool {
        let nobody = |time: &mut Time| time.waiting <= time.let_go;
        let time = self.time.lock().unwrap();
        let (mut time, waited) = self
            .changed
            .wait_timeout_while(time, in_time, nobody)
            .unwrap();
        if waited.timed_out() {
            return false;
        }
        time.let_go += 1;
        self.changed.notify_all();
        true
    }

    fn read<T>(&self, of: impl Fn(&Time) -> T) -> T {
        let mut time = self.time.lock().unwrap();
        if time.held {
            time.waiting += 1;
            self.changed.notify_all();
            time = self
                .changed
                .wait_while(time, |time| time.held && time.let_go == 0)
                .unwrap();
            time.waiting -= 1;
            time.let_go = time.let_go.saturating_sub(1);
        }
        let each = time.each;
        time.wall = time.wall.saturating_add(each).unwrap();
        time.monotonic += each;
        of(&time)
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        self.read(|time| time.wall)
    }

    fn monotonic(&self) -> Duration {
        self.read(|time| time.monotonic)
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
    let founded = founded(server, folder, clock);
    for code in &founded.enrolment_codes {
        first_login(&founded.station, code, clock);
    }
    founded.station
}

/// The same with what is shown once; nobody has come in yet.
pub fn founded(server: Option<Server>, folder: &Path, clock: &Arc<StandingClock>) -> Founded {
    Station::found(folder, founding(server), around(clock)).unwrap()
}

/// What the station of these tests begins with.
pub fn founding(server: Option<Server>) -> Founding {
    let founder = |login: &str, name: &str, badge: &str, role: &str| Founder {
        login: login.into(),
        name: name.into(),
        badge: badge.into(),
        role: Role(role.into()),
    };
    Founding {
        agency: "Ashford Falls Police Department".into(),
        host: "localhost".into(),
        state: None,
        time_zone: "America/Chicago".into(),
        passphrase: PASSPHRASE.into(),
        founders: [
            founder(LOGIN, "Avery Holt", "102", "deputy-chief"),
            founder("sam.okafor", "Sam Okafor", "118", "administrator"),
        ],
        training: ("Initial course".into(), "2026-11-01".parse().unwrap()),
        demonstration: true,
        server,
        bucket: None,
    }
}

/// A founder comes in for the first time; the secret of their second factor.
pub fn first_login(station: &Station, issued: &IssuedCode, clock: &StandingClock) -> String {
    let code = issued.code.text();
    let secret = station.begin_enrolment(&code, "test").unwrap().secret;
    let factor = SecondFactor::from_base32(&secret).unwrap();
    // What the authenticator showed before, so that what it shows now is good for a login.
    let before = clock.now().as_second().unsigned_abs() - 30;
    let first = FirstLogin {
        code: &code,
        password: PASSWORD,
        shown: &factor.code(before),
        address: "test",
    };
    station.finish_enrolment(&first).unwrap();
    secret
}

/// Enrols a member, who comes in for the first time and chooses the password.
pub fn enrol(station: &Station, administrator: &Caller, new: EnrolMember) {
    let code = station.enrol(administrator, new).unwrap();
    station
        .first_login_in_demonstration(&code, PASSWORD)
        .unwrap();
}

pub fn log_in(station: &Station, login: &str) -> Caller {
    let key = begin_session(station, login);
    station.session(&key).unwrap().caller("test")
}

/// Records the founding course for a member, who was enrolled by somebody else.
pub fn train(station: &Station, recorder: &Caller, login: &str, last_day: &str) {
    let completion = Completion {
        login: login.into(),
        course: CourseVersion {
            course: "Initial course".into(),
            version: "1".into(),
        },
        completed: "2026-11-01".parse().unwrap(),
        expires: Some(last_day.parse().unwrap()),
        proof: None,
    };
    station.record_training(recorder, completion).unwrap();
}

/// Makes a backup, in `path` and beside it.
pub fn back_up(station: &Station, caller: &Caller, path: &Path) -> Result<BackedUp, StationError> {
    let (mut data, mut keys) = (Vec::new(), Vec::new());
    let made = station.back_up(caller, &mut |part, bytes| {
        match part {
            BackupPart::Station => data.extend_from_slice(bytes),
            BackupPart::PictureKeys => keys.extend_from_slice(bytes),
        }
        Ok(())
    })?;
    fs::write(path, data).unwrap();
    fs::write(path.with_extension("picture-keys"), keys).unwrap();
    Ok(made)
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
