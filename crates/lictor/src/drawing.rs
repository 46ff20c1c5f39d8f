//! Boxes and words on pictures, for people to look at.

use image::{Rgb, RgbImage};

/// The size of a letter's grid.
const LETTER: (u32, u32) = (5, 7);

/// A line along a rectangle's edge, inwards.
pub(crate) fn rectangle(picture: &mut RgbImage, at: [i32; 4], thick: i32, colour: Rgb<u8>) {
    let [x, y, width, height] = at;
    let thick = thick.min(width).min(height);
    for (x, y, width, height) in [
        (x, y, width, thick),
        (x, y.saturating_add(height - thick), width, thick),
        (x, y, thick, height),
        (x.saturating_add(width - thick), y, thick, height),
    ] {
        fill(picture, [x, y, width, height], colour);
    }
}

/// A filled rectangle; what lies outside of the picture is left out.
pub(crate) fn fill(picture: &mut RgbImage, [x, y, width, height]: [i32; 4], colour: Rgb<u8>) {
    let within = |from: i32, length: i32, side: u32| {
        let to = i64::from(from) + i64::from(length);
        let clamp = |v: i64| v.clamp(0, i64::from(side)) as u32;
        clamp(i64::from(from))..clamp(to)
    };
    for row in within(y, height, picture.height()) {
        for column in within(x, width, picture.width()) {
            picture.put_pixel(column, row, colour);
        }
    }
}

/// How wide and high words are at a scale.
pub(crate) fn size(words: &str, scale: u32) -> (u32, u32) {
    let count = words.chars().count() as u32;
    ((LETTER.0 + 1) * scale * count, LETTER.1 * scale)
}

/// Words from (x, y), their upper left corner; letters, digits and a few signs are known, another
/// sign is a blank.
pub(crate) fn write(
    picture: &mut RgbImage,
    words: &str,
    (x, y): (i32, i32),
    scale: u32,
    ink: Rgb<u8>,
) {
    let side = scale as i32;
    let mut left = x;
    for c in words.chars() {
        for (row, bits) in (0..).zip(glyph(c.to_ascii_uppercase())) {
            for column in (0..LETTER.0).filter(|column| bits >> (LETTER.0 - 1 - column) & 1 == 1) {
                let at = [left + column as i32 * side, y + row * side, side, side];
                fill(picture, at, ink);
            }
        }
        left += (LETTER.0 as i32 + 1) * side;
    }
}

/// Words on a plate of their own, kept inside the picture.
pub(crate) fn label(picture: &mut RgbImage, words: &str, (x, y): (i32, i32), scale: u32) {
    let (width, height) = size(words, scale);
    let edge = 2 * scale as i32;
    let (width, height) = (width as i32 + 2 * edge, height as i32 + 2 * edge);
    let x = x.min(picture.width() as i32 - width).max(0);
    let y = y.min(picture.height() as i32 - height).max(0);
    fill(picture, [x, y, width, height], Rgb([20, 24, 32]));
    write(
        picture,
        words,
        (x + edge, y + edge),
        scale,
        Rgb([255, 255, 255]),
    );
}

#[rustfmt::skip]
fn glyph(c: char) -> [u8; 7] {
    match c {
        '0' => [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        '3' => [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
        '4' => [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        '6' => [0b01110, 0b10000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        '8' => [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110],
        'A' => [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
        'B' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110],
        'C' => [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111],
        'D' => [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
        'E' => [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
        'F' => [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
        'G' => [0b01111, 0b10000, 0b10000, 0b10011, 0b10001, 0b10001, 0b01111],
        'H' => [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
        'I' => [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        'J' => [0b00111, 0b00001, 0b00001, 0b00001, 0b00001, 0b10001, 0b01110],
        'K' => [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001],
        'L' => [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
        'M' => [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001],
        'N' => [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001],
        'O' => [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        'P' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
        'Q' => [0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101],
        'R' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
        'S' => [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
        'T' => [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
        'U' => [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        'V' => [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01010, 0b00100],
        'W' => [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001],
        'X' => [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001],
        'Y' => [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100],
        'Z' => [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111],
        '-' => [0b00000, 0b00000, 0b00000, 0b11111, 0b00000, 0b00000, 0b00000],
        '%' => [0b11001, 0b11010, 0b00010, 0b00100, 0b01000, 0b01011, 0b10011],
        '.' => [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100],
        ' ' => [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b00000],
        _ => [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_of_the_picture_is_left_out() {
        let mut picture = RgbImage::new(20, 10);
        rectangle(&mut picture, [-5, -5, 100, 100], 3, Rgb([1; 3]));
        rectangle(&mut picture, [i32::MAX - 2, 4, 10, 10], 2, Rgb([1; 3]));
        label(&mut picture, "DK48213 98 %", (300, -40), 2);
        assert_eq!(picture.dimensions(), (20, 10));
    }

    #[test]
    fn different_words_look_different() {
        let draw = |words: &str| {
            let mut picture = RgbImage::new(80, 10);
            write(&mut picture, words, (0, 0), 1, Rgb([255; 3]));
            picture.into_raw()
        };
        let all: std::collections::BTreeSet<_> = ('0'..='9')
            .chain('A'..='Z')
            .map(|c| draw(&c.to_string()))
            .collect();
        assert_eq!(all.len(), 36);
        assert_eq!(draw("ab"), draw("AB"));
    }
}
