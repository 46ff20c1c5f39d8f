//! Convolutions of each channel by itself. There are few of them, and small: plain loops do.

use super::convolution::{Kernel, Last};
use super::map::Map;

/// One of them.
pub(super) struct ByChannel {
    size: [usize; 2],
    beyond: [usize; 2],
    /// A place's channels, then the next place's.
    weights: Vec<f32>,
}

impl ByChannel {
    pub(super) fn new(kernel: &Kernel<'_>, step: usize) -> Self {
        let [height, width] = kernel.size;
        let mut weights = vec![0.0; height * width * step];
        for (place, weights) in weights.chunks_exact_mut(step.max(1)).enumerate() {
            for (channel, weight) in weights[..kernel.outputs].iter_mut().enumerate() {
                *weight = kernel.weight(channel, 0, place / width, place % width);
            }
        }
        Self {
            size: kernel.size,
            beyond: kernel.beyond,
            weights,
        }
    }

    #[inline(always)]
    pub(super) fn run(&self, from: &Map, last: Last<'_>, to: &mut Map) {
        let (shape, step) = (to.shape, to.shape.step);
        for (y, x) in (0..shape.height).flat_map(|y| (0..shape.width).map(move |x| (y, x))) {
            let at = shape.at(y, x);
            let sums = &mut to.values[at..][..step];
            sums.copy_from_slice(last.bias);
            for (place, weights) in self.weights.chunks_exact(step).enumerate() {
                let inside = |at: usize, over: usize, beyond: usize, side: usize| {
                    (at + over).checked_sub(beyond).filter(|&at| at < side)
                };
                let (down, right) = (place / self.size[1], place % self.size[1]);
                let (Some(y), Some(x)) = (
                    inside(y, down, self.beyond[0], from.shape.height),
                    inside(x, right, self.beyond[1], from.shape.width),
                ) else {
                    continue;
                };
                let values = &from.values[from.shape.at(y, x)..][..step];
                for ((sum, value), weight) in sums.iter_mut().zip(values).zip(weights) {
                    *sum += value * weight;
                }
            }
            if let Some(added) = last.added {
                for (sum, value) in sums.iter_mut().zip(&added.values[at..]) {
                    *sum += value;
                }
            }
            if last.cut {
                for sum in sums {
                    *sum = sum.max(0.0);
                }
            }
        }
    }
}
