//! What stands over and under the serial: how well it fits each jurisdiction's names and mottoes.

use image::RgbImage;
use plate::{Character, Jurisdiction};
use rten_tensor::NdTensor;

use crate::decode::{SYMBOLS, probability_of};
use crate::network::{Network, NetworkError, Threads};
use crate::rectify::{Part, Shown, sample};

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

/// A straight plate of [`PLATE`]'s size.
pub(crate) struct AtSize(RgbImage);

pub(crate) struct LegendReader {
    network: Network<1>,
    /// The legends as the network's symbols.
    lexicon: Vec<(Jurisdiction, Vec<u8>)>,
}

impl LegendReader {
    pub(crate) fn load(weights: &'static [u8]) -> Result<Self, NetworkError> {
        Ok(Self {
            network: Network::load("legend", weights, ["chars"])?,
            lexicon: LEXICON.lines().filter_map(legend).collect(),
        })
    }

    /// The plate as its legends are looked for on it.
    pub(crate) fn look(&self, plate: &Shown<'_>) -> Result<AtSize, NetworkError> {
        let (width, height) = PLATE;
        let pixels =
            (plate.part(Part::WHOLE, width, height)).map_err(|e| self.network.failed(e))?;
        RgbImage::from_raw(width, height, pixels)
            .map(AtSize)
            .ok_or_else(|| {
                self.network
                    .failed("the plate was not brought to its size".to_owned())
            })
    }

    /// For each legend of a jurisdiction, the probability that it is what stands in the band. They
    /// add up to one at most; nothing legible is nobody's.
    pub(crate) fn read(
        &self,
        plate: &AtSize,
        band: Band,
        threads: &Threads,
    ) -> Result<Vec<(Jurisdiction, f64)>, NetworkError> {
        let [columns] = self.network.run(cut_out(&plate.0, band), threads)?;
        if columns.is_empty() || columns.len() % SYMBOLS != 0 {
            return Err(self.network.failed(format!(
                "{} values are no columns of {SYMBOLS}",
                columns.len()
            )));
        }
        Ok(self
            .lexicon
            .iter()
            .map(|(jurisdiction, text)| (*jurisdiction, probability_of(text, &columns)))
            .collect())
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

/// A band of the plate, in blue, green, red.
fn cut_out(plate: &RgbImage, band: Band) -> NdTensor<f32, 4> {
    let (width, height) = PLATE;
    let (left, right) = (LEFT_RIGHT.0 * width as f32, LEFT_RIGHT.1 * width as f32);
    let (top, bottom) = band.top_bottom();
    let (top, bottom) = (top * height as f32, bottom * height as f32);
    let mut planes = vec![0.0; 3 * HEIGHT * WIDTH];
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let pixel = sample(
                plate,
                left + x as f32 / WIDTH as f32 * (right - left),
                top + y as f32 / HEIGHT as f32 * (bottom - top),
            );
            for (plane, &value) in pixel.0.iter().rev().enumerate() {
                planes[(plane * HEIGHT + y) * WIDTH + x] = f32::from(value);
            }
        }
    }
    NdTensor::from_data([1, 3, HEIGHT, WIDTH], planes)
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
