//! The steps of [`Vision::plates`] one by one, for the bench alone.

use image::RgbImage;

use crate::Vision;
use crate::detect::Corners;
use crate::network::NetworkError;
use crate::rectify::Shown;

/// What the detector takes for a plate.
pub struct Detected {
    corners: Corners,
    score: f32,
}

impl Vision {
    /// The detector alone.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn detected(&self, picture: &RgbImage) -> Result<Vec<Detected>, NetworkError> {
        let found = self.detector.detect(picture)?.into_iter();
        let detected = found.map(|found| Detected {
            corners: found.corners,
            score: found.score,
        });
        Ok(detected.collect())
    }

    /// The reader alone, with the search for the texts that its columns spell; whether a frame would
    /// ask who issued it.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn says_something(
        &self,
        picture: &RgbImage,
        detected: &Detected,
    ) -> Result<bool, NetworkError> {
        let plate = Shown::in_street(picture, &detected.corners);
        let spelled = self.spelled(&plate, Some(detected.score))?;
        Ok(spelled.is_some_and(|spelled| spelled.is_a_plate))
    }

    /// The legend reader alone: how many jurisdictions it leaves possible.
    ///
    /// # Errors
    /// As [`Vision::plates`].
    pub fn possible_issuers(
        &self,
        picture: &RgbImage,
        detected: &Detected,
    ) -> Result<usize, NetworkError> {
        let plate = Shown::in_street(picture, &detected.corners);
        Ok(self.issuers(&plate)?.len())
    }

    /// Multiplications with addition that the detector takes for a picture.
    pub fn detector_multiplications(&self) -> usize {
        self.detector.multiplications()
    }

    /// Multiplications with addition that the reader takes for a look at a plate, and the legend
    /// reader for a look at a band of one.
    pub fn reader_multiplications(&self) -> [usize; 2] {
        [
            self.reader.multiplications(),
            self.legends.multiplications(),
        ]
    }
}
