//! Randomness as a parameter.

/// Where random bytes come from. Production uses [`SystemRandom`]; tests may bring their own.
pub trait Random: Send + Sync {
    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator, through aws-lc-rs.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// A machine whose generator fails cannot make a key or an id; it must not go on.
    #[expect(
        clippy::expect_used,
        reason = "without randomness nothing this product promises holds"
    )]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system's random generator failed");
    }
}
