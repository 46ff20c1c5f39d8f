//! What becomes of odd and hostile pictures.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::{fs, process};

use capture::{PictureError, decode, load};
use image::{ImageFormat, RgbImage};
use proptest::prelude::*;

fn picture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(name)
}

fn street() -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    fs::read(samples.join("elm-and-3rd-1412.jpg")).unwrap()
}

fn said(result: Result<RgbImage, PictureError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn printed_colours_sixteen_bits_a_moving_picture_and_a_single_pixel_are_read() {
    for name in ["cmyk.jpg", "sixteen-bit.png", "moving.png"] {
        assert_eq!(
            load(&picture(name)).unwrap().dimensions(),
            (32, 24),
            "{name}"
        );
    }
    assert_eq!(
        load(&picture("moving.png")).unwrap().get_pixel(3, 3).0,
        [200, 30, 30]
    );
    assert_eq!(
        load(&picture("one-pixel.png")).unwrap().dimensions(),
        (1, 1)
    );
}

#[test]
fn a_picture_taken_with_the_camera_on_its_side_comes_upright() {
    let upright = load(&picture("turned.jpg")).unwrap();
    assert_eq!(upright.dimensions(), (24, 32));
    // Its left half is dark; turned to the right, the upper half is.
    assert!(upright.get_pixel(12, 4)[0] < 60);
    assert!(upright.get_pixel(12, 28)[0] > 200);
}

#[test]
fn another_kind_of_picture_is_named_whatever_its_file_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let disguised = dir.path().join("street.jpg");
    fs::copy(picture("moving.gif"), &disguised).unwrap();
    assert_eq!(
        said(load(&disguised)),
        "is a GIF picture, which is not read: convert it to JPEG or PNG"
    );
    let png_called_jpg = dir.path().join("plate.jpg");
    fs::copy(picture("one-pixel.png"), &png_called_jpg).unwrap();
    assert!(load(&png_called_jpg).is_ok());
}

#[test]
fn a_jpeg_cut_short_anywhere_is_refused() {
    let whole = street();
    assert!(decode(&whole).is_ok());
    for part in [2, 3, 10, 100] {
        assert!(decode(&whole[..whole.len() / part]).is_err(), "1/{part}");
    }
    assert_eq!(
        said(decode(&whole[..whole.len() - 2])),
        "is damaged: it was cut short"
    );
}

#[test]
fn twenty_thousand_pixels_a_side_are_refused_before_they_take_memory() {
    // A line of black is small when packed: the file is 1 MB, the picture would be 1.2 GB.
    let mut bomb = Vec::new();
    RgbImage::new(16_000, 4)
        .write_to(&mut Cursor::new(&mut bomb), ImageFormat::Png)
        .unwrap();
    let header = 16..24;
    let mut sides = [0; 8];
    sides[..4].copy_from_slice(&20_000u32.to_be_bytes());
    sides[4..].copy_from_slice(&20_000u32.to_be_bytes());
    bomb[header].copy_from_slice(&sides);
    let checksum = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert!(matches!(decode(&bomb), Err(PictureError::TooManyPixels)));
}

/// The checksum of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn folders_pipes_and_devices_are_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe.jpg");
    assert!(
        process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for path in [dir.path(), &pipe, Path::new("/dev/zero")] {
        assert_eq!(said(load(path)), "is no file", "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_anywhere_is_an_error_or_another_picture_but_no_panic(
        which in prop::sample::select(&["cmyk.jpg", "turned.jpg", "sixteen-bit.png", "moving.png"][..]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = fs::read(picture(which)).unwrap();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = decode(&bytes);
    }
}
