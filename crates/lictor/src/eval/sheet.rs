//! The plates that were read wrong, side by side in one picture.

use std::path::Path;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::score::Score;
use crate::{Complaint, drawing};

/// A plate's place on the sheet; its words stand below it.
const TILE: (u32, u32) = (240, 120);
const WORDS: u32 = 44;
const COLUMNS: u32 = 6;
const GAP: u32 = 8;
/// More would make a picture that no viewer opens.
const MOST: usize = 600;

pub(super) fn draw(scores: &[Score], path: &Path) -> Result<(), Complaint> {
    let wrong: Vec<(&Score, &RgbImage)> = scores
        .iter()
        .filter_map(|score| Some((score, score.picture.as_ref()?)))
        .take(MOST)
        .collect();
    let rows = (wrong.len() as u32).div_ceil(COLUMNS).max(1);
    let (wide, high) = (TILE.0 + GAP, TILE.1 + WORDS + GAP);
    let paper = Rgb([245, 245, 245]);
    let mut sheet = RgbImage::from_pixel(COLUMNS * wide + GAP, rows * high + GAP, paper);
    for (number, (score, picture)) in (0..).zip(wrong) {
        let x = GAP + number % COLUMNS * wide;
        let y = GAP + number / COLUMNS * high;
        let tile = imageops::resize(picture, TILE.0, TILE.1, FilterType::Triangle);
        imageops::replace(&mut sheet, &tile, x.into(), y.into());
        let truth = format!("is   {}", score.truth.plate);
        let said = format!("read {} {:.0} %", score.said, 100.0 * score.confidence);
        for (line, words, ink) in [(4, truth, Rgb([0, 90, 40])), (24, said, Rgb([170, 20, 20]))] {
            let at = (x as i32, (y + TILE.1 + line) as i32);
            drawing::write(&mut sheet, &words, at, 2, ink);
        }
    }
    sheet
        .save(path)
        .map_err(|e| Complaint::of(format!("{}: {e}", path.display())))
}
