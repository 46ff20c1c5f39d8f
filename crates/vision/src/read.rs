//! What a straight plate says.

use plate::Candidate;
use rten_tensor::NdTensor;

use crate::decode::{SYMBOLS, candidates, candidates_of};
use crate::network::{Network, NetworkError, Threads};
use crate::rectify::{Part, Shown};

/// The reader's input, in pixels.
const WIDTH: usize = 128;
const HEIGHT: usize = 64;

/// A plate is looked at again a little lower and higher, narrower and wider.
const OTHER_LOOKS: [Part; 4] = [
    Part::new((0.0, 1.0), (0.05, 1.05)),
    Part::new((0.0, 1.0), (-0.05, 0.95)),
    Part::new((0.03, 0.97), (0.0, 1.0)),
    Part::new((-0.04, 1.04), (0.0, 1.0)),
];

/// Nothing smaller, in pixels, has characters to read.
const SMALLEST: f32 = 4.0;

/// One look at a plate.
pub(crate) struct Look {
    columns: Vec<f32>,
    /// The texts that the plate may say, most probable first; none when nothing on it looks like a
    /// character.
    pub(crate) candidates: Vec<Candidate>,
}

pub(crate) struct Reader(Network<1>);

impl Reader {
    pub(crate) fn load(weights: &'static [u8]) -> Result<Self, NetworkError> {
        Network::load("reader", weights, ["chars"]).map(Self)
    }

    /// Reads a plate once.
    pub(crate) fn read(&self, plate: &Shown<'_>, threads: &Threads) -> Result<Look, NetworkError> {
        let (width, height) = plate.size();
        let columns = if width < SMALLEST || height < SMALLEST {
            Vec::new()
        } else {
            self.columns(plate, &[Part::WHOLE], threads)?
        };
        Ok(Look {
            candidates: candidates(&columns),
            columns,
        })
    }

    /// The texts that a plate may say when it is looked at four times more.
    pub(crate) fn read_again(
        &self,
        plate: &Shown<'_>,
        first: &Look,
        threads: &Threads,
    ) -> Result<Vec<Candidate>, NetworkError> {
        let columns = self.columns(plate, &OTHER_LOOKS, threads)?;
        let mut looks = vec![first.columns.as_slice()];
        looks.extend(columns.chunks_exact(columns.len() / OTHER_LOOKS.len()));
        Ok(candidates_of(&looks))
    }

    /// The columns of each part of a plate, one after the other.
    fn columns(
        &self,
        plate: &Shown<'_>,
        parts: &[Part],
        threads: &Threads,
    ) -> Result<Vec<f32>, NetworkError> {
        let mut planes = vec![0.0; parts.len() * 3 * HEIGHT * WIDTH];
        for (part, planes) in (parts.iter()).zip(planes.chunks_exact_mut(3 * HEIGHT * WIDTH)) {
            let straight =
                (plate.part(*part, WIDTH as u32, HEIGHT as u32)).map_err(|e| self.0.failed(e))?;
            for (i, pixel) in straight.chunks_exact(3).enumerate() {
                for (plane, &value) in pixel.iter().rev().enumerate() {
                    // The reader was trained on blue, green, red.
                    planes[plane * HEIGHT * WIDTH + i] = f32::from(value);
                }
            }
        }
        let input = NdTensor::from_data([parts.len(), 3, HEIGHT, WIDTH], planes);
        let [columns] = self.0.run(input, threads)?;
        if columns.is_empty() || columns.len() % (parts.len() * SYMBOLS) != 0 {
            return Err(self.0.failed(format!(
                "{} values are no columns of {SYMBOLS}",
                columns.len()
            )));
        }
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    #[test]
    fn the_smallest_picture_can_be_looked_at_again() {
        let picture = RgbImage::new(1, 1);
        for part in OTHER_LOOKS {
            assert!(Shown::Cropped(&picture).part(part, 8, 4).is_ok());
        }
    }
}
