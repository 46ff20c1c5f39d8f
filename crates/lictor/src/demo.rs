//! `lictor demo`: the whole thread on sample pictures of an invented town.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use crypt::{Random, SystemRandom};
use govern::{AddCamera, AgencyKind, CourseVersion, Demand, EnrolMember, Position, Role};
use hotlist::{About, Class, Vehicle};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use station::{
    Caller, Camera, Completion, Founder, Founding, Ingested, LocalEntryAsked, LoginAttempt,
    RequestText, Station,
};

use crate::{Complaint, say, serve, surroundings};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the demonstration's station is made; an earlier demonstration there is replaced
    #[arg(long, default_value = "demo-station")]
    folder: PathBuf,
    /// The port
    #[arg(long, default_value_t = 8420)]
    port: u16,
}

/// Marks a folder as a demonstration's, which may be replaced.
const MARK: &str = "DEMONSTRATION";
/// The password of every demonstration login.
const PASSWORD: &str = "a walk by the weir";
/// The founder who sets the rest up: offices are given by the Deputy Chief.
const DEPUTY_CHIEF: &str = "avery.holt";
/// The other founder.
const ADMINISTRATOR: &str = "sam.okafor";
const COURSE: &str = "Licence plate readers, initial course";
/// Login, name, badge, role, whether trained.
const MEMBERS: [(&str, &str, &str, &str, bool); 5] = [
    ("rowan.marsh", "Rowan Marsh", "417", "officer", true),
    ("noor.adeyemi", "Noor Adeyemi", "902", "auditor", true),
    ("jo.tanner", "Jo Tanner", "466", "officer", false),
    (CHIEF, "Ada Stone", "1", "chief", true),
    (CLERK, "Kit Dorsey", "88", "records-clerk", true),
];
const CHIEF: &str = "ada.stone";
const CLERK: &str = "kit.dorsey";
/// What other agencies ask for: agency, its state, person, purpose.
const REQUESTS: [(&str, &str, &str, &str); 3] = [
    (
        "Mill Prairie Police Department",
        "US-IL",
        "Det. Ines Calder",
        "Homicide, sightings of the suspect's car",
    ),
    (
        "Harlan County Sheriff",
        "US-IN",
        "Dale Brandt, Sheriff",
        "Stolen vehicle, taken across the state line",
    ),
    (
        "Ashford County Highway Office",
        "US-IL",
        "Lou Merrick",
        "Crash in the ice storm, one car left the scene",
    ),
];
/// A written request, for the demonstration.
const PAPER: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
/// Name and place.
const CAMERAS: [(&str, &str); 4] = [
    ("elm-and-3rd", "Elm Street at 3rd Avenue, northbound"),
    ("mill-bridge", "Mill Bridge, eastbound"),
    ("depot-road", "Depot Road at the yard gate"),
    ("hollis-avenue", "Hollis Avenue, by the library"),
];
/// Where they stand, latitude and longitude, in the same order; on the map that `cargo xtask town` writes.
const POSITIONS: [(f64, f64); 4] = [
    (40.098_201, -88.904_703),
    (40.100_899, -88.886_479),
    (40.093_165, -88.913_520),
    (40.103_597, -88.890_594),
];
const MAP: &str = include_str!("../../../samples/ashford-falls.geojson");

macro_rules! samples {
    ($($file:literal),+ $(,)?) => {
        [$(($file, include_bytes!(concat!("../../../samples/", $file)).as_slice())),+]
    };
}

/// The sample pictures; which camera saw each, and when, stands in their table.
const PICTURES: [(&str, &[u8]); 14] = samples![
    "depot-road-1733.jpg",
    "depot-road-2241.jpg",
    "depot-road-2332.jpg",
    "elm-and-3rd-1412.jpg",
    "elm-and-3rd-1516.jpg",
    "elm-and-3rd-2009.jpg",
    "hollis-avenue-1820.jpg",
    "hollis-avenue-2114.jpg",
    "hollis-avenue-2315.jpg",
    "hollis-avenue-2358.jpg",
    "mill-bridge-1601.jpg",
    "mill-bridge-1947.jpg",
    "mill-bridge-2249.jpg",
    "mill-bridge-2344.jpg",
];
/// A hotlist of invented plates, some of them in the pictures.
const HOTLIST: &[u8] = include_bytes!("../../../samples/hotlist.csv");
const TABLE: &str = include_str!("../../../samples/truth.csv");

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let folder = &arguments.folder;
    clear(folder)?;
    let station = found(folder)?;
    let deputy_chief = log_in(&station, DEPUTY_CHIEF)?;
    let administrator = log_in(&station, ADMINISTRATOR)?;
    enrol(&station, &deputy_chief, &administrator)?;
    let listed = bring_in_list(&station, &deputy_chief)?;
    let cameras = add_cameras(&station, &deputy_chief)?;
    look_out(&station, &deputy_chief)?;
    let reads = take_in_samples(&station, &cameras)?;
    file_requests(&station)?;
    serve::serve(station, arguments.port, None, None, |station, address| {
        say(
            "Lictor, a demonstration: the police department of Ashford Falls, an invented town.\n",
        )?;
        say(format!(
            "  {} pictures of {} cameras were read: {reads} plates are kept, and compared with {listed} entries of a hotlist.\n",
            PICTURES.len(),
            CAMERAS.len()
        ))?;
        say(format!("  Open  {address}\n"))?;
        say("  login          role                    training   password             code now")?;
        let logins = station
            .demonstration_logins()
            .map_err(std::io::Error::other)?;
        for one in logins {
            let training = if one.trained { "in force" } else { "none" };
            say(format!(
                "  {:<14} {:<23} {training:<10} {:<20} {}",
                one.login, one.roles, one.password, one.code
            ))?;
        }
        say(
            "\n  The code changes every 30 seconds; the login page always shows the one that is good now.",
        )?;
        say(
            "  Try: log in as rowan.marsh, search DK48213 for a criminal investigation, once without a case",
        )?;
        say(
            "  number and once with 26-01877, then only D?4*; canvass two scenes of an evening; open Alerts, take",
        )?;
        say("  one, and lead it to its end; then open Ledger.")?;
        say(
            "  Log in as jo.tanner, who has no training; as ada.stone, the Chief, and open Requests.\n",
        )?;
        say("Stop with Ctrl-C. Then prove what was written down:")?;
        say(format!("  lictor ledger verify {}", folder.display()))
    })
}

/// Makes room, but only where an earlier demonstration was.
fn clear(folder: &Path) -> Result<(), Complaint> {
    if folder.join(MARK).exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn found(folder: &Path) -> Result<Station, Complaint> {
    let founder = |login: &str, name: &str, badge: &str, role: &str| Founder {
        login: login.to_owned(),
        name: name.to_owned(),
        badge: badge.to_owned(),
        role: Role(role.to_owned()),
    };
    let around = surroundings();
    let zone = TimeZone::get("America/Chicago").map_err(Complaint::of)?;
    let today = zone.to_datetime(around.clock.now()).date();
    let founding = Founding {
        agency: "Ashford Falls Police Department".to_owned(),
        host: "localhost".to_owned(),
        state: None,
        time_zone: "America/Chicago".to_owned(),
        passphrase: throwaway_passphrase(),
        founders: [
            founder(DEPUTY_CHIEF, "Avery Holt", "102", "deputy-chief"),
            founder(ADMINISTRATOR, "Sam Okafor", "118", "administrator"),
        ],
        training: (COURSE.to_owned(), today.saturating_sub(40.days())),
        demonstration: true,
        server: None,
        bucket: None,
    };
    let founded = Station::found(folder, founding, around)?;
    for code in &founded.enrolment_codes {
        founded
            .station
            .first_login_in_demonstration(code, PASSWORD)?;
    }
    let mark = "A demonstration. Its people, plates and town are invented; the next one here replaces it.\n";
    fs::write(folder.join(MARK), mark)?;
    fs::write(folder.join("map.geojson"), MAP)?;
    Ok(founded.station)
}

/// Nobody knows it: when the demonstration ends, its data are closed for good.
fn throwaway_passphrase() -> String {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    crypt::Digest(bytes).to_string()
}

/// The demonstration sets itself up through the same doors as anybody.
fn log_in(station: &Station, login: &str) -> Result<Caller, Complaint> {
    let code = station
        .demonstration_logins()?
        .into_iter()
        .find(|one| one.login == login)
        .map(|one| one.code)
        .ok_or_else(|| Complaint::of(format!("the demonstration has no {login}")))?;
    let attempt = LoginAttempt {
        login,
        password: PASSWORD,
        code: &code,
        acknowledged: true,
        address: "this machine",
    };
    let key = station.login(&attempt)?;
    Ok(station.session(&key)?.caller("this machine"))
}

/// One enrols, the other records the training: no one person makes a member who sees data.
fn enrol(
    station: &Station,
    deputy_chief: &Caller,
    administrator: &Caller,
) -> Result<(), Complaint> {
    let completed = station.today().saturating_sub(30.days());
    for (login, name, badge, role, trained) in MEMBERS {
        let new = EnrolMember {
            login: login.to_owned(),
            name: name.to_owned(),
            badge: badge.to_owned(),
            roles: vec![Role(role.to_owned())],
        };
        let code = station.enrol(deputy_chief, new)?;
        station.first_login_in_demonstration(&code, PASSWORD)?;
        if trained {
            let completion = Completion {
                login: login.to_owned(),
                course: CourseVersion {
                    course: COURSE.to_owned(),
                    version: "1".to_owned(),
                },
                completed,
                expires: None,
                proof: None,
            };
            station.record_training(administrator, completion)?;
        }
    }
    Ok(())
}

fn bring_in_list(station: &Station, deputy_chief: &Caller) -> Result<u64, Complaint> {
    let about = About {
        name: "State extract".to_owned(),
        source: "an invented state police".to_owned(),
        class: Class::State,
        purposes: vec![
            "stolen".to_owned(),
            "missing".to_owned(),
            "crime".to_owned(),
        ],
        refresh_hours: 12,
        mapping: "illinois-extract".to_owned(),
    };
    Ok(station.import_list(deputy_chief, about, HOTLIST)?.entries)
}

fn file_requests(station: &Station) -> Result<(), Complaint> {
    let clerk = log_in(station, CLERK)?;
    let until = station.now();
    for (agency, state, person, purpose) in REQUESTS {
        let text = RequestText {
            agency: agency.to_owned(),
            kind: AgencyKind::LawEnforcement,
            state: state.parse().ok(),
            person: person.to_owned(),
            purpose: purpose.to_owned(),
            plate: "DK48213".to_owned(),
            cameras: vec![],
            from: until.checked_sub(72.hours()).ok(),
            until: Some(until),
            declaration: None,
            demand: None,
        };
        station.file_request(&clerk, None, text, Some(PAPER.to_vec()))?;
    }
    let demand = Demand {
        instrument: "subpoena".to_owned(),
        issuer: "home-court".to_owned(),
        authority: "Circuit Court of Ashford County".to_owned(),
        docket: "26-CF-0114".to_owned(),
        return_on: Some(station.today().saturating_add(9.days())),
    };
    let text = RequestText {
        agency: "Hale and Ortiz, for the defendant".to_owned(),
        kind: AgencyKind::Other,
        state: "US-IL".parse().ok(),
        person: "Jonah Hale, attorney".to_owned(),
        purpose: "People v. Tully, where the car was".to_owned(),
        plate: "DK48213".to_owned(),
        cameras: vec![],
        from: until.checked_sub(72.hours()).ok(),
        until: Some(until),
        declaration: None,
        demand: Some(demand),
    };
    station.file_request(&clerk, None, text, Some(PAPER.to_vec()))?;
    Ok(())
}

/// What members look out for: part of a plate, which two people have put in force, and a plate that
/// waits for a second person.
fn look_out(station: &Station, deputy_chief: &Caller) -> Result<(), Complaint> {
    let chief = log_in(station, CHIEF)?;
    let now = station.now();
    let asked = |plate: &str, reason: &str, document: &str, hours: i64| LocalEntryAsked {
        plate: plate.to_owned(),
        jurisdiction: "US-IL".parse().ok(),
        vehicle: Vehicle {
            make: "Mazda".to_owned(),
            colour: "teal".to_owned(),
            ..Vehicle::default()
        },
        reason: reason.to_owned(),
        case: "26-01877".to_owned(),
        document: document.to_owned(),
        ends_at: now.saturating_add(hours.hours()).unwrap_or(now),
        ..LocalEntryAsked::default()
    };
    let part = LocalEntryAsked {
        cameras: CAMERAS.map(|(name, _)| name.to_owned()).into(),
        from: now.checked_sub(48.hours()).ok(),
        until: now.checked_add(12.hours()).ok(),
        ..asked(
            "DK4*",
            "Homicide, seen by a witness",
            "Statement 3 of the case",
            12,
        )
    };
    let number = station.enter_local_entry(&chief, part)?;
    station.confirm_local_entry(deputy_chief, number)?;
    let whole = asked(
        "KHF392",
        "Burglary, seen leaving",
        "Report, records room",
        240,
    );
    station.enter_local_entry(&chief, whole)?;
    Ok(())
}

fn add_cameras(station: &Station, deputy_chief: &Caller) -> Result<Vec<Camera>, Complaint> {
    let add = |((name, place), position): ((&str, &str), (f64, f64))| {
        let new = AddCamera {
            name: name.to_owned(),
            place: place.to_owned(),
            class: None,
        };
        let key = station.add_camera(deputy_chief, new)?;
        let position = Position::new(position.0, position.1).map_err(Complaint::of)?;
        station.place_camera(deputy_chief, name, Some(position))?;
        Ok(station.camera(&key.0, Some(name))?)
    };
    CAMERAS.into_iter().zip(POSITIONS).map(add).collect()
}

fn take_in_samples(station: &Station, cameras: &[Camera]) -> Result<usize, Complaint> {
    let mut reads = 0;
    for camera in cameras {
        for (file, picture) in PICTURES {
            if let Some(seen_at) = seen_at(file, &camera.name, station.today())?
                && let Ingested::Kept(count) =
                    station.ingest(camera, "this machine", seen_at, picture)?
            {
                reads += count;
            }
        }
    }
    Ok(reads)
}

/// When `camera` saw the picture in `file`, if it did: at the table's hour, on the day that makes the
/// newest of them yesterday's.
fn seen_at(file: &str, camera: &str, today: Date) -> Result<Option<Timestamp>, Complaint> {
    let rows = || {
        TABLE
            .lines()
            .skip(1)
            .map(|row| row.split(',').collect::<Vec<_>>())
    };
    let at = |row: &[&str]| row.get(2).copied().unwrap_or_default().parse::<Timestamp>();
    let times = rows()
        .map(|row| at(&row))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Complaint::of)?;
    let newest = times
        .iter()
        .max()
        .map_or(today, |at| TimeZone::UTC.to_datetime(*at).date());
    let days = newest.until(today).map_err(Complaint::of)?.get_days() - 1;
    let seen = rows()
        .zip(times)
        .find(|(row, _)| row.starts_with(&[file, camera]));
    seen.map(|(_, at)| at.checked_add((24 * i64::from(days)).hours()))
        .transpose()
        .map_err(Complaint::of)
}
