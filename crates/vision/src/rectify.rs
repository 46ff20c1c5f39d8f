//! A plate seen at an angle, made straight.

use image::{Rgb, RgbImage};

use crate::detect::Corners;

/// The straight picture shows a little more than the corners: fractions of the plate's size.
const MARGIN_X: f32 = 0.03;
const MARGIN_Y: f32 = 0.04;

/// Cuts the plate out along its corners, at about the size it has in the picture (bounded, since
/// the reader looks at 128 x 64), with bilinear sampling. Beyond the picture's edge the edge is
/// repeated.
pub fn straighten(picture: &RgbImage, corners: &Corners) -> RgbImage {
    let [tl, tr, br, bl] = *corners;
    let distance = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).hypot(a.1 - b.1);
    let wide = distance(tl, tr).max(distance(bl, br));
    let high = distance(tl, bl).max(distance(tr, br));
    let width = (wide * (1.0 + 2.0 * MARGIN_X)).clamp(24.0, 640.0) as u32;
    let height = (high * (1.0 + 2.0 * MARGIN_Y)).clamp(12.0, 320.0) as u32;
    let map = Perspective::unit_square_to(corners);
    RgbImage::from_fn(width, height, |x, y| {
        // From this pixel to the plate's own square, where its corners are 0 and 1.
        let u = (x as f32 / width as f32) * (1.0 + 2.0 * MARGIN_X) - MARGIN_X;
        let v = (y as f32 / height as f32) * (1.0 + 2.0 * MARGIN_Y) - MARGIN_Y;
        let (px, py) = map.apply(u, v);
        sample(picture, px, py)
    })
}

/// The projective map from the unit square to a quadrilateral (Heckbert 1989, section 2.2.3).
struct Perspective {
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
    let mix = |a: u8, b: u8, t: f32| f32::from(a) + (f32::from(b) - f32::from(a)) * t;
    let (a, b) = (picture.get_pixel(x0, y0), picture.get_pixel(x1, y0));
    let (c, d) = (picture.get_pixel(x0, y1), picture.get_pixel(x1, y1));
    Rgb(std::array::from_fn(|i| {
        let top = mix(a[i], b[i], fx);
        let bottom = mix(c[i], d[i], fx);
        (top + (bottom - top) * fy).round() as u8
    }))
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
        }
    }
}
