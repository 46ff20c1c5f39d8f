//! A hotlist of any content, read by each mapping that is shipped, is refused or read row by row; and
//! what is no compiled index, or no packed entries, is none.
#![no_main]

use hotlist::{Entry, Index, IndexError, Mapping, PackedError};
use libfuzzer_sys::fuzz_target;

const MAPPINGS: [&str; 3] = [
    include_str!("../../policy/hotlists/illinois-extract.toml"),
    include_str!("../../policy/hotlists/illinois-changes.toml"),
    include_str!("../../policy/hotlists/fixed-width.toml"),
];

fuzz_target!(|bytes: &[u8]| {
    for mapping in MAPPINGS {
        let mapping = Mapping::from_toml(mapping).expect("it is shipped");
        if let Ok(mut imported) = mapping.import(bytes) {
            let understood = imported.entries.len() + imported.changes.len();
            assert!(understood as u64 + imported.bad_rows <= imported.rows);
            let nothing = std::iter::empty::<Result<Vec<Entry>, PackedError>>();
            imported = imported.applied_to(nothing).expect("nothing is wrong with nothing");
            let index = imported.entries.compile();
            let entries: Vec<Entry> = imported.entries.iter().collect();
            assert_eq!(entries.len(), index.len());
            let unpacked = imported.entries.parts(7).flat_map(|part| Entry::unpack(&part).expect("it was packed"));
            assert!(unpacked.eq(entries));
            let parts = index.parts().map(Ok::<_, IndexError>);
            assert_eq!(Index::from_parts(parts).as_ref(), Ok(&index));
        }
    }
    let _ = Entry::unpack(bytes);
    let _ = Index::from_parts(bytes.split(|byte| *byte == 0).map(Ok::<_, IndexError>));
});
