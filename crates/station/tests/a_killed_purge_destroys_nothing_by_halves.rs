//! A purge is killed, at one moment of it after another: what is held is there, what is past its time goes
//! with the next run, and there is one certificate of it, which is right. `cargo xtask faults` does it as
//! often as it is told.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed; the one that is killed speaks to the other"
)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs, thread};

use crypt::{AgeIdentity, Random, SecondFactor, SystemRandom, sha256};
use govern::{
    AddCamera, ChangeRetention, Clock, HoldKind, Period, Recipient, RetentionClass, Search,
    StatedPurpose, Unit,
};
use jiff::Timestamp;
use ledger::{Event, VerifyingKey};
use plate::{Candidate, Reading};
use station::{BagTo, Caller, EvidenceAsked, HoldAsked, LoginAttempt, Station, Surroundings};
use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, first_login, founded};
use vision::{Plate, PlateBox};

const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
const ADMINISTRATOR: &str = "sam.okafor";
/// How often it is killed; LICTOR_TEST_KILLS sets another number.
const KILLS: u64 = 6;
/// Reads past their time, each with its picture: more than a step takes.
const DUE: usize = 120;
const HELD: usize = 6;
const DAY: Duration = Duration::from_hours(24);

/// A clock that counts how often it is looked at, and speaks at one of the looks.
struct Counted {
    clock: Arc<StandingClock>,
    looks: AtomicU64,
    /// At which look it speaks.
    at: u64,
    /// Whether it then stands still, and whoever looked with it.
    stops: bool,
}

impl Counted {
    fn look(&self) {
        if self.looks.fetch_add(1, Ordering::SeqCst) + 1 == self.at {
            say("now");
            if self.stops {
                thread::sleep(Duration::from_secs(600));
            }
        }
    }
}

impl Clock for Counted {
    fn now(&self) -> Timestamp {
        self.look();
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.look();
        self.clock.monotonic()
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\npurge: {what}").unwrap();
    out.flush().unwrap();
}

/// A station with reads that are past their time in forty days, and some that are held.
struct Scene {
    home: tempfile::TempDir,
    /// The secret of the Deputy Chief's authenticator.
    factor: SecondFactor,
}

impl Scene {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let founded = founded(None, &home.path().join("before"), &clock);
        let [factor, second] = [0, 1].map(|n| {
            let code = &founded.enrolment_codes[n];
            let secret = first_login(&founded.station, code, &clock);
            SecondFactor::from_base32(&secret).unwrap()
        });
        let station = founded.station;
        let deputy_chief = log_in(&station, LOGIN, &factor, &clock);
        let add = AddCamera {
            name: "elm-and-3rd".into(),
            place: "Elm & 3rd".into(),
            class: None,
        };
        let key = station.add_camera(&deputy_chief, add).unwrap();
        let camera = station.camera(&key.0, None).unwrap();
        let plates = (0..DUE).map(|n| format!("DUE{n:04}"));
        let plates = plates.chain((0..HELD).map(|n| format!("HLD{n:04}")));
        let first: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
        for (n, plate) in plates.enumerate() {
            let at = first + Duration::from_secs(60 * n as u64);
            let plate = vec![seen(&plate)];
            station.keep(&camera, "test", at, SAMPLE, plate).unwrap();
        }
        let hold = HoldAsked {
            case: "26-01877".into(),
            why: "Asked for by the defence".into(),
            review_on: "2027-02-01".parse().unwrap(),
            plate: "HLD*".into(),
            ..HoldAsked::default()
        };
        let held = station.place_hold(&deputy_chief, HoldKind::Discovery, hold);
        held.unwrap();
        let change = ChangeRetention {
            class: RetentionClass::Read,
            keep: Period {
                amount: 30,
                unit: Unit::Days,
            },
            schedule: "24-103, item 7".into(),
            preset: None,
            disposal: Some("25:118".into()),
        };
        let proposed = station.propose_retention(&deputy_chief, change).unwrap();
        let administrator = log_in(&station, ADMINISTRATOR, &second, &clock);
        station.confirm(&administrator, proposed).unwrap();
        // The ledger is in use until then, or the next start would doubt the time.
        clock.advance(40 * DAY);
        station.sign_ledger().unwrap();
        station.close().unwrap();
        Self { home, factor }
    }

    /// The station as it was before any purge, in a folder of its own.
    fn copy(&self, name: &str) -> PathBuf {
        let copy = self.home.path().join(name);
        copy_folder(&self.home.path().join("before"), &copy);
        copy
    }
}

/// Forty days after the beginning, and so much more.
fn later(more: Duration) -> Arc<StandingClock> {
    let clock = StandingClock::new();
    clock.advance(40 * DAY + more);
    clock
}

fn log_in(station: &Station, login: &str, factor: &SecondFactor, clock: &StandingClock) -> Caller {
    clock.advance(Duration::from_secs(60));
    let attempt = LoginAttempt {
        login,
        password: PASSWORD,
        code: &factor.code(clock.now().as_second().unsigned_abs()),
        acknowledged: true,
        address: "test",
    };
    let key = station.login(&attempt).unwrap();
    station.session(&key).unwrap().caller("test")
}

fn seen(plate: &str) -> Plate {
    let candidate = Candidate {
        text: plate.parse().unwrap(),
        probability: 0.99,
    };
    Plate {
        reading: Reading::from_candidates(&[candidate]).unwrap(),
        confidence: 0.95,
        corners: [
            (970.0, 501.0),
            (1075.0, 501.0),
            (1075.0, 554.0),
            (970.0, 554.0),
        ],
        at: PlateBox {
            x: 970.0,
            y: 501.0,
            width: 105.0,
            height: 53.0,
        },
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &path);
        } else {
            fs::copy(entry.path(), path).unwrap();
        }
    }
}

/// Run by the next test, in a process of its own that is killed.
#[test]
#[ignore = "a part of another test"]
fn purge_until_it_is_killed() {
    let Some(folder) = env::var_os("LICTOR_TEST_FOLDER") else {
        return;
    };
    let setting = |name: &str| env::var(format!("LICTOR_TEST_{name}")).unwrap();
    let clock = Arc::new(Counted {
        clock: later(Duration::ZERO),
        looks: AtomicU64::new(0),
        at: setting("AT").parse().unwrap(),
        stops: setting("STOPS") == "yes",
    });
    let surroundings = Surroundings {
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
    };
    let station = Station::open(Path::new(&folder), PASSPHRASE, surroundings).unwrap();
    while station.tend_purge().unwrap() {}
    say(&format!(
        "over after {}",
        clock.looks.load(Ordering::SeqCst)
    ));
}

/// Purges, and is killed at this look at the clock, or soon after it; how many looks it took, where it came
/// to its end.
fn kill_at(folder: &Path, at: u64, stops: bool) -> Option<u64> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "purge_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env("LICTOR_TEST_FOLDER", folder)
        .env("LICTOR_TEST_AT", at.to_string())
        .env("LICTOR_TEST_STOPS", if stops { "yes" } else { "no" })
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // It goes on to speak: the pipe stays open until it is killed.
    let said = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("purge: ").map(str::to_owned));
    let said = said.expect("the child came to its purge");
    if !stops {
        let mut dice = [0; 2];
        SystemRandom.fill(&mut dice);
        thread::sleep(Duration::from_micros(
            u64::from(u16::from_be_bytes(dice)) % 20_000,
        ));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    said.strip_prefix("over after ")
        .map(|looks| looks.parse().unwrap())
}

/// Starts the station again, lets it go on, and sees that all is as it must be.
fn check(folder: &Path, factor: &SecondFactor) {
    let clock = later(Duration::from_secs(3600));
    let station = Station::open(folder, PASSPHRASE, around(&clock)).unwrap();
    while station.tend_purge().unwrap() {}

    let caller = log_in(&station, LOGIN, factor, &clock);
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    let find = |pattern: &str| {
        let search = Search::new(pattern.parse().unwrap(), purpose.clone());
        station.search(&caller, search).unwrap().sightings
    };
    assert!(find("DUE*").is_empty(), "what is past its time is gone");
    let held = find("HLD*");
    assert_eq!(held.len(), HELD, "what is held is there");
    // To be booked, each must have its row, its picture as it came in, and its place in the ledger.
    let whom = AgeIdentity::random(&SystemRandom).recipient().unwrap();
    let asked = EvidenceAsked {
        number: "26-E-0412".into(),
        reads: held.iter().map(|one| one.read).collect(),
        purpose: purpose.clone(),
        to: BagTo::Recipients(Recipient::all_of(&whom.to_string()).unwrap()),
    };
    let booked = station
        .book_evidence(&caller, asked, &mut |_| Ok(()))
        .unwrap();
    assert_eq!(booked.reads, HELD);
    assert_eq!(
        files(&folder.join("pictures")),
        HELD,
        "the others' pictures are gone"
    );

    let shown = station.retention(&caller).unwrap();
    assert_eq!(shown.runs.len(), 1, "one run, however often it was begun");
    assert!(shown.runs[0].ended_at.is_some());
    let certificate = station.purge_certificate(&caller, 1).unwrap();
    let destroyed = format!("destroyed: {DUE} reads, {DUE} pictures");
    assert!(certificate.contains(&destroyed), "{certificate}");
    assert!(
        certificate.contains(&format!("case 26-01877): {HELD} reads")),
        "{certificate}"
    );
    assert_eq!(station.check_records().unwrap(), None);
    station.close().unwrap();
    drop(station);

    let key = fs::read_to_string(folder.join("ledger.pub")).unwrap();
    let key = VerifyingKey::from_text(&key).unwrap();
    key.text_of(certificate.as_bytes()).unwrap();
    let root = folder.join("ledger");
    ledger::verify(&root, &key).unwrap();
    let entries = ledger::entries_from(&root, 0).unwrap();
    let certified: Vec<_> = (entries.iter())
        .filter_map(|entry| match &entry.event {
            Event::PurgeCertified { certificate, .. } => Some(*certificate),
            _ => None,
        })
        .collect();
    assert_eq!(
        certified,
        [sha256(certificate.as_bytes())],
        "in the ledger, once"
    );
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => files(&path),
            _ => 1,
        })
        .sum()
}

#[test]
fn a_killed_purge_destroys_nothing_by_halves() {
    let kills = env::var("LICTOR_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let scene = Scene::new();
    let undisturbed = scene.copy("undisturbed");
    let looks = kill_at(&undisturbed, u64::MAX, true).expect("it comes to its end");
    check(&undisturbed, &scene.factor);
    let mut killed = 0;
    for round in 0..kills {
        // Half of them spread over all of it, half among its last moments, where it is certified.
        let at = if round % 2 == 0 {
            looks * (round + 1) / (kills + 1)
        } else {
            looks - 1 - round / 2 % 16
        };
        let folder = scene.copy(&format!("round-{round}"));
        let over = kill_at(&folder, at, round % 4 < 2);
        killed += u64::from(over.is_none());
        check(&folder, &scene.factor);
        fs::remove_dir_all(folder).unwrap();
    }
    println!("a purge of {looks} looks at the clock was killed at {killed} of {kills} moments");
    assert!(killed > kills / 2, "it was killed at work: {killed}");
}
