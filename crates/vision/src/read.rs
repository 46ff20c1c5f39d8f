//! What a straight plate says.

use image::RgbImage;
use plate::Candidate;
use rten_tensor::NdTensor;

use crate::decode::{SYMBOLS, candidates, candidates_of};
use crate::network::{Network, NetworkError, Threads};
use crate::resize::resize;

/// The reader's input, in pixels.
const WIDTH: usize = 128;
const HEIGHT: usize = 64;

/// A plate is looked at again a little higher and lower, narrower and wider: what is left off each
/// side, in shares of the plate; less than nothing shows more.
const OTHER_LOOKS: [Edges; 4] = [
    Edges::new(0.0, 0.0, 0.05, -0.05),
    Edges::new(0.0, 0.0, -0.05, 0.05),
    Edges::new(0.03, 0.03, 0.0, 0.0),
    Edges::new(-0.04, -0.04, 0.0, 0.0),
];

struct Edges {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
}

impl Edges {
    const fn new(left: f32, right: f32, top: f32, bottom: f32) -> Self {
        Self {
            left,
            right,
            top,
            bottom,
        }
    }

    /// The plate without its edges; where more is shown, the outermost pixels are repeated.
    fn cut(&self, plate: &RgbImage) -> RgbImage {
        let (width, height) = plate.dimensions();
        let pixels = |share: f32, side: u32| (share * side as f32).round() as i64;
        let (left, right) = (pixels(self.left, width), pixels(self.right, width));
        let (top, bottom) = (pixels(self.top, height), pixels(self.bottom, height));
        let rest = |side: u32, off: i64| (i64::from(side) - off).max(1) as u32;
        let inside = |at: i64, side: u32| at.clamp(0, i64::from(side) - 1) as u32;
        RgbImage::from_fn(
            rest(width, left + right),
            rest(height, top + bottom),
            |x, y| {
                *plate.get_pixel(
                    inside(i64::from(x) + left, width),
                    inside(i64::from(y) + top, height),
                )
            },
        )
    }
}

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
    pub(crate) fn read(&self, plate: &RgbImage, threads: &Threads) -> Result<Look, NetworkError> {
        let columns = if plate.width() < 4 || plate.height() < 4 {
            Vec::new()
        } else {
            self.columns(&[plate], threads)?
        };
        Ok(Look {
            candidates: candidates(&columns),
            columns,
        })
    }

    /// The texts that a plate may say when it is looked at four times more.
    pub(crate) fn read_again(
        &self,
        plate: &RgbImage,
        first: &Look,
        threads: &Threads,
    ) -> Result<Vec<Candidate>, NetworkError> {
        let others = OTHER_LOOKS.map(|edges| edges.cut(plate));
        let columns = self.columns(&others.each_ref(), threads)?;
        let mut looks = vec![first.columns.as_slice()];
        looks.extend(columns.chunks_exact(columns.len() / others.len()));
        Ok(candidates_of(&looks))
    }

    /// The columns of each picture, one after the other.
    fn columns(&self, plates: &[&RgbImage], threads: &Threads) -> Result<Vec<f32>, NetworkError> {
        let mut planes = vec![0.0; plates.len() * 3 * HEIGHT * WIDTH];
        for (picture, planes) in plates
            .iter()
            .zip(planes.chunks_exact_mut(3 * HEIGHT * WIDTH))
        {
            let resized =
                resize(picture, WIDTH as u32, HEIGHT as u32).map_err(|e| self.0.failed(e))?;
            for (i, pixel) in resized.chunks_exact(3).enumerate() {
                for (plane, &value) in pixel.iter().rev().enumerate() {
                    // The reader was trained on blue, green, red.
                    planes[plane * HEIGHT * WIDTH + i] = f32::from(value);
                }
            }
        }
        let input = NdTensor::from_data([plates.len(), 3, HEIGHT, WIDTH], planes);
        let [columns] = self.0.run(input, threads)?;
        if columns.is_empty() || columns.len() % (plates.len() * SYMBOLS) != 0 {
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
    use image::Rgb;

    use super::*;

    #[test]
    fn a_look_leaves_off_one_side_and_repeats_the_other() {
        let plate = RgbImage::from_fn(100, 40, |x, y| Rgb([x as u8, y as u8, 0]));
        let higher = OTHER_LOOKS[1].cut(&plate);
        assert_eq!(higher.dimensions(), (100, 40));
        assert_eq!(*higher.get_pixel(7, 0), Rgb([7, 0, 0]));
        assert_eq!(*higher.get_pixel(7, 39), Rgb([7, 37, 0]));
        assert_eq!(OTHER_LOOKS[2].cut(&plate).dimensions(), (94, 40));
        let wider = OTHER_LOOKS[3].cut(&plate);
        assert_eq!(wider.dimensions(), (108, 40));
        assert_eq!(*wider.get_pixel(0, 3), Rgb([0, 3, 0]));
        assert_eq!(*wider.get_pixel(107, 3), Rgb([99, 3, 0]));
    }

    #[test]
    fn the_smallest_picture_can_be_looked_at_again() {
        for edges in OTHER_LOOKS {
            assert!(edges.cut(&RgbImage::new(1, 1)).width() >= 1);
        }
    }
}
