//! What members came in with when the backup was made, and changed or used up since, opens nothing after a
//! restore.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use crypt::{RecoveryCode, SecondFactor};
use govern::{Clock, Declaration, EnrolMember, Role};
use jiff::SignedDuration;
use station::{
    Caller, FirstLogin, IssuedCode, LoginAttempt, LoginRefused, Restore, Restored, Station,
    StationError, Unlock,
};

use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, back_up, found, log_in};

struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Station,
    caller: Caller,
}

/// A member who has come in, and with what.
struct Way {
    login: &'static str,
    password: &'static str,
    factor: SecondFactor,
    recovery: Vec<RecoveryCode>,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(&dir.path().join("station"), &clock);
        let caller = log_in(&station, LOGIN);
        Self {
            dir,
            clock,
            station,
            caller,
        }
    }

    fn enrol(&self, login: &str, name: &str) -> IssuedCode {
        let new = EnrolMember {
            login: login.into(),
            name: name.into(),
            badge: login.into(),
            roles: vec![Role("officer".into())],
        };
        self.station.enrol(&self.caller, new).unwrap()
    }

    fn member(&self, login: &'static str, name: &str) -> Way {
        let code = self.enrol(login, name);
        come_in(&self.station, &self.clock, login, &code)
    }

    fn back_up(&self) {
        back_up(&self.station, &self.caller, &self.dir.path().join("backup")).unwrap();
        self.clock.advance(Duration::from_secs(120));
    }

    /// Closes the station and restores the backup beside it.
    fn restore(&self) -> (Restored, Station) {
        self.station.close().unwrap();
        let path = |name: &str| self.dir.path().join(name);
        let from = Restore {
            station: &path("backup"),
            picture_keys: Some(&path("backup.picture-keys")),
            ledger: Some(&path("station")),
            heads: &[],
            lost: None,
        };
        let folder = path("restored");
        let unlock = Unlock::Passphrase(PASSPHRASE);
        let restored = Station::restore(&folder, &from, &unlock, &around(&self.clock)).unwrap();
        self.clock.advance(Duration::from_secs(120));
        let station = Station::open(&folder, PASSPHRASE, around(&self.clock)).unwrap();
        (restored, station)
    }

    fn now(&self) -> u64 {
        self.clock.now().as_second().unsigned_abs()
    }

    fn try_login(&self, station: &Station, way: &Way, code: &str) -> Result<(), StationError> {
        let attempt = LoginAttempt {
            login: way.login,
            password: way.password,
            code,
            acknowledged: true,
            address: way.login,
        };
        station.login(&attempt).map(|_| ())
    }

    fn code(&self, way: &Way) -> String {
        way.factor.code(self.now())
    }
}

fn come_in(
    station: &Station,
    clock: &StandingClock,
    login: &'static str,
    issued: &IssuedCode,
) -> Way {
    let code = issued.code.text();
    let secret = station.begin_enrolment(&code, login).unwrap().secret;
    let factor = SecondFactor::from_base32(&secret).unwrap();
    let before = clock.now().as_second().unsigned_abs() - 30;
    let first = FirstLogin {
        code: &code,
        password: PASSWORD,
        shown: &factor.code(before),
        address: login,
    };
    let recovery = station.finish_enrolment(&first).unwrap();
    Way {
        login,
        password: PASSWORD,
        factor,
        recovery,
    }
}

fn is_wrong(result: &Result<(), StationError>) -> bool {
    matches!(result, Err(StationError::Login(LoginRefused::Wrong)))
}

#[test]
fn what_members_changed_or_used_up_after_the_backup_is_not_good_again() {
    let scene = Scene::new();
    let rowan = scene.member("rowan.marsh", "Rowan Marsh");
    let noor = scene.member("noor.adeyemi", "Noor Adeyemi");
    let dana = scene.member("dana.whitlock", "Dana Whitlock");
    let kit = scene.enrol("kit.larsen", "Kit Larsen");
    scene.back_up();

    // Another authenticator; a recovery code; five failures; an enrolment code.
    let (station, clock) = (&scene.station, &scene.clock);
    let key = support::begin_session(station, "sam.okafor");
    let sam = station.session(&key).unwrap();
    let offered = station.offer_authenticator(&sam, PASSWORD, "test").unwrap();
    let fresh = SecondFactor::from_base32(&offered.secret).unwrap();
    let code = fresh.code(scene.now());
    station.change_authenticator(&sam, &code, "test").unwrap();
    let used = noor.recovery[0].text();
    scene.try_login(station, &noor, &used).unwrap();
    for _ in 0..5 {
        assert!(is_wrong(&scene.try_login(station, &dana, "000000")));
    }
    come_in(station, clock, "kit.larsen", &kit);

    let (restored, station) = scene.restore();
    assert_eq!(restored.without_way_in, ["kit.larsen", "sam.okafor"]);
    for code in [&noor.recovery[0], &noor.recovery[1]] {
        let refused = scene.try_login(&station, &noor, &code.text());
        assert!(is_wrong(&refused), "{refused:?}");
    }
    scene
        .try_login(&station, &noor, &scene.code(&noor))
        .unwrap();
    let locked = scene.try_login(&station, &dana, &scene.code(&dana));
    assert!(matches!(
        locked,
        Err(StationError::Login(LoginRefused::Locked))
    ));
    let spent = station.begin_enrolment(&kit.code.text(), "kit.larsen");
    assert!(matches!(
        spent,
        Err(StationError::Login(LoginRefused::NoSuchCode))
    ));
    // And who changed nothing comes in as before.
    scene
        .try_login(&station, &rowan, &scene.code(&rowan))
        .unwrap();
}

#[test]
fn what_members_set_just_before_the_backup_stays() {
    let scene = Scene::new();
    let mut rowan = scene.member("rowan.marsh", "Rowan Marsh");
    let attempt = LoginAttempt {
        login: rowan.login,
        password: rowan.password,
        code: &scene.code(&rowan),
        acknowledged: true,
        address: "test",
    };
    let session = scene.station.login(&attempt).unwrap();
    let session = scene.station.session(&session).unwrap();
    rowan.password = "a walk by the mill";
    scene
        .station
        .change_password(&session, PASSWORD, rowan.password, "test")
        .unwrap();
    scene.back_up();
    let (restored, station) = scene.restore();
    assert_eq!(restored.without_way_in, [""; 0]);
    scene
        .try_login(&station, &rowan, &scene.code(&rowan))
        .unwrap();
}

#[test]
fn a_clock_that_came_into_doubt_after_the_backup_is_in_doubt_after_the_restore() {
    let scene = Scene::new();
    scene.back_up();
    scene.clock.step(SignedDuration::from_hours(24));
    scene.station.sign_ledger().unwrap();
    scene.clock.step(SignedDuration::from_hours(-24));
    let (_, station) = scene.restore();
    assert!(station.time_doubt().is_some());
}

#[test]
fn a_declaration_that_was_revoked_after_the_backup_is_revoked_after_the_restore() {
    let scene = Scene::new();
    let new = EnrolMember {
        login: "june.pell".into(),
        name: "June Pell".into(),
        badge: "9".into(),
        roles: vec![Role("records-clerk".into())],
    };
    support::enrol(&scene.station, &scene.caller, new);
    let sam = log_in(&scene.station, "sam.okafor");
    support::train(&scene.station, &sam, "june.pell", "2027-10-01");
    let june = log_in(&scene.station, "june.pell");
    let declaration = Declaration {
        agency: "Cedar Rapids Police Department".into(),
        state: "US-IA".parse().unwrap(),
        signer: "Ada Quist, Chief".into(),
        signed: Some("2026-11-20".parse().unwrap()),
        until: "2027-11-20".parse().unwrap(),
        affirms: vec![],
        revoked: None,
    };
    let paper = b"%PDF-1.7\nan executed declaration".to_vec();
    scene
        .station
        .file_declaration(&june, declaration, paper)
        .unwrap();
    scene.back_up();
    let filed = scene.station.desk(&scene.caller).unwrap().declarations;
    scene
        .station
        .revoke_declaration(&scene.caller, filed[0].id, "it was signed by nobody")
        .unwrap();
    let (restored, station) = scene.restore();
    assert_eq!(restored.withdrawn, 1);
    let shown = scene.station.demonstration_logins().unwrap();
    let avery = shown.iter().find(|one| one.login == LOGIN).unwrap();
    let attempt = LoginAttempt {
        login: LOGIN,
        password: PASSWORD,
        code: &avery.code,
        acknowledged: true,
        address: "test",
    };
    let key = station.login(&attempt).unwrap();
    let caller = station.session(&key).unwrap().caller("test");
    let filed = station.desk(&caller).unwrap().declarations;
    assert!(filed[0].declaration.revoked.is_some());
}
