//! The product of matrices at the bottom of every convolution.
//!
//! Several rows of inputs meet several vectors of outputs at once, so that each value that is read
//! is used many times and all sums stay in registers. It is compiled for each instruction set by
//! `rten-simd`, whose vectors are safe to use; for that, all of it must be inlined.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::map::Floats;

/// The most vectors of outputs in one group.
const MOST_VECTORS: usize = 3;

/// Neighbouring outputs that are computed at once.
pub(super) struct Group {
    /// The first of them.
    pub(super) output: usize,
    /// How many vectors they fill, 1 to [`MOST_VECTORS`].
    pub(super) vectors: usize,
    /// Where its weights begin among a matrix's.
    weights: usize,
}

/// Matrices of weights, each `inputs` x outputs, in the order in which the product reads them.
pub(super) struct Packed {
    pub(super) groups: Vec<Group>,
    pub(super) inputs: usize,
    /// Floats in a vector of this processor.
    lanes: usize,
    /// Floats of a matrix.
    matrix: usize,
    weights: Floats,
}

impl Packed {
    /// Packs `matrices` of them; `weight` tells one by matrix, input and output.
    pub(super) fn new(
        matrices: usize,
        inputs: usize,
        outputs: usize,
        lanes: usize,
        weight: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        let all = outputs.div_ceil(lanes);
        let parts = all.div_ceil(MOST_VECTORS);
        let mut groups = Vec::new();
        let mut before = 0;
        for part in 0..parts {
            // As equal as can be: a group of one vector reads much for little.
            let vectors = (all * (part + 1)) / parts - before;
            groups.push(Group {
                output: before * lanes,
                vectors,
                weights: before * lanes * inputs,
            });
            before += vectors;
        }
        let matrix = all * lanes * inputs;
        let mut weights = Floats::zeros(matrices * matrix);
        for (m, weights) in weights.chunks_exact_mut(matrix.max(1)).enumerate() {
            for group in &groups {
                let width = group.vectors * lanes;
                let of_group = &mut weights[group.weights..][..width * inputs];
                for (input, row) in of_group.chunks_exact_mut(width).enumerate() {
                    for (i, value) in row.iter_mut().enumerate() {
                        if group.output + i < outputs {
                            *value = weight(m, input, group.output + i);
                        }
                    }
                }
            }
        }
        Self {
            groups,
            inputs,
            lanes,
            matrix,
            weights,
        }
    }

    /// A group's weights in a matrix, input by input.
    pub(super) fn of(&self, matrix: usize, group: &Group) -> &[f32] {
        &self.weights[matrix * self.matrix + group.weights..]
            [..self.inputs * group.vectors * self.lanes]
    }

    /// The outputs that are computed, those that only fill a vector among them.
    pub(super) fn computed(&self) -> usize {
        self.matrix / self.inputs.max(1)
    }
}

/// How many floats a vector of this processor has.
pub(super) fn lanes() -> usize {
    struct Lanes;
    impl SimdOp for Lanes {
        type Output = usize;

        fn eval<I: Isa>(self, isa: I) -> usize {
            isa.f32().len()
        }
    }
    Lanes.dispatch()
}

/// For every row and every vector of outputs, the sum over the inputs of row x weights is added to
/// `sums`. The rows are equally long, and there are weights for each of their inputs.
#[inline(always)]
pub(super) fn add_product<O: NumOps<f32>, const ROWS: usize, const VECTORS: usize>(
    ops: O,
    rows: [&[f32]; ROWS],
    weights: &[f32],
    sums: &mut [[O::Simd; VECTORS]; ROWS],
) {
    let lanes = ops.len();
    let inputs = rows[0].len();
    // The same slices, of a length that the compiler knows to be the same.
    let mut cut: [&[f32]; ROWS] = [&[]; ROWS];
    for i in 0..ROWS {
        cut[i] = &rows[i][..inputs];
    }
    for (input, weights) in (0..inputs).zip(weights.chunks_exact(VECTORS * lanes)) {
        let mut vectors = [ops.zero(); VECTORS];
        for j in 0..VECTORS {
            vectors[j] = ops.load(&weights[j * lanes..]);
        }
        for i in 0..ROWS {
            let value = ops.splat(cut[i][input]);
            for j in 0..VECTORS {
                sums[i][j] = ops.mul_add(value, vectors[j], sums[i][j]);
            }
        }
    }
}
