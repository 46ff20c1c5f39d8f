//! What a folder's pictures say, as people labelled them.

use std::path::Path;

use plate::Jurisdiction;
use serde::Deserialize;
use vision::PlateBox;

use super::doubts::Doubts;
use crate::{Complaint, complain};

/// One labelled plate.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) file: String,
    pub(super) plate: String,
    /// What the plate shows, where the label seems wrong.
    pub(super) seen: Option<String>,
    pub(super) state: Option<Jurisdiction>,
    pub(super) at: Option<PlateBox>,
}

/// The labels of a folder, grouped by picture.
pub(super) struct Truth {
    name: String,
    pictures: Vec<Vec<Row>>,
}

/// A row as the file has it; columns of other names are left alone.
#[derive(Deserialize)]
struct Record {
    file: String,
    plate: String,
    state: Option<String>,
    x: Option<f32>,
    y: Option<f32>,
    w: Option<f32>,
    h: Option<f32>,
}

impl Truth {
    pub(super) fn load(folder: &Path, doubts: &Doubts) -> Result<Self, Complaint> {
        let path = folder.join("truth.csv");
        let name = folder.canonicalize()?;
        let name = name.file_name().unwrap_or_default().to_string_lossy();
        let failed = |e: csv::Error| Complaint::of(format!("{}: {e}", path.display()));
        let mut pictures: Vec<Vec<Row>> = Vec::new();
        let mut without_state = 0;
        for record in csv::Reader::from_path(&path).map_err(failed)?.deserialize() {
            let record: Record = record.map_err(failed)?;
            let state = record.state.as_deref().and_then(jurisdiction);
            without_state += usize::from(record.state.is_some() && state.is_none());
            let mut row = Row {
                at: record.place(),
                file: record.file,
                plate: record.plate,
                seen: None,
                state,
            };
            row.seen = doubts.seen(&name, &row);
            match pictures.iter_mut().find(|rows| rows[0].file == row.file) {
                Some(rows) => rows.push(row),
                None => pictures.push(vec![row]),
            }
        }
        if pictures.is_empty() {
            return Err(Complaint::of(format!("{}: has no rows", path.display())));
        }
        if pictures.iter().flatten().any(|row| row.at.is_some())
            && pictures.iter().flatten().any(|row| row.at.is_none())
        {
            return Err(Complaint::of(format!(
                "{}: some rows have x, y, w and h and some have not: give all or none",
                path.display()
            )));
        }
        if without_state > 0 {
            complain(&format!(
                "{}: {without_state} rows name no known state; their state is not scored",
                path.display()
            ));
        }
        Ok(Self {
            name: name.into_owned(),
            pictures,
        })
    }

    /// The folder's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.pictures.iter().map(|rows| rows[0].file.as_str())
    }

    pub(super) fn rows_of(&self, picture: usize) -> &[Row] {
        &self.pictures[picture]
    }

    /// Whether the labels say where in the picture a plate is.
    pub(super) fn is_of_streets(&self) -> bool {
        self.pictures[0][0].at.is_some()
    }
}

impl Record {
    fn place(&self) -> Option<PlateBox> {
        Some(PlateBox {
            x: self.x?,
            y: self.y?,
            width: self.w?,
            height: self.h?,
        })
    }
}

/// `US-IL`, or the state's letters alone.
fn jurisdiction(text: &str) -> Option<Jurisdiction> {
    let whole = text.parse().ok();
    // Two letters are a state's here before they are a country's.
    format!("US-{text}").parse().ok().or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_labelled_by_its_code_or_its_letters() {
        for (text, code) in [
            ("il", "US-IL"),
            ("US-IL", "US-IL"),
            ("ca", "US-CA"),
            ("BR", "BR"),
        ] {
            assert_eq!(jurisdiction(text).unwrap().code(), code);
        }
        assert_eq!(jurisdiction("state"), None);
    }
}
