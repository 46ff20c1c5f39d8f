//! One labelled plate, and what was read of it.

use image::RgbImage;
use plate::Jurisdiction;
use vision::{Plate, PlateBox, straighten};

use super::truth::Row;

/// A read whose box overlaps the labelled one by this much (intersection over union) is of it.
const SAME_PLATE: f32 = 0.3;

/// How one labelled plate was read.
pub(super) struct Score {
    pub(super) truth: Row,
    /// Whether a read lies on the labelled box; in pictures of one plate, whether there is a read.
    pub(super) found: bool,
    /// The text that counts; empty when nothing was read.
    pub(super) said: String,
    pub(super) confidence: f64,
    pub(super) state_said: Option<(Jurisdiction, f64)>,
    /// The plate as it was cut out, for those that were read wrong.
    pub(super) picture: Option<RgbImage>,
}

impl Score {
    /// Letters and digits only, the letter O counted as the digit 0.
    pub(super) fn exact(&self) -> bool {
        folded(&self.said) == folded(&self.truth.plate)
    }

    /// The same held against what the plate shows, where the label seems wrong.
    pub(super) fn exact_as_seen(&self) -> bool {
        let seen = self.truth.seen.as_ref().unwrap_or(&self.truth.plate);
        folded(&self.said) == folded(seen)
    }

    /// O and 0 told apart.
    pub(super) fn strict(&self) -> bool {
        plain(&self.said) == plain(&self.truth.plate)
    }

    /// `None` where the label has no state.
    pub(super) fn state_right(&self) -> Option<bool> {
        let truth = self.truth.state?;
        Some(self.state_said.is_some_and(|(said, _)| said == truth))
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

fn folded(text: &str) -> String {
    plain(text).replace('O', "0")
}

/// Scores the labelled plates of one picture.
pub(super) fn of(rows: &[Row], picture: &RgbImage, plates: &[Plate]) -> Vec<Score> {
    rows.iter()
        .map(|row| {
            let on = |plate: &&Plate| row.at.is_none_or(|at| overlaps(&plate.at, &at));
            // Plates come most confident first. A read elsewhere counts where none is on the box:
            // it is what a person would be told.
            let hit = plates.iter().find(on);
            let counted = hit.or(plates.first());
            let mut score = Score {
                truth: row.clone(),
                found: hit.is_some(),
                said: counted
                    .map_or_else(String::new, |p| p.reading.most_likely().text.to_string()),
                confidence: counted.map_or(0.0, |p| p.confidence),
                state_said: counted.and_then(|p| p.reading.jurisdictions().most_likely()),
                picture: None,
            };
            if !score.exact() {
                score.picture = Some(cut_out(row, picture, hit));
            }
            score
        })
        .collect()
}

/// Scores the labelled plates of a picture that could not be read: all missed.
pub(super) fn of_unread(rows: &[Row]) -> Vec<Score> {
    of(rows, &RgbImage::new(1, 1), &[])
}

fn overlaps(read: &PlateBox, labelled: &PlateBox) -> bool {
    read.overlap(labelled) >= SAME_PLATE
}

fn cut_out(row: &Row, picture: &RgbImage, hit: Option<&Plate>) -> RgbImage {
    let corners = hit.map_or_else(
        || {
            let whole = PlateBox {
                x: 0.0,
                y: 0.0,
                width: picture.width() as f32,
                height: picture.height() as f32,
            };
            let PlateBox {
                x,
                y,
                width,
                height,
            } = row.at.unwrap_or(whole);
            let (right, bottom) = (x + width, y + height);
            [(x, y), (right, y), (right, bottom), (x, bottom)]
        },
        |plate| plate.corners,
    );
    straighten(picture, &corners)
}

#[cfg(test)]
mod tests {
    use plate::{Candidate, Reading};

    use super::*;

    fn read(text: &str, confidence: f64, x: f32) -> Plate {
        let candidate = Candidate {
            text: text.parse().unwrap(),
            probability: 1.0,
        };
        Plate {
            at: PlateBox {
                x,
                y: 0.0,
                width: 20.0,
                height: 10.0,
            },
            corners: [(x, 0.0), (x + 20.0, 0.0), (x + 20.0, 10.0), (x, 10.0)],
            reading: Reading::from_candidates(&[candidate]).unwrap(),
            confidence,
        }
    }

    fn row(plate: &str) -> Row {
        Row {
            file: "gate.jpg".to_owned(),
            plate: plate.to_owned(),
            seen: None,
            state: None,
            at: Some(PlateBox {
                x: 50.0,
                y: 0.0,
                width: 20.0,
                height: 10.0,
            }),
        }
    }

    fn score(plate: &str, plates: &[Plate]) -> Score {
        of(&[row(plate)], &RgbImage::new(90, 20), plates).remove(0)
    }

    #[test]
    fn the_most_confident_read_on_the_box_counts_before_a_more_confident_one_elsewhere() {
        let reads = [
            read("ELSE", 0.9, 0.0),
            read("HERE", 0.5, 52.0),
            read("DOUBT", 0.4, 48.0),
        ];
        let score = score("HERE", &reads);
        assert!(score.exact() && score.found);
    }

    #[test]
    fn a_read_elsewhere_counts_where_none_is_on_the_box() {
        let score = score("HERE", &[read("ELSE", 0.9, 0.0)]);
        assert_eq!(score.said, "ELSE");
        assert!(!score.found && !score.exact() && score.picture.is_some());
    }

    #[test]
    fn o_counts_as_0_when_exact_and_not_when_strict() {
        let score = score("OB 12-Q", &[read("0B12Q", 0.9, 50.0)]);
        assert!(score.exact() && !score.strict());
    }

    #[test]
    fn nothing_read_is_missed() {
        let score = score("HERE", &[]);
        assert!(!score.found && !score.exact());
        assert!(score.confidence.abs() < f64::EPSILON);
    }
}
