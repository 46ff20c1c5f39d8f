//! A convolution as it is defined: for every place the sum over the places under the kernel.
#![expect(
    clippy::needless_range_loop,
    reason = "counted loops of a fixed length are unrolled; iterators' closures may not be inlined"
)]

use rten_simd::ops::NumOps;

use super::convolution::{Kernel, Last};
use super::map::{Map, Shape, WIDEST};
use super::product::{Group, Packed, add_product};

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
        for group in &way.weights.groups {
            match group.vectors {
                1 => self.places::<_, ONE, 1>(ops, group),
                2 => self.places::<_, TWO, 2>(ops, group),
                _ => self.places::<_, THREE, 3>(ops, group),
            }
        }
    }

    /// A group's outputs at all places. The rows of a product are neighbours in a line, at an even
    /// distance: of rows anywhere the compiler would keep so much at hand that sums leave their
    /// registers.
    #[inline(always)]
    fn places<O: NumOps<f32>, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        ops: O,
        group: &Group,
    ) {
        let Shape { height, width, .. } = self.to.shape;
        for y in 0..height {
            if width < ROWS {
                for x in 0..width {
                    self.block::<_, 1, VECTORS>(ops, group, y, x);
                }
            } else {
                for x in (0..width).step_by(ROWS) {
                    // The last ones are computed with some before them once more.
                    self.block::<_, ROWS, VECTORS>(ops, group, y, x.min(width - ROWS));
                }
            }
        }
    }

    /// Some outputs at some neighbouring places.
    #[inline(always)]
    fn block<O: NumOps<f32>, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        ops: O,
        group: &Group,
        y: usize,
        x: usize,
    ) {
        let [down, right] = self.way.steps;
        let corner = y * down + x * right;
        let mut weights = self.way.weights.of(0, group);
        let mut sums = [[ops.zero(); VECTORS]; ROWS];
        for run in &self.way.runs {
            let (now, rest) = weights.split_at(run.len * VECTORS * ops.len());
            let mut rows: [&[f32]; ROWS] = [&[]; ROWS];
            for i in 0..ROWS {
                rows[i] = &self.from.values[corner + run.first + i * right..][..run.len];
            }
            add_product(ops, rows, now, &mut sums);
            weights = rest;
        }
        for i in 0..ROWS {
            for j in 0..VECTORS {
                let output = group.output + j * ops.len();
                let at = self.to.shape.at(y, x + i) + output;
                let value = self.last.of(ops, sums[i][j], output, at);
                ops.store(value, &mut self.to.values[at..]);
            }
        }
    }
}
