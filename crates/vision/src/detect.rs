//! Where plates are: a heat map with boxes and corners over a letterboxed picture.

use image::RgbImage;
use rten_tensor::NdTensor;

use crate::network::{Network, NetworkError, Threads};
use crate::resize::resize;

/// The detector's input, in pixels.
const WIDTH: usize = 640;
const HEIGHT: usize = 384;
/// Its heat map is this much coarser.
const STRIDE: usize = 4;
/// The grey of the letterbox's margins, as in training.
const MARGIN: f32 = 118.0;
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

pub(crate) struct Detector(Network<3>);

impl Detector {
    pub(crate) fn load(weights: &'static [u8]) -> Result<Self, NetworkError> {
        Network::load("detector", weights, ["heat", "box", "corners"]).map(Self)
    }

    pub(crate) fn detect(
        &self,
        picture: &RgbImage,
        threads: &Threads,
    ) -> Result<Vec<Found>, NetworkError> {
        if picture.width() < 8 || picture.height() < 8 {
            return Ok(Vec::new());
        }
        let (input, letterbox) = Letterbox::of(picture).map_err(|e| self.0.failed(e))?;
        let [heat, boxes, corners] = self.0.run(input, threads)?;
        let cells = (WIDTH / STRIDE) * (HEIGHT / STRIDE);
        if heat.len() != cells || boxes.len() != 4 * cells || corners.len() != 8 * cells {
            return Err(self
                .0
                .failed(format!("its map has {} cells, not {cells}", heat.len())));
        }
        // The network keeps only the peaks of its heat map; here they are taken from high to low.
        let mut peaks: Vec<usize> = (0..cells).filter(|&i| heat[i] >= THRESHOLD).collect();
        peaks.sort_by(|&a, &b| heat[b].total_cmp(&heat[a]));
        let mut found: Vec<Found> = Vec::new();
        for i in peaks {
            let plane = |planes: &[f32], n: usize| planes[n * cells + i];
            let point =
                |n: usize| letterbox.back(plane(&corners, 2 * n), plane(&corners, 2 * n + 1));
            let (left, top) = letterbox.back(plane(&boxes, 0), plane(&boxes, 1));
            let (right, bottom) = letterbox.back(plane(&boxes, 2), plane(&boxes, 3));
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
                corners: [point(0), point(1), point(2), point(3)],
                score: heat[i],
            });
            if found.len() == MOST {
                break;
            }
        }
        Ok(found)
    }
}

/// How the picture lies in the detector's input.
struct Letterbox {
    scale: f32,
    left: f32,
    top: f32,
}

impl Letterbox {
    fn of(picture: &RgbImage) -> Result<(NdTensor<f32, 4>, Self), String> {
        let (w, h) = (picture.width() as f32, picture.height() as f32);
        let scale = (WIDTH as f32 / w).min(HEIGHT as f32 / h);
        let fit = |side: f32, most: usize| ((side * scale).round() as usize).clamp(1, most);
        let (width, height) = (fit(w, WIDTH), fit(h, HEIGHT));
        let (left, top) = ((WIDTH - width) / 2, (HEIGHT - height) / 2);
        let resized = resize(picture, width as u32, height as u32)?;
        let mut planes = vec![MARGIN; 3 * HEIGHT * WIDTH];
        for (channel, plane) in planes.chunks_exact_mut(HEIGHT * WIDTH).enumerate() {
            let lines = plane.chunks_exact_mut(WIDTH).skip(top);
            for (line, row) in lines.zip(resized.chunks_exact(3 * width)) {
                for (to, pixel) in line[left..].iter_mut().zip(row.chunks_exact(3)) {
                    *to = f32::from(pixel[channel]);
                }
            }
        }
        let letterbox = Self {
            scale,
            left: left as f32,
            top: top as f32,
        };
        Ok((
            NdTensor::from_data([1, 3, HEIGHT, WIDTH], planes),
            letterbox,
        ))
    }

    fn back(&self, x: f32, y: f32) -> (f32, f32) {
        ((x - self.left) / self.scale, (y - self.top) / self.scale)
    }
}
