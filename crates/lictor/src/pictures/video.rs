//! Videos are decoded by a process of their own, this program once more: it is given the opened file and
//! nothing else, may take so much memory and no more, and hands back frames. What a hostile file brings
//! down there, it brings down there alone.
//!
//! What the process writes: the number of frames, eight bytes, the least significant first (the largest
//! number where it is not known); then of each frame its width and height, four bytes each, and its pixels,
//! three bytes each. On an error it says why on standard error, and its exit code is 1.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use capture::Video;
use image::RgbImage;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::set_no_new_privs;

/// The most memory that decoding may take, in bytes.
const MOST_MEMORY: u64 = 2 << 30;
/// What is said of the number of frames when it is not known.
const NOT_KNOWN: u64 = u64::MAX;
/// The largest side of a frame, in pixels.
const MAX_SIDE: u32 = 8_192;
/// The most that is listened to of why it failed, in bytes.
const MOST_WORDS: u64 = 1_000;

/// The command by which this program decodes a video for itself.
pub(crate) const COMMAND: &str = "decode-video";

/// Decodes the video on standard input; for [`Playing`] alone.
pub(crate) fn decode() -> ExitCode {
    match decode_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            crate::complain(&why);
            ExitCode::FAILURE
        }
    }
}

fn decode_all() -> Result<(), String> {
    let words = |e: &dyn std::fmt::Display| e.to_string();
    confine().map_err(|e| words(&e))?;
    let file = io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|e| words(&e))?;
    let video = Video::open(File::from(file)).map_err(|e| words(&e))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut write = |bytes: &[u8]| out.write_all(bytes).map_err(|e| words(&e));
    write(&video.frames().unwrap_or(NOT_KNOWN).to_le_bytes())?;
    for frame in video {
        let frame = frame.map_err(|e| words(&e))?;
        write(&frame.width().to_le_bytes())?;
        write(&frame.height().to_le_bytes())?;
        write(frame.as_raw())?;
    }
    out.flush().map_err(|e| words(&e))
}

/// Gives up what decoding does not need: more memory, files to write, programs with more rights.
fn confine() -> rustix::io::Result<()> {
    set_no_new_privs(true)?;
    for (resource, most) in [
        (Resource::As, MOST_MEMORY),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        let maximum = getrlimit(resource)
            .maximum
            .map_or(most, |now| now.min(most));
        let limit = Rlimit {
            current: Some(maximum),
            maximum: Some(maximum),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// A video whose frames another process decodes.
pub(super) struct Playing {
    process: Child,
    out: BufReader<ChildStdout>,
    count: Option<u64>,
    ended: bool,
}

impl Playing {
    /// Begins to decode.
    pub(super) fn begin(path: &Path) -> Result<Self, String> {
        let words = |e: io::Error| e.to_string();
        let file = File::open(path).map_err(words)?;
        let mut process = Command::new(std::env::current_exe().map_err(words)?)
            .arg(COMMAND)
            .env_clear()
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(words)?;
        let out = process.stdout.take().ok_or("the decoder does not answer")?;
        let mut playing = Self {
            process,
            out: BufReader::new(out),
            count: None,
            ended: false,
        };
        let mut count = [0; 8];
        if playing.out.read_exact(&mut count).is_err() {
            return Err(playing
                .why_it_ended()
                .unwrap_or_else(|| "has no frames".to_owned()));
        }
        let count = u64::from_le_bytes(count);
        playing.count = (count != NOT_KNOWN).then_some(count);
        Ok(playing)
    }

    /// How many frames it has, where that is known.
    pub(super) fn frames(&self) -> Option<u64> {
        self.count
    }

    fn frame(&mut self) -> io::Result<Option<RgbImage>> {
        let mut sides = [0; 8];
        match self.out.read_exact(&mut sides) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let [a, b, c, d, e, f, g, h] = sides;
        let width = u32::from_le_bytes([a, b, c, d]);
        let height = u32::from_le_bytes([e, f, g, h]);
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(io::Error::other(
                "a frame has more pixels than are accepted",
            ));
        }
        let mut pixels = vec![0; 3 * width as usize * height as usize];
        self.out.read_exact(&mut pixels)?;
        Ok(RgbImage::from_raw(width, height, pixels))
    }

    /// What the process said when it ended; `None` when all went well.
    fn why_it_ended(&mut self) -> Option<String> {
        let mut words = Vec::new();
        if let Some(said) = self.process.stderr.take() {
            // What cannot be listened to has not been said.
            let _ = said.take(MOST_WORDS).read_to_end(&mut words);
        }
        let ended = self.process.wait();
        if ended.is_ok_and(|status| status.success()) {
            return None;
        }
        let words = String::from_utf8_lossy(&words);
        let words = words.trim().trim_start_matches("lictor: ");
        Some(if words.is_empty() || words.contains("memory allocation") {
            "is damaged: it brought its decoder down".to_owned()
        } else {
            words.to_owned()
        })
    }
}

impl Iterator for Playing {
    type Item = Result<RgbImage, String>;

    /// The next frame; behind an error there is nothing.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.frame() {
            Ok(Some(frame)) => Some(Ok(frame)),
            Ok(None) => {
                self.ended = true;
                self.why_it_ended().map(Err)
            }
            Err(error) => {
                self.ended = true;
                Some(Err(self
                    .why_it_ended()
                    .unwrap_or_else(|| error.to_string())))
            }
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
