//! Work for a station that something is killed under, and what must be there afterwards.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crypt::{SecondFactor, sha256};
use govern::{AddCamera, Clock, Search, StatedPurpose};
use jiff::Timestamp;
use ledger::{Entry, Event, Outcome, Verdict, VerifyingKey};
use station::{Caller, Ingested, LoginAttempt, Server, Station, StationError};

use crate::support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, first_login, founded};

pub const SAMPLE: &[u8] = include_bytes!("../../../../samples/elm-and-3rd-1412.jpg");
/// Members who search at once.
pub const SEARCHERS: usize = 4;
const HOUR: Duration = Duration::from_secs(3600);

/// What the work needs to know of its station.
pub struct Scene {
    /// The secret of the member's authenticator.
    pub factor: String,
    /// The camera's key.
    pub camera: String,
}

/// Founds a station with a camera, and closes it.
pub fn found(server: Option<Server>, folder: &Path) -> Scene {
    let clock = StandingClock::new();
    let founded = founded(server, folder, &clock);
    let factor = first_login(&founded.station, &founded.enrolment_codes[0], &clock);
    let station = founded.station;
    let secret = SecondFactor::from_base32(&factor).unwrap();
    let (caller, _) = log_in(&station, &secret, &clock).unwrap();
    let add = AddCamera {
        name: "elm-and-3rd".into(),
        place: "Elm & 3rd".into(),
        class: None,
    };
    let camera = station.add_camera(&caller, add).unwrap().0;
    station.close().unwrap();
    Scene { factor, camera }
}

/// The clock of a round: each is an hour after the one before.
pub fn clock_of(round: u64) -> std::sync::Arc<StandingClock> {
    let clock = StandingClock::new();
    clock.advance(HOUR * u32::try_from(round + 1).unwrap());
    clock
}

/// Logs the member in, a minute later; who they are then, and what was acknowledged.
pub fn log_in(
    station: &Station,
    factor: &SecondFactor,
    clock: &StandingClock,
) -> Result<(Caller, String), StationError> {
    clock.advance(Duration::from_secs(60));
    let code = factor.code(clock.now().as_second().unsigned_abs());
    let attempt = LoginAttempt {
        login: LOGIN,
        password: PASSWORD,
        code: &code,
        acknowledged: true,
        address: "test",
    };
    let key = station.login(&attempt)?;
    let acknowledged = format!("login {}", sha256(key.as_text().as_bytes()));
    Ok((station.session(&key)?.caller("test"), acknowledged))
}

pub fn search() -> Search {
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    Search::new("DK48213".parse().unwrap(), purpose)
}

/// When the `n`th frame of a round was seen.
pub fn frame(round: u64, n: u64) -> Timestamp {
    let first: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
    let offset = Duration::from_millis(round * 10_000 + n);
    first.checked_add(offset).unwrap()
}

/// How many entries the ledger has.
pub fn entries(folder: &Path) -> u64 {
    let entries = ledger::entries_from(&folder.join("ledger"), 0).unwrap();
    entries.len() as u64
}

/// What the new entries say: the numbers of permitted searches with how they ended, and the logins.
fn permits(entries: &[Entry], first: u64) -> (BTreeMap<u64, Option<Outcome>>, Vec<String>) {
    let (mut searches, mut logins) = (BTreeMap::new(), Vec::new());
    let mut numbers = BTreeMap::new();
    for (number, entry) in (first..).zip(entries) {
        match &entry.event {
            Event::Decision(d) if d.act == "search" && d.verdict == Verdict::Permit => {
                numbers.insert(d.id, number);
                searches.insert(number, None);
            }
            Event::Login(d) if d.verdict == Verdict::Permit => {
                logins.extend(d.session.map(|session| session.to_string()));
            }
            Event::Outcome(outcome) => {
                if let Some(number) = numbers.get(&outcome.decision()) {
                    searches.insert(*number, Some(outcome.clone()));
                }
            }
            _ => {}
        }
    }
    (searches, logins)
}

/// Starts the station again and holds what was acknowledged in this round against what is there; how
/// much that was.
pub fn check(
    folder: &Path,
    before: u64,
    round: u64,
    acknowledged: &[String],
    scene: &Scene,
) -> BTreeMap<String, u64> {
    let root = folder.join("ledger");
    // The start after the kill closes what was open.
    let clock = StandingClock::new();
    clock.advance(HOUR * u32::try_from(round + 2).unwrap() - Duration::from_secs(60));
    let station = Station::open(folder, PASSPHRASE, around(&clock)).unwrap();
    let entries = ledger::entries_from(&root, before).unwrap();
    let (searches, logins) = permits(&entries, before);
    let camera = station.camera(&scene.camera, None).unwrap();
    let mut counted = BTreeMap::new();
    for what in acknowledged {
        let (kind, which) = what.split_once(' ').unwrap();
        match kind {
            "login" => assert!(logins.iter().any(|login| login == which), "{what} is lost"),
            // Its permit was used: decision and outcome stand in the ledger.
            "search" => assert!(
                matches!(
                    searches.get(&which.parse().unwrap()),
                    Some(Some(Outcome::Done { .. }))
                ),
                "{what} is lost"
            ),
            _ => {
                let at = frame(round, which.parse().unwrap());
                let again = station.ingest(&camera, "test", at, SAMPLE).unwrap();
                assert_eq!(again, Ingested::Already, "{what} is lost");
            }
        }
        *counted.entry(kind.to_owned()).or_default() += 1;
    }
    let open = searches
        .values()
        .filter(|outcome| outcome.is_none())
        .count();
    assert_eq!(open, 0, "every permit has an outcome after the next start");
    let cut_short =
        |outcome: &&Option<Outcome>| matches!(outcome, Some(Outcome::Interrupted { .. }));
    counted.insert(
        "interrupted".to_owned(),
        searches.values().filter(cut_short).count() as u64,
    );
    // Nothing beside the ledger says other than it does.
    assert_eq!(station.check_records().unwrap(), None);
    station.close().unwrap();
    drop(station);
    let key = std::fs::read_to_string(folder.join("ledger.pub")).unwrap();
    ledger::verify(&root, &VerifyingKey::from_text(&key).unwrap()).unwrap();
    counted
}

/// Adds up what the rounds acknowledged, tells it, and sees that there was load.
pub fn tell(kills: u64, counted: &BTreeMap<String, u64>) -> String {
    let told: Vec<_> = counted
        .iter()
        .map(|(kind, n)| format!("{n} {kind}"))
        .collect();
    for kind in ["frame", "login", "search"] {
        assert!(
            counted.get(kind) >= Some(&(kills / 2)),
            "there was load: {told:?}"
        );
    }
    format!("{kills} kills: {}", told.join(", "))
}
