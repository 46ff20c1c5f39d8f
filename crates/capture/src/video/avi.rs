//! AVI: a tree of chunks, each four letters of a name, four bytes of length, and what it holds, filled
//! up to an even number of bytes. Microsoft, "AVI RIFF File Reference".

use std::fs::File;

use super::{Codec, Frames, Track, VideoError, read_at};

/// Chunks looked at before the frames begin.
const MOST_BEFORE: usize = 1_000;

pub(super) fn track(mut file: File) -> Result<Track, VideoError> {
    let end = file.metadata()?.len();
    let mut at = 12;
    let mut streams = 0;
    let mut video = None;
    for _ in 0..MOST_BEFORE {
        let Some(chunk) = chunk(&mut file, at, end)? else {
            break;
        };
        at = match (&chunk.name, chunk.list.as_ref()) {
            (b"LIST", Some(b"movi")) => {
                let (stream, codec) = video.ok_or(VideoError::NoTrack)?;
                return Ok(Track {
                    codec,
                    count: None,
                    frames: Box::new(Chunks {
                        file,
                        at: chunk.from + 4,
                        end: chunk.end.min(end),
                        stream,
                    }),
                });
            }
            // What stands in a list is looked into, not over.
            (b"LIST" | b"RIFF", _) => chunk.from + 4,
            (b"strh", _) => {
                let header = read_at(&mut file, chunk.from, 8.min(chunk.end - chunk.from))?;
                if video.is_none() && header.starts_with(b"vids") {
                    video = Some((streams, codec(&header[4..])?));
                }
                streams += 1;
                chunk.end
            }
            _ => chunk.end,
        };
    }
    Err(VideoError::damaged("it has no frames"))
}

fn codec(handler: &[u8]) -> Result<Codec, VideoError> {
    let name = String::from_utf8_lossy(handler).to_ascii_uppercase();
    match name.as_str() {
        "MJPG" => Ok(Codec::MotionJpeg),
        _ => Err(VideoError::OtherCodec(
            name.chars().filter(char::is_ascii_graphic).collect(),
        )),
    }
}

struct Chunk {
    name: [u8; 4],
    /// What a list is a list of.
    list: Option<[u8; 4]>,
    /// Where its content begins.
    from: u64,
    /// Where the next chunk begins.
    end: u64,
}

/// The chunk that begins there; `None` at the end of the file.
fn chunk(file: &mut File, at: u64, end: u64) -> Result<Option<Chunk>, VideoError> {
    if at + 8 > end {
        return Ok(None);
    }
    let head = read_at(file, at, 12.min(end - at))?;
    let four = |from: usize| {
        head.get(from..)
            .and_then(|rest| rest.first_chunk::<4>())
            .copied()
    };
    let (Some(name), Some(length)) = (four(0), four(4)) else {
        return Ok(None);
    };
    let length = u64::from(u32::from_le_bytes(length));
    let from = at + 8;
    Ok(Some(Chunk {
        name,
        list: four(8).filter(|_| [*b"LIST", *b"RIFF"].contains(&name)),
        from,
        end: from + length + length % 2,
    }))
}

struct Chunks {
    file: File,
    at: u64,
    end: u64,
    stream: u32,
}

impl Frames for Chunks {
    fn next(&mut self) -> Result<Option<Vec<u8>>, VideoError> {
        // The number of the stream in two digits, and "dc" for a coded picture.
        let wanted = format!("{:02}dc", self.stream);
        while let Some(chunk) = chunk(&mut self.file, self.at, self.end)? {
            if chunk.list.is_some() {
                self.at = chunk.from + 4;
                continue;
            }
            self.at = chunk.end;
            // An empty one says that the frame before it is shown once more.
            if chunk.name == wanted.as_bytes() && chunk.end > chunk.from {
                let length = chunk.end - chunk.from;
                return read_at(&mut self.file, chunk.from, length).map(Some);
            }
        }
        Ok(None)
    }
}
