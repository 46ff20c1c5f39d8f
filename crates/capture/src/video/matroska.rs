//! Matroska (RFC 9559).

use std::fs::File;
use std::io::BufReader;

use matroska_demuxer::{Frame, MatroskaFile, TrackType};

use super::{Codec, Frames, Track, VideoError};

pub(super) fn track(file: File) -> Result<Track, VideoError> {
    let file = MatroskaFile::open(BufReader::new(file)).map_err(VideoError::damaged)?;
    let track = (file.tracks().iter())
        .find(|track| track.track_type() == TrackType::Video)
        .ok_or(VideoError::NoTrack)?;
    let codec = match (track.codec_id(), track.codec_private()) {
        ("V_MJPEG", _) => Codec::MotionJpeg,
        ("V_MPEG4/ISO/AVC", Some(header)) => Codec::H264(header.to_vec()),
        ("V_MPEGH/ISO/HEVC", _) => return Err(VideoError::OtherCodec("H.265".to_owned())),
        (other, _) => {
            let name = other.chars().take(40).filter(|c| !c.is_control()).collect();
            return Err(VideoError::OtherCodec(name));
        }
    };
    let number = track.track_number().get();
    Ok(Track {
        codec,
        count: None,
        frames: Box::new(Blocks { file, number }),
    })
}

struct Blocks {
    file: MatroskaFile<BufReader<File>>,
    number: u64,
}

impl Frames for Blocks {
    fn next(&mut self) -> Result<Option<Vec<u8>>, VideoError> {
        let mut frame = Frame::default();
        while (self.file.next_frame(&mut frame)).map_err(VideoError::damaged)? {
            if frame.track == self.number {
                return Ok(Some(frame.data));
            }
        }
        Ok(None)
    }
}
