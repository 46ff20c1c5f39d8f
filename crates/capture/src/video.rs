//! The frames of a video in a file, which may be hostile.
//!
//! MP4 and Matroska with H.264, Matroska and AVI with Motion JPEG. The decoder of H.264 is not written in
//! Rust: whoever opens a file of unknown origin does so in a process that can do nothing else.

mod avi;
mod h264;
mod matroska;
mod mp4;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use image::RgbImage;
use thiserror::Error;

use crate::picture::{self, MAX_BYTES, PictureError};

/// Why a video could not be read, or not to its end. The messages are for the person who gave it.
#[derive(Debug, Error)]
pub enum VideoError {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is no MP4, Matroska or AVI file.
    #[error("is no MP4, MKV or AVI video")]
    NotAVideo,
    /// There is no moving picture in it.
    #[error("has no video track")]
    NoTrack,
    /// It is coded in a way that is not decoded here.
    #[error(
        "is coded as {0}, which is not decoded here: convert it first, as by `ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p OUT.mp4`"
    )]
    OtherCodec(String),
    /// It is damaged.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// A frame is damaged, or larger than a picture may be.
    #[error("frame {frame} {source}")]
    Frame {
        /// Which, counted from 0.
        frame: u64,
        /// What is wrong with it.
        source: PictureError,
    },
    /// The decoder gave back fewer frames than there are.
    #[error("has {there} frames, of which {decoded} could be decoded")]
    FramesLost {
        /// Frames in the file.
        there: u64,
        /// Frames that came out.
        decoded: u64,
    },
}

impl VideoError {
    fn damaged(why: impl ToString) -> Self {
        Self::Damaged(why.to_string())
    }
}

/// The coded frames of a track, in the order they are decoded in.
trait Frames {
    /// The next one; `None` behind the last.
    fn next(&mut self) -> Result<Option<Vec<u8>>, VideoError>;
}

/// How a track is coded.
enum Codec {
    MotionJpeg,
    /// With what its header says of it: an `AVCDecoderConfigurationRecord` of ISO/IEC 14496-15.
    H264(Vec<u8>),
}

enum Decoder {
    MotionJpeg,
    H264(h264::Decoder),
}

/// A track, found in its container.
struct Track {
    codec: Codec,
    frames: Box<dyn Frames>,
    /// How many frames there are, where the container says it.
    count: Option<u64>,
}

/// A video that is being decoded.
pub struct Video {
    coded: Box<dyn Frames>,
    decoder: Decoder,
    count: Option<u64>,
    /// Frames handed to the decoder, and given out by it.
    taken: u64,
    given: u64,
    ready: VecDeque<RgbImage>,
    ended: bool,
}

/// Whether a file's name is that of a video.
pub fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| {
        ["mp4", "m4v", "mov", "mkv", "avi"].contains(&e.to_ascii_lowercase().as_str())
    })
}

/// Whether a file begins as a video does, whatever its name. What cannot be looked into does not.
pub fn begins_as_video(path: &Path) -> bool {
    // A pipe would be waited for without end.
    let opened = path.is_file().then(|| File::open(path));
    opened.is_some_and(|file| {
        file.and_then(|mut file| container(&mut file))
            .is_ok_and(|container| container.is_some())
    })
}

enum Container {
    Mp4,
    Matroska,
    Avi,
}

fn container(file: &mut File) -> io::Result<Option<Container>> {
    let mut first = Vec::new();
    file.take(12).read_to_end(&mut first)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(match first.as_slice() {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Container::Mp4),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Some(Container::Matroska),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' '] => Some(Container::Avi),
        _ => None,
    })
}

impl Video {
    /// Finds the first moving picture in a file.
    ///
    /// # Errors
    /// Every [`VideoError`] but those of single frames.
    pub fn open(mut file: File) -> Result<Self, VideoError> {
        let track = match container(&mut file)?.ok_or(VideoError::NotAVideo)? {
            Container::Mp4 => mp4::track(file)?,
            Container::Matroska => matroska::track(file)?,
            Container::Avi => avi::track(file)?,
        };
        let decoder = match &track.codec {
            Codec::MotionJpeg => Decoder::MotionJpeg,
            Codec::H264(header) => Decoder::H264(h264::Decoder::new(header)?),
        };
        Ok(Self {
            coded: track.frames,
            decoder,
            count: track.count,
            taken: 0,
            given: 0,
            ready: VecDeque::new(),
            ended: false,
        })
    }

    /// How many frames it has, where the file says it.
    pub fn frames(&self) -> Option<u64> {
        self.count
    }

    fn advance(&mut self) -> Result<(), VideoError> {
        let coded = self.coded.next()?;
        let frame = self.taken;
        match (&mut self.decoder, coded) {
            (Decoder::MotionJpeg, Some(coded)) => {
                let picture = picture::decode(&coded);
                let picture = picture.map_err(|source| VideoError::Frame { frame, source })?;
                self.taken += 1;
                self.ready.push_back(picture);
            }
            (Decoder::H264(decoder), Some(coded)) => {
                self.taken += 1;
                self.ready.extend(decoder.decode(&coded)?);
            }
            (Decoder::MotionJpeg, None) => self.ended = true,
            (Decoder::H264(decoder), None) => {
                self.ended = true;
                self.ready.extend(decoder.end()?);
            }
        }
        Ok(())
    }
}

impl Iterator for Video {
    type Item = Result<RgbImage, VideoError>;

    /// The next frame in the order they are shown in. Behind an error there is nothing.
    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            if let Err(error) = self.advance() {
                self.ended = true;
                self.given = self.taken;
                return Some(Err(error));
            }
        }
        if let Some(frame) = self.ready.pop_front() {
            self.given += 1;
            return Some(Ok(frame));
        }
        let (there, decoded) = (self.taken, self.given);
        self.given = there;
        (decoded < there).then_some(Err(VideoError::FramesLost { there, decoded }))
    }
}

/// Reads so many bytes from a place of the file. What claims to be larger than a picture may be is not
/// read.
fn read_at(file: &mut File, at: u64, length: u64) -> Result<Vec<u8>, VideoError> {
    if length > MAX_BYTES {
        return Err(VideoError::damaged(format!(
            "a frame claims {length} bytes"
        )));
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    if file.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(VideoError::damaged("it was cut short"));
    }
    Ok(bytes)
}
