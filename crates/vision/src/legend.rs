//! What stands over and under the serial: how well it fits each jurisdiction's names and mottoes.

use image::RgbImage;
use plate::{Character, Jurisdiction};

use crate::columns::ColumnNetwork;
use crate::decode::probability_of;
use crate::network::NetworkError;
use crate::rectify::{Shown, sample};

/// What jurisdictions write over or under the serial: `US-IL LANDOFLINCOLN`, one a line.
const LEXICON: &str = include_str!("../../../models/legends.txt");
/// The network's input, in pixels: a band of the plate.
const WIDTH: usize = 192;
const HEIGHT: usize = 64;
/// The plate is brought to this size first, as in training.
const PLATE: (u32, u32) = (288, 144);
/// Both bands, in shares of the plate's width.
const LEFT_RIGHT: (f32, f32) = (0.07, 0.93);

/// Where a legend stands.
#[derive(Clone, Copy)]
pub(crate) enum Band {
    /// Over the serial.
    Above,
    /// Under it.
    Below,
}

impl Band {
    /// In shares of the plate's height.
    fn top_bottom(self) -> (f32, f32) {
        match self {
            Self::Above => (-0.02, 0.36),
            Self::Below => (0.66, 1.02),
        }
    }
}

pub(crate) struct LegendReader {
    network: ColumnNetwork,
    /// The legends as the network's symbols.
    lexicon: Vec<(Jurisdiction, Vec<u8>)>,
}

impl LegendReader {
    pub(crate) fn load(weights: &[u8]) -> Result<Self, NetworkError> {
        Ok(Self {
            network: ColumnNetwork::load("legend", weights, (WIDTH, HEIGHT))?,
            lexicon: LEXICON.lines().filter_map(legend).collect(),
        })
    }

    /// For each legend of a jurisdiction, the probability that it is what stands in the band. They
    /// add up to one at most; nothing legible is nobody's.
    pub(crate) fn read(
        &self,
        plate: &Shown<'_>,
        band: Band,
    ) -> Result<Vec<(Jurisdiction, f64)>, NetworkError> {
        let pixels = cut_out(plate, band).map_err(|e| self.network.failed(e))?;
        let columns = self.network.read(&pixels);
        let read = self.lexicon.iter();
        Ok(read
            .map(|(jurisdiction, text)| (*jurisdiction, probability_of(text, &columns)))
            .collect())
    }

    #[cfg(feature = "measure")]
    pub(crate) fn multiplications(&self) -> usize {
        self.network.multiplications()
    }
}

fn legend(line: &str) -> Option<(Jurisdiction, Vec<u8>)> {
    let (jurisdiction, text) = line.split_once(' ')?;
    let symbol = |c: char| {
        (0..Character::COUNT)
            .find(|&i| Character::from_index(i).is_some_and(|known| known.as_char() == c))
    };
    let symbols: Option<Vec<u8>> = text.chars().map(|c| Some(symbol(c)? as u8 + 1)).collect();
    Some((jurisdiction.parse().ok()?, symbols?))
}

/// A band of the plate: rows of red, green, blue. Only what of the plate lies in it is drawn.
fn cut_out(plate: &Shown<'_>, band: Band) -> Result<Vec<u8>, String> {
    let (width, height) = PLATE;
    let (left, right) = (LEFT_RIGHT.0 * width as f32, LEFT_RIGHT.1 * width as f32);
    let (top, bottom) = band.top_bottom();
    let (top, bottom) = (top * height as f32, bottom * height as f32);
    let first = top.max(0.0) as u32;
    let rows = first..(bottom.ceil() as u32 + 1).min(height);
    let drawn = plate.rows(PLATE, rows.clone())?;
    let drawn = RgbImage::from_raw(width, rows.end - rows.start, drawn)
        .ok_or("the plate was not brought to its size")?;
    let mut pixels = Vec::with_capacity(3 * HEIGHT * WIDTH);
    for y in 0..HEIGHT {
        let y = top + y as f32 / HEIGHT as f32 * (bottom - top) - first as f32;
        for x in 0..WIDTH {
            let x = left + x as f32 / WIDTH as f32 * (right - left);
            pixels.extend(sample(&drawn, x, y).0);
        }
    }
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_legend_is_one_and_every_state_has_one() {
        let all: Vec<_> = LEXICON.lines().map(legend).collect();
        assert!(all.iter().all(Option::is_some));
        let named = |code: &str| all.iter().flatten().any(|(j, _)| j.code() == code);
        for state in Jurisdiction::all().filter(|j| j.code().starts_with("US-")) {
            assert!(named(state.code()), "{state}");
        }
    }
}
