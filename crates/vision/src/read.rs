//! What a straight plate says.

use image::RgbImage;
use plate::Candidate;
use rten_tensor::NdTensor;

use crate::decode::{SYMBOLS, candidates};
use crate::network::{Network, NetworkError, Threads};
use crate::resize::resize;

/// The reader's input, in pixels.
const WIDTH: usize = 128;
const HEIGHT: usize = 64;

pub(crate) struct Reader(Network<1>);

impl Reader {
    pub(crate) fn load(weights: &'static [u8]) -> Result<Self, NetworkError> {
        Network::load("reader", weights, ["chars"]).map(Self)
    }

    /// The texts that the plate may say, most probable first; none when nothing on it looks like a
    /// character.
    pub(crate) fn read(
        &self,
        plate: &RgbImage,
        threads: &Threads,
    ) -> Result<Vec<Candidate>, NetworkError> {
        if plate.width() < 4 || plate.height() < 4 {
            return Ok(Vec::new());
        }
        let resized = resize(plate, WIDTH as u32, HEIGHT as u32).map_err(|e| self.0.failed(e))?;
        let mut planes = vec![0.0; 3 * HEIGHT * WIDTH];
        for (i, pixel) in resized.chunks_exact(3).enumerate() {
            for (plane, &value) in pixel.iter().rev().enumerate() {
                // The reader was trained on blue, green, red.
                planes[plane * HEIGHT * WIDTH + i] = f32::from(value);
            }
        }
        let [columns] = self
            .0
            .run(NdTensor::from_data([1, 3, HEIGHT, WIDTH], planes), threads)?;
        if columns.is_empty() || columns.len() % SYMBOLS != 0 {
            return Err(self.0.failed(format!(
                "{} values are no columns of {SYMBOLS}",
                columns.len()
            )));
        }
        Ok(candidates(&columns))
    }
}
