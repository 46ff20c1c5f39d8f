//! Decoding a picture that may be hostile.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use thiserror::Error;

/// The largest picture file accepted, in bytes.
pub const MAX_BYTES: u64 = 48 * 1024 * 1024;
/// The largest side accepted, in pixels.
const MAX_SIDE: u32 = 16_384;
/// The most pixels accepted: four 4K frames.
const MAX_PIXELS: u64 = 4 * 3840 * 2160;
/// The most memory a picture may take while it is decoded, in bytes.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;

/// Why a picture could not be used. The messages are for the person who sent it.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file could not be read.
    #[error("cannot be opened: {0}")]
    Open(#[from] std::io::Error),
    /// It is a folder, a pipe or a device.
    #[error("is no file")]
    NotAFile,
    /// The file is larger than [`MAX_BYTES`].
    #[error("is larger than {} MiB, the most that a picture may have", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is a picture of a kind that is not read, or no picture.
    #[error("is not a JPEG or PNG picture")]
    NotAPicture,
    /// It is a picture of a kind that is not read.
    #[error("is a {0} picture, which is not read: convert it to JPEG or PNG")]
    OtherKind(&'static str),
    /// The sides or the memory needed exceed what is accepted.
    #[error("has more pixels than are accepted ({MAX_SIDE} a side, {MAX_PIXELS} in all)")]
    TooManyPixels,
    /// It is damaged.
    #[error("is damaged: {0}")]
    Damaged(String),
}

/// Reads and decodes the picture in a file.
///
/// # Errors
/// Every [`PictureError`].
pub fn load(path: &Path) -> Result<RgbImage, PictureError> {
    // A pipe would be waited for without end.
    if !fs::metadata(path)?.is_file() {
        return Err(PictureError::NotAFile);
    }
    let mut bytes = Vec::new();
    // The limit holds for what is read, not for what the file claims to be.
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    decode(&bytes)
}

/// Decodes a JPEG or PNG to 8-bit RGB, upright as its EXIF data say. The format is found from the
/// content, never from a name; of a moving PNG, the first picture counts.
///
/// # Errors
/// Every [`PictureError`] but [`PictureError::Open`].
pub fn decode(bytes: &[u8]) -> Result<RgbImage, PictureError> {
    if bytes.is_empty() {
        return Err(PictureError::Empty);
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let open = || {
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
        reader.map_err(|_| PictureError::NotAPicture)
    };
    let reader = open()?;
    match reader.format() {
        Some(ImageFormat::Jpeg) if !jpeg_ends(bytes) => {
            return Err(PictureError::Damaged("it was cut short".to_owned()));
        }
        Some(ImageFormat::Jpeg | ImageFormat::Png) => {}
        Some(other) => return Err(other_kind(other)),
        None => return Err(PictureError::NotAPicture),
    }
    // The sides stand in the first bytes: a bomb is known before anything is unpacked.
    let (width, height) = reader.into_dimensions().map_err(reason)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    let mut reader = open()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(reason)?;
    let orientation = decoder.orientation().map_err(reason)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(reason)?;
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// A part of a picture, with some room around it, as a JPEG of its own: derived, for looking at. `None`
/// where the part lies outside.
///
/// # Errors
/// As [`decode`].
pub fn close_up(bytes: &[u8], part: [f64; 4]) -> Result<Option<Vec<u8>>, PictureError> {
    let picture = decode(bytes)?;
    let [x, y, width, height] = part;
    let (room_x, room_y) = (width * 0.25, height * 0.35);
    // Saturating: what is not a number is nothing.
    let edge = |at: f64, end: u32| at.clamp(0.0, f64::from(end)) as u32;
    let (left, top) = (
        edge(x - room_x, picture.width()),
        edge(y - room_y, picture.height()),
    );
    let right = edge(x + width + room_x, picture.width());
    let bottom = edge(y + height + room_y, picture.height());
    let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
    if width == 0 || height == 0 {
        return Ok(None);
    }
    let part = image::imageops::crop_imm(&picture, left, top, width, height).to_image();
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90);
    part.write_with_encoder(encoder).map_err(reason)?;
    Ok(Some(jpeg))
}

/// Whether the marker that ends a JPEG follows its first scan. The decoder fills what is missing
/// with grey, which would be read as a street without plates.
fn jpeg_ends(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_PICTURE: [u8; 2] = [0xff, 0xd9];
    let mut at = 2;
    // The segments before the scan are stepped over: a thumbnail in them has an end of its own.
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        if marker == 0xff {
            at += 1; // a byte of padding
        } else if marker == START_OF_SCAN {
            return bytes[at..].windows(2).any(|pair| pair == END_OF_PICTURE);
        } else {
            at += 2 + usize::from(u16::from_be_bytes([high, low]));
        }
    }
    false
}

fn other_kind(format: ImageFormat) -> PictureError {
    let name = match format {
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Avif => "AVIF",
        _ => return PictureError::NotAPicture,
    };
    PictureError::OtherKind(name)
}

fn reason(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels,
        ImageError::Unsupported(_) => PictureError::NotAPicture,
        other => PictureError::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::new(width, height)
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_known_by_its_content() {
        assert_eq!(decode(&png(7, 3)).unwrap().dimensions(), (7, 3));
        assert!(matches!(
            decode(b"GIF89a, or so it says"),
            Err(PictureError::OtherKind("GIF"))
        ));
        assert!(matches!(
            decode(b"no picture"),
            Err(PictureError::NotAPicture)
        ));
        assert!(matches!(decode(b""), Err(PictureError::Empty)));
    }

    #[test]
    fn a_picture_cut_short_is_named_damaged() {
        let whole = png(64, 64);
        assert!(matches!(
            decode(&whole[..whole.len() / 2]),
            Err(PictureError::Damaged(_))
        ));
    }

    #[test]
    fn a_picture_that_claims_huge_sides_takes_no_memory() {
        let mut bomb = png(8, 8);
        // The sides in the PNG header, whose checksum is then repaired.
        bomb[16..20].copy_from_slice(&20_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&20_000u32.to_be_bytes());
        assert!(matches!(
            decode(&bomb),
            Err(PictureError::TooManyPixels | PictureError::Damaged(_))
        ));
    }
}
