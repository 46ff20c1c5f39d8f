use super::super::product::lanes;
use super::*;

/// Numbers that look like chance, around zero.
fn numbers(count: usize, mut seed: u32) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / f32::from(u16::MAX) / 128.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn filled(shape: Shape, seed: u32) -> Map {
    let mut map = Map::new(shape);
    let values = numbers(shape.height * shape.width * shape.channels, seed);
    for (place, values) in values.chunks_exact(shape.channels).enumerate() {
        let at = shape.at(place / shape.width, place % shape.width);
        map.values[at..][..shape.channels].copy_from_slice(values);
    }
    map
}

/// An output by the definition.
fn defined(kernel: &Kernel<'_>, from: &Map, (output, y, x): (usize, usize, usize)) -> f32 {
    let mut sum = kernel.bias[output];
    for (i, j) in (0..kernel.size[0]).flat_map(|i| (0..kernel.size[1]).map(move |j| (i, j))) {
        let at = |at: usize, over: usize, i: usize| {
            (at * kernel.stride[i] + over).checked_sub(kernel.beyond[i])
        };
        let (Some(y), Some(x)) = (at(y, i, 0), at(x, j, 1)) else {
            continue;
        };
        if y >= from.shape.height || x >= from.shape.width {
            continue;
        }
        for input in 0..kernel.inputs {
            let channel = if kernel.by_channel { output } else { input };
            sum += kernel.weight(output, input, i, j) * from.place(y, x)[channel];
        }
    }
    sum
}

/// A layer with another map added, computed with vectors of each length that this processor has.
fn by_every_processor(kernel: &Kernel<'_>, from: &Map) -> Vec<(Map, Map)> {
    let on = |lanes: usize, run: &dyn Fn(Computing<'_>)| {
        let (layer, shape) = Convolution::new(kernel, true, from.shape, lanes).unwrap();
        let (added, mut to) = (filled(shape, 5), Map::new(shape));
        let mut work = Work::enough(std::iter::once(&layer));
        run(Computing {
            layer: &layer,
            from,
            added: Some(&added),
            to: &mut to,
            work: &mut work,
        });
        (added, to)
    };
    let mut made = vec![
        on(lanes(), &|computing| computing.dispatch()),
        on(4, &|computing| {
            computing.eval(rten_simd::isa::GenericIsa::new());
        }),
    ];
    #[cfg(target_arch = "x86_64")]
    if let Some(isa) = rten_simd::isa::Avx2Isa::new() {
        made.push(on(8, &|computing| computing.eval(isa)));
    }
    made
}

#[test]
fn every_way_gives_what_the_definition_gives() {
    let usual = ([3, 3], [1, 1], [1, 1], false);
    for (from, outputs, (size, stride, beyond, by_channel)) in [
        (
            Shape::picture(12, 20, 3),
            24,
            ([3, 3], [2, 2], [1, 1], false),
        ),
        (Shape::inner(12, 20, 24), 40, usual),
        (Shape::inner(8, 8, 112), 112, usual),
        (Shape::inner(4, 32, 48), 80, usual),
        (Shape::inner(7, 9, 56), 13, usual),
        (Shape::inner(8, 32, 48), 80, ([3, 3], [2, 1], [1, 1], false)),
        (Shape::inner(6, 10, 40), 13, ([1, 1], [1, 1], [0, 0], false)),
        (Shape::inner(4, 16, 32), 50, ([4, 1], [1, 1], [0, 0], false)),
        (Shape::inner(1, 16, 48), 48, ([1, 7], [1, 1], [0, 3], true)),
    ] {
        let inputs = if by_channel { 1 } else { from.channels };
        let kernel = Kernel {
            weights: &numbers(outputs * inputs * size[0] * size[1], 7),
            bias: &numbers(outputs, 11),
            inputs,
            outputs,
            size,
            stride,
            beyond,
            by_channel,
        };
        let from = filled(from, 3);
        for (added, to) in by_every_processor(&kernel, &from) {
            for (y, x) in
                (0..to.shape.height).flat_map(|y| (0..to.shape.width).map(move |x| (y, x)))
            {
                for output in 0..outputs {
                    let sum = defined(&kernel, &from, (output, y, x)) + added.place(y, x)[output];
                    let made = to.place(y, x)[output];
                    assert!(
                        (made - sum.max(0.0)).abs() < 2e-3,
                        "{:?} by {size:?}, {output} at {y} {x}: {made}, not {sum}",
                        from.shape
                    );
                }
            }
        }
    }
}

#[test]
fn tiles_take_a_quarter_of_the_multiplications() {
    let kernel = Kernel {
        weights: &numbers(9 * 96 * 96, 7),
        bias: &numbers(96, 11),
        inputs: 96,
        outputs: 96,
        size: [3, 3],
        stride: [1, 1],
        beyond: [1, 1],
        by_channel: false,
    };
    let (tiled, _) = Convolution::new(&kernel, true, Shape::inner(8, 8, 96), 4).unwrap();
    let (plain, _) = Convolution::new(&kernel, true, Shape::inner(8, 7, 96), 4).unwrap();
    assert_eq!(tiled.multiplications, 9 * 96 * 96 * 64 / 4);
    assert_eq!(plain.multiplications, 9 * 96 * 96 * 56);
}
