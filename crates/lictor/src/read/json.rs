//! JSON Lines, as `docs/contract/read-json.md` promises them.

use std::io::{self, Write};
use std::path::Path;

use plate::Jurisdiction;
use serde::Serialize;
use vision::{Pass, Plate};

/// Alternatives printed for each plate.
const ALTERNATIVES: usize = 5;

/// One picture.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    /// Where the line is a pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<Frames>,
    plates: Vec<Record>,
}

/// The frames of a pass.
#[derive(Serialize)]
struct Frames {
    first: u64,
    last: u64,
    frames: u64,
}

/// One plate.
#[derive(Serialize)]
struct Record {
    plate: String,
    confidence: f64,
    jurisdiction: Option<Jurisdiction>,
    jurisdiction_confidence: Option<f64>,
    /// Left, top, width, height.
    r#box: [i32; 4],
    alternatives: Vec<Alternative>,
    /// For each character of the best length, the probable ones.
    characters: Vec<Vec<(char, f64)>>,
}

#[derive(Serialize)]
struct Alternative {
    plate: String,
    probability: f64,
}

pub(super) fn picture(
    out: &mut impl Write,
    file: &Path,
    frame: Option<u64>,
    plates: &[Plate],
) -> io::Result<()> {
    let line = Line {
        file: &file.display().to_string(),
        frame,
        pass: None,
        plates: plates.iter().map(Record::of).collect(),
    };
    write(out, &line)
}

pub(super) fn pass(out: &mut impl Write, file: &Path, pass: &Pass) -> io::Result<()> {
    let line = Line {
        file: &file.display().to_string(),
        frame: Some(pass.frame),
        pass: Some(Frames {
            first: pass.first,
            last: pass.last,
            frames: pass.frames,
        }),
        plates: vec![Record::of(&pass.plate)],
    };
    write(out, &line)
}

fn write(out: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}

/// A probability to four places.
pub(super) fn rounded(p: f64) -> f64 {
    (p * 10_000.0).round() / 10_000.0
}

/// A plate's box in whole pixels: left, top, width, height.
pub(super) fn pixels(plate: &Plate) -> [i32; 4] {
    let at = plate.at;
    [at.x, at.y, at.width, at.height].map(|v| v.round() as i32)
}

impl Record {
    fn of(plate: &Plate) -> Self {
        let reading = &plate.reading;
        let state = reading.jurisdictions().most_likely();
        Self {
            plate: reading.most_likely().text.to_string(),
            confidence: rounded(plate.confidence),
            jurisdiction: state.map(|(state, _)| state),
            jurisdiction_confidence: state.map(|(_, p)| rounded(p)),
            r#box: pixels(plate),
            alternatives: reading
                .best(ALTERNATIVES)
                .iter()
                .map(|c| Alternative {
                    plate: c.text.to_string(),
                    probability: rounded(c.probability),
                })
                .collect(),
            characters: reading
                .positions()
                .iter()
                .map(|position| {
                    position
                        .characters()
                        .map(|(c, p)| (c.as_char(), rounded(p)))
                        .collect()
                })
                .collect(),
        }
    }
}
