//! A stored reading of any content is refused, or is one whose promises hold.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(reading) = serde_json::from_slice::<plate::Reading>(bytes) {
        let best = reading.most_likely();
        assert!((0.0..=1.0).contains(&best.probability));
        assert!(reading.best(5).len() <= 5);
        let stored = serde_json::to_vec(&reading).expect("a reading can be stored");
        assert_eq!(serde_json::from_slice::<plate::Reading>(&stored).ok(), Some(reading));
    }
});
