//! Time as a parameter.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where time comes from. Wall time is written down; monotonic time measures sessions, locks and
/// permits, so that setting the clock back revives nothing.
pub trait Clock: Send + Sync {
    /// The wall's time, UTC.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment; never runs backwards.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Starts counting.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system"
    )]
    #[expect(
        clippy::new_without_default,
        reason = "a clock is started, not defaulted"
    )]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}
