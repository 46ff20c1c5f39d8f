//! The index against a slow reference that tries every entry.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::BTreeSet;

use hotlist::{Class, Entry, Grade, Index, IndexError, Prior, Rules, StateFit, Terms, Vehicle};
use plate::{Candidate, Jurisdictions, PlateText, Reading};
use proptest::prelude::*;

fn rules() -> Rules {
    Rules::from_toml(include_str!("../../../policy/alerts.toml")).unwrap()
}

/// A list of the department's own.
fn here(rules: &Rules) -> Prior {
    rules.prior(Class::Department)
}

fn entry(plate: &str, state: &str) -> Entry {
    Entry {
        plate: plate.parse().unwrap(),
        jurisdiction: state.parse().ok(),
        file: "VEHICLE".into(),
        reason: "Stolen vehicle".into(),
        restricted: false,
        caution: String::new(),
        vehicle: Vehicle::default(),
        entered: None,
        record: String::new(),
        agency: String::new(),
    }
}

fn reading(texts: &[(&str, f64)], states: &[(&str, f64)]) -> Reading {
    let candidates: Vec<_> = texts
        .iter()
        .map(|&(text, probability)| Candidate {
            text: text.parse().unwrap(),
            probability,
        })
        .collect();
    let states = states.iter().map(|&(state, p)| (state.parse().unwrap(), p));
    Reading::from_candidates(&candidates)
        .unwrap()
        .with_jurisdictions(Jurisdictions::new(states))
}

/// Every text that differs from this one only in O and 0.
fn spellings(text: &PlateText) -> Vec<PlateText> {
    let mut all = vec![String::new()];
    for c in text.folded().to_string().chars() {
        let ways = if c == '0' { vec!['0', 'O'] } else { vec![c] };
        all = all
            .iter()
            .flat_map(|t| ways.iter().map(move |c| format!("{t}{c}")))
            .collect();
    }
    all.iter().map(|t| t.parse().unwrap()).collect()
}

/// The index as it comes back from where it was kept.
fn kept(index: &Index) -> Index {
    let back = Index::from_parts(index.parts().map(Ok::<_, IndexError>)).unwrap();
    assert_eq!(back, *index);
    back
}

/// The reader's probability of a text, O as 0: by trying every spelling.
fn text_fit(reading: &Reading, text: &PlateText) -> f64 {
    spellings(text)
        .iter()
        .map(|t| reading.probability_of(t))
        .sum()
}

/// The probability of each state, where it was read.
fn state_fit(reading: &Reading, entry: &Entry) -> f64 {
    let Some(state) = entry.jurisdiction else {
        return 1.0;
    };
    let read = reading.jurisdictions();
    let kept: f64 = read.iter().map(|(_, p)| p).sum();
    let others = (plate::Jurisdiction::all().count() - read.iter().count()) as f64;
    let named = read.iter().find(|(known, _)| *known == state);
    named.map_or((1.0 - kept) / others, |(_, p)| p)
}

proptest! {
    #[test]
    fn the_index_finds_what_trying_every_entry_finds(
        texts in prop::collection::vec(("[ABO08]{2,5}", 0.01..1.0f64), 1..10),
        listed in prop::collection::vec(("[ABO08]{2,5}", "US-(IL|IN|WI)"), 1..40),
        sure in 0.3..1.0f64,
    ) {
        let total: f64 = texts.iter().map(|(_, p)| p).sum();
        let texts: Vec<_> = texts.iter().map(|(t, p)| (t.as_str(), p / total)).collect();
        let reading = reading(&texts, &[("US-IL", sure), ("US-IN", (1.0 - sure) / 2.0)]);
        let entries: Vec<_> = listed.iter().map(|(t, s)| entry(t, s)).collect();
        // Each plate and state counts once, however often it is listed.
        let keys: BTreeSet<_> = entries.iter().map(Entry::plate_key).collect();
        let fit_of = |e: &Entry| text_fit(&reading, &e.plate) * state_fit(&reading, e);
        let sum: f64 = keys
            .iter()
            .map(|key| fit_of(entries.iter().find(|e| e.plate_key() == *key).unwrap()))
            .sum();
        let mut entries = entries;
        let index = Index::compile(&mut entries);
        let index = kept(&index);
        let rules = rules();
        let found = index.matches(&reading, &rules, here(&rules));
        // What may be looked up is found, and nothing else.
        let clear = entries.iter().filter(|e| text_fit(&reading, &e.plate) > 0.011).count();
        let possible = entries.iter().filter(|e| text_fit(&reading, &e.plate) > 0.009).count();
        prop_assert!((clear..=possible).contains(&found.len()), "{} of {clear}", found.len());
        // The sum of what is below one in a hundred is all that the index leaves out.
        let left_out: f64 = keys
            .iter()
            .map(|key| entries.iter().find(|e| e.plate_key() == *key).unwrap())
            .filter(|e| text_fit(&reading, &e.plate) < 0.011)
            .map(fit_of)
            .sum();
        let prior = ((0.0005 / keys.len() as f64) / (0.9995 / 500_000.0)).min(1.0);
        for one in found {
            let q = fit_of(&entries[one.entry]);
            prop_assert!((one.fit - q).abs() < 1e-6, "{} {q}", one.fit);
            let probability = |listed: f64| {
                let odds = q / (1.0 - listed).max(1e-9) * prior;
                odds / (1.0 + odds)
            };
            prop_assert!(one.probability <= probability(sum) + 1e-6);
            prop_assert!(one.probability >= probability(sum - left_out) - 1e-6);
        }
    }
}

#[test]
fn a_look_alike_is_found_by_the_distribution_and_is_less_probable_than_what_was_read() {
    let read = reading(&[("DK48213", 0.8), ("DK48Z13", 0.2)], &[("US-IL", 0.95)]);
    let mut entries = [entry("DK48Z13", "US-IL"), entry("DK48213", "US-IL")];
    let index = Index::compile(&mut entries);
    let rules = rules();
    let found = index.matches(&read, &rules, here(&rules));
    let plates = found.iter().map(|m| entries[m.entry].plate.to_string());
    let plates: Vec<_> = plates.collect();
    assert_eq!(plates, ["DK48213", "DK48Z13"]);
    let alone = Index::compile(&mut [entry("DK48Z13", "US-IL")]);
    assert!(alone.matches(&read, &rules, here(&rules))[0].probability < 1.0);
}

#[test]
fn a_list_that_writes_o_for_0_is_matched_all_the_same() {
    let read = reading(&[("BO0K", 1.0)], &[("US-IL", 0.95)]);
    let index = Index::compile(&mut [entry("B00K", "US-IL"), entry("BOOK", "US-IL")]);
    assert_eq!(index.matches(&read, &rules(), here(&rules())).len(), 2);
}

#[test]
fn how_rare_a_listed_car_is_counts() {
    let read = reading(&[("DK48213", 0.9)], &[("US-IL", 0.95)]);
    let few = Index::compile(&mut [entry("DK48213", "US-IL")]);
    let others = (0..9_999).map(|n| entry(&format!("AA{n:05}"), "US-IL"));
    let mut many: Vec<_> = others.chain([entry("DK48213", "US-IL")]).collect();
    let many = Index::compile(&mut many);
    let rules = rules();
    let in_few = &few.matches(&read, &rules, here(&rules))[0];
    let in_many = &many.matches(&read, &rules, here(&rules))[0];
    assert_eq!(in_few.fit, in_many.fit);
    assert!(in_few.probability > in_many.probability);
}

#[test]
fn a_list_of_the_whole_country_is_weighed_against_the_countrys_vehicles() {
    let read = reading(&[("DK48213", 0.98)], &[("US-IL", 0.98)]);
    let others = (0..9_999).map(|n| entry(&format!("AA{n:05}"), "US-IL"));
    let mut listed: Vec<_> = others.chain([entry("DK48213", "US-IL")]).collect();
    let index = Index::compile(&mut listed);
    let rules = rules();
    let of = |class| index.matches(&read, &rules, rules.prior(class))[0].probability;
    assert!(of(Class::Department) < of(Class::State));
    assert!(of(Class::State) <= of(Class::Federal));
}

#[test]
fn what_was_verified_at_a_camera_says_how_often_listed_cars_pass_there() {
    let rules = rules();
    let learnt = |verified, reads| rules.prior_learnt(Class::State, verified, reads);
    assert_eq!(learnt(0, 0), rules.prior(Class::State));
    let hits = |verified, reads| learnt(verified, reads).true_hits_per_read;
    assert!(hits(0, 100_000) < 0.0005 && hits(200, 100_000) > 0.0005);
    // Seen often enough, it is what was seen.
    assert!((hits(10_000, 10_000_000) - 0.001).abs() < 1e-5);
    assert!(hits(u64::MAX, 1) <= 0.5);
}

#[test]
fn only_a_state_that_was_read_and_fits_makes_an_alert_for_now() {
    let index = Index::compile(&mut [entry("DK48213", "US-IL")]);
    let rules = rules();
    let grade = |states: &[(&str, f64)]| {
        let read = reading(&[("DK48213", 0.98)], states);
        let found = index.matches(&read, &rules, here(&rules));
        (found[0].grade(&rules, &rules.terms()), found[0].state)
    };
    let (fits, _) = grade(&[("US-IL", 0.95)]);
    assert_eq!(fits, Some(Grade::Priority));
    let (unread, state) = grade(&[]);
    assert_eq!((unread, state), (Some(Grade::Review), StateFit::NotRead));
    let (unsure, state) = grade(&[("US-IL", 0.5)]);
    assert_eq!((unsure, state), (Some(Grade::Review), StateFit::NotRead));
    let (another, state) = grade(&[("US-CO", 0.95)]);
    assert_eq!(another, Some(Grade::Review));
    assert!(matches!(state, StateFit::Differs(read, _) if read.code() == "US-CO"));
    let anywhere = Index::compile(&mut [entry("DK48213", "")]);
    let read = reading(&[("DK48213", 0.98)], &[("US-IL", 0.95)]);
    let found = anywhere.matches(&read, &rules, here(&rules));
    assert_eq!(found[0].state, StateFit::NotListed);
    assert_eq!(found[0].grade(&rules, &rules.terms()), Some(Grade::Review));
}

#[test]
fn what_a_false_alert_of_a_list_costs_says_how_sure_one_for_now_is() {
    let index = Index::compile(&mut [entry("DK48213", "US-IL")]);
    let rules = rules();
    // 0.76 of 0.8: odds of three to one.
    let read = reading(&[("DK48213", 0.8), ("DK48218", 0.2)], &[("US-IL", 0.95)]);
    let found = index.matches(&read, &rules, here(&rules))[0];
    let graded = [1, 3, 4, 99].map(|false_cost| {
        let terms = Terms {
            false_cost,
            may_be_done: String::new(),
        };
        found.grade(&rules, &terms)
    });
    use Grade::{Priority, Review};
    assert_eq!(graded, [Priority, Priority, Review, Review].map(Some));
}

#[test]
fn what_the_reader_hardly_took_for_the_plate_raises_nothing() {
    let read = reading(&[("DK48213", 0.9), ("DK48218", 0.1)], &[("US-IL", 0.95)]);
    let index = Index::compile(&mut [entry("DK48218", "US-IL")]);
    let rules = rules();
    let found = index.matches(&read, &rules, here(&rules))[0];
    assert_eq!(found.grade(&rules, &rules.terms()), None);
}

#[test]
fn an_empty_list_matches_nothing() {
    let index = Index::compile(&mut []);
    assert!(index.is_empty());
    assert!(
        index
            .matches(&reading(&[("A", 1.0)], &[]), &rules(), here(&rules()))
            .is_empty()
    );
}

#[test]
fn bytes_that_are_no_index_are_refused_and_say_why() {
    let index = Index::compile(&mut [entry("DK48213", "US-IL"), entry("DK48214", "")]);
    let parts: Vec<Vec<u8>> = index.parts().collect();
    let read = |parts: &[Vec<u8>]| {
        Index::from_parts(parts.iter().map(Ok::<_, IndexError>)).map_err(|e| e.to_string())
    };
    let refused = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut changed = parts.clone();
        change(&mut changed);
        read(&changed).unwrap_err()
    };
    assert!(refused(&|p| p.clear()).contains("nothing"));
    assert!(refused(&|p| p[0][0] ^= 1).contains("another form"));
    assert!(refused(&|p| p.truncate(1)).contains("missing"));
    assert!(refused(&|p| p.push(p[1].clone())).contains("behind its end"));
    assert!(refused(&|p| drop(p[1].split_off(3))).contains("breaks off"));
    assert!(refused(&|p| p[1].truncate(1)).contains("breaks off"));
    assert!(refused(&|p| p[1][0] = 9).contains("none of those listed"));
    assert!(refused(&|p| p[1].extend([0xFF; 10])).contains("behind its end"));
    let far = |p: &mut Vec<Vec<u8>>| {
        p[1].truncate(2);
        p[1].extend([
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x01,
        ]);
    };
    assert!(refused(&far).contains("too long"));
}
