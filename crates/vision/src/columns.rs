//! A network with one answer a column: a distribution over "nothing here" and the characters, from
//! left to right.

use crate::decode::SYMBOLS;
use crate::network::{Around, Map, Network, NetworkError, Shape};

/// What the files say around the convolutions, and is done here.
const AROUND: Around = Around {
    before: &["Add", "Div", "Pow", "ReduceMean", "Sqrt", "Sub"],
    after: &["Softmax", "Squeeze", "Transpose"],
};
/// Pixels in a column.
const COLUMN: usize = 4;

pub(crate) struct ColumnNetwork {
    network: Network,
    columns: usize,
}

impl ColumnNetwork {
    /// Loads a network for pictures of this size.
    pub(crate) fn load(
        name: &'static str,
        file: &[u8],
        (width, height): (usize, usize),
    ) -> Result<Self, NetworkError> {
        let columns = width / COLUMN;
        let shapes = (Shape::picture(height, width, 3), (1, columns, SYMBOLS));
        Network::load(name, file, &AROUND, shapes).map(|network| Self { network, columns })
    }

    /// Each column's probabilities of the [`SYMBOLS`], one column after the other. The pixels are
    /// rows of red, green, blue.
    pub(crate) fn read(&self, pixels: &[u8]) -> Vec<f32> {
        let look = |made: &Map| {
            let columns = (0..self.columns).map(|x| probabilities(made.place(0, x)));
            columns.flatten().collect()
        };
        self.network.run(|picture| draw(pixels, picture), look)
    }

    pub(crate) fn failed(&self, reason: String) -> NetworkError {
        self.network.failed(reason)
    }

    #[cfg(feature = "measure")]
    pub(crate) fn multiplications(&self) -> usize {
        self.network.multiplications()
    }
}

/// Brightness and contrast are evened out, so that dark and flat pictures can be read too. The
/// networks were trained on blue, green, red.
fn draw(pixels: &[u8], picture: &mut Map) {
    let count = pixels.len().max(1) as f64;
    let mean = pixels.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares = pixels.iter().map(|&v| (f64::from(v) - mean).powi(2));
    let spread = (squares.sum::<f64>() / count).sqrt();
    let evened: [f32; 256] =
        std::array::from_fn(|value| ((value as f64 - mean) / (spread + 4.0)) as f32);
    let width = 3 * picture.shape().width;
    for (y, row) in pixels.chunks_exact(width).enumerate() {
        let places = picture.line_mut(y).chunks_exact_mut(3);
        for (place, pixel) in places.zip(row.chunks_exact(3)) {
            for (to, &value) in place.iter_mut().zip(pixel.iter().rev()) {
                *to = evened[usize::from(value)];
            }
        }
    }
}

fn probabilities(values: &[f32]) -> Vec<f32> {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut weights: Vec<f32> = values.iter().map(|value| (value - most).exp()).collect();
    let all: f32 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= all;
    }
    weights
}

#[cfg(test)]
mod tests {
    use rten_tensor::NdTensor;
    use rten_tensor::prelude::*;

    use super::*;

    #[test]
    fn the_networks_answer_as_an_engine_for_all_networks_does() {
        for (name, file, (width, height)) in [
            ("reader", crate::READER.1, (128, 64)),
            ("legends", crate::LEGENDS.1, (192, 64)),
        ] {
            let pixels: Vec<u8> = (0..height)
                .flat_map(|y| (0..width).map(move |x| (y, x)))
                .flat_map(|(y, x)| [x + y, 40 * (x / 12 % 3) + y, (x * y) % 97])
                .map(|value| value as u8)
                .collect();
            let mut planes = NdTensor::<f32, 4>::zeros([1, 3, height, width]);
            for (i, pixel) in pixels.chunks_exact(3).enumerate() {
                for (colour, &value) in pixel.iter().rev().enumerate() {
                    planes[[0, colour, i / width, i % width]] = f32::from(value);
                }
            }
            let engine = rten::Model::load_static_slice(file).unwrap();
            let told = engine.run_one(planes.view().into(), None).unwrap();
            let told: rten_tensor::Tensor<f32> = told.try_into().unwrap();
            let network = ColumnNetwork::load(name, file, (width, height)).unwrap();
            // Twice, for the second run is given the first one's memory.
            for _ in 0..2 {
                let read = network.read(&pixels);
                assert_eq!(read.len(), told.len());
                for (own, theirs) in read.iter().zip(told.iter()) {
                    assert!((own - theirs).abs() < 1e-4, "{name}: {own}, not {theirs}");
                }
            }
        }
    }

    #[test]
    fn a_file_that_says_something_else_is_refused() {
        let load = |file: &[u8], size| ColumnNetwork::load("reader", file, size).err();
        for (file, size) in [
            (crate::READER.1, (192, 64)),
            (crate::DETECTOR.1, (640, 384)),
            (&crate::READER.1[..crate::READER.1.len() / 2], (128, 64)),
            (b"no network".as_slice(), (128, 64)),
        ] {
            let refused = load(file, size).unwrap().to_string();
            assert!(refused.contains("could not be loaded"), "{refused}");
        }
    }
}
