//! A plate seen at an angle, made straight.

use std::ops::Range;

use image::{Rgb, RgbImage};

use crate::detect::Corners;
use crate::resize::resize;

/// A straight picture of a plate shows a little more than its corners: fractions of the plate's size.
const MARGIN_X: f32 = 0.03;
const MARGIN_Y: f32 = 0.04;

/// No output pixel is the mean of more than this many places a side: of plates larger than eight times
/// what is asked for, some pixels are left out.
const MOST_PLACES: f32 = 8.0;

/// Cuts the plate out along its corners, at about the size it has in the picture (bounded, since
/// the reader looks at 128 x 64), with bilinear sampling. Beyond the picture's edge the edge is
/// repeated.
pub fn straighten(picture: &RgbImage, corners: &Corners) -> RgbImage {
    let (wide, high) = size(corners);
    let whole = Part::WITH_MARGIN;
    let width = (wide * (whole.right - whole.left)).clamp(24.0, 640.0) as u32;
    let height = (high * (whole.bottom - whole.top)).clamp(12.0, 320.0) as u32;
    let map = Perspective::unit_square_to(corners);
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = whole.at(x as f32 / width as f32, y as f32 / height as f32);
        let (px, py) = map.apply(u, v);
        sample(picture, px, py)
    })
}

/// The longer of each two opposite sides.
fn size([tl, tr, br, bl]: &Corners) -> (f32, f32) {
    let distance = |a: &(f32, f32), b: &(f32, f32)| (a.0 - b.0).hypot(a.1 - b.1);
    (
        distance(tl, tr).max(distance(bl, br)),
        distance(tl, bl).max(distance(tr, br)),
    )
}

/// A part of a plate, in shares of its width and height: 0 to 1 is from edge to edge, what lies
/// beyond is around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Part {
    pub(crate) const WHOLE: Self = Self::new((0.0, 1.0), (0.0, 1.0));
    const WITH_MARGIN: Self = Self::new((-MARGIN_X, 1.0 + MARGIN_X), (-MARGIN_Y, 1.0 + MARGIN_Y));

    /// From left to right and from top to bottom.
    pub(crate) const fn new((left, right): (f32, f32), (top, bottom): (f32, f32)) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// The part that `inner` is of this one.
    fn part(&self, inner: &Self) -> Self {
        let (left, top) = self.at(inner.left, inner.top);
        let (right, bottom) = self.at(inner.right, inner.bottom);
        Self::new((left, right), (top, bottom))
    }

    /// A place in this part, as a place on the plate.
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (
            self.left + x * (self.right - self.left),
            self.top + y * (self.bottom - self.top),
        )
    }
}

/// A plate as the networks look at it.
pub(crate) enum Shown<'a> {
    /// In a picture of a street: each look is drawn from the picture's own pixels, once. Its edges lie
    /// a small margin outside its corners.
    Street {
        picture: &'a RgbImage,
        map: Perspective,
        size: (f32, f32),
    },
    /// A picture that is the plate, edge to edge.
    Cropped(&'a RgbImage),
}

impl<'a> Shown<'a> {
    pub(crate) fn in_street(picture: &'a RgbImage, corners: &Corners) -> Self {
        Self::Street {
            picture,
            map: Perspective::unit_square_to(corners),
            size: size(corners),
        }
    }

    /// Its width and height in the picture, in pixels.
    pub(crate) fn size(&self) -> (f32, f32) {
        match self {
            Self::Street { size, .. } => *size,
            Self::Cropped(picture) => (picture.width() as f32, picture.height() as f32),
        }
    }

    /// A part of it, made straight: rows of red, green, blue. Beyond a picture's edge the edge is
    /// repeated.
    pub(crate) fn part(&self, part: Part, width: u32, height: u32) -> Result<Vec<u8>, String> {
        match self {
            Self::Street { picture, map, size } => {
                let part = Part::WITH_MARGIN.part(&part);
                let covered = |side: f32, from: f32, to: f32, pixels: u32| {
                    let places = (side * (to - from) / pixels as f32).ceil();
                    if places.is_finite() {
                        places.clamp(1.0, MOST_PLACES) as u32
                    } else {
                        1
                    }
                };
                let places = covered(size.0, part.left, part.right, width).max(covered(
                    size.1,
                    part.top,
                    part.bottom,
                    height,
                ));
                Ok(drawn(picture, map, part, (width, height), places))
            }
            Self::Cropped(picture) if part == Part::WHOLE => resize(picture, width, height),
            Self::Cropped(picture) => resize(&cut(picture, part), width, height),
        }
    }

    /// Some rows of all of it at a size.
    pub(crate) fn rows(
        &self,
        (width, height): (u32, u32),
        rows: Range<u32>,
    ) -> Result<Vec<u8>, String> {
        if let Self::Cropped(picture) = self {
            let row = 3 * width as usize;
            let whole = resize(picture, width, height)?;
            return Ok(whole[row * rows.start as usize..row * rows.end as usize].to_vec());
        }
        let share = |row: u32| row as f32 / height as f32;
        let part = Part::new((0.0, 1.0), (share(rows.start), share(rows.end)));
        self.part(part, width, rows.end - rows.start)
    }
}

/// A part of a plate; each pixel is the mean of `places` x `places` places of the picture.
fn drawn(
    picture: &RgbImage,
    map: &Perspective,
    part: Part,
    (width, height): (u32, u32),
    places: u32,
) -> Vec<u8> {
    let share = |pixel: u32, place: u32, pixels: u32| {
        (pixel as f32 + (place as f32 + 0.5) / places as f32) / pixels as f32
    };
    let all = (places * places) as f32;
    let mut out = Vec::with_capacity(3 * (width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let mut sum = [0.0; 3];
            for (i, j) in (0..places).flat_map(|j| (0..places).map(move |i| (i, j))) {
                let (u, v) = part.at(share(x, i, width), share(y, j, height));
                let (px, py) = map.apply(u, v);
                let colour = between(picture, px - 0.5, py - 0.5);
                for (sum, value) in sum.iter_mut().zip(colour) {
                    *sum += value;
                }
            }
            out.extend(sum.map(|sum| nearest(sum / all)));
        }
    }
    out
}

/// A part of a picture by whole pixels.
fn cut(picture: &RgbImage, part: Part) -> RgbImage {
    let (width, height) = picture.dimensions();
    let pixels = |share: f32, side: u32| (share * side as f32).round() as i64;
    let end = |share: f32, side: u32| i64::from(side) - pixels(1.0 - share, side);
    let (left, right) = (pixels(part.left, width), end(part.right, width));
    let (top, bottom) = (pixels(part.top, height), end(part.bottom, height));
    let inside = |at: i64, side: u32| at.clamp(0, i64::from(side) - 1) as u32;
    RgbImage::from_fn(
        (right - left).max(1) as u32,
        (bottom - top).max(1) as u32,
        |x, y| {
            *picture.get_pixel(
                inside(i64::from(x) + left, width),
                inside(i64::from(y) + top, height),
            )
        },
    )
}

/// The projective map from the unit square to a quadrilateral (Heckbert 1989, section 2.2.3).
pub(crate) struct Perspective {
    x: [f32; 3],
    y: [f32; 3],
    w: [f32; 2],
}

impl Perspective {
    fn unit_square_to([p0, p1, p2, p3]: &Corners) -> Self {
        let (dx1, dy1) = (p1.0 - p2.0, p1.1 - p2.1);
        let (dx2, dy2) = (p3.0 - p2.0, p3.1 - p2.1);
        let (sx, sy) = (p0.0 - p1.0 + p2.0 - p3.0, p0.1 - p1.1 + p2.1 - p3.1);
        let det = dx1 * dy2 - dx2 * dy1;
        // Degenerate corners fall back to the affine map.
        let (g, h) = if det.abs() < f32::EPSILON {
            (0.0, 0.0)
        } else {
            ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det)
        };
        Self {
            x: [p1.0 - p0.0 + g * p1.0, p3.0 - p0.0 + h * p3.0, p0.0],
            y: [p1.1 - p0.1 + g * p1.1, p3.1 - p0.1 + h * p3.1, p0.1],
            w: [g, h],
        }
    }

    fn apply(&self, u: f32, v: f32) -> (f32, f32) {
        let row = |r: &[f32; 3]| r[0] * u + r[1] * v + r[2];
        let w = self.w[0] * u + self.w[1] * v + 1.0;
        (row(&self.x) / w, row(&self.y) / w)
    }
}

/// The colour between the pixels around (x, y); beyond the picture's edge, the edge's.
pub(crate) fn sample(picture: &RgbImage, x: f32, y: f32) -> Rgb<u8> {
    Rgb(between(picture, x, y).map(nearest))
}

/// The nearest whole shade. Shades are never below zero, so this is one step, where rounding would
/// be a call for each of some ten thousand pixels.
fn nearest(shade: f32) -> u8 {
    (shade + 0.5) as u8
}

fn between(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let edge = |v: f32, side: u32| {
        if v.is_finite() {
            v.clamp(0.0, side.saturating_sub(1) as f32)
        } else {
            0.0
        }
    };
    let (x, y) = (edge(x, picture.width()), edge(y, picture.height()));
    let (x0, y0) = (x as u32, y as u32);
    let (x1, y1) = (
        (x0 + 1).min(picture.width() - 1),
        (y0 + 1).min(picture.height() - 1),
    );
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    let at = |x: u32, y: u32| picture.get_pixel(x, y).0.map(f32::from);
    let (a, b) = (at(x0, y0), at(x1, y0));
    let (c, d) = (at(x0, y1), at(x1, y1));
    std::array::from_fn(|i| mix(mix(a[i], b[i], fx), mix(c[i], d[i], fx), fy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilted_plate_comes_out_straight() {
        // A white parallelogram on black; straightened, all but the margin is white.
        let corners = [(20.0, 30.0), (120.0, 50.0), (118.0, 100.0), (18.0, 80.0)];
        let inside = |x: f32, y: f32| {
            corners
                .iter()
                .zip(corners.iter().cycle().skip(1))
                .take(4)
                .all(|(a, b): (&(f32, f32), _)| {
                    (b.0 - a.0) * (y - a.1) - (b.1 - a.1) * (x - a.0) >= 0.0
                })
        };
        let picture = RgbImage::from_fn(160, 120, |x, y| {
            if inside(x as f32, y as f32) {
                Rgb([255; 3])
            } else {
                Rgb([0; 3])
            }
        });
        let straight = straighten(&picture, &corners);
        let (w, h) = straight.dimensions();
        for y in h / 8..h * 7 / 8 {
            for x in w / 16..w * 15 / 16 {
                assert!(
                    straight.get_pixel(x, y)[0] > 200,
                    "dark at {x},{y} of {w}x{h}"
                );
            }
        }
    }

    #[test]
    fn corners_outside_the_picture_or_without_an_area_do_no_harm() {
        let picture = RgbImage::new(40, 30);
        for corners in [
            [
                (-900.0, -900.0),
                (900.0, -900.0),
                (900.0, 900.0),
                (-900.0, 900.0),
            ],
            [(5.0, 5.0); 4],
            [(f32::NAN, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)],
        ] {
            assert!(straighten(&picture, &corners).width() >= 1);
            let shown = Shown::in_street(&picture, &corners);
            assert_eq!(shown.part(Part::WHOLE, 8, 4).unwrap().len(), 8 * 4 * 3);
        }
    }

    #[test]
    fn a_look_leaves_off_one_side_and_repeats_the_other() {
        let plate = RgbImage::from_fn(100, 40, |x, y| Rgb([x as u8, y as u8, 0]));
        let higher = cut(&plate, Part::new((0.0, 1.0), (-0.05, 0.95)));
        assert_eq!(higher.dimensions(), (100, 40));
        assert_eq!(*higher.get_pixel(7, 0), Rgb([7, 0, 0]));
        assert_eq!(*higher.get_pixel(7, 39), Rgb([7, 37, 0]));
        let narrower = cut(&plate, Part::new((0.03, 0.97), (0.0, 1.0)));
        assert_eq!(narrower.dimensions(), (94, 40));
        let wider = cut(&plate, Part::new((-0.04, 1.04), (0.0, 1.0)));
        assert_eq!(wider.dimensions(), (108, 40));
        assert_eq!(*wider.get_pixel(0, 3), Rgb([0, 3, 0]));
        assert_eq!(*wider.get_pixel(107, 3), Rgb([99, 3, 0]));
    }

    #[test]
    fn some_rows_are_those_of_the_whole() {
        let picture = RgbImage::from_fn(90, 50, |x, y| Rgb([(2 * x) as u8, (5 * y) as u8, 9]));
        let corners = [(9.0, 7.0), (70.0, 12.0), (72.0, 41.0), (8.0, 36.0)];
        let row = 3 * 48;
        for shown in [
            Shown::in_street(&picture, &corners),
            Shown::Cropped(&picture),
        ] {
            let whole = shown.part(Part::WHOLE, 48, 24).unwrap();
            for rows in [0..9, 15..24] {
                let some = shown.rows((48, 24), rows.clone()).unwrap();
                let of_whole = &whole[row * rows.start as usize..row * rows.end as usize];
                assert_eq!(some.len(), of_whole.len());
                let close = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 1;
                assert!(some.iter().zip(of_whole).all(close));
            }
        }
    }

    #[test]
    fn a_plate_in_a_street_is_looked_at_as_the_same_plate_cut_out() {
        // A smooth pattern, so that how it is sampled makes no difference.
        let shade = |x: u32, y: u32| Rgb([(2 * x) as u8, (3 * y) as u8, 90]);
        let street = RgbImage::from_fn(120, 80, shade);
        let plate = RgbImage::from_fn(64, 32, |x, y| shade(x + 20, y + 10));
        let (mx, my) = (64.0 * 0.03 / 1.06, 32.0 * 0.04 / 1.08);
        let (left, top, right, bottom) = (20.0 + mx, 10.0 + my, 84.0 - mx, 42.0 - my);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        let inner = Part::new((0.125, 0.875), (0.25, 0.75));
        for (width, height) in [(48, 16), (24, 8), (96, 32)] {
            let seen = |shown: Shown<'_>| shown.part(inner, width, height).unwrap();
            let (in_street, cropped) = (
                seen(Shown::in_street(&street, &corners)),
                seen(Shown::Cropped(&plate)),
            );
            for (a, b) in in_street.iter().zip(&cropped) {
                assert!(a.abs_diff(*b) <= 1, "{a} {b} at {width} x {height}");
            }
        }
    }
}
