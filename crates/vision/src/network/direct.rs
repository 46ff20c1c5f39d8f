//! A convolution as it is defined: for every place the sum over the places under the kernel.
#![expect(
    clippy::needless_range_loop,
    reason = "counted loops of a fixed length are unrolled; iterators' closures may not be inlined"
)]

use rten_simd::ops::NumOps;

use super::convolution::{Kernel, Last};
use super::map::{Map, Shape, WIDEST};
use super::product::{Packed, add_product};

/// Places whose values follow one another, seen from a kernel's first place.
struct Run {
    first: usize,
    len: usize,
}

/// One of them.
pub(super) struct Direct {
    weights: Packed,
    runs: Vec<Run>,
    /// From the kernel's first place for an output to that for the next one, down and right.
    steps: [usize; 2],
}

impl Direct {
    pub(super) fn new(kernel: &Kernel<'_>, from: Shape, lanes: usize) -> Self {
        let [height, width] = kernel.size;
        let corner = from.at(0, 0) - kernel.beyond[0] * from.line() - kernel.beyond[1] * from.step;
        // Where places have no gap between them, a line of the kernel is one run.
        let (in_line, len) = if from.step == kernel.inputs {
            (1, width * kernel.inputs)
        } else {
            (width, kernel.inputs)
        };
        let runs = (0..height)
            .flat_map(|y| (0..in_line).map(move |x| (y, x)))
            .map(|(y, x)| Run {
                first: corner + y * from.line() + x * from.step,
                len,
            })
            .collect();
        let each = kernel.inputs;
        let weights = Packed::new(
            1,
            height * width * each,
            kernel.outputs,
            lanes,
            |_, i, output| {
                let place = i / each;
                kernel.weight(output, i % each, place / width, place % width)
            },
        );
        Self {
            weights,
            runs,
            steps: [kernel.stride[0] * from.line(), kernel.stride[1] * from.step],
        }
    }

    /// Multiplications for all outputs at a place.
    pub(super) fn multiplications(&self) -> usize {
        self.weights.inputs * self.weights.computed()
    }

    #[inline(always)]
    pub(super) fn run<O: NumOps<f32>>(&self, ops: O, from: &Map, last: Last<'_>, to: &mut Map) {
        let way = self;
        let computing = Directly {
            way,
            from,
            last,
            to,
        };
        // As many rows as there are registers for.
        if ops.len() < WIDEST {
            computing.rows::<_, 4, 4, 4>(ops);
        } else {
            computing.rows::<_, 16, 8, 8>(ops);
        }
    }
}

struct Directly<'a> {
    way: &'a Direct,
    from: &'a Map,
    last: Last<'a>,
    to: &'a mut Map,
}

impl Directly<'_> {
    /// So many rows at once with one vector of outputs, with two, with three.
    #[inline(always)]
    fn rows<O: NumOps<f32>, const ONE: usize, const TWO: usize, const THREE: usize>(
        mut self,
        ops: O,
    ) {
        let way = self.way;
        let places = self.to.shape.height * self.to.shape.width;
        for group in &way.weights.groups {
            let weights = way.weights.of(0, group);
            let rows = [ONE, TWO, THREE][group.vectors - 1];
            for first in (0..places).step_by(rows) {
                match group.vectors {
                    1 => self.block::<_, ONE, 1>(ops, weights, group.output, first),
                    2 => self.block::<_, TWO, 2>(ops, weights, group.output, first),
                    _ => self.block::<_, THREE, 3>(ops, weights, group.output, first),
                }
            }
        }
    }

    /// Some outputs at some neighbouring places.
    #[inline(always)]
    fn block<O: NumOps<f32>, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        ops: O,
        weights: &[f32],
        output: usize,
        first: usize,
    ) {
        let shape = self.to.shape;
        let end = shape.height * shape.width;
        let mut corners = [0; ROWS];
        let mut outputs = [0; ROWS];
        for i in 0..ROWS {
            // Beyond the last place it is computed again, and not kept.
            let place = (first + i).min(end - 1);
            let (y, x) = (place / shape.width, place % shape.width);
            corners[i] = y * self.way.steps[0] + x * self.way.steps[1];
            outputs[i] = shape.at(y, x) + output;
        }
        let mut sums = [[ops.zero(); VECTORS]; ROWS];
        let mut weights = weights;
        for run in &self.way.runs {
            let (now, rest) = weights.split_at(run.len * VECTORS * ops.len());
            let mut rows: [&[f32]; ROWS] = [&[]; ROWS];
            for i in 0..ROWS {
                rows[i] = &self.from.values[corners[i] + run.first..][..run.len];
            }
            add_product(ops, rows, now, &mut sums);
            weights = rest;
        }
        for i in 0..ROWS {
            if first + i < end {
                for j in 0..VECTORS {
                    let channel = j * ops.len();
                    let at = outputs[i] + channel;
                    let value = self.last.of(ops, sums[i][j], output + channel, at);
                    ops.store(value, &mut self.to.values[at..]);
                }
            }
        }
    }
}
