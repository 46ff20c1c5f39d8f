//! `lictor read PATH…`: the plates in pictures, as a table or as JSON Lines.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use vision::{Plate, Vision};

/// Alternatives printed for each plate.
const ALTERNATIVES: usize = 5;
/// Plates below this confidence are lettering and reflections far more often than plates.
const LEAST_CONFIDENCE: f64 = 0.02;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Pictures (JPEG or PNG) and folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Print one JSON object a picture, one a line
    #[arg(long)]
    json: bool,
    /// The pictures are plates, edge to edge
    #[arg(long)]
    cropped: bool,
}

/// Exit codes: 0 all read; 1 something could not be read and was named; 2 wrong arguments.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match read_all(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            crate::complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn read_all(arguments: &Arguments) -> io::Result<bool> {
    let vision = Vision::embedded().map_err(io::Error::other)?;
    let mut files = Vec::new();
    let mut all_well = true;
    for path in &arguments.paths {
        match capture::pictures_under(path) {
            Ok(found) if found.is_empty() => {
                crate::complain(&format!("{}: has no JPEG or PNG pictures", path.display()));
                all_well = false;
            }
            Ok(found) => files.extend(found),
            Err(error) => {
                crate::complain(&error.to_string());
                all_well = false;
            }
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let progress = progress(files.len());
    for file in &files {
        match read_one(&vision, file, arguments.cropped) {
            Ok(plates) if arguments.json => {
                let line = Line {
                    file: &file.display().to_string(),
                    plates: plates.iter().map(Record::of).collect(),
                };
                serde_json::to_writer(&mut out, &line)?;
                writeln!(out)?;
            }
            Ok(plates) => write_rows(&mut out, file, &plates)?,
            Err(reason) => {
                progress.suspend(|| crate::complain(&format!("{}: {reason}", file.display())));
                all_well = false;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    out.flush()?;
    Ok(all_well)
}

fn read_one(vision: &Vision, file: &Path, cropped: bool) -> Result<Vec<Plate>, String> {
    let picture = capture::load(file).map_err(|e| e.to_string())?;
    let mut plates = if cropped {
        vision.cropped(&picture).map(Vec::from_iter)
    } else {
        vision.plates(&picture)
    }
    .map_err(|e| e.to_string())?;
    plates.retain(|plate| plate.confidence >= LEAST_CONFIDENCE);
    Ok(plates)
}

fn progress(files: usize) -> ProgressBar {
    // A bar would be torn apart by the table that goes to the same terminal.
    if files < 10 || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {eta} left");
    ProgressBar::new(files as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn write_rows(out: &mut impl Write, file: &Path, plates: &[Plate]) -> io::Result<()> {
    if plates.is_empty() {
        writeln!(out, "{:<12} {:>5}  {}", "no plate", "", file.display())?;
    }
    for plate in plates {
        let best = plate.reading.most_likely();
        let others: Vec<String> = plate
            .reading
            .best(3)
            .iter()
            .skip(1)
            .filter(|c| c.probability >= 0.02)
            .map(|c| format!("{} {:.0} %", c.text, 100.0 * c.probability))
            .collect();
        let or = if others.is_empty() {
            String::new()
        } else {
            format!("  or {}", others.join(", "))
        };
        writeln!(
            out,
            "{:<12} {:>3.0} %  {}{or}",
            best.text,
            100.0 * plate.confidence,
            file.display()
        )?;
    }
    Ok(())
}

/// One picture, as printed by `--json`.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    plates: Vec<Record>,
}

/// One plate, as printed by `--json`.
#[derive(Serialize)]
struct Record {
    plate: String,
    confidence: f64,
    /// Left, top, width, height, in pixels of the picture.
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

impl Record {
    fn of(plate: &Plate) -> Self {
        let round = |p: f64| (p * 10_000.0).round() / 10_000.0;
        let at = plate.at;
        Self {
            plate: plate.reading.most_likely().text.to_string(),
            confidence: round(plate.confidence),
            r#box: [at.x, at.y, at.width, at.height].map(|v| v.round() as i32),
            alternatives: plate
                .reading
                .best(ALTERNATIVES)
                .iter()
                .map(|c| Alternative {
                    plate: c.text.to_string(),
                    probability: round(c.probability),
                })
                .collect(),
            characters: plate
                .reading
                .positions()
                .iter()
                .map(|position| {
                    position
                        .characters()
                        .map(|(c, p)| (c.as_char(), round(p)))
                        .collect()
                })
                .collect(),
        }
    }
}
