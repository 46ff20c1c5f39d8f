//! `lictor read PATH…`: the plates in pictures and videos, as a table, as JSON Lines or as CSV.

mod copies;
mod csv_rows;
mod json;
mod table;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use vision::Plate;

use crate::pictures::{self, Shows};
use copies::Copies;

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
    let mut out = Output::new(arguments)?;
    pictures::read_all(
        &files,
        shows,
        |place, picture, plates| {
            copies.keep(place, picture, &plates)?;
            Ok(plates)
        },
        |place, answer| match answer {
            Ok(plates) => out.picture(&files[place.file], place.frame, &plates),
            Err(reason) => {
                crate::complain(&format!("{}: {reason}", files[place.file].display()));
                all_well = false;
                Ok(())
            }
        },
    )?;
    out.end()?;
    Ok(all_well)
}

/// Standard output, in the form asked for.
enum Output {
    Table(BufWriter<io::Stdout>),
    Json(BufWriter<io::Stdout>),
    Csv(Box<csv::Writer<io::Stdout>>),
}

impl Output {
    fn new(arguments: &Arguments) -> io::Result<Self> {
        if arguments.csv {
            return Ok(Self::Csv(Box::new(csv_rows::begin(io::stdout())?)));
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
            Self::Csv(out) => csv_rows::picture(out, file, frame, plates),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Table(out) | Self::Json(out) => out.flush(),
            Self::Csv(out) => out.flush(),
        }
    }
}
