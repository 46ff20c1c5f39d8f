//! Whether the wall's clock is to be believed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Clock;

/// A clock that notices when the wall's time steps: against the monotonic clock while it runs, and
/// against the ledger at the start. From then on it is in doubt, and goes on from the time it
/// believed last, until people confirm the wall's time.
pub struct WatchedClock {
    inner: Arc<dyn Clock>,
    /// A step as long as this is believed.
    step: SignedDuration,
    watched: Mutex<Watched>,
}

struct Watched {
    /// A time that was believed, and the monotonic reading then.
    anchor: (Timestamp, Duration),
    doubt: Option<Doubt>,
}

/// Why the time is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What the wall's clock said.
    pub wall: Timestamp,
    /// What it should have said.
    pub expected: Timestamp,
}

impl WatchedClock {
    /// Watches `inner`, beginning with the time it shows.
    pub fn new(inner: Arc<dyn Clock>, step: Duration) -> Self {
        let anchor = (inner.now(), inner.monotonic());
        Self {
            inner,
            step: SignedDuration::try_from(step).unwrap_or(SignedDuration::MAX),
            watched: Mutex::new(Watched {
                anchor,
                doubt: None,
            }),
        }
    }

    /// Compares with the newest time that the ledger knows, at the start. A time before it cannot be:
    /// the clock goes on from the ledger's. A time longer after it than a station stands still may
    /// be, and is in doubt.
    pub fn compare(&self, newest: Timestamp, longest_stop: Duration) {
        let mut watched = self.watched();
        let wall = watched.anchor.0;
        let since = wall.duration_since(newest);
        let doubt = Doubt {
            wall,
            expected: newest,
        };
        if since < -self.step {
            watched.anchor.0 = newest;
            watched.doubt = Some(doubt);
        } else if since > SignedDuration::try_from(longest_stop).unwrap_or(SignedDuration::MAX) {
            watched.doubt = Some(doubt);
        }
    }

    /// The time was in doubt when the station went down, and is so still.
    pub fn doubt_still(&self) {
        let mut watched = self.watched();
        let time = watched.anchor.0;
        watched.doubt.get_or_insert(Doubt {
            wall: time,
            expected: time,
        });
    }

    /// Why the time is in doubt, if it is.
    pub fn doubt(&self) -> Option<Doubt> {
        self.now();
        self.watched().doubt
    }

    /// What the machine's own clock says, believed or not.
    pub fn wall(&self) -> Timestamp {
        self.inner.now()
    }

    /// The wall's time is right: the clock goes on from it.
    pub fn confirm(&self) {
        *self.watched() = Watched {
            anchor: (self.inner.now(), self.inner.monotonic()),
            doubt: None,
        };
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // What is behind the lock is never left half changed.
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for WatchedClock {
    fn now(&self) -> Timestamp {
        // Asked before the lock is taken: whoever is kept waiting for the time keeps nobody else.
        let (wall, monotonic) = (self.inner.now(), self.inner.monotonic());
        let mut watched = self.watched();
        let (anchor, then) = watched.anchor;
        let expected = anchor
            .saturating_add(monotonic.saturating_sub(then))
            .unwrap_or(anchor);
        if wall.duration_since(expected).abs() > self.step {
            watched.doubt.get_or_insert(Doubt { wall, expected });
        }
        match watched.doubt {
            Some(_) => expected,
            None => wall,
        }
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::tz::TimeZone;

    use super::*;

    /// Wall and monotonic time, moved apart or together.
    struct Hands(Mutex<(Timestamp, Duration)>);

    impl Hands {
        fn at(wall: &str) -> Arc<Self> {
            Arc::new(Self(Mutex::new((wall.parse().unwrap(), Duration::ZERO))))
        }

        fn pass(&self, by: Duration) {
            let mut hands = self.0.lock().unwrap();
            *hands = (hands.0.saturating_add(by).unwrap(), hands.1 + by);
        }

        fn step(&self, by: SignedDuration) {
            let mut hands = self.0.lock().unwrap();
            hands.0 = hands.0.saturating_add(by).unwrap();
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            self.0.lock().unwrap().0
        }

        fn monotonic(&self) -> Duration {
            self.0.lock().unwrap().1
        }
    }

    const FIVE_MINUTES: Duration = Duration::from_secs(300);
    const MONTH: Duration = Duration::from_secs(31 * 24 * 3600);
    const DAY: i64 = 24 * 3600;

    fn watched(hands: &Arc<Hands>) -> WatchedClock {
        WatchedClock::new(hands.clone(), FIVE_MINUTES)
    }

    #[test]
    fn a_step_of_a_second_is_believed_and_one_of_a_day_or_a_year_is_not() {
        for (seconds, believed) in [
            (1, true),
            (-1, true),
            (299, true),
            (DAY, false),
            (-DAY, false),
            (365 * DAY, false),
        ] {
            let hands = Hands::at("2026-11-24T16:00:00Z");
            let clock = watched(&hands);
            hands.pass(Duration::from_secs(60));
            hands.step(SignedDuration::from_secs(seconds));
            assert_eq!(clock.doubt().is_none(), believed, "{seconds}");
            let expected: Timestamp = "2026-11-24T16:01:00Z".parse().unwrap();
            let shown = if believed { hands.now() } else { expected };
            assert_eq!(clock.now(), shown, "{seconds}");
            hands.pass(Duration::from_secs(60));
            let later = shown.saturating_add(60.seconds()).unwrap();
            assert_eq!(clock.now(), later, "{seconds}: time goes on");
        }
    }

    #[test]
    fn small_steps_do_not_add_up_unseen() {
        let hands = Hands::at("2026-11-24T16:00:00Z");
        let clock = watched(&hands);
        for _ in 0..3 {
            hands.step(SignedDuration::from_secs(120));
            hands.pass(Duration::from_secs(60));
            clock.now();
        }
        assert!(clock.doubt().is_some());
    }

    #[test]
    fn neither_change_to_or_from_summer_time_is_a_step() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        for (start, hours) in [
            ("2026-11-01T05:30:00Z", [0, 1, 1]),
            ("2026-03-08T07:30:00Z", [1, 3, 4]),
        ] {
            let hands = Hands::at(start);
            let clock = watched(&hands);
            for hour in hours {
                assert_eq!(zone.to_datetime(clock.now()).hour(), hour, "{start}");
                hands.pass(Duration::from_secs(3600));
            }
            assert_eq!(clock.doubt(), None, "{start}");
        }
    }

    #[test]
    fn a_start_in_1970_goes_on_from_the_ledgers_time_in_doubt() {
        let newest: Timestamp = "2026-11-24T16:00:00Z".parse().unwrap();
        let hands = Hands::at("1970-01-01T00:00:20Z");
        let clock = watched(&hands);
        clock.compare(newest, MONTH);
        assert!(clock.doubt().is_some());
        hands.pass(Duration::from_secs(60));
        assert_eq!(clock.now(), newest.saturating_add(60.seconds()).unwrap());
        // The clock is set right: it stays in doubt until somebody says so.
        hands.step(newest.duration_since("1970-01-01T00:00:20Z".parse().unwrap()));
        assert!(clock.doubt().is_some());
        clock.confirm();
        assert_eq!((clock.doubt(), clock.now()), (None, hands.now()));
    }

    #[test]
    fn a_start_is_believed_after_a_week_and_in_doubt_after_a_year() {
        let newest: Timestamp = "2026-11-24T16:00:00Z".parse().unwrap();
        for (days, believed) in [(0, true), (7, true), (365, false)] {
            let hands = Hands::at("2026-11-24T16:00:00Z");
            hands.step(SignedDuration::from_secs(days * DAY));
            let clock = watched(&hands);
            clock.compare(newest, MONTH);
            assert_eq!(clock.doubt().is_none(), believed, "{days} days");
            assert_eq!(clock.now(), hands.now(), "logins need the time");
        }
    }
}
