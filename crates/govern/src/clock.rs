//! Time as a parameter.

use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// Where time comes from. Wall time is written down; monotonic time measures sessions, locks and
/// permits, so that setting the clock back revives nothing.
pub trait Clock: Send + Sync {
    /// The wall's time, UTC.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment; never runs backwards.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clocks.
    pub fn new() -> Self {
        Self
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

    /// Since the machine came up, the time it slept counted: a session ages under a closed lid.
    fn monotonic(&self) -> Duration {
        let since = clock_gettime(ClockId::Boottime);
        // Neither is ever negative.
        Duration::new(
            since.tv_sec.unsigned_abs(),
            u32::try_from(since.tv_nsec).unwrap_or(0),
        )
    }
}
