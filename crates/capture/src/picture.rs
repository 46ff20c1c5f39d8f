//! Decoding a picture that may be hostile.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageError, ImageReader, Limits, RgbImage};
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
    /// The file is larger than [`MAX_BYTES`].
    #[error("is larger than {} MiB, the most that a picture may have", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is a picture of a kind that is not read, or no picture.
    #[error("is not a JPEG or PNG picture")]
    NotAPicture,
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
    let mut bytes = Vec::new();
    // The limit holds for what is read, not for what the file claims to be.
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    decode(&bytes)
}

/// Decodes a JPEG or PNG to 8-bit RGB. The format is found from the content, never from a name.
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
    // The sides stand in the first bytes: a bomb is known before anything is unpacked.
    let (width, height) = open()?.into_dimensions().map_err(reason)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    let mut reader = open()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    reader.decode().map(DynamicImage::into_rgb8).map_err(reason)
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
            Err(PictureError::NotAPicture)
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
