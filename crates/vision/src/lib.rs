//! Pixels to plates: the detector finds them, the reader reads each as a distribution.
//!
//! Both are neural networks that run on the CPU; their weights (`models/`, with a model card each)
//! are embedded in the binary. A frame is read in four steps: [`detect`] finds plates with their
//! corners, [`rectify`] straightens each, [`read`] turns the straight picture into columns of
//! character probabilities, [`decode`] turns those into a [`plate::Reading`].

mod decode;
mod detect;
mod network;
mod read;
mod rectify;
mod resize;

use image::RgbImage;
use plate::Reading;

pub use detect::{Corners, PlateBox};
pub use network::NetworkError;

use detect::Detector;
use read::Reader;

/// A plate found in a picture.
#[derive(Clone, Debug)]
pub struct Plate {
    /// Where it is, in the picture's pixels.
    pub at: PlateBox,
    /// What it says, as a distribution.
    pub reading: Reading,
    /// How sure the product is that this is a plate and that its best text is right, 0 to 1.
    pub confidence: f64,
}

/// The two networks, ready to run. Loading takes some tens of milliseconds: make one and share it.
pub struct Vision {
    detector: Detector,
    reader: Reader,
}

impl Vision {
    /// Loads the networks embedded in this binary.
    ///
    /// # Errors
    /// When the embedded weights are not what this version expects.
    pub fn embedded() -> Result<Self, NetworkError> {
        Ok(Self {
            detector: Detector::load(include_bytes!("../../../models/detector.onnx"))?,
            reader: Reader::load(include_bytes!("../../../models/reader.onnx"))?,
        })
    }

    /// Finds and reads the plates of a picture, most confident first.
    ///
    /// # Errors
    /// When a network fails to run, which no picture should bring about.
    pub fn plates(&self, picture: &RgbImage) -> Result<Vec<Plate>, NetworkError> {
        let mut plates = Vec::new();
        for found in self.detector.detect(picture)? {
            let straight = rectify::straighten(picture, &found.corners);
            let Some(reading) = self.reader.read(&straight)? else {
                continue;
            };
            let confidence = confidence(&reading, found.score);
            plates.push(Plate {
                at: found.at,
                reading,
                confidence,
            });
        }
        plates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        Ok(plates)
    }

    /// Reads a picture that is one plate, edge to edge.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn cropped(&self, picture: &RgbImage) -> Result<Option<Plate>, NetworkError> {
        Ok(self.reader.read(picture)?.map(|reading| Plate {
            at: PlateBox {
                x: 0.0,
                y: 0.0,
                width: picture.width() as f32,
                height: picture.height() as f32,
            },
            confidence: confidence(&reading, 1.0),
            reading,
        }))
    }
}

/// The detector's score counts by its root, since it is low for small plates that read well;
/// texts of a length that few plates have are mostly lettering on the car, not plates.
fn confidence(reading: &Reading, score: f32) -> f64 {
    let best = reading.most_likely();
    let usual_length = (4..=8).contains(&best.text.characters().len());
    best.probability
        * f64::from(score.clamp(0.0, 1.0)).sqrt()
        * if usual_length { 1.0 } else { 0.05 }
}
