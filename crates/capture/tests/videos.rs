//! Videos, whole and broken. The files are of the same twenty frames of an invented street.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use capture::{Video, VideoError, begins_as_video};
use image::RgbImage;

fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/videos")
        .join(name)
}

fn open(path: &Path) -> Result<Video, VideoError> {
    Video::open(File::open(path).unwrap())
}

fn frames(path: &Path) -> Vec<RgbImage> {
    open(path).unwrap().map(Result::unwrap).collect()
}

/// How far two pictures are from each other: the mean difference of some of their colours, of 255.
fn distance(a: &RgbImage, b: &RgbImage) -> f64 {
    let pairs = || a.as_raw().iter().zip(b.as_raw()).step_by(101);
    let sum: f64 = pairs().map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    sum / pairs().count() as f64
}

#[test]
fn every_frame_comes_once_and_in_its_order_whatever_the_container() {
    let motion_jpeg = frames(&clip("motion-jpeg.avi"));
    assert_eq!(motion_jpeg.len(), 20);
    for name in [
        "motion-jpeg.mkv",
        "baseline.mp4",
        "high-b-frames.mp4",
        "high-b-frames.mkv",
    ] {
        let these = frames(&clip(name));
        assert_eq!(these.len(), 20, "{name}");
        for (number, (a, b)) in motion_jpeg.iter().zip(&these).enumerate() {
            assert_eq!(a.dimensions(), b.dimensions());
            let nearest = (0..20).min_by(|x, y| {
                distance(&motion_jpeg[*x], b).total_cmp(&distance(&motion_jpeg[*y], b))
            });
            assert_eq!(
                nearest,
                Some(number),
                "{name}: frame {number} is another one"
            );
            assert!(distance(a, b) < 6.0, "{name}: {}", distance(a, b));
        }
    }
}

#[test]
fn what_is_coded_otherwise_is_named_with_what_to_do() {
    for (name, codec) in [
        ("h265.mp4", "H.265"),
        ("high-4-2-2.mp4", "H.264 High 4:2:2"),
    ] {
        let error = open(&clip(name)).err().unwrap().to_string();
        assert!(error.contains(&format!("coded as {codec},")), "{error}");
        assert!(error.contains("convert it first"), "{error}");
    }
}

#[test]
fn a_picture_is_no_video_and_a_video_is_one_whatever_its_name() {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/elm-and-3rd-1412.jpg");
    assert!(!begins_as_video(&picture));
    assert!(matches!(open(&picture), Err(VideoError::NotAVideo)));
    let dir = tempfile::tempdir().unwrap();
    let renamed = dir.path().join("street.jpg");
    fs::copy(clip("baseline.mp4"), &renamed).unwrap();
    assert!(begins_as_video(&renamed));
    assert_eq!(open(&renamed).unwrap().frames(), Some(20));
}

#[test]
fn a_video_that_is_cut_short_or_damaged_says_so_and_never_gives_fewer_frames_silently() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["motion-jpeg.avi", "high-b-frames.mp4", "high-b-frames.mkv"] {
        let whole = fs::read(clip(name)).unwrap();
        for part in 1..12 {
            let path = folder.path().join(format!("{part}-{name}"));
            let mut bytes = whole[..whole.len() * part / 12].to_vec();
            fs::write(&path, &bytes).unwrap();
            // A container that knows how many frames it has tells of each that is missing.
            if let Ok(video) = open(&path) {
                let told = video.frames();
                let frames: Vec<_> = video.collect();
                let whole = frames.iter().filter(|f| f.is_ok()).count() as u64;
                let failed = frames.iter().any(Result::is_err);
                assert!(
                    failed || told.is_none_or(|told| told == whole),
                    "{name} {part}"
                );
            }
            bytes.extend_from_slice(&whole[bytes.len()..]);
            let middle = bytes.len() * part / 12;
            bytes[middle..middle + 4].copy_from_slice(&[0xFF, 0x7F, 0xFF, 0xFF]);
            File::create(&path).unwrap().write_all(&bytes).unwrap();
            if let Ok(video) = open(&path) {
                assert!(video.count() <= 21, "{name} {part}");
            }
        }
    }
}
