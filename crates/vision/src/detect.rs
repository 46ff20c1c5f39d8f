//! Where plates are: a heat map with boxes and corners over a letterboxed picture.

use image::RgbImage;

use crate::network::{Around, Map, Network, NetworkError, Shape};
use crate::resize::resize;

/// The detector's input, in pixels.
const WIDTH: usize = 640;
const HEIGHT: usize = 384;
/// Its heat map is this much coarser.
const STRIDE: usize = 4;
/// The grey of the letterbox's margins, as in training: it is the network's zero.
const MARGIN: f32 = 118.0;
/// What counts as one for the network, in a colour's steps.
const UNIT: f32 = 60.0;
/// What the file says around the convolutions, and is done here.
const AROUND: Around = Around {
    before: &["Mul", "Sub"],
    after: &[
        "Add",
        "Cast",
        "Clip",
        "Concat",
        "Equal",
        "Exp",
        "Gather",
        "MaxPool",
        "Mul",
        "Sigmoid",
        "Slice",
        "Sub",
        "Unsqueeze",
    ],
};
/// What the network says of each cell: how probably a plate's centre lies in it, how far the plate's
/// four sides are, and where its four corners are from the box's.
const VALUES: usize = 1 + 4 + 8;
/// Peaks below this are no plates: about two detections a street picture, where one is labelled
/// (set on the experiments' development pictures, `models/detector.md`).
const THRESHOLD: f32 = 0.197;
/// Two boxes that overlap more than this are one plate.
const OVERLAP: f32 = 0.35;
/// No picture holds more plates than this worth reading.
const MOST: usize = 24;

/// A rectangle in a picture, in its pixels, from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateBox {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl PlateBox {
    /// Intersection over union, 0 to 1.
    pub fn overlap(&self, other: &Self) -> f32 {
        let side = |a: f32, a_len: f32, b: f32, b_len: f32| {
            ((a + a_len).min(b + b_len) - a.max(b)).max(0.0)
        };
        let both = side(self.x, self.width, other.x, other.width)
            * side(self.y, self.height, other.y, other.height);
        let either = self.width * self.height + other.width * other.height - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    fn holds(&self, other: &Self) -> bool {
        const SLACK: f32 = 2.0;
        other.x > self.x - SLACK
            && other.y > self.y - SLACK
            && other.x + other.width < self.x + self.width + SLACK
            && other.y + other.height < self.y + self.height + SLACK
    }
}

/// A plate's corners, in the picture's pixels: top left, top right, bottom right, bottom left.
pub type Corners = [(f32, f32); 4];

/// A plate that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) at: PlateBox,
    pub(crate) corners: Corners,
    /// The height of its peak, 0 to 1.
    pub(crate) score: f32,
}

pub(crate) struct Detector(Network);

impl Detector {
    pub(crate) fn load(weights: &[u8]) -> Result<Self, NetworkError> {
        let picture = Shape::picture(HEIGHT, WIDTH, 3);
        let cells = (HEIGHT / STRIDE, WIDTH / STRIDE, VALUES);
        Network::load("detector", weights, &AROUND, (picture, cells)).map(Self)
    }

    #[cfg(feature = "measure")]
    pub(crate) fn multiplications(&self) -> usize {
        self.0.multiplications()
    }

    pub(crate) fn detect(&self, picture: &RgbImage) -> Result<Vec<Found>, NetworkError> {
        if picture.width() < 8 || picture.height() < 8 {
            return Ok(Vec::new());
        }
        let letterbox = Letterbox::of(picture).map_err(|e| self.0.failed(e))?;
        let mut peaks = self.0.run(|input| letterbox.draw(input), peaks);
        peaks.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut found: Vec<Found> = Vec::new();
        for peak in peaks {
            let back = |(x, y): (f32, f32)| letterbox.back(x, y);
            let [left, top, right, bottom] = peak.sides;
            let ((left, top), (right, bottom)) = (back((left, top)), back((right, bottom)));
            let at = PlateBox {
                x: left,
                y: top,
                width: right - left,
                height: bottom - top,
            };
            if found
                .iter()
                .any(|other| other.at.overlap(&at) >= OVERLAP || other.at.holds(&at))
            {
                continue;
            }
            found.push(Found {
                at,
                corners: peak.corners.map(back),
                score: peak.score,
            });
            if found.len() == MOST {
                break;
            }
        }
        Ok(found)
    }
}

/// A cell that is more probably a plate's centre than those around it, in the input's pixels.
struct Peak {
    score: f32,
    /// Left, top, right, bottom.
    sides: [f32; 4],
    corners: Corners,
}

fn peaks(map: &Map) -> Vec<Peak> {
    let Shape { height, width, .. } = map.shape();
    let odds = |y: usize, x: usize| map.place(y, x)[0];
    let least = (THRESHOLD / (1.0 - THRESHOLD)).ln();
    let around = |at: usize, side: usize| at.saturating_sub(1)..(at + 2).min(side);
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (y, x)))
        .filter(|&(y, x)| {
            let own = odds(y, x);
            let mut others = around(y, height).flat_map(|y| around(x, width).map(move |x| (y, x)));
            own >= least && others.all(|(y, x)| odds(y, x) <= own)
        })
        .map(|(y, x)| peak(map.place(y, x), x, y))
        .collect()
}

fn peak(values: &[f32], x: usize, y: usize) -> Peak {
    let middle = |cell: usize| (cell as f32 + 0.5) * STRIDE as f32;
    // The distances are told as logarithms, in units of eight pixels.
    let far = |i: usize| 8.0 * values[1 + i].clamp(-4.0, 4.0).exp();
    let sides @ [left, top, right, bottom] = [
        middle(x) - far(0),
        middle(y) - far(1),
        middle(x) + far(2),
        middle(y) + far(3),
    ];
    let (width, height) = (right - left, bottom - top);
    // The corners are told from the box's, in its widths and heights.
    let corner = |i: usize, x: f32, y: f32| {
        (
            x + values[5 + 2 * i] * width,
            y + values[6 + 2 * i] * height,
        )
    };
    Peak {
        score: 1.0 / (1.0 + (-values[0]).exp()),
        sides,
        corners: [
            corner(0, left, top),
            corner(1, right, top),
            corner(2, right, bottom),
            corner(3, left, bottom),
        ],
    }
}

/// How the picture lies in the detector's input.
struct Letterbox {
    /// Rows of red, green, blue.
    resized: Vec<u8>,
    /// Pixels in a row.
    width: usize,
    scale: f32,
    left: usize,
    top: usize,
}

impl Letterbox {
    fn of(picture: &RgbImage) -> Result<Self, String> {
        let (w, h) = (picture.width() as f32, picture.height() as f32);
        let scale = (WIDTH as f32 / w).min(HEIGHT as f32 / h);
        let fit = |side: f32, most: usize| ((side * scale).round() as usize).clamp(1, most);
        let (width, height) = (fit(w, WIDTH), fit(h, HEIGHT));
        Ok(Self {
            resized: resize(picture, width as u32, height as u32)?,
            width,
            scale,
            left: (WIDTH - width) / 2,
            top: (HEIGHT - height) / 2,
        })
    }

    fn draw(&self, input: &mut Map) {
        let rows = self.resized.chunks_exact(3 * self.width);
        let below = self.top + rows.len();
        for y in (0..self.top).chain(below..HEIGHT) {
            input.line_mut(y).fill(0.0);
        }
        for (y, row) in (self.top..).zip(rows) {
            let line = input.line_mut(y);
            line.fill(0.0);
            for (to, &value) in line[3 * self.left..].iter_mut().zip(row) {
                *to = (f32::from(value) - MARGIN) * (1.0 / UNIT);
            }
        }
    }

    fn back(&self, x: f32, y: f32) -> (f32, f32) {
        (
            (x - self.left as f32) / self.scale,
            (y - self.top as f32) / self.scale,
        )
    }
}

#[cfg(test)]
mod tests {
    use rten_tensor::prelude::*;
    use rten_tensor::{NdTensor, Tensor};

    use super::*;

    const STREET: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");

    #[test]
    fn the_network_finds_what_an_engine_for_all_networks_finds() {
        let picture = capture::decode(STREET).unwrap();
        let letterbox = Letterbox::of(&picture).unwrap();
        let mut planes = NdTensor::<f32, 4>::full([1, 3, HEIGHT, WIDTH], MARGIN);
        for (i, pixel) in letterbox.resized.chunks_exact(3).enumerate() {
            let (y, x) = (i / letterbox.width, i % letterbox.width);
            for (colour, &value) in pixel.iter().enumerate() {
                planes[[0, colour, y + letterbox.top, x + letterbox.left]] = f32::from(value);
            }
        }
        let engine = rten::Model::load_static_slice(crate::DETECTOR.1).unwrap();
        let nodes = ["heat", "box", "corners"].map(|name| engine.node_id(name).unwrap());
        let image = engine.node_id("image").unwrap();
        let told = engine.run_n(vec![(image, planes.view().into())], nodes, None);
        let [heat, sides, corners] = told.unwrap().map(|value| {
            let tensor: Tensor<f32> = value.try_into().unwrap();
            tensor.to_vec()
        });
        let cells = heat.len();
        let theirs: Vec<usize> = (0..cells).filter(|&i| heat[i] >= THRESHOLD).collect();

        let detector = Detector::load(crate::DETECTOR.1).unwrap();
        // Twice, for the second run is given the first one's memory.
        for _ in 0..2 {
            let own = detector.0.run(|input| letterbox.draw(input), peaks);
            assert!(own.len() > 2 && own.len() == theirs.len(), "{}", own.len());
            for (own, &cell) in own.iter().zip(&theirs) {
                assert!((own.score - heat[cell]).abs() < 1e-3);
                for (i, side) in own.sides.iter().enumerate() {
                    assert!((side - sides[i * cells + cell]).abs() < 0.05);
                }
                for (i, (x, y)) in own.corners.iter().enumerate() {
                    assert!((x - corners[2 * i * cells + cell]).abs() < 0.05);
                    assert!((y - corners[(2 * i + 1) * cells + cell]).abs() < 0.05);
                }
            }
        }
    }
}
