//! What reading a frame costs: a 1280x720 JPEG in memory to plates out, and its parts. Run by `cargo
//! xtask bench vision`, which knows the bars; prints one JSON object a figure.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it asks the time, and breaks off when it cannot be set up"
)]

use std::hint::black_box;
use std::time::Instant;

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use vision::Vision;

const FRAME: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
const ROUNDS: usize = 15;

fn main() {
    // Cargo starts it without this when it runs every bench.
    if std::env::args().nth(1).as_deref() != Some("frame") {
        return;
    }
    let vision = Vision::embedded().unwrap();
    let picture = capture::decode(FRAME).unwrap();
    let detected = vision.detected(&picture).unwrap();
    let plates: Vec<_> = (detected.iter())
        .filter(|detected| vision.says_something(&picture, detected).unwrap())
        .collect();

    // Each part does what it does within the frame, no more and no less, so that they add up.
    let frame = milliseconds(|| {
        let picture = capture::decode(black_box(FRAME)).unwrap();
        black_box(vision.plates(&picture).unwrap());
    });
    let decode = milliseconds(|| {
        black_box(capture::decode(black_box(FRAME)).unwrap());
    });
    let detector = milliseconds(|| {
        black_box(vision.detected(&picture).unwrap());
    });
    let reader = milliseconds(|| {
        for detected in &detected {
            black_box(vision.says_something(&picture, detected).unwrap());
        }
    });
    let legends = milliseconds(|| {
        for detected in &plates {
            black_box(vision.possible_issuers(&picture, detected).unwrap());
        }
    });
    figure("frame_ms", frame);
    figure("decode_ms", decode);
    figure("detector_ms", detector);
    figure("reader_ms", reader);
    figure("legends_ms", legends);
    figure("rest_ms", frame - decode - detector - reader - legends);
    figure("plates", plates.len() as f64);
    let a_second = vision.detector_multiplications() as f64 / (detector / 1e3);
    figure("share_of_limit", a_second / limit());
}

fn figure(name: &str, value: f64) {
    println!("{{\"name\":\"{name}\",\"value\":{value}}}");
}

/// The median of some rounds, after one that does not count.
fn milliseconds(mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// Multiplications with addition a second that one core reaches in a product of matrices that fit
/// its cache: no network made of them can be faster. The best of the rounds.
fn limit() -> f64 {
    const SIDE: usize = 384;
    let executor = GemmExecutor::<f32, f32, f32>::new();
    let a = NdTensor::<f32, 2>::full([SIDE, SIDE], 0.5);
    let b = NdTensor::<f32, 2>::full([SIDE, SIDE], 0.25);
    let mut out = vec![0.0f32; SIDE * SIDE];
    let mut fastest = f64::INFINITY;
    for _ in 0..4 * ROUNDS {
        let start = Instant::now();
        executor
            .gemm(
                &mut out,
                GemmInputA::Unpacked(a.view()),
                GemmInputB::Unpacked(b.view()),
                GemmOptions::default(),
            )
            .unwrap();
        black_box(&out);
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    (SIDE * SIDE * SIDE) as f64 / fastest
}
