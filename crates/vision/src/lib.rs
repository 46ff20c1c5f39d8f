//! Pixels to plates: the detector finds them, the reader reads each as a distribution.
//!
//! Neural networks do it on the CPU; their weights (`models/`, with a model card each) are embedded
//! in the binary. A frame is read in five steps: [`detect`] finds plates with their corners,
//! [`rectify`] straightens each, [`read`] turns the straight picture into columns of character
//! probabilities, looking again where the first look leaves doubt, [`decode`] turns those into
//! texts, [`legend`] and [`issuer`] tell which jurisdiction's it is, [`serial`] weighs the texts by
//! what is issued there: a [`plate::Reading`]. [`Passes`] joins the frames of a vehicle that drives by.

mod columns;
mod decode;
mod detect;
mod issuer;
mod legend;
#[cfg(feature = "measure")]
pub mod measure;
mod network;
mod passes;
mod read;
mod rectify;
mod resize;
mod serial;

use image::RgbImage;
use plate::{Candidate, Jurisdiction, Reading};

pub use detect::{Corners, PlateBox};
pub use network::NetworkError;
pub use passes::{Pass, Passes};
pub use rectify::straighten;

use detect::Detector;
use legend::{Band, LegendReader};
use read::Reader;
use rectify::Shown;

/// A plate found in a picture.
#[derive(Clone, Debug)]
pub struct Plate {
    /// Where it is, in the picture's pixels.
    pub at: PlateBox,
    /// Its corners, for [`straighten`].
    pub corners: Corners,
    /// What it says, as a distribution.
    pub reading: Reading,
    /// How sure the product is that this is a plate and that its best text is right, O counted as 0;
    /// 0 to 1.
    pub confidence: f64,
}

/// The networks embedded in this binary, by name: the files of `models/`.
pub const NETWORKS: [(&str, &[u8]); 3] = [DETECTOR, READER, LEGENDS];
const DETECTOR: (&str, &[u8]) = ("detector", include_bytes!("../../../models/detector.onnx"));
const READER: (&str, &[u8]) = ("reader", include_bytes!("../../../models/reader.onnx"));
const LEGENDS: (&str, &[u8]) = ("legends", include_bytes!("../../../models/legends.onnx"));

/// The networks, ready to run, each time on the thread that asks. Loading takes some tens of
/// milliseconds: make one and share it.
pub struct Vision {
    detector: Detector,
    reader: Reader,
    legends: LegendReader,
}

impl Vision {
    /// Loads the networks embedded in this binary.
    ///
    /// # Errors
    /// When the embedded weights are not what this version expects.
    pub fn embedded() -> Result<Self, NetworkError> {
        Ok(Self {
            detector: Detector::load(DETECTOR.1)?,
            reader: Reader::load(READER.1)?,
            legends: LegendReader::load(LEGENDS.1)?,
        })
    }

    /// Finds and reads the plates of a picture, most confident first.
    ///
    /// # Errors
    /// When a picture cannot be brought to a network's size, which none should bring about.
    pub fn plates(&self, picture: &RgbImage) -> Result<Vec<Plate>, NetworkError> {
        let mut plates = Vec::new();
        for found in self.detector.detect(picture)? {
            let shown = Shown::in_street(picture, &found.corners);
            if let Some((reading, confidence)) = self.read(&shown, Some(found.score))? {
                plates.push(Plate {
                    at: found.at,
                    corners: found.corners,
                    confidence,
                    reading,
                });
            }
        }
        plates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        Ok(plates)
    }

    /// Reads a picture that is one plate, edge to edge.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn cropped(&self, picture: &RgbImage) -> Result<Option<Plate>, NetworkError> {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let shown = Shown::Cropped(picture);
        Ok(self.read(&shown, None)?.map(|(reading, confidence)| Plate {
            at: PlateBox {
                x: 0.0,
                y: 0.0,
                width,
                height,
            },
            corners: [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)],
            confidence,
            reading,
        }))
    }

    /// What a plate says, and how sure that is when the detector gave it `score`; a picture that is
    /// a plate has none. Who issued it is asked only where it is a plate at all.
    fn read(
        &self,
        plate: &Shown<'_>,
        score: Option<f32>,
    ) -> Result<Option<(Reading, f64)>, NetworkError> {
        let Some(spelled) = self.spelled(plate, score)? else {
            return Ok(None);
        };
        if !spelled.is_a_plate {
            return Ok(Some((spelled.reading, spelled.confidence)));
        }
        let issuers = self.issuers(plate)?;
        let weighed = serial::reading(&spelled.candidates, &issuers);
        let reading = weighed.unwrap_or(spelled.reading);
        let issuers = issuer::by_serial(&reading.most_likely().text, &issuers);
        let confidence = confidence(&reading, score);
        Ok(Some((reading.with_jurisdictions(issuers), confidence)))
    }

    /// What a plate's characters spell, looked at again where the first look leaves doubt.
    fn spelled(
        &self,
        plate: &Shown<'_>,
        score: Option<f32>,
    ) -> Result<Option<Spelled>, NetworkError> {
        let look = self.reader.read(plate)?;
        let Some(reading) = Reading::from_candidates(&look.candidates) else {
            return Ok(None);
        };
        let confidence = confidence(&reading, score);
        let sure = reading.probability_of_folded(&reading.most_likely().text) >= SURE;
        let is_a_plate = score.is_none() || confidence >= WORTH_ASKING;
        let candidates = if sure || !is_a_plate {
            look.candidates
        } else {
            self.reader.read_again(plate, &look)?
        };
        Ok(Some(Spelled {
            reading,
            confidence,
            is_a_plate,
            candidates,
        }))
    }

    /// How probably each jurisdiction issued a plate, by what stands over and under its serial.
    fn issuers(&self, plate: &Shown<'_>) -> Result<Vec<(Jurisdiction, f64)>, NetworkError> {
        let long = issuer::is_long(plate.size());
        if long || plate.size().0 < LEGIBLE_NAME {
            return Ok(issuer::by_legends(&[], &[], long));
        }
        let above = self.legends.read(plate, Band::Above)?;
        let issuers = issuer::by_legends(&above, &[], long);
        // The motto is asked where the name leaves doubt and letters so small can be read.
        if issuer::is_sure(&issuers) || plate.size().0 < LEGIBLE_MOTTO {
            return Ok(issuers);
        }
        let below = self.legends.read(plate, Band::Below)?;
        Ok(issuer::by_legends(&above, &below, long))
    }
}

/// What the characters of a plate spell, before who issued it is asked.
struct Spelled {
    /// At first sight.
    reading: Reading,
    /// How sure that is.
    confidence: f64,
    /// Whether it is worth while to look on.
    is_a_plate: bool,
    /// All looks together.
    candidates: Vec<Candidate>,
}

/// On plates narrower than this, in pixels, what is read for a name misleads more often than it helps
/// (`training/LOG.md`).
const LEGIBLE_NAME: f32 = 50.0;

/// Mottoes are half as tall as names: on plates narrower than this, in pixels, they are a line.
const LEGIBLE_MOTTO: f32 = 120.0;

/// A plate that is less sure than this at first sight is looked at again.
const SURE: f64 = 0.9;

/// Reads less sure than this are lettering and reflections far more often than plates.
const WORTH_ASKING: f64 = 0.02;

/// The detector's score counts by this power against the odds of the text: fitted on rendered plates
/// pasted into real streets (`training/LOG.md`).
const SCORE: f64 = 0.2;

/// Texts of a length that few plates have are mostly lettering on the car, not plates. O and 0,
/// which are compared as one, are not told apart. A picture that is a plate has no `score`, and its
/// text may have any length.
fn confidence(reading: &Reading, score: Option<f32>) -> f64 {
    let best = reading.most_likely().text;
    let right = reading.probability_of_folded(&best);
    let Some(score) = score else {
        return right;
    };
    let usual_length = (4..=8).contains(&best.characters().len());
    let found = right * f64::from(score.clamp(1e-3, 1.0)).powf(SCORE);
    let sure = found / (found + (1.0 - right));
    if usual_length { sure } else { 0.05 * sure }
}
