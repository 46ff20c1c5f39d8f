//! The end of data (4), over HTTP: what is past its time is destroyed, unless it is held. Tests named
//! `alpr_ac_NN` are the department's acceptance cases of that number.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;
#[path = "support/pages.rs"]
mod pages;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use govern::{EnrolMember, Role};
use house::support::{LOGIN, PASSPHRASE, around, back_up, enrol, log_in, train};
use house::{ADMINISTRATOR, AUDITOR, Answer, Browser, House, SAMPLE};
use jiff::SignedDuration;
use ledger::VerifyingKey;
use pages::Opened;
use plate::{Candidate, Jurisdictions, Reading};
use station::{Caller, Restore, Station, Unlock};
use vision::Plate;

const CLERK: &str = "kit.dorsey";
/// Read on 20 November, as its neighbours on the same day.
const PLATE: &str = "DK48213";
const NEIGHBOUR: &str = "AKT4823";
const DAY: Duration = Duration::from_hours(24);

/// A station with a clerk and a camera.
struct Town {
    house: House,
    /// Who asks past the pages.
    deputy_chief: Caller,
}

impl Town {
    /// With two reads of one day.
    fn new() -> Self {
        let house = House::new();
        let deputy_chief = log_in(&house.station, LOGIN);
        let administrator = log_in(&house.station, ADMINISTRATOR);
        let new = EnrolMember {
            login: CLERK.into(),
            name: "Kit Dorsey".into(),
            badge: "88".into(),
            roles: vec![Role("records-clerk".into())],
        };
        enrol(&house.station, &deputy_chief, new);
        train(&house.station, &administrator, CLERK, "2027-11-01");
        let town = Self {
            house,
            deputy_chief,
        };
        town.see(PLATE, "2026-11-20T14:12:07Z");
        town.see(NEIGHBOUR, "2026-11-20T14:12:09Z");
        town
    }

    /// The camera reads a plate.
    fn see(&self, plate: &str, at: &str) {
        self.see_all(&[plate.to_owned()], at);
    }

    /// The camera reads several plates in one frame.
    fn see_all(&self, plates: &[String], at: &str) {
        let station = &self.house.station;
        let camera = station.camera(&self.house.camera_key, None).unwrap();
        let plates = plates.iter().map(|plate| seen(plate)).collect();
        station
            .keep(&camera, "test", at.parse().unwrap(), SAMPLE, plates)
            .unwrap();
    }

    async fn log_in(&self, login: &str) -> Browser {
        self.house.clock.advance(Duration::from_secs(30));
        self.house.log_in(login).await
    }

    async fn propose(&self, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("class", "read"),
            ("amount", "30"),
            ("unit", "days"),
            ("schedule", "24-103, item 7"),
            ("disposal", "25:118"),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        let deputy_chief = self.log_in(LOGIN).await;
        self.house
            .fill_in(&deputy_chief, "/station/proposals/retention", &form)
            .await
    }

    /// The Deputy Chief proposes how long a class is kept, and an administrator confirms it.
    async fn keep(&self, change: &[(&str, &str)]) {
        let page = self.propose(change).await.text;
        let administrator = self.log_in(ADMINISTRATOR).await;
        let proposal = page
            .split("action=\"/station/proposals/")
            .skip(1)
            .map(|rest| &rest[..32])
            .find(|id| id.bytes().all(|b| b.is_ascii_hexdigit()))
            .unwrap();
        let path = format!("/station/proposals/{proposal}");
        let confirmed = self.house.fill_in(&administrator, &path, &[]).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    }

    /// Whatever is due is done, as whoever runs the station has it done.
    fn purge(&self) {
        while self.house.station.tend_purge().unwrap() {}
    }

    /// So many days later.
    fn after(&self, days: u32) {
        self.house.clock.advance(DAY * days);
    }

    async fn finds(&self, plate: &str) -> bool {
        let deputy_chief = self.log_in(LOGIN).await;
        let page = self
            .house
            .search(&deputy_chief, plate, "crime", "26-01877")
            .await
            .text;
        assert!(page.contains("Recorded as entry"), "{page}");
        !page.contains("No sighting of")
    }

    async fn page(&self, login: &str, path: &str) -> String {
        let browser = self.log_in(login).await;
        let page = self.house.get(&browser, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        page.text
    }

    async fn hold(&self, plate: &str) -> Answer {
        let form = [
            ("case", "26-01877"),
            ("kind", "discovery"),
            ("why", "Asked for by the defence"),
            ("review_on", "2027-04-01"),
            ("plate", plate),
        ];
        let clerk = self.log_in(CLERK).await;
        let review = self
            .house
            .station
            .now()
            .saturating_add(SignedDuration::from_hours(24 * 90))
            .unwrap()
            .to_string();
        let form: Vec<_> = form
            .iter()
            .map(|&(name, value)| match name {
                "review_on" => (name, &review[..10]),
                _ => (name, value),
            })
            .collect();
        self.house.fill_in(&clerk, "/holds", &form).await
    }

    /// What stands in the station's files, decrypted as far as they can be.
    fn files(&self) -> Opened {
        Opened::of(self.house.folder(), PASSPHRASE)
    }
}

fn seen(plate: &str) -> Plate {
    let candidate = Candidate {
        text: plate.parse().unwrap(),
        probability: 0.99,
    };
    let states = Jurisdictions::new([("US-IL".parse().unwrap(), 0.97)]);
    Plate {
        reading: Reading::from_candidates(&[candidate])
            .unwrap()
            .with_jurisdictions(states),
        confidence: 0.95,
        corners: [
            (970.0, 501.0),
            (1075.0, 501.0),
            (1075.0, 554.0),
            (970.0, 554.0),
        ],
        at: vision::PlateBox {
            x: 970.0,
            y: 501.0,
            width: 105.0,
            height: 53.0,
        },
    }
}

#[tokio::test]
async fn alpr_ac_20_on_day_31_what_nobody_holds_is_gone_from_every_file_and_a_tombstone_is_left() {
    let town = Town::new();
    // So many plates that the dictionary has a page.
    let many: Vec<String> = (10_000..18_192).map(|n| format!("ZQ{n}")).collect();
    town.see_all(&many, "2026-11-20T16:00:00Z");
    town.keep(&[]).await;
    let deputy_chief = town.log_in(LOGIN).await;
    let page = town
        .house
        .search(&deputy_chief, PLATE, "crime", "26-01877")
        .await
        .text;
    let read = &page.split_once("/holds?read=").unwrap().1[..32];
    let packed = pages::packed(PLATE);

    // On day 30 it is there. So is all of it in the files: what is looked for can be found.
    town.after(25);
    town.purge();
    assert!(town.finds(PLATE).await);
    let files = town.files();
    assert!(files.holds(PLATE.as_bytes()), "the plate as text");
    assert!(files.holds(&packed), "the plate in the dictionary's form");
    assert!(files.holds(&pages::id(read)), "the read's id");
    assert_eq!(files.pictures, 3);

    town.after(2);
    town.purge();
    for pattern in [PLATE, "DK48*", "?K48213", "ZQ1023?", NEIGHBOUR] {
        assert!(!town.finds(pattern).await, "{pattern}");
    }
    let files = town.files();
    assert!(!files.holds(PLATE.as_bytes()), "the plate as text");
    assert!(!files.holds(&packed), "the plate in the dictionary's form");
    assert!(!files.holds(&pages::id(read)), "the read's id");
    assert_eq!(files.pictures, 0);

    let story = town.house.story().await;
    assert!(
        story.contains("The station began to purge reads without a hit"),
        "{story}"
    );
    assert!(
        story.contains("were destroyed: reads without a hit"),
        "{story}"
    );
    let page = town.page(AUDITOR, "/retention").await;
    assert!(
        page.contains("reads without a hit: 8194 reads, 3 pictures"),
        "{page}"
    );
    let certificates: Vec<_> = page.split("/retention/certificates/").skip(1).collect();
    assert_eq!(certificates.len(), 2, "one found nothing to do");
    let auditor = town.log_in(AUDITOR).await;
    let certificate = town
        .house
        .get(&auditor, "/retention/certificates/2")
        .await
        .text;
    for says in [
        "schedule: 24-103, item 7",
        "disposal certificate: 25:118",
        "destroyed: 8194 reads, 3 pictures",
        "from 2026-11-20 08:12:07 CST to 2026-11-20 10:00:00 CST",
        "Spared, being held\n  nothing",
        "searches made of a plate stay in the record",
    ] {
        assert!(certificate.contains(says), "{says}: {certificate}");
    }
    let key = std::fs::read_to_string(town.house.folder().join("ledger.pub")).unwrap();
    let key = VerifyingKey::from_text(&key).unwrap();
    key.text_of(certificate.as_bytes()).unwrap();
    let forged = certificate.replace("3 pictures", "2 pictures");
    assert!(key.text_of(forged.as_bytes()).is_err());
}

#[tokio::test]
async fn alpr_ac_21_without_a_schedule_and_a_disposal_certificate_nothing_is_purged() {
    let town = Town::new();
    let deputy_chief = town.log_in(LOGIN).await;
    let refused = town
        .house
        .fill_in(&deputy_chief, "/retention/purge", &[])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("Nothing may be purged yet"),
        "{}",
        refused.text
    );
    let unscheduled = town.propose(&[("schedule", " ")]).await;
    assert_eq!(unscheduled.status, StatusCode::FORBIDDEN);
    assert!(unscheduled.text.contains("no item of it is named"));

    // In Illinois the disposal certificate too.
    town.keep(&[("disposal", "")]).await;
    town.after(40);
    town.purge();
    assert!(town.finds(PLATE).await);
    let page = town.page(ADMINISTRATOR, "/retention").await;
    assert!(
        page.contains("not armed: the number of the disposal certificate"),
        "{page}"
    );
    let administrator = town.log_in(ADMINISTRATOR).await;
    let refused = town
        .house
        .fill_in(&administrator, "/retention/purge", &[])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    town.keep(&[]).await;
    town.purge();
    assert!(!town.finds(PLATE).await);
}

#[tokio::test]
async fn alpr_ac_22_what_is_held_stays_with_its_picture_and_its_neighbours_go() {
    let town = Town::new();
    town.keep(&[]).await;
    let held = town.hold(PLATE).await;
    assert!(held.text.contains("holds 1 read."), "{}", held.text);
    // One that comes in late, of a day that is over, falls under the hold too.
    town.after(9);
    town.see(PLATE, "2026-11-20T17:00:00Z");
    town.after(31);
    town.purge();
    assert!(town.finds(PLATE).await);
    assert!(!town.finds(NEIGHBOUR).await);
    let deputy_chief = town.log_in(LOGIN).await;
    let page = town
        .house
        .search(&deputy_chief, PLATE, "crime", "26-01877")
        .await
        .text;
    assert!(page.contains("2 sightings of"), "{page}");
    let picture = &page.split_once("\"/picture/").unwrap().1[..32];
    let shown = town
        .house
        .get(&deputy_chief, &format!("/picture/{picture}"))
        .await;
    assert_eq!(shown.status, StatusCode::OK);
    let auditor = town.log_in(AUDITOR).await;
    let certificate = town
        .house
        .get(&auditor, "/retention/certificates/1")
        .await
        .text;
    assert!(
        certificate.contains("hold 1 (discovery, case 26-01877): 2 reads"),
        "{certificate}"
    );
    assert!(!certificate.contains(PLATE), "{certificate}");
}

#[tokio::test]
async fn alpr_ac_22_the_hit_chain_of_a_held_read_stays_and_other_alerts_go() {
    const LIST: &str = "FILE,LIC,LIS,LIT,VYR,VMA,VMO,VST,VCO,DOE,NIC,ORI,MIS\n\
        VEHICLE,ZP70011,IL,PC,2017,Mazda,3,hatchback,teal,20261118,V100200301,IL0990000,\n\
        VEHICLE,ZP70022,IL,PC,2019,Ford,F-150,pickup,white,20261118,V100200302,IL0990000,\n";
    let town = Town::new();
    let administrator = town.log_in(ADMINISTRATOR).await;
    let request = Request::post("/api/hotlists?name=Extract&source=State&class=state&purposes=stolen&refresh_hours=12&mapping=illinois-extract")
        .header(header::COOKIE, &administrator.cookie)
        .header(header::CONTENT_TYPE, "text/csv")
        .body(Body::from(LIST))
        .unwrap();
    let brought = town.house.send(request).await;
    assert_eq!(brought.status, StatusCode::OK, "{}", brought.text);
    town.see("ZP70011", "2026-11-20T15:00:00Z");
    town.see("ZP70022", "2026-11-20T15:30:00Z");
    town.keep(&[]).await;
    town.keep(&[("class", "hit"), ("amount", "60")]).await;
    let held = town.hold("ZP70011").await;
    assert!(held.text.contains("holds 1 read."), "{}", held.text);

    // Reads with a hit are kept for as long as hits are.
    town.after(40);
    town.purge();
    assert!(town.finds("ZP70022").await && !town.finds(PLATE).await);
    town.after(30);
    town.purge();
    assert!(town.finds("ZP70011").await && !town.finds("ZP70022").await);
    let page = town.page(LOGIN, "/alerts").await;
    assert!(
        page.contains("ZP70011") && !page.contains("ZP70022"),
        "{page}"
    );
    let page = town.page(AUDITOR, "/retention").await;
    assert!(
        page.contains("reads with a hit: 1 reads, 1 pictures, 1 alerts"),
        "{page}"
    );
}

#[tokio::test]
async fn alpr_ac_23_what_a_released_hold_held_is_purged_next_and_the_reason_is_on_record() {
    let town = Town::new();
    town.keep(&[]).await;
    town.hold(PLATE).await;
    town.after(40);
    town.purge();
    assert!(town.finds(PLATE).await);
    let deputy_chief = town.log_in(LOGIN).await;
    let why = [("why", "The appeal is over")];
    let released = town
        .house
        .fill_in(&deputy_chief, "/holds/1/release", &why)
        .await;
    assert_eq!(released.status, StatusCode::OK, "{}", released.text);
    town.after(1);
    town.purge();
    assert!(!town.finds(PLATE).await);
    assert_eq!(town.files().pictures, 0);
    let story = town.house.story().await;
    assert!(
        story.contains("released hold 1: The appeal is over"),
        "{story}"
    );
}

#[tokio::test]
async fn alpr_ac_24_after_a_restore_what_was_purged_is_purged_again_before_anybody_comes_in() {
    let town = Town::new();
    town.keep(&[]).await;
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("backup");
    back_up(&town.house.station, &town.deputy_chief, &backup).unwrap();
    // Held after the backup, and so spared by the purge after that.
    let held = town.hold(NEIGHBOUR).await;
    assert!(held.text.contains("holds 1 read."), "{}", held.text);
    town.after(40);
    town.purge();
    town.house.station.sign_ledger().unwrap();

    let from = Restore {
        station: &backup,
        picture_keys: None,
        ledger: Some(town.house.folder()),
        heads: &[],
        lost: None,
    };
    let folder = dir.path().join("restored");
    let unlock = Unlock::Passphrase(PASSPHRASE);
    let restored = Station::restore(&folder, &from, &unlock, &around(&town.house.clock)).unwrap();
    assert_eq!((restored.held, restored.purged), (1, 2));
    let files = Opened::of(&folder, PASSPHRASE);
    assert!(!files.holds(PLATE.as_bytes()), "before anybody came in");
    assert!(files.holds(NEIGHBOUR.as_bytes()), "what is held is there");
    assert!(
        Opened::of_backup_before(&folder).is_none(),
        "nothing of the unpacked backup is left"
    );
}

#[tokio::test]
async fn what_is_held_cannot_be_purged_by_anybody() {
    let town = Town::new();
    town.keep(&[]).await;
    town.hold(PLATE).await;
    town.after(40);
    let policy = town.house.station.policy();
    let roles: Vec<Role> = policy
        .roles()
        .filter(|(role, _)| !policy.takes_two_people(role))
        .map(|(role, _)| role)
        .collect();
    for (n, role) in roles.iter().enumerate() {
        let login = format!("member.{n}");
        let new = EnrolMember {
            login: login.clone(),
            name: "Casey Birch".into(),
            badge: "431".into(),
            roles: vec![role.clone()],
        };
        enrol(&town.house.station, &town.deputy_chief, new);
        let browser = town.log_in(&login).await;
        let answer = town.house.fill_in(&browser, "/retention/purge", &[]).await;
        let may = ["administrator", "deputy-chief"].contains(&&*role.0);
        assert_eq!(answer.status == StatusCode::OK, may, "{}", role.0);
        town.purge();
        assert!(
            town.finds(PLATE).await,
            "after {} asked for a purge",
            role.0
        );
    }
    assert!(!town.finds(NEIGHBOUR).await);
}

#[tokio::test]
async fn a_purge_that_was_broken_off_goes_on_at_the_next_start_and_certifies_all_of_it() {
    let mut town = Town::new();
    town.keep(&[]).await;
    town.after(40);
    // As far as the first picture is gone, and the rest is not.
    let pictures = |town: &Town| town.files().pictures;
    let mut steps = 0;
    while pictures(&town) == 2 {
        assert!(town.house.station.tend_purge().unwrap());
        steps += 1;
    }
    assert!(steps > 1);
    town.house = town.house.killed_and_started_again();
    town.purge();
    assert_eq!(pictures(&town), 0);
    let shown = town.house.station.retention(&town.deputy_chief).unwrap();
    assert_eq!(shown.runs.len(), 1);
    let destroyed = &shown.runs[0].lines[0].destroyed;
    assert_eq!((destroyed.reads, destroyed.pictures), (2, 2));
    let certificate = town
        .house
        .station
        .purge_certificate(&town.deputy_chief, 1)
        .unwrap();
    assert!(
        certificate.contains("destroyed: 2 reads, 2 pictures"),
        "{certificate}"
    );
}

#[tokio::test]
async fn a_purge_that_did_not_run_is_an_alarm_and_the_status_tells_it() {
    let town = Town::new();
    town.keep(&[]).await;
    town.purge();
    // The clock steps, and nothing that depends on the day goes on.
    town.house.clock.step(SignedDuration::from_hours(2));
    town.house.station.sign_ledger().unwrap();
    town.after(2);
    town.purge();
    let page = town.page(AUDITOR, "/retention").await;
    assert!(page.contains("It is late."), "{page}");
    assert!(
        page.contains("Alarm: What is past its time was not purged since"),
        "{page}"
    );
    assert!(page.contains("clock is in doubt"));
    let administrator = town.log_in(ADMINISTRATOR).await;
    let status = town.house.get(&administrator, "/api/status").await.text;
    assert!(status.contains("was not purged since"), "{status}");
    town.purge();
    let alarms = town.house.station.alarms();
    assert_eq!(alarms.len(), 1, "once for each");
}

#[tokio::test]
async fn the_record_is_kept_longer_than_the_reads_and_then_loses_what_is_personal() {
    let town = Town::new();
    let refused = town.propose(&[("class", "audit"), ("amount", "300")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("shorter than these data must be kept"),
        "{}",
        refused.text
    );
    town.keep(&[("class", "audit"), ("amount", "24"), ("unit", "months")])
        .await;
    assert!(town.finds(PLATE).await);
    let runs = |town: &Town| {
        town.house
            .station
            .retention(&town.deputy_chief)
            .unwrap()
            .runs
    };
    town.after(80);
    town.purge();
    assert_eq!(runs(&town)[0].lines[0].destroyed.contents, 0);
    town.after(700);
    town.purge();
    assert!(runs(&town)[0].lines[0].destroyed.contents > 10);
    // The entries stand, and nothing is found changed.
    assert_eq!(town.house.station.check_records().unwrap(), None);
    let certificate = town.house.station.purge_certificate(&town.deputy_chief, 2);
    assert!(
        certificate
            .unwrap()
            .contains("The content of the record\n  kept for 24 months")
    );
}

#[test]
fn every_table_says_what_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    let clock = house::support::StandingClock::new();
    drop(house::support::found(dir.path(), &clock));
    let known: Vec<&str> = station::TABLES.iter().map(|table| table.name).collect();
    let tables = Opened::tables(dir.path(), PASSPHRASE);
    assert!(tables.len() > 30, "{tables:?}");
    for table in tables {
        assert!(
            known.contains(&&*table),
            "say in crates/store/src/tables.rs what {table} holds and what ends it"
        );
    }
}
