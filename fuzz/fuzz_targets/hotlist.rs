//! A hotlist of any content, read by each mapping that is shipped, is refused or read row by row; and
//! what is no compiled index is none.
#![no_main]

use hotlist::{Index, IndexError, Mapping};
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
            imported = imported.applied_to(vec![]);
            let index = Index::compile(&mut imported.entries);
            let parts = index.parts().map(Ok::<_, IndexError>);
            assert_eq!(Index::from_parts(parts).as_ref(), Ok(&index));
        }
    }
    let _ = Index::from_parts(bytes.split(|byte| *byte == 0).map(Ok::<_, IndexError>));
});
