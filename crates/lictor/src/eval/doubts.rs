//! Labels that seem wrong. Every figure is of the labels as they are; beside it stands what the
//! plates show to whoever looked, and what is left without them.

use std::path::Path;

use serde::Deserialize;

use super::truth::Row;
use crate::Complaint;

/// Those of the public sets that the product is measured on.
const KNOWN: &str = include_str!("../../../../bench/label-doubts.csv");

/// A label that seems wrong; why is in a column of its own, for people.
#[derive(Deserialize)]
struct Doubt {
    set: String,
    file: String,
    label: String,
    seen: String,
}

pub(super) struct Doubts(Vec<Doubt>);

impl Doubts {
    /// The doubts of a table, or the known ones.
    pub(super) fn load(table: Option<&Path>) -> Result<Self, Complaint> {
        let Some(path) = table else {
            let known = read(csv::Reader::from_reader(KNOWN.as_bytes()));
            return known.map_err(|e| Complaint::of(e.to_string()));
        };
        let failed = |e: csv::Error| Complaint::of(format!("{}: {e}", path.display()));
        read(csv::Reader::from_path(path).map_err(failed)?).map_err(failed)
    }

    /// What is seen where a label of a set is doubtful. A label that was changed since is a new one.
    pub(super) fn seen(&self, set: &str, row: &Row) -> Option<String> {
        let of_it =
            |doubt: &&Doubt| doubt.set == set && doubt.file == row.file && doubt.label == row.plate;
        self.0.iter().find(of_it).map(|doubt| doubt.seen.clone())
    }
}

fn read(mut table: csv::Reader<impl std::io::Read>) -> Result<Doubts, csv::Error> {
    table.deserialize().collect::<Result<_, _>>().map(Doubts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_of_one_label_in_one_picture_of_one_set() {
        let doubts = Doubts::load(None).unwrap();
        let row = |file: &str, plate: &str| Row {
            file: file.to_owned(),
            plate: plate.to_owned(),
            seen: None,
            state: None,
            at: None,
        };
        let seen = |set, file, plate| doubts.seen(set, &row(file, plate));
        assert_eq!(
            seen("us-crops", "nc216.png", "XHILR8N1").as_deref(),
            Some("XHILR8N")
        );
        assert_eq!(seen("us-crops", "nc216.png", "XHILR8N"), None);
        assert_eq!(seen("us-crops", "nc217.png", "XHILR8N1"), None);
        assert_eq!(seen("ours", "nc216.png", "XHILR8N1"), None);
    }
}
