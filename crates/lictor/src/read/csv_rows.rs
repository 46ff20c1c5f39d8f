//! Comma-separated values: one row a plate.

use std::io::{self, Write};
use std::path::Path;

use csv::Writer;
use vision::Plate;

use super::json::{pixels, rounded};

const COLUMNS: [&str; 10] = [
    "file",
    "plate",
    "confidence",
    "jurisdiction",
    "jurisdiction_confidence",
    "x",
    "y",
    "w",
    "h",
    "frame",
];

pub(super) fn begin<W: Write>(out: W) -> io::Result<Writer<W>> {
    let mut out = Writer::from_writer(out);
    out.write_record(COLUMNS).map_err(io::Error::from)?;
    Ok(out)
}

pub(super) fn picture<W: Write>(
    out: &mut Writer<W>,
    file: &Path,
    frame: Option<u64>,
    plates: &[Plate],
) -> io::Result<()> {
    let file = file.display().to_string();
    for plate in plates {
        let state = plate.reading.jurisdictions().most_likely();
        let mut row = vec![
            file.clone(),
            plate.reading.most_likely().text.to_string(),
            rounded(plate.confidence).to_string(),
            state.map_or_else(String::new, |(state, _)| state.to_string()),
            state.map_or_else(String::new, |(_, p)| rounded(p).to_string()),
        ];
        row.extend(pixels(plate).map(|side| side.to_string()));
        row.push(frame.map_or_else(String::new, |frame| frame.to_string()));
        out.write_record(row).map_err(io::Error::from)?;
    }
    Ok(())
}
