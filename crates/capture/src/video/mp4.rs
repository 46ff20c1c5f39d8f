//! MP4 (ISO/IEC 14496-12).

use std::fs::File;
use std::io::BufReader;

use re_mp4::{Mp4, Sample, StsdBoxContent, TrackKind};

use super::{Codec, Frames, Track, VideoError, read_at};

pub(super) fn track(file: File) -> Result<Track, VideoError> {
    let size = file.metadata()?.len();
    let mp4 = Mp4::read(BufReader::new(file.try_clone()?), size).map_err(VideoError::damaged)?;
    let tracks = mp4.tracks().values();
    let track = (tracks.filter(|track| track.kind == Some(TrackKind::Video)))
        .find(|track| !track.samples.is_empty())
        .ok_or(VideoError::NoTrack)?;
    let codec = match &track.trak(&mp4).mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Avc1(avc1) => Codec::H264(avc1.avcc.raw.clone()),
        StsdBoxContent::Hev1(_) | StsdBoxContent::Hvc1(_) => {
            return Err(VideoError::OtherCodec("H.265".to_owned()));
        }
        _ => {
            let name = track.codec_string(&mp4);
            return Err(VideoError::OtherCodec(
                name.unwrap_or_else(|| "something unknown".to_owned()),
            ));
        }
    };
    Ok(Track {
        codec,
        count: Some(track.samples.len() as u64),
        frames: Box::new(Samples {
            file,
            samples: track.samples.clone().into_iter(),
        }),
    })
}

struct Samples {
    file: File,
    samples: std::vec::IntoIter<Sample>,
}

impl Frames for Samples {
    fn next(&mut self) -> Result<Option<Vec<u8>>, VideoError> {
        let Some(sample) = self.samples.next() else {
            return Ok(None);
        };
        read_at(&mut self.file, sample.offset, sample.size).map(Some)
    }
}
