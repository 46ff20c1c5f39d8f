//! What is handed out may take longer than a permit's minute, and ends when what allows it does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use crypt::{Id, SystemRandom};
use govern::{Class, Clock, EnrolMember, Role, StatusChange};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, Browser, House, OFFICER};
use station::{BagTo, Caller, EvidenceAsked, Station, StationError};

/// Longer than any permit is good for without being asked for anew.
const LONG: Duration = Duration::from_secs(61);
const CLERK: &str = "kit.dorsey";
const CHIEF: &str = "ada.stone";

/// Takes everything out, as an administrator whom the Deputy Chief proposed it to; `each` happens with
/// each piece that leaves.
fn export(house: &House, each: &mut dyn FnMut(&Station)) -> (Vec<u8>, Result<(), StationError>) {
    let deputy_chief = log_in(&house.station, LOGIN);
    let administrator = log_in(&house.station, ADMINISTRATOR);
    let why = "The records system changes";
    let proposal = house.station.propose_export(&deputy_chief, why).unwrap();
    let mut out = Vec::new();
    let done = house
        .station
        .export(&administrator, proposal, &mut |bytes| {
            out.extend_from_slice(bytes);
            each(&house.station);
            Ok(())
        });
    (out, done)
}

/// Logs in with the next code: the one before is used.
async fn again(house: &House, login: &str) -> Browser {
    house.clock.advance(Duration::from_secs(30));
    house.log_in(login).await
}

/// What an archive ends with.
fn is_whole(archive: &[u8]) -> bool {
    archive.ends_with(&[0; 1024])
}

#[tokio::test]
async fn an_export_that_takes_longer_than_its_permit_goes_through() {
    let house = House::new();
    house.take_in();
    let began = house.clock.monotonic();
    let mut first = true;
    let (archive, done) = export(&house, &mut |_| {
        // The browser is left alone, and locks; then every piece takes its time.
        let step = if std::mem::take(&mut first) {
            Duration::from_secs(31 * 60)
        } else {
            LONG
        };
        house.clock.advance(step);
    });
    done.unwrap();
    assert!(is_whole(&archive));
    assert!(house.clock.monotonic() - began > Duration::from_secs(31 * 60));
}

#[tokio::test]
async fn what_is_taken_away_stops_a_running_export() {
    type TakeAway = fn(&Station, &Caller) -> Result<(), StationError>;
    let state = || Class("state".into());
    let takes_away: [(&str, TakeAway); 4] = [
        ("the session", |station, by| {
            station.end_sessions(by, ADMINISTRATOR)
        }),
        ("the role", |station, by| {
            station.end_role(by, ADMINISTRATOR, Role("administrator".into()), "Moved on")
        }),
        ("the account", |station, by| {
            let suspend = StatusChange::Suspend;
            station.change_status(by, ADMINISTRATOR, suspend, "Under investigation")
        }),
        ("the authorisation", |station, by| {
            station.end_authorisation(by, ADMINISTRATOR, Class("state".into()), "No longer needed")
        }),
    ];
    for (what, take_away) in takes_away {
        let house = House::new();
        house.take_in();
        let deputy_chief = log_in(&house.station, LOGIN);
        let day = "2027-06-30".parse().unwrap();
        house
            .station
            .grant_authorisation(&deputy_chief, ADMINISTRATOR, state(), day, "Their duties")
            .unwrap();
        house.clock.advance(Duration::from_secs(30));
        let mut left = false;
        let (archive, done) = export(&house, &mut |station| {
            if !std::mem::replace(&mut left, true) {
                take_away(station, &deputy_chief).unwrap();
            }
        });
        assert!(done.is_err(), "{what} was taken away, and it went on");
        assert!(left && !is_whole(&archive), "{what}");
        // Neither the second picture nor the ledger left.
        let file = |name: &[u8]| archive.windows(name.len()).any(|bytes| bytes == name);
        assert!(!file(b"ledger.pub") && !file(b"manifest.json"), "{what}");
        let story = house.story().await;
        let says = if what == "the authorisation" {
            "the permit no longer served"
        } else {
            "what allowed it fell away before its end"
        };
        assert!(story.contains(says), "{what}: {story}");
    }
}

#[tokio::test]
async fn a_bag_that_takes_longer_than_its_permit_goes_through_and_one_whose_member_is_put_out_stops()
 {
    let house = House::new();
    house.take_in();
    let officer = log_in(&house.station, OFFICER);
    let deputy_chief = log_in(&house.station, LOGIN);
    let medium = Id::random(&SystemRandom);
    let registered = house
        .station
        .register_medium(&deputy_chief, medium, "Evidence 7");
    registered.unwrap();
    let search = again(&house, OFFICER).await;
    let page = house
        .search(&search, "DK48213", "crime", "26-01877")
        .await
        .text;
    let read = &page.split("/evidence?read=").nth(1).unwrap()[..32];
    let asked = EvidenceAsked {
        number: "26-E-0412".into(),
        reads: vec![read.parse().unwrap()],
        purpose: govern::StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        },
        to: BagTo::Medium(medium),
    };
    let slow = house
        .station
        .book_evidence(&officer, asked.clone(), &mut |_| {
            house.clock.advance(LONG);
            Ok(())
        });
    assert_eq!(slow.unwrap().reads, 1);
    let mut left = 0;
    let stopped = house.station.book_evidence(&officer, asked, &mut |_| {
        left += 1;
        if left == 2 {
            house.station.end_sessions(&deputy_chief, OFFICER).unwrap();
        }
        Ok(())
    });
    assert!(matches!(stopped, Err(StationError::NoSession)));
    assert!(left < 6, "{left} files left");
    let page = house
        .get(&again(&house, OFFICER).await, "/evidence")
        .await
        .text;
    assert!(page.contains("not packed: "), "{page}");
}

/// A request of a neighbouring state, approved on a declaration whose last day is today.
async fn approved_until_tonight() -> House {
    let house = House::new();
    house.take_in();
    let deputy_chief = log_in(&house.station, LOGIN);
    let administrator = log_in(&house.station, ADMINISTRATOR);
    for (login, role) in [(CLERK, "records-clerk"), (CHIEF, "chief")] {
        let new = EnrolMember {
            login: login.into(),
            name: login.into(),
            badge: "88".into(),
            roles: vec![Role(role.into())],
        };
        enrol(&house.station, &deputy_chief, new);
        train(&house.station, &administrator, login, "2027-11-01");
    }
    let clerk = house.log_in(CLERK).await;
    let chief = house.log_in(CHIEF).await;
    let agency = ("agency", "Harlan County Sheriff");
    let declaration = [
        agency,
        ("state", "US-IN"),
        ("signer", "Dale Brandt, Sheriff"),
        ("signed", "2026-11-01"),
        ("until", "2026-11-24"),
        ("affirms", "health-care immigration no-onward-transfer"),
        ("paper", "JVBERi0xLjc="),
    ];
    let request = [
        agency,
        ("kind", "law-enforcement"),
        ("state", "US-IN"),
        ("person", "Det. Ines Calder"),
        ("purpose", "Homicide"),
        ("plate", "DK48213"),
        ("from", "2026-11-20T00:00"),
        ("until", "2026-11-21T00:00"),
        ("paper", "JVBERi0xLjc="),
    ];
    let decision = [("decision", "approve"), ("why", "As the law allows")];
    for (who, path, form) in [
        (&clerk, "/declarations", &declaration[..]),
        (&clerk, "/requests", &request[..]),
        (&chief, "/requests/1/decide", &decision[..]),
    ] {
        let answer = house.fill_in(who, path, form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    house.clock.advance(Duration::from_secs(30));
    house
}

#[tokio::test]
async fn a_release_that_takes_longer_than_its_permit_goes_through() {
    let house = approved_until_tonight().await;
    let clerk = log_in(&house.station, CLERK);
    let began = house.clock.monotonic();
    house.clock.run(Duration::from_secs(20));
    let package = house.station.release_reads(&clerk, 1).unwrap();
    assert!(!package.bytes.is_empty());
    assert!(house.clock.monotonic() - began > 2 * LONG);
}

#[tokio::test]
async fn a_declaration_that_ends_during_a_release_stops_it() {
    let house = approved_until_tonight().await;
    let evening = "2026-11-25T05:59:40Z".parse::<jiff::Timestamp>().unwrap();
    let until = evening.duration_since(house.clock.now());
    house.clock.advance(until.unsigned_abs());
    let (station, clock) = (&house.station, &house.clock);
    let clerk = log_in(station, CLERK);
    let before = station.ledger_size();
    clock.hold(true);
    let released = std::thread::scope(|both| {
        let releasing = both.spawn(|| station.release_reads(&clerk, 1));
        while station.ledger_size() == before {
            assert!(clock.let_one_go(Duration::from_secs(30)));
        }
        // It was granted on the declaration's last day, which is over now.
        clock.advance(Duration::from_secs(30));
        clock.hold(false);
        releasing.join().unwrap()
    });
    let Err(StationError::Refused(reasons)) = released else {
        unreachable!("it was released");
    };
    assert!(reasons[0].says.contains("is over"), "{}", reasons[0].says);
    let page = house.get(&house.log_in(CLERK).await, "/requests/1").await;
    assert!(!page.text.contains("Released:"), "{}", page.text);
}
