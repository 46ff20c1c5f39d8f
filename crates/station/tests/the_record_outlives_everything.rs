//! What a crash, a full disk and a stolen disk cannot do.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use govern::{AddCamera, Search, StatedPurpose};
use ledger::{LedgerError, VerifyingKey};
use station::{Caller, Ingested, Station, StationError};

use support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, found, log_in};

const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
/// Its nearest plate.
const PLATE: &str = "DK48213";

fn search_for(plate: &str) -> Search {
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    Search::new(plate.parse().unwrap(), purpose)
}

fn take_in(station: &Station, administrator: &Caller) -> Result<Ingested, StationError> {
    let key = station.add_camera(
        administrator,
        AddCamera {
            name: "elm-and-3rd".into(),
            place: "Elm & 3rd".into(),
            class: None,
        },
    )?;
    let camera = station.camera(&key.0, None)?;
    station.ingest(
        &camera,
        "test",
        "2026-11-24T15:59:00Z".parse().unwrap(),
        SAMPLE,
    )
}

/// A small file system of its own, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        run(
            "mount",
            &[
                "-t",
                "tmpfs",
                "-o",
                &format!("size={megabytes}m"),
                "tmpfs",
                dir.path().to_str().unwrap(),
            ],
        );
        Self(dir)
    }

    fn make_read_only(&self) {
        run(
            "mount",
            &["-o", "remount,ro", self.0.path().to_str().unwrap()],
        );
    }

    /// Fills the disk to the last byte; the file that does it.
    fn fill(&self) -> PathBuf {
        let path = self.0.path().join("filler");
        let mut filler = fs::File::create(&path).unwrap();
        for size in [65_536, 4096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(
        status.success(),
        "{program} {arguments:?}: this test mounts a small disk and needs the right to"
    );
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path))
        } else {
            files.push(path)
        }
    }
    files
}

#[test]
fn on_a_full_disk_nothing_is_permitted_and_room_cures_it() {
    let disk = SmallDisk::mount(32);
    let folder = disk.0.path().join("station");
    let clock = StandingClock::new();
    let station = found(&folder, &clock);
    let caller = log_in(&station, LOGIN);
    take_in(&station, &caller).unwrap();
    let filler = disk.fill();
    for _ in 0..3 {
        let refused = station
            .search(&caller, search_for(PLATE))
            .map(|_| ())
            .unwrap_err();
        assert!(
            matches!(refused, StationError::Store(_) | StationError::Ledger(_)),
            "{refused}"
        );
    }
    fs::remove_file(filler).unwrap();
    drop(station);
    // A failed write leaves the end of the log unknown: the station is started again.
    let station = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
    station.close().unwrap();
    let key =
        VerifyingKey::from_text(&fs::read_to_string(folder.join("ledger.pub")).unwrap()).unwrap();
    ledger::verify(&folder.join("ledger"), &key).unwrap();
}

#[test]
fn on_a_read_only_disk_the_station_does_not_come_up() {
    let disk = SmallDisk::mount(32);
    let folder = disk.0.path().join("station");
    let clock = StandingClock::new();
    let station = found(&folder, &clock);
    station.close().unwrap();
    drop(station);
    disk.make_read_only();
    assert!(Station::open(&folder, PASSPHRASE, around(&clock)).is_err());
}

#[test]
fn a_stolen_disk_tells_neither_plates_nor_names_nor_keys() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let station = found(dir.path(), &clock);
    let caller = log_in(&station, LOGIN);
    assert!(matches!(take_in(&station, &caller).unwrap(), Ingested::Kept(n) if n > 0));
    assert!(
        !station
            .search(&caller, search_for(PLATE))
            .unwrap()
            .sightings
            .is_empty()
    );
    let telling = [
        PLATE,
        // No shorter: four letters stand in so many random bytes now and then.
        "Sam Okafor",
        "avery.holt",
        "26-01877",
        "elm-and-3rd",
        "PRIVATE",
        "$argon2",
        PASSPHRASE,
        PASSWORD,
    ];
    // While it runs, so that the journal and whatever else lies about is seen too.
    for path in files_under(dir.path()) {
        if path.starts_with(dir.path().join("policy")) {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for word in telling {
            assert!(
                !bytes
                    .windows(word.len())
                    .any(|w| w.eq_ignore_ascii_case(word.as_bytes())),
                "{word} in {}",
                path.display()
            );
        }
        assert!(
            !bytes.windows(16).any(|w| w == &SAMPLE[..16]),
            "the picture in {}",
            path.display()
        );
    }
    // The search is not blind: a folder that is not encrypted is found out.
    let control = dir.path().join("policy").join("access.cedar");
    assert!(
        fs::read(control)
            .unwrap()
            .windows(6)
            .any(|w| w == b"permit")
    );
}

#[test]
fn a_second_station_on_the_same_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let _first = found(dir.path(), &clock);
    let second = Station::open(dir.path(), PASSPHRASE, around(&clock))
        .map(|_| ())
        .unwrap_err();
    assert!(
        matches!(second, StationError::Ledger(LedgerError::InUse(_))),
        "{second}"
    );
}

#[test]
fn a_station_does_not_open_with_another_passphrase_or_with_rules_that_are_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    drop(found(dir.path(), &clock));
    assert!(Station::open(dir.path(), "four lamps under the weir", around(&clock)).is_err());
    let access = dir.path().join("policy/access.cedar");
    let rules = fs::read_to_string(&access).unwrap();
    fs::write(&access, rules.replacen("\nforbid", "\nforbit", 1)).unwrap();
    let error = Station::open(dir.path(), PASSPHRASE, around(&clock))
        .map(|_| ())
        .unwrap_err();
    assert!(
        error.to_string().starts_with("policy/access.cedar"),
        "{error}"
    );
}
