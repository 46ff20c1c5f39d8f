//! Comma-separated values: one row a plate.

use std::io;
use std::path::Path;

use csv::Writer;
use vision::{Pass, Plate};

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
/// More of them where a row is a pass.
const OF_PASSES: [&str; 2] = ["first_frame", "last_frame"];

/// The rows on standard output.
pub(super) struct Rows {
    out: Writer<io::Stdout>,
    passes: bool,
}

impl Rows {
    pub(super) fn begin(passes: bool) -> io::Result<Self> {
        let mut out = Writer::from_writer(io::stdout());
        let more = if passes { &OF_PASSES[..] } else { &[] };
        out.write_record(COLUMNS.iter().chain(more))
            .map_err(io::Error::from)?;
        Ok(Self { out, passes })
    }

    pub(super) fn picture(
        &mut self,
        file: &Path,
        frame: Option<u64>,
        plates: &[Plate],
    ) -> io::Result<()> {
        plates
            .iter()
            .try_for_each(|plate| self.row(file, plate, [frame, None, None]))
    }

    pub(super) fn pass(&mut self, file: &Path, pass: &Pass) -> io::Result<()> {
        let frames = [pass.frame, pass.first, pass.last].map(Some);
        self.row(file, &pass.plate, frames)
    }

    fn row(&mut self, file: &Path, plate: &Plate, frames: [Option<u64>; 3]) -> io::Result<()> {
        let state = plate.reading.jurisdictions().most_likely();
        let mut row = vec![
            file.display().to_string(),
            plate.reading.most_likely().text.to_string(),
            rounded(plate.confidence).to_string(),
            state.map_or_else(String::new, |(state, _)| state.to_string()),
            state.map_or_else(String::new, |(_, p)| rounded(p).to_string()),
        ];
        row.extend(pixels(plate).map(|side| side.to_string()));
        let told = if self.passes { 3 } else { 1 };
        let number = |frame: &Option<u64>| frame.map_or_else(String::new, |n| n.to_string());
        row.extend(frames[..told].iter().map(number));
        self.out.write_record(row).map_err(io::Error::from)
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
