//! Frames to passes: the plates of one vehicle that drives by, found in one frame after the other, are
//! one.

use plate::{PlateText, Reading, fused};

use crate::{Plate, PlateBox};

/// After so many frames without its plate a vehicle has passed.
const GAP: u64 = 15;
/// The readings of a pass that are joined: of one that stands for an hour, the most confident.
const MOST_READINGS: usize = 32;
/// A plate is the same vehicle's where its box overlaps the place it is expected at by this much ...
const OVERLAP: f32 = 0.2;
/// ... or where it says nearly the same and is not further away than this many of its widths.
const REACH: f32 = 4.0;
/// Texts that differ in no more characters than this may be one, read badly.
const MISREAD: usize = 2;
/// So many characters of a plate that the picture's edge cuts off still tell that it is the same.
const LEAST_PART: usize = 3;
/// Two plates at one place that say something else, each surer than this, are two vehicles.
const SURE: f64 = 0.8;

/// One vehicle's plate, from the first frame that shows it to the last.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The first frame that shows it, counted from 0.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// In how many it was read.
    pub frames: u64,
    /// The frame in which it was read most confidently: the plate's place is the one there.
    pub frame: u64,
    /// The plate as that frame shows it, with the reading of all frames together.
    pub plate: Plate,
}

/// The passes of one video, frame after frame.
#[derive(Default)]
pub struct Passes {
    under_way: Vec<UnderWay>,
}

struct UnderWay {
    first: u64,
    last: u64,
    frames: u64,
    /// The frames' plates, most confident first.
    best: Vec<(u64, Plate)>,
    at: PlateBox,
    /// How far it moves from frame to frame, in pixels.
    speed: (f32, f32),
}

impl Passes {
    /// Takes the plates of a frame, which must be later than those before; returns the passes that
    /// have ended.
    pub fn frame(&mut self, frame: u64, plates: &[Plate]) -> Vec<Pass> {
        let (ended, under_way) = std::mem::take(&mut self.under_way)
            .into_iter()
            .partition(|pass| frame > pass.last + GAP);
        self.under_way = under_way;
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (i, pass) in self.under_way.iter().enumerate() {
            for (j, plate) in plates.iter().enumerate() {
                pairs.extend(pass.likeness(frame, plate).map(|likeness| (likeness, i, j)));
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut taken = vec![false; plates.len()];
        for (_, i, j) in pairs {
            if !taken[j] && self.under_way[i].last < frame {
                taken[j] = true;
                self.under_way[i].add(frame, &plates[j]);
            }
        }
        for (plate, _) in plates.iter().zip(taken).filter(|(_, taken)| !taken) {
            self.under_way.push(UnderWay::begin(frame, plate));
        }
        in_order(ended)
    }

    /// The passes that are still under way when the video ends.
    pub fn end(self) -> Vec<Pass> {
        in_order(self.under_way)
    }
}

fn in_order(ended: Vec<UnderWay>) -> Vec<Pass> {
    let mut passes: Vec<Pass> = ended.into_iter().filter_map(UnderWay::end).collect();
    passes.sort_by_key(|pass| (pass.first, pass.last));
    passes
}

impl UnderWay {
    fn begin(frame: u64, plate: &Plate) -> Self {
        Self {
            first: frame,
            last: frame,
            frames: 1,
            best: vec![(frame, plate.clone())],
            at: plate.at,
            speed: (0.0, 0.0),
        }
    }

    /// How well a plate of a later frame goes on from here; `None` where it is another vehicle's.
    fn likeness(&self, frame: u64, plate: &Plate) -> Option<f32> {
        let later = (frame - self.last) as f32;
        let mut expected = self.at;
        expected.x += self.speed.0 * later;
        expected.y += self.speed.1 * later;
        let overlap = expected.overlap(&plate.at);
        let size = plate.at.width / self.at.width;
        if !(0.5..=2.0).contains(&size) {
            return None;
        }
        let known = &self.best.first()?.1;
        let (before, now) = (text(known), text(plate));
        // A vehicle that drives into the picture or out of it shows a part of its plate.
        let alike =
            differing(&before, &now) <= MISREAD || is_part(&before, &now) || is_part(&now, &before);
        let (away_x, away_y) = between(&expected, &plate.at);
        let near = away_x.hypot(away_y) < REACH * plate.at.width.max(self.at.width);
        let other = !alike && known.confidence > SURE && plate.confidence > SURE;
        (!other && (overlap >= OVERLAP || alike && near))
            .then_some(overlap + if alike { 1.0 } else { 0.0 })
    }

    fn add(&mut self, frame: u64, plate: &Plate) {
        let later = (frame - self.last) as f32;
        let (x, y) = between(&self.at, &plate.at);
        self.speed = (x / later, y / later);
        self.at = plate.at;
        self.last = frame;
        self.frames += 1;
        let place = (self.best).partition_point(|(_, other)| other.confidence >= plate.confidence);
        self.best.insert(place, (frame, plate.clone()));
        self.best.truncate(MOST_READINGS);
    }

    fn end(mut self) -> Option<Pass> {
        // What shows a part alone says nothing of the rest.
        let texts: Vec<PlateText> = self.best.iter().map(|(_, plate)| text(plate)).collect();
        let cut_off = |(_, plate): &(u64, Plate)| {
            let said = text(plate);
            texts.iter().any(|whole| is_part(&said, whole))
        };
        self.best.retain(|reading| !cut_off(reading));
        let readings: Vec<Reading> = (self.best.iter())
            .map(|(_, plate)| plate.reading.clone())
            .collect();
        let reading = fused(&readings)?;
        let (frame, best) = self.best.into_iter().next()?;
        // That it is a plate at all is as sure as in the best frame; that the text is right, as all
        // frames together say.
        let right = |reading: &Reading| reading.probability_of_folded(&reading.most_likely().text);
        let confidence = best.confidence * right(&reading) / right(&best.reading).max(f64::EPSILON);
        Some(Pass {
            first: self.first,
            last: self.last,
            frames: self.frames,
            frame,
            plate: Plate {
                confidence: confidence.min(1.0),
                reading,
                ..best
            },
        })
    }
}

fn text(plate: &Plate) -> PlateText {
    plate.reading.most_likely().text.folded()
}

/// From the middle of one box to that of another.
fn between(from: &PlateBox, to: &PlateBox) -> (f32, f32) {
    let middle = |at: &PlateBox| (at.x + at.width / 2.0, at.y + at.height / 2.0);
    let ((x0, y0), (x1, y1)) = (middle(from), middle(to));
    (x1 - x0, y1 - y0)
}

/// Whether a text is what the picture's edge leaves of the whole.
fn is_part(text: &PlateText, whole: &PlateText) -> bool {
    let (text, whole) = (text.characters(), whole.characters());
    text.len() >= LEAST_PART
        && text.len() + MISREAD < whole.len()
        && (whole.starts_with(text) || whole.ends_with(text))
}

/// The least characters that must be put in, left out or changed to make one text the other.
fn differing(a: &PlateText, b: &PlateText) -> usize {
    let (a, b) = (a.characters(), b.characters());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use plate::Candidate;

    use super::*;

    fn plate(said: &str, probability: f64, x: f32) -> Plate {
        let candidate = Candidate {
            text: said.parse().unwrap(),
            probability,
        };
        Plate {
            at: PlateBox {
                x,
                y: 50.0,
                width: 40.0,
                height: 20.0,
            },
            corners: [(x, 50.0), (x + 40.0, 50.0), (x + 40.0, 70.0), (x, 70.0)],
            reading: Reading::from_candidates(&[candidate]).unwrap(),
            confidence: probability,
        }
    }

    /// The texts of the passes of a video, with their first and last frames.
    fn passes(video: &[Vec<Plate>]) -> Vec<(String, u64, u64, u64)> {
        let mut passes = Passes::default();
        let mut all = Vec::new();
        for (frame, plates) in (0..).zip(video) {
            all.extend(passes.frame(frame, plates));
        }
        all.extend(passes.end());
        (all.iter())
            .map(|p| (text(&p.plate).to_string(), p.first, p.last, p.frames))
            .collect()
    }

    #[test]
    fn a_vehicle_that_drives_by_is_one_pass_though_a_frame_misreads_it_and_one_misses_it() {
        let mut video: Vec<Vec<Plate>> = (0..10)
            .map(|frame| vec![plate("KLM4826", 0.7, 30.0 * frame as f32)])
            .collect();
        video[3] = vec![plate("KLM482G", 0.9, 90.0)];
        video[6] = Vec::new();
        assert_eq!(passes(&video), [("KLM4826".to_owned(), 0, 9, 9)]);
    }

    #[test]
    fn what_the_edge_of_the_picture_leaves_of_a_plate_is_the_same_vehicle_and_changes_nothing() {
        let cut = |said: &str| vec![plate(said, 0.6, 0.0)];
        let mut video = vec![cut("KLM4"), cut("KLM48")];
        video.extend((0..4).map(|_| vec![plate("KLM4826", 0.9, 30.0)]));
        video.extend([cut("M4826"), cut("4826"), cut("826")]);
        assert_eq!(passes(&video), [("KLM4826".to_owned(), 0, 8, 9)]);
    }

    #[test]
    fn two_vehicles_side_by_side_are_two_passes() {
        let frame = |x: f32| vec![plate("AAA1111", 0.9, x), plate("BBB2222", 0.9, x + 60.0)];
        let read = passes(&[frame(0.0), frame(50.0), frame(100.0)]);
        let both = [
            ("AAA1111".to_owned(), 0, 2, 3),
            ("BBB2222".to_owned(), 0, 2, 3),
        ];
        assert_eq!(read, both);
    }

    #[test]
    fn another_plate_at_the_same_place_is_another_vehicle() {
        let read = passes(&[
            vec![plate("AAA1111", 0.9, 10.0)],
            vec![plate("BBB2222", 0.9, 12.0)],
        ]);
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_vehicle_that_comes_back_later_passes_twice() {
        let mut video = vec![vec![plate("AAA1111", 0.9, 10.0)]];
        video.extend((0..GAP).map(|_| Vec::new()));
        video.push(vec![plate("AAA1111", 0.9, 10.0)]);
        assert_eq!(passes(&video).len(), 2);
    }

    #[test]
    fn a_vehicle_that_stands_for_an_hour_takes_no_more_memory_than_one_that_drives_by() {
        let mut passes = Passes::default();
        for frame in 0..10_000 {
            assert!(
                passes
                    .frame(frame, &[plate("AAA1111", 0.9, 10.0)])
                    .is_empty()
            );
        }
        assert_eq!(passes.under_way[0].best.len(), MOST_READINGS);
        assert_eq!(passes.end()[0].frames, 10_000);
    }

    #[test]
    fn differing_characters_are_counted() {
        let of = |a: &str, b: &str| differing(&a.parse().unwrap(), &b.parse().unwrap());
        assert_eq!(of("ABC123", "ABC123"), 0);
        assert_eq!(of("ABC123", "ABG123"), 1);
        assert_eq!(of("ABC123", "BC123"), 1);
        assert_eq!(of("ABC", "123"), 3);
    }
}
