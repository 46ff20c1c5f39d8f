//! H.264, decoded by OpenH264.

use image::RgbImage;
use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use super::VideoError;

/// What begins a unit in a stream of bytes (Annex B of the standard).
const START: [u8; 4] = [0, 0, 0, 1];
/// The largest side, in pixels.
const MAX_SIDE: usize = 8_192;

pub(super) struct Decoder {
    decoder: openh264::decoder::Decoder,
    /// Bytes that say how long a unit is.
    length_bytes: usize,
}

impl Decoder {
    /// A decoder of what this header describes: an `AVCDecoderConfigurationRecord`.
    pub(super) fn new(header: &[u8]) -> Result<Self, VideoError> {
        let broken = || VideoError::damaged("the header of its video breaks off");
        let [_, profile, _, _, length, sets @ ..] = header else {
            return Err(broken());
        };
        if let Some(name) = not_decoded(*profile) {
            return Err(VideoError::OtherCodec(format!("H.264 {name}")));
        }
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder =
            openh264::decoder::Decoder::with_api_config(OpenH264API::from_source(), config);
        let mut decoder = Self {
            decoder: decoder.map_err(VideoError::damaged)?,
            length_bytes: usize::from(length & 3) + 1,
        };
        let units = parameter_sets(sets).ok_or_else(broken)?;
        decoder
            .decoder
            .decode(&units)
            .map_err(VideoError::damaged)?;
        Ok(decoder)
    }

    /// Takes the next coded frame; gives one that is due to be shown, if one is.
    pub(super) fn decode(&mut self, coded: &[u8]) -> Result<Option<RgbImage>, VideoError> {
        let units = units(coded, self.length_bytes)
            .ok_or_else(|| VideoError::damaged("a frame breaks off"))?;
        let frame = self.decoder.decode(&units).map_err(VideoError::damaged)?;
        frame.as_ref().map(picture).transpose()
    }

    /// The frames that are still due.
    pub(super) fn end(&mut self) -> Result<Vec<RgbImage>, VideoError> {
        let frames = self
            .decoder
            .flush_remaining()
            .map_err(VideoError::damaged)?;
        frames.iter().map(picture).collect()
    }
}

/// The profile's name, where OpenH264 does not decode it (Annex A of the standard).
fn not_decoded(profile: u8) -> Option<&'static str> {
    match profile {
        66 | 77 | 100 => None,
        88 => Some("Extended"),
        110 => Some("High 10"),
        122 => Some("High 4:2:2"),
        244 => Some("High 4:4:4 Predictive"),
        _ => Some("of an unknown profile"),
    }
}

/// The sequence's and the pictures' parameter sets, as a stream of bytes.
fn parameter_sets(mut from: &[u8]) -> Option<Vec<u8>> {
    let mut units = Vec::new();
    // Five bits say how many sequence's there are, eight how many pictures'.
    for mask in [0x1F, 0xFF] {
        let (&count, rest) = from.split_first()?;
        from = rest;
        for _ in 0..count & mask {
            let (length, rest) = from.split_first_chunk::<2>()?;
            let (unit, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            units.extend_from_slice(&START);
            units.extend_from_slice(unit);
            from = rest;
        }
    }
    Some(units)
}

/// A frame's units, each behind its length, as a stream of bytes.
fn units(mut coded: &[u8], length_bytes: usize) -> Option<Vec<u8>> {
    let mut units = Vec::with_capacity(coded.len() + START.len());
    while !coded.is_empty() {
        let (length, rest) = coded.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
        let (unit, rest) = rest.split_at_checked(length)?;
        units.extend_from_slice(&START);
        units.extend_from_slice(unit);
        coded = rest;
    }
    Some(units)
}

fn picture(frame: &DecodedYUV<'_>) -> Result<RgbImage, VideoError> {
    let (width, height) = frame.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(VideoError::damaged(
            "a frame has more pixels than are accepted",
        ));
    }
    let mut pixels = vec![0; width * height * 3];
    frame.write_rgb8(&mut pixels);
    RgbImage::from_raw(width as u32, height as u32, pixels)
        .ok_or_else(|| VideoError::damaged("a frame has no pixels"))
}
