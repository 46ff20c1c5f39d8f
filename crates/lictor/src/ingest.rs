//! `lictor ingest`: a folder of pictures, handed to a running station as a camera's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;

use crate::client::Client;
use crate::{Complaint, complain, say};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder, or one picture. A picture counts as seen when its file was last changed
    folder: PathBuf,
    /// The camera's name
    #[arg(long)]
    camera: String,
    /// A file with the camera's key, as the station showed it when the camera was added
    #[arg(long)]
    key: PathBuf,
    /// The station's address
    #[arg(long, default_value = "http://localhost:8420")]
    station: String,
    /// The station's certificate authority, for https
    #[arg(long)]
    authority: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Answer {
    frame: String,
    reads: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let named = |path: &Path| {
        let path = path.display().to_string();
        move |e: std::io::Error| Complaint::of(format!("{path}: {e}"))
    };
    let key = fs::read_to_string(&arguments.key).map_err(named(&arguments.key))?;
    let client = Client::new(&arguments.station, arguments.authority.as_deref())?;
    let found = capture::pictures_under(&arguments.folder);
    for problem in &found.problems {
        complain(&problem.to_string());
    }
    for video in &found.videos {
        complain(&format!(
            "{}: is a video: pictures alone are handed in",
            video.display()
        ));
    }
    let files = found.pictures;
    let (mut reads, mut already) = (0, 0);
    let mut failed = found.problems.len() + found.videos.len();
    for file in &files {
        match send(&client, arguments, key.trim(), file) {
            Ok(answer) => {
                reads += answer.reads;
                already += usize::from(answer.frame == "already");
            }
            Err(complaint) => {
                complain(&format!("{}: {complaint}", file.display()));
                failed += 1;
            }
        }
    }
    say(format!(
        "{} pictures: {reads} reads kept, {already} pictures were kept before, {failed} failed",
        files.len()
    ))?;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn send(
    client: &Client,
    arguments: &Arguments,
    key: &str,
    file: &Path,
) -> Result<Answer, Complaint> {
    let changed = fs::metadata(file)?.modified()?;
    let seen_at = Timestamp::try_from(changed)
        .map_err(Complaint::of)?
        .to_string();
    let query = [("camera", arguments.camera.as_str()), ("seen_at", &seen_at)];
    client.send_frame(&query, key, &fs::read(file)?)
}
