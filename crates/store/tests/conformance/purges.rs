//! Purges: what is past its time goes, what is held stays, and a plate goes with its last read.

use crypt::{Key, Sealed};
use govern::{
    Covers, HoldKind, Period, PlaceHold, Purge, ReleaseHold, RetentionClass, Unit, Within,
};
use store::{Held, PurgePlan};

use super::*;

on_both! {
    fn what_is_past_its_time_goes_with_its_plates_and_what_is_held_stays(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &read("DK48213", 0.9));
        keep(house, elm, at(60), &doubtful(&[("DK48Z13", 0.7), ("7KX4821", 0.2)]));
        keep(house, elm, at(90_000), &read("7KX4821", 0.9));
        let by = house.founder("avery.holt", "Avery Holt").unwrap();
        let held = hold(house, by, "DK48213");
        assert_eq!((held.number, held.reads, held.alerts), (1, 1, 0));
        purge(house, at(80_000));
        assert_eq!(search(house, "DK48213").reads.len(), 1);
        assert_eq!(search(house, "7KX4821").reads.len(), 1, "the younger one");
        assert_eq!(search(house, "DK48?13").reads.len(), 1);
        assert_eq!(pictures(house), 2);
        assert_eq!(plates(house), ["7KX4821", "DK48213"]);
        house.reopen();
        assert_eq!(search(house, "DK*").reads.len(), 1);

        release(house, by, 1);
        purge(house, at(80_000));
        assert_eq!(search(house, "D*").reads.len(), 0);
        assert_eq!(plates(house), ["7KX4821"]);
        assert_eq!(pictures(house), 1);
    }

    fn the_database_itself_does_not_let_go_of_what_is_held(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &read("DK48213", 0.9));
        let by = house.founder("avery.holt", "Avery Holt").unwrap();
        hold(house, by, "DK48213");
        assert!(!lets_go(house));
        assert_eq!(search(house, "DK48213").reads.len(), 1);
        release(house, by, 1);
        assert!(lets_go(house));
    }
}

/// Whether the database deletes every read when it is told to, past the store.
fn lets_go(house: &House) -> bool {
    let statement = if house.is_sqlite() {
        "PRAGMA foreign_keys = ON; BEGIN; DELETE FROM read_plate; DELETE FROM read; COMMIT"
    } else {
        "BEGIN; DELETE FROM read_plate; DELETE FROM read; COMMIT"
    };
    let told = std::panic::AssertUnwindSafe(|| house.tamper(statement));
    std::panic::catch_unwind(told).is_ok()
}

#[test]
fn a_plate_that_is_read_again_while_it_is_purged_stays_in_the_dictionary() {
    let house = &mut House::with_sqlite();
    let elm = house.camera("elm");
    // So many that they stand on a page.
    let many: Vec<_> = (0..8_200).map(|n| read(&format!("A{n:05}"), 0.9)).collect();
    keep_all(house, elm, at(0), &many);
    let permit = house.permit(Principal::Station, all(at(80_000)));
    let mut run = house
        .store()
        .begin_purge(&permit, plans(at(80_000)))
        .unwrap();
    let mut seen = false;
    while house
        .store()
        .purge_step(&permit, &mut run, &SystemRandom, &mut |_| Ok(()))
        .unwrap()
    {
        if !seen && search(house, "A00007").reads.is_empty() {
            keep(house, elm, at(90_000), &read("A00007", 0.9));
            seen = true;
        }
    }
    assert!(seen);
    for _ in 0..2 {
        assert_eq!(search(house, "A0000?").reads.len(), 1);
        house.reopen();
    }
}

/// With every key that is left, no picture opens by what a copy of the database from before holds; by
/// what stands there now, the held one alone.
#[test]
fn after_a_purge_every_key_that_is_left_opens_held_pictures_alone() {
    let house = House::with_sqlite();
    let elm = house.camera("elm");
    keep(&house, elm, at(0), &read("DK48213", 0.9));
    keep(&house, elm, at(60), &read("7KX4821", 0.9));
    let by = house.founder("avery.holt", "Avery Holt").unwrap();
    hold(&house, by, "DK48213");
    let before = own_keys(&house);
    assert_eq!(before.len(), 2);
    assert_eq!(opened(&house, &before), 2);
    purge(&house, at(200_000));
    assert_eq!(opened(&house, &before), 0);
    let after = own_keys(&house);
    assert_eq!((after.len(), opened(&house, &after)), (1, 1));
    every_held_picture_opens(&house);
}

fn every_held_picture_opens(house: &House) {
    let session = sha256(b"session");
    let permit = house.permit_in(Some(session), member("officer"), search_for("DK48213"));
    let picture = house.store().search(&permit).unwrap().reads[0].read.picture;
    let page = permit.disclose(vec![picture], Duration::from_secs(300), &*house.clock);
    let shown = house.store().picture(&page, picture, &session).unwrap();
    assert!(shown.starts_with(b"picture of "));
}

/// The pictures' own keys, as their rows keep them: id and wrapped, in hex.
fn own_keys(house: &House) -> Vec<(Vec<u8>, Vec<u8>)> {
    let rows = house.texts("SELECT hex(id) || ' ' || hex(wrapped) FROM picture");
    let bytes = |hex: &str| -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    rows.iter()
        .map(|row| row.split_once(' ').unwrap())
        .map(|(id, wrapped)| (bytes(id), bytes(wrapped)))
        .collect()
}

/// How many of these open by any key that the database has.
fn opened(house: &House, own: &[(Vec<u8>, Vec<u8>)]) -> usize {
    let station = house.picture_key();
    let names = house.texts(
        "SELECT lower(hex(camera)) || ' ' || class || ' ' || day || '|' || hex(wrapped) FROM picture_key",
    );
    let keys: Vec<Key> = names
        .iter()
        .map(|row| {
            let (name, wrapped) = row.split_once('|').unwrap();
            let wrapped: Vec<u8> = (0..wrapped.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&wrapped[at..at + 2], 16).unwrap())
                .collect();
            let place = format!("picture key {name}");
            station
                .open_key(place.as_bytes(), &Sealed::from(wrapped))
                .unwrap()
        })
        .collect();
    let opens = |(id, wrapped): &&(Vec<u8>, Vec<u8>)| {
        let wrapped = Sealed::from(wrapped.clone());
        keys.iter().any(|key| key.open_key(id, &wrapped).is_ok())
    };
    own.iter().filter(opens).count()
}

fn all(before: Timestamp) -> Purge {
    Purge {
        before: vec![(RetentionClass::Read, before)],
    }
}

fn plans(before: Timestamp) -> Vec<PurgePlan> {
    vec![PurgePlan {
        class: RetentionClass::Read,
        keep: Period {
            amount: 30,
            unit: Unit::Days,
        },
        schedule: "item 7".into(),
        disposal: None,
        before,
    }]
}

/// A purge from its beginning to its end.
fn purge(house: &House, before: Timestamp) {
    let permit = house.permit(Principal::Station, all(before));
    let store = house.store();
    let mut run = store.begin_purge(&permit, plans(before)).unwrap();
    while store
        .purge_step(&permit, &mut run, &SystemRandom, &mut |_| Ok(()))
        .unwrap()
    {}
    store.end_purge(&permit, &run, "certified").unwrap();
}

fn hold(house: &House, by: MemberId, plate: &str) -> Held {
    let act = PlaceHold {
        hold: Id::random(&SystemRandom),
        kind: HoldKind::Discovery,
        case: "26-01877".into(),
        why: "Asked for by the defence".into(),
        review_on: "2027-02-01".parse().unwrap(),
        days_off: 60,
        covers: Covers::Matching {
            plate: Some(Box::new(plate.parse().unwrap())),
            within: Within::default(),
        },
    };
    let permit = house.permit(clerk(by), act);
    house.store().place_hold(&permit, |_| Ok(())).unwrap()
}

fn release(house: &House, by: MemberId, number: i64) {
    let act = ReleaseHold {
        hold: house.store().hold_by_number(number).unwrap(),
        number,
        why: "Over".into(),
    };
    let permit = house.permit(clerk(by), act);
    house.store().release_hold(&permit).unwrap();
}

/// Whoever may place holds and release them.
fn clerk(id: MemberId) -> Principal {
    let Principal::Member(facts) = member("deputy-chief") else {
        unreachable!("a member")
    };
    Principal::Member(MemberFacts { id, ..facts })
}

/// The plates that the dictionary keeps outside its pages.
fn plates(house: &House) -> Vec<String> {
    house.texts("SELECT plate FROM plate_new ORDER BY plate")
}
