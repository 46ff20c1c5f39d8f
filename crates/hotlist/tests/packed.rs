//! Packed entries against the entries themselves.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use hotlist::{Entries, Entry, Index, Vehicle};
use proptest::prelude::*;

fn entry(plate: &str, state: &str, record: String, words: &[String; 4]) -> Entry {
    let [make, caution, agency, day] = words.clone();
    Entry {
        plate: plate.parse().unwrap(),
        jurisdiction: state.parse().ok(),
        file: "VEHICLE".into(),
        reason: "Stolen vehicle".into(),
        restricted: record.len().is_multiple_of(2),
        caution,
        vehicle: Vehicle {
            make,
            colour: "téal".into(),
            ..Vehicle::default()
        },
        entered: format!("2026-11-{:0>2}", day.len()).parse().ok(),
        record,
        agency,
    }
}

prop_compose! {
    fn entries()(
        rows in prop::collection::vec(
            ("[AO08]{2,4}", "US-(IL|IN)|", "[0-9]{0,3}", prop::array::uniform4("[a-zé,\"]{0,8}")),
            0..30,
        ),
    ) -> Vec<Entry> {
        rows.into_iter().map(|(plate, state, record, words)| entry(&plate, &state, record, &words)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_packed_is_unpacked_in_the_order_of_its_index(
        mut entries in entries(),
        together in 1..40_usize,
    ) {
        let mut packed = Entries::default();
        entries.iter().for_each(|entry| packed.push(entry));
        prop_assert_eq!(packed.iter().collect::<Vec<_>>(), entries.clone());
        let index = packed.compile();
        prop_assert_eq!(index, Index::compile(&mut entries));
        let mut unpacked = Vec::new();
        for part in packed.parts(together) {
            let part = Entry::unpack(&part).unwrap();
            prop_assert!((1..=together).contains(&part.len()));
            unpacked.extend(part);
        }
        prop_assert_eq!(unpacked, entries);
    }

    #[test]
    fn no_bytes_whatever_bring_unpacking_down(
        entries in entries(),
        cut in any::<prop::sample::Index>(),
        other in any::<u8>(),
    ) {
        let mut packed = Entries::default();
        entries.iter().for_each(|entry| packed.push(entry));
        if let Some(mut part) = packed.parts(100).next() {
            let at = cut.index(part.len());
            let broken = Entry::unpack(&part[..at]);
            prop_assert!(broken.is_err() || broken.unwrap().len() < entries.len());
            part[at] = other;
            let _ = Entry::unpack(&part);
        }
    }
}

#[test]
fn a_table_with_more_words_than_are_shared_is_packed_all_the_same() {
    let words = |n: usize| {
        [
            format!("make {n}"),
            format!("caution {n}"),
            String::new(),
            String::new(),
        ]
    };
    let entries: Vec<Entry> = (0..12_000)
        .map(|n| entry("DK48213", "US-IL", n.to_string(), &words(n)))
        .collect();
    let mut packed = Entries::default();
    entries.iter().for_each(|entry| packed.push(entry));
    assert_eq!(packed.iter().collect::<Vec<_>>(), entries);
}

#[test]
fn bytes_that_are_no_entries_are_refused() {
    for bytes in [&b""[..], b"[]", b"\x01", b"\x01\x05a", b"\x01\x00\x00\x00"] {
        assert!(Entry::unpack(bytes).is_err(), "{bytes:?}");
    }
}
