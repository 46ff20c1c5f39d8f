//! Convolutions of 3 x 3 places with a quarter of the multiplications.
//!
//! Winograd's minimal filtering F(4x4, 3x3), as Lavin and Gray put it ("Fast algorithms for
//! convolutional neural networks", 2016): the map is cut into tiles of 4 x 4 places; each tile, with
//! the places around it, becomes 6 x 6 sums ([`seen`]), which are multiplied with the kernel's 6 x 6
//! ([`of_kernel`]) and summed over the inputs as 36 products of matrices; from their 6 x 6 results
//! the tile's 16 outputs are put together ([`told`]). 36 multiplications for 16 outputs, where 144
//! are usual. The outcome is the same but for rounding.
#![expect(
    clippy::needless_range_loop,
    reason = "counted loops of a fixed length are unrolled; iterators' closures may not be inlined"
)]

use rten_simd::ops::NumOps;

use super::convolution::{Last, Work};
use super::map::{Map, Shape, WIDEST};
use super::product::{Packed, add_product};

/// A tile's outputs have this side.
const SIDE: usize = 4;
/// And this one with what the kernel looks at around them.
const WIDER: usize = SIDE + 2;
const MATRICES: usize = WIDER * WIDER;
/// The most rows that the product takes at once.
const MOST_ROWS: usize = 8;
/// So many floats of tiles are worked on at once as stay near in the cache.
const NEAR: usize = 160 * 1024;

/// How a map is cut into tiles.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    across: usize,
    all: usize,
}

impl Tiles {
    /// Of maps that can be cut so, and have channels enough that it pays.
    pub(super) fn of(map: Shape) -> Option<Self> {
        let whole = map.height.is_multiple_of(SIDE) && map.width.is_multiple_of(SIDE);
        let across = map.width / SIDE;
        (whole && map.step >= WIDEST).then_some(Self {
            across,
            all: across * (map.height / SIDE),
        })
    }
}

/// One convolution computed so.
pub(super) struct Winograd {
    tiles: Tiles,
    weights: Packed,
    /// Floats of a tile at one of the 36 places, seen and told.
    steps: [usize; 2],
    /// Tiles worked on at once.
    at_once: usize,
}

impl Winograd {
    pub(super) fn new(
        tiles: Tiles,
        inputs: usize,
        outputs: usize,
        lanes: usize,
        weight: impl Fn(usize, usize, usize, usize) -> f32,
    ) -> Self {
        let kernels: Vec<[[f32; WIDER]; WIDER]> = (0..outputs)
            .flat_map(|output| (0..inputs).map(move |input| (output, input)))
            .map(|(output, input)| of_kernel(|y, x| f64::from(weight(output, input, y, x))))
            .collect();
        let weights = Packed::new(MATRICES, inputs, outputs, lanes, |place, input, output| {
            kernels[output * inputs + input][place / WIDER][place % WIDER]
        });
        let steps = [inputs, outputs].map(|channels| channels.next_multiple_of(WIDEST));
        let fit = NEAR / (MATRICES * (steps[0] + steps[1]));
        let at_once = fit
            .min(tiles.all)
            .next_multiple_of(MOST_ROWS)
            .max(MOST_ROWS);
        Self {
            tiles,
            weights,
            steps,
            at_once,
        }
    }

    pub(super) fn multiplications(&self) -> usize {
        self.tiles.all * MATRICES * self.weights.inputs * self.weights.computed()
    }

    /// Floats from one of the 36 places to the next, of what is seen and what is told: a little more
    /// than the tiles take, lest they all meet in one set of the cache.
    fn planes(&self) -> [usize; 2] {
        self.steps.map(|step| self.at_once * step + WIDEST)
    }

    /// How much memory it works in: for what is seen, and for the products.
    pub(super) fn work(&self) -> [usize; 2] {
        self.planes().map(|plane| MATRICES * plane)
    }

    #[inline(always)]
    pub(super) fn run<O: NumOps<f32>>(
        &self,
        ops: O,
        from: &Map,
        last: Last<'_>,
        to: &mut Map,
        work: &mut Work,
    ) {
        let mut filter = Filter {
            way: self,
            from,
            last,
            to,
            seen: &mut work.seen,
            products: &mut work.products,
        };
        for first in (0..self.tiles.all).step_by(self.at_once) {
            let count = self.at_once.min(self.tiles.all - first);
            for i in 0..count {
                filter.see(ops, first + i, i);
            }
            // As many rows as there are registers for.
            if ops.len() < WIDEST {
                filter.multiply::<_, 4>(ops, count);
            } else {
                filter.multiply::<_, 8>(ops, count);
            }
            for i in 0..count {
                filter.tell(ops, first + i, i);
            }
        }
    }
}

struct Filter<'a> {
    way: &'a Winograd,
    from: &'a Map,
    last: Last<'a>,
    to: &'a mut Map,
    seen: &'a mut [f32],
    products: &'a mut [f32],
}

impl Filter<'_> {
    /// A tile and what is around it, as the 36 sums that are multiplied; it is the `i`th at work.
    #[inline(always)]
    fn see<O: NumOps<f32>>(&mut self, ops: O, tile: usize, i: usize) {
        let shape = self.from.shape;
        let across = self.way.tiles.across;
        // The edge is a place wide, so this is one up and one to the left of the tile.
        let corner = SIDE * (tile / across) * shape.line() + SIDE * (tile % across) * shape.step;
        let plane = self.way.planes()[0];
        for channel in (0..self.way.weights.inputs).step_by(ops.len()) {
            let first = corner + channel;
            let values = &self.from.values;
            let columns = [
                seen(ops, six(ops, values, first, shape.line())),
                seen(ops, six(ops, values, first + shape.step, shape.line())),
                seen(ops, six(ops, values, first + 2 * shape.step, shape.line())),
                seen(ops, six(ops, values, first + 3 * shape.step, shape.line())),
                seen(ops, six(ops, values, first + 4 * shape.step, shape.line())),
                seen(ops, six(ops, values, first + 5 * shape.step, shape.line())),
            ];
            for y in 0..WIDER {
                let line = seen(ops, across_six(columns, y));
                for x in 0..WIDER {
                    let at = (y * WIDER + x) * plane + i * self.way.steps[0] + channel;
                    ops.store(line[x], &mut self.seen[at..]);
                }
            }
        }
    }

    #[inline(always)]
    fn multiply<O: NumOps<f32>, const ROWS: usize>(&mut self, ops: O, count: usize) {
        let way = self.way;
        for matrix in 0..MATRICES {
            for group in &way.weights.groups {
                let weights = way.weights.of(matrix, group);
                for first in (0..count).step_by(ROWS) {
                    let at = (matrix, first, group.output);
                    match group.vectors {
                        1 => self.block::<_, ROWS, 1>(ops, weights, at),
                        2 => self.block::<_, ROWS, 2>(ops, weights, at),
                        _ => self.block::<_, ROWS, 3>(ops, weights, at),
                    }
                }
            }
        }
    }

    /// Some outputs of some tiles at one of the 36 places.
    #[inline(always)]
    fn block<O: NumOps<f32>, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        ops: O,
        weights: &[f32],
        (matrix, first, output): (usize, usize, usize),
    ) {
        let [plane_seen, plane_told] = self.way.planes();
        let [step_seen, step_told] = self.way.steps;
        let mut rows: [&[f32]; ROWS] = [&[]; ROWS];
        for i in 0..ROWS {
            // Where there are fewer tiles, what the memory holds of others is not asked for after.
            let at = matrix * plane_seen + (first + i) * step_seen;
            rows[i] = &self.seen[at..][..self.way.weights.inputs];
        }
        let mut sums = [[ops.zero(); VECTORS]; ROWS];
        add_product(ops, rows, weights, &mut sums);
        for i in 0..ROWS {
            let at = matrix * plane_told + (first + i) * step_told + output;
            for j in 0..VECTORS {
                ops.store(sums[i][j], &mut self.products[at + j * ops.len()..]);
            }
        }
    }

    /// A tile's outputs.
    #[inline(always)]
    fn tell<O: NumOps<f32>>(&mut self, ops: O, tile: usize, i: usize) {
        let across = self.way.tiles.across;
        let (top, left) = (SIDE * (tile / across), SIDE * (tile % across));
        let plane = self.way.planes()[1];
        for output in (0..self.to.shape.channels).step_by(ops.len()) {
            let first = i * self.way.steps[1] + output;
            let values = &self.products;
            let columns = [
                told(ops, six(ops, values, first, WIDER * plane)),
                told(ops, six(ops, values, first + plane, WIDER * plane)),
                told(ops, six(ops, values, first + 2 * plane, WIDER * plane)),
                told(ops, six(ops, values, first + 3 * plane, WIDER * plane)),
                told(ops, six(ops, values, first + 4 * plane, WIDER * plane)),
                told(ops, six(ops, values, first + 5 * plane, WIDER * plane)),
            ];
            for y in 0..SIDE {
                let line = told(ops, across_six(columns, y));
                for x in 0..SIDE {
                    let at = self.to.shape.at(top + y, left + x) + output;
                    let value = self.last.of(ops, line[x], output, at);
                    ops.store(value, &mut self.to.values[at..]);
                }
            }
        }
    }
}

/// Six vectors, each so many values after the one before.
#[inline(always)]
fn six<O: NumOps<f32>>(ops: O, values: &[f32], first: usize, step: usize) -> [O::Simd; WIDER] {
    [
        ops.load(&values[first..]),
        ops.load(&values[first + step..]),
        ops.load(&values[first + 2 * step..]),
        ops.load(&values[first + 3 * step..]),
        ops.load(&values[first + 4 * step..]),
        ops.load(&values[first + 5 * step..]),
    ]
}

/// The vector of a line in each of six columns.
#[inline(always)]
fn across_six<V: Copy, const LINES: usize>(
    columns: [[V; LINES]; WIDER],
    line: usize,
) -> [V; WIDER] {
    [
        columns[0][line],
        columns[1][line],
        columns[2][line],
        columns[3][line],
        columns[4][line],
        columns[5][line],
    ]
}

/// Lavin and Gray's transform of data, along one direction.
#[inline(always)]
fn seen<O: NumOps<f32>>(ops: O, d: [O::Simd; WIDER]) -> [O::Simd; WIDER] {
    let (two, four, five) = (ops.splat(2.0), ops.splat(4.0), ops.splat(-5.0));
    let minus_four = ops.splat(-4.0);
    let even = ops.mul_add(minus_four, d[2], d[4]);
    let odd = ops.mul_add(minus_four, d[1], d[3]);
    let outer = ops.sub(d[4], d[2]);
    let inner = ops.mul(two, ops.sub(d[3], d[1]));
    [
        ops.mul_add(four, d[0], ops.mul_add(five, d[2], d[4])),
        ops.add(even, odd),
        ops.sub(even, odd),
        ops.add(outer, inner),
        ops.sub(outer, inner),
        ops.mul_add(four, d[1], ops.mul_add(five, d[3], d[5])),
    ]
}

/// Their transform of results, along one direction.
#[inline(always)]
fn told<O: NumOps<f32>>(ops: O, m: [O::Simd; WIDER]) -> [O::Simd; SIDE] {
    let (two, four, eight) = (ops.splat(2.0), ops.splat(4.0), ops.splat(8.0));
    let (near, turned) = (ops.add(m[1], m[2]), ops.sub(m[1], m[2]));
    let (far, far_turned) = (ops.add(m[3], m[4]), ops.sub(m[3], m[4]));
    [
        ops.add(ops.add(m[0], near), far),
        ops.mul_add(two, far_turned, turned),
        ops.mul_add(four, far, near),
        ops.add(ops.mul_add(eight, far_turned, turned), m[5]),
    ]
}

/// Their transform of a kernel, both ways.
fn of_kernel(weight: impl Fn(usize, usize) -> f64) -> [[f32; WIDER]; WIDER] {
    const G: [[f64; 3]; WIDER] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let mut half = [[0.0; 3]; WIDER];
    for (line, g) in half.iter_mut().zip(G) {
        for (x, value) in line.iter_mut().enumerate() {
            *value = (0..3).map(|y| g[y] * weight(y, x)).sum();
        }
    }
    half.map(|line| G.map(|g| (0..3).map(|x| g[x] * line[x]).sum::<f64>() as f32))
}
