//! Reading many pictures, and frames of videos, on all cores, with the answers in their order.

pub(crate) mod video;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use image::RgbImage;
use indicatif::{ProgressBar, ProgressStyle};
use vision::{Plate, Vision};

use video::Playing;

/// Plates below this confidence are lettering and reflections far more often than plates.
const LEAST_CONFIDENCE: f64 = 0.02;

/// The pictures that paths given by a person stand for; what cannot be looked into is named, and
/// told by the second value.
pub(crate) fn named(paths: &[PathBuf]) -> (Vec<PathBuf>, bool) {
    let mut files = Vec::new();
    let mut all_well = true;
    for path in paths.iter().flat_map(|path| fitting(path)) {
        let found = capture::pictures_under(&path);
        for problem in &found.problems {
            crate::complain(&problem.to_string());
            all_well = false;
        }
        let is_empty = found.pictures.is_empty() && found.videos.is_empty();
        if is_empty && found.problems.is_empty() {
            crate::complain(&format!(
                "{}: has neither JPEG or PNG pictures nor videos",
                path.display()
            ));
            all_well = false;
        }
        files.extend(found.pictures);
        files.extend(found.videos);
    }
    (files, all_well)
}

/// The paths that fit where nothing has that very name and it is a pattern (`*`, `?`, `[a-z]`, `**` for
/// any folders), as a script may give it that no shell has looked at; else the path as it is.
fn fitting(path: &Path) -> Vec<PathBuf> {
    let fit = path
        .to_str()
        .filter(|pattern| pattern.contains(['*', '?', '[']) && !path.exists())
        .and_then(|pattern| glob::glob(pattern).ok())
        .map(|found| found.filter_map(Result::ok).collect::<Vec<_>>());
    // What fits nothing stays as it was given, and is named as not there.
    fit.filter(|fit| !fit.is_empty())
        .unwrap_or_else(|| vec![path.to_owned()])
}

/// How a picture is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A street with plates in it.
    Street,
    /// One plate, edge to edge.
    OnePlate,
}

/// One of the pictures that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which file.
    pub(crate) file: usize,
    /// Which of its frames, counted from 0, where it is a video.
    pub(crate) frame: Option<u64>,
}

/// What is to be read next.
enum Next {
    Picture(PathBuf),
    Frame(RgbImage),
    Failed(String),
}

/// All that is to be read, in its order.
struct Pictures<'a> {
    files: &'a [PathBuf],
    next: usize,
    playing: Option<(Place, Playing)>,
    progress: ProgressBar,
    /// How many have been handed out.
    turn: usize,
}

impl Iterator for Pictures<'_> {
    type Item = (usize, Place, Next);

    fn next(&mut self) -> Option<Self::Item> {
        let (place, next) = self.frame().or_else(|| self.file())?;
        self.turn += 1;
        Some((self.turn - 1, place, next))
    }
}

impl Pictures<'_> {
    /// The next frame of the video that is being decoded.
    fn frame(&mut self) -> Option<(Place, Next)> {
        let (place, mut playing) = self.playing.take()?;
        match playing.next()? {
            Ok(frame) => {
                if playing.frames().is_none() {
                    self.progress.inc_length(1);
                }
                let then = Place {
                    frame: place.frame.map(|frame| frame + 1),
                    ..place
                };
                self.playing = Some((then, playing));
                Some((place, Next::Frame(frame)))
            }
            Err(why) => Some((place, Next::Failed(why))),
        }
    }

    fn file(&mut self) -> Option<(Place, Next)> {
        loop {
            let path = self.files.get(self.next)?;
            let file = self.next;
            self.next += 1;
            let picture = Place { file, frame: None };
            if !capture::begins_as_video(path) {
                return Some((picture, Next::Picture(path.clone())));
            }
            match Playing::begin(path) {
                Ok(playing) => {
                    self.progress.inc_length(playing.frames().unwrap_or(0));
                    let frame = Some(0);
                    self.playing = Some((Place { file, frame }, playing));
                    if let Some(first) = self.frame() {
                        return Some(first);
                    }
                }
                Err(why) => return Some((picture, Next::Failed(why))),
            }
        }
    }
}

/// The plates of one picture, or why it could not be read.
fn read(vision: &Vision, next: Next, shows: Shows) -> Result<(RgbImage, Vec<Plate>), String> {
    let picture = match next {
        Next::Picture(file) => capture::load(&file).map_err(|e| e.to_string())?,
        Next::Frame(frame) => frame,
        Next::Failed(why) => return Err(why),
    };
    let mut plates = match shows {
        Shows::OnePlate => vision.cropped(&picture).map(Vec::from_iter),
        Shows::Street => vision.plates(&picture),
    }
    .map_err(|e| e.to_string())?;
    plates.retain(|plate| plate.confidence >= LEAST_CONFIDENCE);
    Ok((picture, plates))
}

/// Reads every file. `finish` makes the answer of a picture and its plates, on the core that read
/// it; `take` gets the answers in the pictures' order, and its error ends the reading.
pub(crate) fn read_all<T: Send>(
    files: &[PathBuf],
    shows: Shows,
    finish: impl Fn(Place, RgbImage, Vec<Plate>) -> Result<T, String> + Sync,
    mut take: impl FnMut(Place, Result<T, String>) -> io::Result<()>,
) -> io::Result<()> {
    let vision = Vision::embedded().map_err(io::Error::other)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let videos = files.iter().any(|file| capture::is_video(file));
    // Each picture is read by one core.
    let workers = if videos {
        cores
    } else {
        cores.min(files.len())
    };
    let progress = progress(files.len(), videos);
    let pictures = Mutex::new(Pictures {
        files,
        next: 0,
        playing: None,
        progress: progress.clone(),
        turn: 0,
    });
    let (send, answers) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let (send, pictures, finish) = (send.clone(), &pictures, &finish);
            let vision = &vision;
            let next = || {
                let mut pictures = pictures.lock().unwrap_or_else(PoisonError::into_inner);
                pictures.next()
            };
            scope.spawn(move || {
                while let Some((turn, place, next)) = next() {
                    let answer = read(vision, next, shows)
                        .and_then(|(picture, plates)| finish(place, picture, plates));
                    // Nobody listens any more once `take` has failed.
                    if send.send((turn, place, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut now = 0;
        for (turn, place, answer) in answers {
            early.insert(turn, (place, answer));
            while let Some((place, answer)) = early.remove(&now) {
                progress.suspend(|| take(place, answer))?;
                now += 1;
            }
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(())
    })
}

fn progress(files: usize, videos: bool) -> ProgressBar {
    // A bar would be torn apart by the table that goes to the same terminal.
    if (files < 10 && !videos) || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {eta} left");
    ProgressBar::new(files as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
