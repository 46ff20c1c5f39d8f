//! Feature maps: what flows between the layers of a network.

use std::ops::{Deref, DerefMut};

/// The floats of the widest vector there is. The values of a place begin where one could.
pub(super) const WIDEST: usize = 16;
/// Every map has an edge of zeros, so that a kernel may look beyond it.
const EDGE: usize = 1;

/// A map's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// Values at a place.
    pub(crate) channels: usize,
    /// From a place to the next on its right, in values.
    pub(super) step: usize,
}

impl Shape {
    /// Of a picture: the colours of its places follow one another.
    pub(crate) const fn picture(height: usize, width: usize, colours: usize) -> Self {
        Self {
            height,
            width,
            channels: colours,
            step: colours,
        }
    }

    /// Between layers: each place takes whole vectors.
    pub(super) const fn inner(height: usize, width: usize, channels: usize) -> Self {
        Self {
            height,
            width,
            channels,
            step: channels.next_multiple_of(WIDEST),
        }
    }

    /// From a line to the next one below, in values.
    pub(super) const fn line(&self) -> usize {
        (self.width + 2 * EDGE) * self.step
    }

    /// Where a place's values begin. The edge's places are at one below zero, so everything is
    /// counted from there.
    pub(super) const fn at(&self, y: usize, x: usize) -> usize {
        (y + EDGE) * self.line() + (x + EDGE) * self.step
    }

    const fn len(&self) -> usize {
        (self.height + 2 * EDGE) * self.line()
    }
}

/// Values at the places of a grid: those of a place, then those of the next on its right.
pub(crate) struct Map {
    pub(super) shape: Shape,
    pub(super) values: Floats,
}

impl Map {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            shape,
            values: Floats::zeros(shape.len()),
        }
    }

    /// Stands where a map was taken from.
    pub(super) fn taken() -> Self {
        Self {
            shape: Shape::picture(0, 0, 0),
            values: Floats::zeros(0),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// The values at a place.
    pub(crate) fn place(&self, y: usize, x: usize) -> &[f32] {
        &self.values[self.shape.at(y, x)..][..self.shape.channels]
    }

    /// A line of a picture: the colours of its places, one after the other.
    pub(crate) fn line_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[self.shape.at(y, 0)..][..self.shape.width * self.shape.step]
    }
}

/// Floats that begin where a line of the cache does, so that none of their vectors lies in two.
pub(super) struct Floats {
    values: Vec<f32>,
    first: usize,
}

impl Floats {
    pub(super) fn zeros(len: usize) -> Self {
        let values = vec![0.0; len + WIDEST - 1];
        let line = WIDEST * size_of::<f32>();
        let first = values.as_ptr().align_offset(line).min(WIDEST - 1);
        Self { values, first }
    }
}

impl Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let len = self.values.len() + 1 - WIDEST;
        &self.values[self.first..][..len]
    }
}

impl DerefMut for Floats {
    fn deref_mut(&mut self) -> &mut [f32] {
        let len = self.values.len() + 1 - WIDEST;
        &mut self.values[self.first..][..len]
    }
}
