//! Resizing as the networks' training did it: a network reads best what it was shown.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

/// Resizes to exactly `width` x `height`; returns rows of red, green, blue. What shrinks both ways
/// is averaged by area, with the pixels at an edge counted by the part that falls inside (OpenCV's
/// `INTER_AREA`, which the training used); anything else is bilinear.
pub(crate) fn resize(picture: &RgbImage, width: u32, height: u32) -> Result<Vec<u8>, String> {
    let shrinks = picture.width() >= width && picture.height() >= height;
    let whole = picture.width().is_multiple_of(width) && picture.height().is_multiple_of(height);
    if shrinks && !whole {
        return Ok(by_area(picture, width as usize, height as usize));
    }
    // Where each output pixel covers whole pixels, a box is their mean.
    let filter = if shrinks {
        FilterType::Box
    } else {
        FilterType::Bilinear
    };
    let mut resized = vec![0; 3 * width as usize * height as usize];
    // By type: the untyped way would be compiled for every kind of pixel there is.
    let from = TypedImageRef::<U8x3>::from_buffer(picture.width(), picture.height(), picture)
        .map_err(|e| e.to_string())?;
    let mut to =
        TypedImage::<U8x3>::from_buffer(width, height, &mut resized).map_err(|e| e.to_string())?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new()
        .resize_typed(&from, &mut to, &options)
        .map_err(|e| e.to_string())?;
    Ok(resized)
}

/// For one output place: the first input place it covers, and how much of each.
struct Cover {
    first: usize,
    shares: Vec<f32>,
}

fn covers(input: usize, output: usize) -> Vec<Cover> {
    let scale = input as f64 / output as f64;
    (0..output)
        .map(|i| {
            let (from, to) = (i as f64 * scale, (i + 1) as f64 * scale);
            let first = from as usize;
            let last = (to.ceil() as usize).min(input);
            let share = |p: usize| (to.min((p + 1) as f64) - from.max(p as f64)) / scale;
            Cover {
                first,
                shares: (first..last).map(|p| share(p) as f32).collect(),
            }
        })
        .collect()
}

fn by_area(picture: &RgbImage, width: usize, height: usize) -> Vec<u8> {
    let columns = covers(picture.width() as usize, width);
    let rows = covers(picture.height() as usize, height);
    let stride = 3 * picture.width() as usize;
    let pixels = picture.as_raw();
    let mut out = Vec::with_capacity(3 * width * height);
    let mut line = vec![0.0f32; stride];
    for row in &rows {
        // Rows first, whole lines at a time: the compiler makes vectors of it.
        line.fill(0.0);
        for (y, share) in (row.first..).zip(&row.shares) {
            let source = &pixels[y * stride..(y + 1) * stride];
            for (sum, &value) in line.iter_mut().zip(source) {
                *sum += share * f32::from(value);
            }
        }
        for column in &columns {
            let mut sums = [0.0f32; 3];
            for (x, share) in (column.first..).zip(&column.shares) {
                for (sum, value) in sums.iter_mut().zip(&line[3 * x..3 * x + 3]) {
                    *sum += share * value;
                }
            }
            out.extend(sums.map(|sum| sum.round() as u8));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn grey(values: &[u8]) -> RgbImage {
        RgbImage::from_fn(values.len() as u32, 1, |x, _| Rgb([values[x as usize]; 3]))
    }

    #[test]
    fn a_pixel_at_an_edge_counts_by_its_part() {
        // Three pixels into two: each takes one whole and half of the middle one.
        let half = resize(&grey(&[0, 90, 240]), 2, 1).unwrap();
        assert_eq!([half[0], half[3]], [30, 190]);
    }

    #[test]
    fn what_covers_whole_pixels_is_their_mean() {
        let picture = RgbImage::from_fn(12, 9, |x, y| Rgb([(9 * x) as u8, (20 * y) as u8, 7]));
        let fast = resize(&picture, 4, 3).unwrap();
        for (a, b) in fast.iter().zip(by_area(&picture, 4, 3)) {
            assert!(a.abs_diff(b) <= 1, "{a} {b}");
        }
    }

    #[test]
    fn an_even_picture_stays_even_at_every_size() {
        let picture = RgbImage::from_pixel(131, 67, Rgb([12, 200, 77]));
        for (width, height) in [(128, 64), (131, 67), (1, 1), (200, 64), (64, 200)] {
            let resized = resize(&picture, width, height).unwrap();
            assert_eq!(resized.len(), 3 * (width * height) as usize);
            assert!(
                resized.chunks(3).all(|p| p == [12, 200, 77]),
                "{width} x {height}"
            );
        }
    }
}
