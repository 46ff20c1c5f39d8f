//! Reading many pictures on all cores, with the answers in the pictures' order.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use image::RgbImage;
use indicatif::{ProgressBar, ProgressStyle};
use vision::{Plate, Vision};

/// Plates below this confidence are lettering and reflections far more often than plates.
const LEAST_CONFIDENCE: f64 = 0.02;

/// The pictures that paths given by a person stand for; what cannot be looked into is named, and
/// told by the second value.
pub(crate) fn named(paths: &[PathBuf]) -> (Vec<PathBuf>, bool) {
    let mut files = Vec::new();
    let mut all_well = true;
    for path in paths {
        let found = capture::pictures_under(path);
        for problem in &found.problems {
            crate::complain(&problem.to_string());
            all_well = false;
        }
        if found.pictures.is_empty() && found.problems.is_empty() {
            crate::complain(&format!("{}: has no JPEG or PNG pictures", path.display()));
            all_well = false;
        }
        files.extend(found.pictures);
    }
    (files, all_well)
}

/// How a picture is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A street with plates in it.
    Street,
    /// One plate, edge to edge.
    OnePlate,
}

/// The plates of one picture, or why it could not be read.
fn read(vision: &Vision, file: &Path, shows: Shows) -> Result<(RgbImage, Vec<Plate>), String> {
    let picture = capture::load(file).map_err(|e| e.to_string())?;
    let mut plates = match shows {
        Shows::OnePlate => vision.cropped(&picture).map(Vec::from_iter),
        Shows::Street => vision.plates(&picture),
    }
    .map_err(|e| e.to_string())?;
    plates.retain(|plate| plate.confidence >= LEAST_CONFIDENCE);
    Ok((picture, plates))
}

/// Reads every file. `finish` makes the answer of a picture and its plates, on the core that read
/// it; `take` gets the answers in the files' order, and its error ends the reading.
pub(crate) fn read_all<T: Send>(
    files: &[PathBuf],
    shows: Shows,
    finish: impl Fn(usize, RgbImage, Vec<Plate>) -> Result<T, String> + Sync,
    mut take: impl FnMut(usize, Result<T, String>) -> io::Result<()>,
) -> io::Result<()> {
    let vision = Vision::embedded().map_err(io::Error::other)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // One picture alone is read by all cores together, many by a core each.
    let readers: Vec<Vision> = match cores.min(files.len()) {
        0 | 1 => vec![vision],
        workers => (0..workers).map(|_| vision.on_one_thread()).collect(),
    };
    let progress = progress(files.len());
    let next = AtomicUsize::new(0);
    let (send, answers) = mpsc::channel();
    thread::scope(|scope| {
        for vision in &readers {
            let (send, next, finish) = (send.clone(), &next, &finish);
            scope.spawn(move || {
                while let Some((index, file)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    files.get(index).map(|file| (index, file))
                } {
                    let answer = read(vision, file, shows)
                        .and_then(|(picture, plates)| finish(index, picture, plates));
                    // Nobody listens any more once `take` has failed.
                    if send.send((index, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (index, answer) in answers {
            early.insert(index, answer);
            while let Some(answer) = early.remove(&turn) {
                progress.suspend(|| take(turn, answer))?;
                turn += 1;
            }
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(())
    })
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
