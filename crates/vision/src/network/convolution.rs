//! One layer: a convolution, what is added to it, and the cut at zero.

use rten_simd::ops::NumOps;
use rten_simd::{Isa, SimdOp};

use super::by_channel::ByChannel;
use super::direct::Direct;
use super::map::{Floats, Map, Shape};
use super::winograd::{Tiles, Winograd};

/// What a convolution is made from, as a file tells it.
pub(super) struct Kernel<'a> {
    /// Outputs x inputs x height x width; of a convolution by channel, the inputs are one.
    pub(super) weights: &'a [f32],
    pub(super) bias: &'a [f32],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) size: [usize; 2],
    pub(super) stride: [usize; 2],
    /// What is looked at beyond the map's edge, up and down, left and right.
    pub(super) beyond: [usize; 2],
    /// Each channel by itself.
    pub(super) by_channel: bool,
}

impl Kernel<'_> {
    pub(super) fn weight(&self, output: usize, input: usize, y: usize, x: usize) -> f32 {
        let [height, width] = self.size;
        self.weights[((output * self.inputs + input) * height + y) * width + x]
    }
}

/// A layer, ready to be computed.
pub(super) struct Convolution {
    bias: Vec<f32>,
    /// Whether what is below zero becomes zero.
    cut: bool,
    way: Way,
    /// Multiplications with addition that computing it takes.
    #[cfg_attr(
        not(any(test, feature = "measure")),
        expect(dead_code, reason = "the bench alone asks")
    )]
    pub(super) multiplications: usize,
}

/// Three ways to compute a convolution.
enum Way {
    /// As it is defined.
    Direct(Direct),
    /// With fewer multiplications, for 3 x 3 places.
    Winograd(Winograd),
    /// Each channel by itself.
    ByChannel(ByChannel),
}

impl Convolution {
    /// The layer for a map of this shape, and the shape of what it makes of it; or what about it is
    /// not known how to compute.
    pub(super) fn new(
        kernel: &Kernel<'_>,
        cut: bool,
        from: Shape,
        lanes: usize,
    ) -> Result<(Self, Shape), String> {
        let side = |length: usize, i: usize| {
            let reach = length + 2 * kernel.beyond[i];
            (reach.checked_sub(kernel.size[i])).map(|rest| rest / kernel.stride[i].max(1) + 1)
        };
        let (Some(height), Some(width)) = (side(from.height, 0), side(from.width, 1)) else {
            return Err("its kernel is larger than the map".to_owned());
        };
        let to = Shape::inner(height, width, kernel.outputs);
        let unmoved = kernel.stride == [1, 1];
        let (way, multiplications) = if kernel.by_channel {
            if !unmoved || from.step != to.step {
                return Err("by channel it must leave the map's size".to_owned());
            }
            let each = kernel.size[0] * kernel.size[1];
            let way = ByChannel::new(kernel, to.step);
            (Way::ByChannel(way), height * width * each * to.channels)
        } else if kernel.beyond.iter().any(|&places| places > 1) {
            return Err("it looks further beyond the map than one place".to_owned());
        } else if let Some(tiles) = Tiles::of(from)
            && kernel.size == [3, 3]
            && kernel.beyond == [1, 1]
            && unmoved
        {
            let weight = |output, input, y, x| kernel.weight(output, input, y, x);
            let way = Winograd::new(tiles, kernel.inputs, kernel.outputs, lanes, weight);
            let multiplications = way.multiplications();
            (Way::Winograd(way), multiplications)
        } else {
            let way = Direct::new(kernel, from, lanes);
            let multiplications = height * width * way.multiplications();
            (Way::Direct(way), multiplications)
        };
        let mut bias = kernel.bias.to_vec();
        bias.resize(to.step, 0.0);
        let layer = Self {
            bias,
            cut,
            way,
            multiplications,
        };
        Ok((layer, to))
    }
}

/// A layer's computation. What is in `added` is added before the cut.
pub(super) struct Computing<'a> {
    pub(super) layer: &'a Convolution,
    pub(super) from: &'a Map,
    pub(super) added: Option<&'a Map>,
    pub(super) to: &'a mut Map,
    pub(super) work: &'a mut Work,
}

impl SimdOp for Computing<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let last = Last {
            bias: &self.layer.bias,
            added: self.added,
            cut: self.layer.cut,
        };
        match &self.layer.way {
            Way::Direct(way) => way.run(ops, self.from, last, self.to),
            Way::Winograd(way) => way.run(ops, self.from, last, self.to, self.work),
            Way::ByChannel(way) => way.run(self.from, last, self.to),
        }
    }
}

/// Memory that layers use while they are computed, one after the other.
pub(super) struct Work {
    pub(super) seen: Floats,
    pub(super) products: Floats,
}

impl Work {
    /// Enough for each of these layers.
    pub(super) fn enough<'a>(layers: impl Iterator<Item = &'a Convolution>) -> Self {
        let (mut seen, mut products) = (0, 0);
        for layer in layers {
            if let Way::Winograd(way) = &layer.way {
                let [more_seen, more_products] = way.work();
                seen = seen.max(more_seen);
                products = products.max(more_products);
            }
        }
        Self {
            seen: Floats::zeros(seen),
            products: Floats::zeros(products),
        }
    }
}

/// What is done with a sum before it is an output.
#[derive(Clone, Copy)]
pub(super) struct Last<'a> {
    pub(super) bias: &'a [f32],
    pub(super) added: Option<&'a Map>,
    pub(super) cut: bool,
}

impl Last<'_> {
    /// Of a vector of outputs at a place; `at` is where it lies in the map, and in the one added.
    #[inline(always)]
    pub(super) fn of<O: NumOps<f32>>(
        &self,
        ops: O,
        sum: O::Simd,
        output: usize,
        at: usize,
    ) -> O::Simd {
        let mut sum = ops.add(sum, ops.load(&self.bias[output..]));
        if let Some(added) = self.added {
            sum = ops.add(sum, ops.load(&added.values[at..]));
        }
        if self.cut {
            sum = ops.max(sum, ops.zero());
        }
        sum
    }
}

#[cfg(test)]
mod tests;
