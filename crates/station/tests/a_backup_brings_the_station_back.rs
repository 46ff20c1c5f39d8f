//! Backup and restore: what comes back, what stays taken away, and what is refused.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crypt::Digest;
use govern::{AddCamera, Class, Search, StatedPurpose};
use station::{
    BackedUp, Caller, Ingested, LoginAttempt, Restore, Restored, Session, Station, StationError,
    Unlock,
};

use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, back_up, found, log_in};

const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
/// Its nearest plate.
const PLATE: &str = "DK48213";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A station with two cameras and a read, backed up.
struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Station,
    caller: Caller,
    cameras: [String; 2],
    made: BackedUp,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(&dir.path().join("station"), &clock);
        let caller = log_in(&station, LOGIN);
        let cameras = ["elm-and-3rd", "mill-bridge"].map(|name| {
            let camera = AddCamera {
                name: name.into(),
                place: "Elm & 3rd".into(),
                class: None,
            };
            station.add_camera(&caller, camera).unwrap().0
        });
        assert!(matches!(hand_in(&station, &cameras[0], 0), Ok(Ingested::Kept(n)) if n > 0));
        let made = back_up(&station, &caller, &dir.path().join("backup")).unwrap();
        Self {
            dir,
            clock,
            station,
            caller,
            cameras,
            made,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Restores with everything there is.
    fn restore(&self, to: &str) -> Result<Restored, StationError> {
        self.restore_with(to, |_| {})
    }

    fn restore_with(
        &self,
        to: &str,
        change: impl FnOnce(&mut Given),
    ) -> Result<Restored, StationError> {
        let mut given = Given {
            station: self.path("backup"),
            picture_keys: Some(self.path("backup.picture-keys")),
            ledger: Some(self.path("station")),
            heads: vec![],
            passphrase: PASSPHRASE,
            clock: self.clock.clone(),
        };
        change(&mut given);
        let from = Restore {
            station: &given.station,
            picture_keys: given.picture_keys.as_deref(),
            ledger: given.ledger.as_deref(),
            heads: &given.heads,
            lost: None,
        };
        let unlock = Unlock::Passphrase(given.passphrase);
        Station::restore(&self.path(to), &from, &unlock, &around(&given.clock))
    }

    fn open(&self, folder: &str) -> Station {
        Station::open(&self.path(folder), PASSPHRASE, around(&self.clock)).unwrap()
    }

    /// Logs in to a restored station: its authenticator is the one of before.
    fn session(&self, restored: &Station) -> Session {
        self.clock.advance(Duration::from_secs(60));
        let shown = self.station.demonstration_logins().unwrap();
        let code = &shown.iter().find(|one| one.login == LOGIN).unwrap().code;
        let attempt = LoginAttempt {
            login: LOGIN,
            password: PASSWORD,
            code,
            acknowledged: true,
            address: "test",
        };
        restored
            .session(&restored.login(&attempt).unwrap())
            .unwrap()
    }
}

/// What a restore is given.
struct Given {
    station: PathBuf,
    picture_keys: Option<PathBuf>,
    ledger: Option<PathBuf>,
    heads: Vec<PathBuf>,
    passphrase: &'static str,
    clock: Arc<StandingClock>,
}

fn hand_in(station: &Station, key: &str, minute: u8) -> Result<Ingested, StationError> {
    let camera = station.camera(key, None)?;
    let seen_at = format!("2026-11-24T15:{minute:02}:00Z").parse().unwrap();
    station.ingest(&camera, "test", seen_at, SAMPLE)
}

fn search(station: &Station, session: &Session) -> (usize, Result<Vec<u8>, StationError>) {
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    let plate = PLATE.parse().unwrap();
    let answer = station
        .search(&session.caller("test"), Search::new(plate, purpose))
        .unwrap();
    let picture = answer.sightings[0].picture;
    (
        answer.sightings.len(),
        station.picture(session, picture, "test"),
    )
}

fn digest(path: &Path) -> Digest {
    crypt::sha256(&fs::read(path).unwrap())
}

fn refusal<T>(result: Result<T, StationError>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_restored_station_has_its_members_its_reads_its_pictures_and_its_whole_ledger() {
    let scene = Scene::new();
    assert_eq!(scene.made.station, digest(&scene.path("backup")));
    assert_eq!(
        scene.made.picture_keys,
        digest(&scene.path("backup.picture-keys"))
    );
    assert_eq!(scene.made.pictures, 1);
    scene.station.close().unwrap();
    let before = scene.station.ledger_size();

    let restored = scene.restore("restored").unwrap();
    assert!(restored.pictures);
    assert_eq!((restored.withdrawn, restored.reads_lost), (0, 0));
    assert_eq!(restored.enter_again, []);
    let station = scene.open("restored");
    assert!(station.ledger_size() > before, "the ledger went back");
    let session = scene.session(&station);
    let (sightings, picture) = search(&station, &session);
    assert_eq!(sightings, 1);
    assert_eq!(picture.unwrap(), SAMPLE);
    assert!(matches!(
        hand_in(&station, &scene.cameras[1], 1),
        Ok(Ingested::Kept(_))
    ));
}

#[test]
fn what_was_taken_away_after_the_backup_stays_taken_away() {
    let scene = Scene::new();
    scene
        .station
        .remove_camera(&scene.caller, "elm-and-3rd")
        .unwrap();
    let added = AddCamera {
        name: "depot-road".into(),
        place: "Depot Road".into(),
        class: None,
    };
    let later = scene.station.add_camera(&scene.caller, added).unwrap().0;
    for class in ["state", "federal"] {
        let class = Some(Class(class.into()));
        let classify = scene
            .station
            .classify_camera(&scene.caller, "mill-bridge", class, "a test");
        classify.unwrap();
    }
    hand_in(&scene.station, &later, 2).unwrap();
    scene.station.close().unwrap();

    let restored = scene.restore("restored").unwrap();
    assert_eq!(restored.withdrawn, 2, "a key, and that reads were open");
    assert_eq!(restored.enter_again.len(), 1, "{:?}", restored.enter_again);
    assert_eq!(restored.enter_again[0].act, "add-camera");
    assert!(restored.reads_lost > 0);
    let station = scene.open("restored");
    assert!(matches!(
        hand_in(&station, &scene.cameras[0], 3),
        Err(StationError::UnknownCamera)
    ));
    hand_in(&station, &scene.cameras[1], 3).unwrap();
    let cameras = station
        .overview(&scene.session(&station).caller("test"))
        .unwrap()
        .cameras;
    let mill = cameras
        .iter()
        .find(|camera| camera.name == "mill-bridge")
        .unwrap();
    assert_eq!(
        mill.class,
        Some(Class("federal".into())),
        "the newest counts"
    );
}

#[test]
fn without_the_newest_ledger_nothing_is_restored() {
    let scene = Scene::new();
    // What a witness keeps: a head that is newer than the backup.
    scene
        .station
        .remove_camera(&scene.caller, "elm-and-3rd")
        .unwrap();
    scene.station.close().unwrap();
    let head = scene.path("head");
    fs::copy(scene.path("station/ledger/checkpoint"), &head).unwrap();

    let none = scene.restore_with("a", |given| given.ledger = None);
    assert!(refusal(none).contains("give what is left of the station's own"));
    let lost = scene.restore_with("b", |given| {
        given.ledger = None;
        given.heads = vec![head.clone()];
    });
    let said = refusal(lost);
    assert!(said.contains("were signed and are not here"), "{said}");

    // A ledger that somebody cut back to before the removal is found out by the same head. The
    // refused restore left the backup's own.
    let cut = scene.path("cut");
    fs::create_dir(&cut).unwrap();
    copy_tree(&scene.path("a/ledger"), &cut);
    let said = refusal(scene.restore_with("c", |given| {
        given.ledger = Some(cut);
        given.heads = vec![head.clone()];
    }));
    assert!(said.contains("were signed and are not here"), "{said}");
    for folder in ["a", "b", "c"] {
        assert!(
            Station::open(&scene.path(folder), PASSPHRASE, around(&scene.clock)).is_err(),
            "{folder} opens, though its restore was refused"
        );
    }
    // With the ledger that the head is of, it is restored.
    let restored = scene
        .restore_with("d", |given| given.heads = vec![head])
        .unwrap();
    assert_eq!(restored.withdrawn, 1);
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&to).unwrap();
            copy_tree(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_head_that_is_older_than_the_backup_says_nothing_of_what_came_later() {
    let scene = Scene::new();
    scene.station.sign_ledger().unwrap();
    let head = scene.path("head");
    fs::copy(scene.path("station/ledger/checkpoint"), &head).unwrap();
    back_up(&scene.station, &scene.caller, &scene.path("later")).unwrap();
    let said = refusal(scene.restore_with("a", |given| {
        given.station = scene.path("later");
        given.picture_keys = None;
        given.ledger = None;
        given.heads = vec![head];
    }));
    assert!(
        said.contains("give what is left of the station's own"),
        "{said}"
    );
}

#[test]
fn another_stations_ledger_is_refused() {
    let (scene, other) = (Scene::new(), Scene::new());
    scene.station.close().unwrap();
    other.station.close().unwrap();
    let said = refusal(scene.restore_with("a", |given| given.ledger = Some(other.path("station"))));
    assert!(
        said.starts_with("nothing is restored: the ledger in"),
        "{said}"
    );
}

#[test]
fn a_backup_opens_with_the_passphrase_or_two_shares_and_with_nothing_else() {
    let scene = Scene::new();
    scene.station.close().unwrap();
    let wrong = scene.restore_with("a", |given| given.passphrase = "four lamps under the weir");
    assert!(matches!(wrong, Err(StationError::MasterKey(_))));
    assert!(!scene.path("a").exists());
    // The files tell neither plates nor names nor keys.
    for file in ["backup", "backup.picture-keys"] {
        let bytes = fs::read(scene.path(file)).unwrap();
        for word in [
            PLATE,
            "Holt",
            "avery.holt",
            "26-01877",
            "elm-and-3rd",
            "$argon2",
            "PRIVATE",
        ] {
            let found = bytes
                .windows(word.len())
                .any(|w| w.eq_ignore_ascii_case(word.as_bytes()));
            assert!(!found, "{word} in {file}");
        }
    }
}

#[test]
fn a_backup_with_a_byte_changed_or_cut_short_is_refused() {
    let scene = Scene::new();
    scene.station.close().unwrap();
    for file in ["backup", "backup.picture-keys"] {
        let path = scene.path(file);
        let whole = fs::read(&path).unwrap();
        let lines = whole.iter().enumerate().filter(|(_, b)| **b == b'\n');
        let header = lines.map(|(at, _)| at).nth(1).unwrap();
        let date = find(&whole, b"pictures_until") + 20;
        let places = [
            0,
            date,
            header + 2,
            header + 50,
            whole.len() / 2,
            whole.len() - 1,
        ];
        for (n, place) in places.into_iter().enumerate() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(
                scene.restore(&format!("{file}-{n}")).is_err(),
                "{file}, byte {place}"
            );
            assert!(!scene.path(&format!("{file}-{n}/keys.json")).exists());
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(scene.restore(&format!("{file}-short")).is_err());
        fs::write(&path, whole).unwrap();
    }
    scene.restore("unchanged").unwrap();
}

fn find(bytes: &[u8], word: &[u8]) -> usize {
    bytes.windows(word.len()).position(|w| w == word).unwrap()
}

#[test]
fn when_the_picture_keys_time_is_over_the_pictures_stay_shut_and_the_station_goes_on() {
    let scene = Scene::new();
    scene.clock.advance(8 * DAY);
    scene.station.close().unwrap();
    let said = refusal(scene.restore("late"));
    assert!(said.contains("that is over: restore without it"), "{said}");

    let restored = scene
        .restore_with("without", |given| given.picture_keys = None)
        .unwrap();
    assert!(!restored.pictures);
    let station = scene.open("without");
    let session = scene.session(&station);
    let (sightings, picture) = search(&station, &session);
    assert_eq!(sightings, 1);
    assert!(picture.is_err(), "the picture opens without its keys");
    // The same camera on the same day, whose key is gone too.
    hand_in(&station, &scene.cameras[0], 5).unwrap();
    let (sightings, _) = search(&station, &session);
    assert_eq!(sightings, 2);
}

#[test]
fn a_clock_set_back_does_not_make_old_picture_keys_good_again() {
    let scene = Scene::new();
    scene.clock.advance(8 * DAY);
    scene.station.close().unwrap();
    let said = refusal(scene.restore_with("a", |given| given.clock = StandingClock::new()));
    assert!(said.contains("that is over"), "{said}");
}

#[test]
fn a_backup_stands_in_the_ledger_before_its_end_leaves_and_only_its_end_opens_it() {
    let scene = Scene::new();
    let mut held = Vec::new();
    let before = scene.station.ledger_size();
    let made = scene
        .station
        .back_up(&scene.caller, &mut |part, bytes| {
            held.push((part, bytes.len(), scene.station.ledger_size()));
            Ok(())
        })
        .unwrap();
    let ends = &held[held.len() - 2..];
    assert!(
        ends.iter()
            .all(|(_, length, size)| *length > 0 && *size > made.entry + 1)
    );
    assert!(
        held[..held.len() - 2]
            .iter()
            .all(|(_, _, size)| *size == before + 1)
    );
}

#[test]
fn a_backup_that_cannot_be_handed_over_is_entered_as_failed() {
    let scene = Scene::new();
    let full = scene
        .station
        .back_up(&scene.caller, &mut |_, _| Err(io::Error::other("no room")));
    assert!(matches!(full, Err(StationError::Backup(_))));
    assert!(!scene.path("station/backup.spool").exists());
    // And the next one succeeds.
    back_up(&scene.station, &scene.caller, &scene.path("again")).unwrap();
}

#[test]
fn a_backup_is_made_while_others_write() {
    let scene = Scene::new();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for minute in 10..20 {
                hand_in(&scene.station, &scene.cameras[1], minute).unwrap();
            }
        });
        let mut n = 0;
        while !writing.is_finished() {
            back_up(
                &scene.station,
                &scene.caller,
                &scene.path(&format!("during-{n}")),
            )
            .unwrap();
            n += 1;
        }
        assert!(n > 0);
        writing.join().unwrap();
    });
    scene.station.close().unwrap();
    scene
        .restore_with("restored", |given| {
            given.station = scene.path("during-0");
            given.picture_keys = Some(scene.path("during-0.picture-keys"));
        })
        .unwrap();
    scene.open("restored");
}
