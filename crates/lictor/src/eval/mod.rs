//! `lictor eval DIR`: how well labelled pictures are read.

mod doubts;
mod figures;
mod report;
mod score;
mod sheet;
mod truth;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::pictures::{self, Shows};
use crate::{Complaint, complain};
use doubts::Doubts;
use score::Score;
use truth::Truth;

#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder of pictures with a `truth.csv`: columns `file` and `plate`; `x`, `y`, `w`, `h` where
    /// the pictures are streets (without them each is one plate, edge to edge); `state` if known
    folder: PathBuf,
    /// A table of labels that seem wrong, with columns `set` (the folder's name), `file`, `label` and
    /// `seen`; without it, those known of public sets
    #[arg(long, value_name = "FILE")]
    doubts: Option<PathBuf>,
    /// Print one JSON object a figure, one a line
    #[arg(long)]
    json: bool,
    /// Draw the plates that were read wrong into one picture
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

/// Exit codes: 0 all pictures were read, right or wrong; 1 one could not be; 2 wrong arguments.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let truth = Truth::load(
        &arguments.folder,
        &Doubts::load(arguments.doubts.as_deref())?,
    )?;
    let files: Vec<PathBuf> = truth
        .files()
        .map(|file| arguments.folder.join(file))
        .collect();
    let shows = if truth.is_of_streets() {
        Shows::Street
    } else {
        Shows::OnePlate
    };
    let mut scores: Vec<Score> = Vec::new();
    let mut all_well = true;
    pictures::read_all(
        &files,
        shows,
        |place, picture, plates| Ok(score::of(truth.rows_of(place.file), &picture, &plates)),
        |place, answer| {
            let index = place.file;
            scores.extend(answer.unwrap_or_else(|reason| {
                complain(&format!("{}: {reason}", files[index].display()));
                all_well = false;
                score::of_unread(truth.rows_of(index))
            }));
            Ok(())
        },
    )?;
    let name = truth.name();
    let figures = figures::of(&scores);
    if arguments.json {
        report::json(name, &figures)?;
    } else {
        report::table(name, &figures, &scores)?;
    }
    if let Some(path) = &arguments.sheet {
        sheet::draw(&scores, path)?;
    }
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
