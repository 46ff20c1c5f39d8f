//! `lictor read PATH…`: the plates in pictures and videos, as a table, as JSON Lines or as CSV.

mod copies;
mod csv_rows;
mod json;
mod table;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use vision::{Pass, Passes, Plate};

use crate::pictures::{self, Place, Shows};
use copies::Copies;
use csv_rows::Rows;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Pictures (JPEG or PNG), videos (H.264 or Motion JPEG in MP4, MKV or AVI), and folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Print one JSON object a picture, one a line
    #[arg(long)]
    json: bool,
    /// Print one row a plate, as comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// The pictures are plates, edge to edge
    #[arg(long)]
    cropped: bool,
    /// Of videos, print a vehicle that drives by once, as all its frames together read it, not each frame
    #[arg(long, conflicts_with = "cropped")]
    passes: bool,
    /// Keep a copy of each picture in this folder, with boxes around the plates
    #[arg(long, value_name = "DIR")]
    annotate: Option<PathBuf>,
    /// Keep a picture of each plate in this folder, made straight
    #[arg(long, value_name = "DIR")]
    crops: Option<PathBuf>,
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
    let (files, mut all_well) = pictures::named(&arguments.paths);
    let copies = Copies::new(
        &files,
        arguments.annotate.as_deref(),
        arguments.crops.as_deref(),
    )?;
    let shows = if arguments.cropped {
        Shows::OnePlate
    } else {
        Shows::Street
    };
    let mut answers = Answers {
        out: Output::new(arguments)?,
        files: &files,
        passes: arguments.passes.then(Passes::default),
        file: None,
    };
    pictures::read_all(
        &files,
        shows,
        |place, picture, plates| {
            copies.keep(place, picture, &plates)?;
            Ok(plates)
        },
        |place, answer| match answer {
            Ok(plates) => answers.picture(place, &plates),
            Err(reason) => {
                crate::complain(&format!("{}: {reason}", files[place.file].display()));
                all_well = false;
                Ok(())
            }
        },
    )?;
    answers.end()?;
    Ok(all_well)
}

/// What was read, in the pictures' order.
struct Answers<'a> {
    out: Output,
    files: &'a [PathBuf],
    /// The vehicles that drive by in the video of `file`, where passes are asked for.
    passes: Option<Passes>,
    file: Option<usize>,
}

impl Answers<'_> {
    fn picture(&mut self, place: Place, plates: &[Plate]) -> io::Result<()> {
        if self.file != Some(place.file) {
            self.file_ends()?;
            self.file = Some(place.file);
        }
        match (&mut self.passes, place.frame) {
            (Some(passes), Some(frame)) => {
                let ended = passes.frame(frame, plates);
                self.print(&ended)
            }
            _ => (self.out).picture(&self.files[place.file], place.frame, plates),
        }
    }

    fn file_ends(&mut self) -> io::Result<()> {
        let ended = self.passes.as_mut().map(std::mem::take).map(Passes::end);
        self.print(&ended.unwrap_or_default())
    }

    fn print(&mut self, passes: &[Pass]) -> io::Result<()> {
        let Some(file) = self.file else {
            return Ok(());
        };
        passes
            .iter()
            .try_for_each(|pass| self.out.pass(&self.files[file], pass))
    }

    fn end(mut self) -> io::Result<()> {
        self.file_ends()?;
        self.out.end()
    }
}

/// Standard output, in the form asked for.
enum Output {
    Table(BufWriter<io::Stdout>),
    Json(BufWriter<io::Stdout>),
    Csv(Box<Rows>),
}

impl Output {
    fn new(arguments: &Arguments) -> io::Result<Self> {
        if arguments.csv {
            return Ok(Self::Csv(Box::new(Rows::begin(arguments.passes)?)));
        }
        let mut out = BufWriter::new(io::stdout());
        if arguments.json {
            return Ok(Self::Json(out));
        }
        table::begin(&mut out)?;
        Ok(Self::Table(out))
    }

    fn picture(&mut self, file: &Path, frame: Option<u64>, plates: &[Plate]) -> io::Result<()> {
        match self {
            Self::Table(out) => table::picture(out, file, frame, plates),
            Self::Json(out) => json::picture(out, file, frame, plates),
            Self::Csv(out) => out.picture(file, frame, plates),
        }
    }

    fn pass(&mut self, file: &Path, pass: &Pass) -> io::Result<()> {
        match self {
            Self::Table(out) => table::pass(out, file, pass),
            Self::Json(out) => json::pass(out, file, pass),
            Self::Csv(out) => out.pass(file, pass),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Table(out) | Self::Json(out) => out.flush(),
            Self::Csv(out) => out.end(),
        }
    }
}
