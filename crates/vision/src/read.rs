//! What a straight plate says.

use plate::Candidate;

use crate::columns::ColumnNetwork;
use crate::decode::{candidates, candidates_of};
use crate::network::NetworkError;
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

pub(crate) struct Reader(ColumnNetwork);

impl Reader {
    pub(crate) fn load(weights: &[u8]) -> Result<Self, NetworkError> {
        ColumnNetwork::load("reader", weights, (WIDTH, HEIGHT)).map(Self)
    }

    /// Reads a plate once.
    pub(crate) fn read(&self, plate: &Shown<'_>) -> Result<Look, NetworkError> {
        let (width, height) = plate.size();
        let columns = if width < SMALLEST || height < SMALLEST {
            Vec::new()
        } else {
            self.columns(plate, Part::WHOLE)?
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
    ) -> Result<Vec<Candidate>, NetworkError> {
        let mut others = Vec::new();
        for part in OTHER_LOOKS {
            others.push(self.columns(plate, part)?);
        }
        let all = std::iter::once(&first.columns).chain(&others);
        let looks: Vec<&[f32]> = all.map(Vec::as_slice).collect();
        Ok(candidates_of(&looks))
    }

    #[cfg(feature = "measure")]
    pub(crate) fn multiplications(&self) -> usize {
        self.0.multiplications()
    }

    /// The columns of a part of a plate.
    fn columns(&self, plate: &Shown<'_>, part: Part) -> Result<Vec<f32>, NetworkError> {
        let straight = plate.part(part, WIDTH as u32, HEIGHT as u32);
        let straight = straight.map_err(|e| self.0.failed(e))?;
        Ok(self.0.read(&straight))
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
