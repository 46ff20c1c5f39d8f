//! The steps one by one, for the bench alone.

use image::RgbImage;

use crate::Vision;
use crate::detect::Corners;
use crate::legend::Band;
use crate::network::NetworkError;
use crate::rectify::Shown;

/// Multiplications with addition of the detector for a picture, counted from the layers of
/// `models/detector.onnx`.
pub const DETECTOR_MACS: f64 = 1.165e9;
/// The reader's for a plate, counted from the layers of `models/reader.onnx`.
pub const READER_MACS: f64 = 0.196e9;
/// The legend reader's for a plate's two bands, counted from the layers of `models/legends.onnx`.
pub const LEGEND_MACS: f64 = 2.0 * 0.294e9;

impl Vision {
    /// The detector alone: the corners of what it takes for plates.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn detected(&self, picture: &RgbImage) -> Result<Vec<Corners>, NetworkError> {
        let found = self.networks.detector.detect(picture, &self.threads)?;
        Ok(found.into_iter().map(|found| found.corners).collect())
    }

    /// The reader alone, with the search for the texts that its columns spell; `false` when there
    /// are none.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn says_something(
        &self,
        picture: &RgbImage,
        corners: &Corners,
    ) -> Result<bool, NetworkError> {
        let plate = Shown::in_street(picture, corners);
        let look = self.networks.reader.read(&plate, &self.threads)?;
        Ok(!look.candidates.is_empty())
    }

    /// The legend reader alone, over and under the serial: how many legends were weighed.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn legends_weighed(
        &self,
        picture: &RgbImage,
        corners: &Corners,
    ) -> Result<usize, NetworkError> {
        let plate = Shown::in_street(picture, corners);
        let look = self.networks.legends.look(&plate)?;
        let read = |band| self.networks.legends.read(&look, band, &self.threads);
        Ok(read(Band::Above)?.len() + read(Band::Below)?.len())
    }
}
