//! Failed logins by address: one machine cannot try the passwords of everybody, nor lock every
//! account. What locks an account stands in the store; this is in memory, and forgets at a restart.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Addresses kept at once; beyond, those whose last failure is the oldest are forgotten.
const MOST_ADDRESSES: usize = 10_000;

/// The failed logins of the last minutes.
#[derive(Default)]
pub(crate) struct Throttle(HashMap<String, Failures>);

#[derive(Default)]
struct Failures {
    /// When each was, by the monotonic clock, oldest first.
    at: Vec<Duration>,
    /// Whether it was told that the address is closed.
    told: bool,
}

/// How many failures close an address, and within which time.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) failures: u32,
    pub(crate) within: Duration,
}

/// What a closed address is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    /// Until it opens.
    pub(crate) for_another: Duration,
    /// Nobody was told yet.
    pub(crate) first: bool,
}

impl Throttle {
    /// Counts an attempt as a failure before it is checked, so that attempts made at once cannot all
    /// slip through; [`Throttle::succeeded`] takes it back.
    pub(crate) fn begin(
        &mut self,
        address: &str,
        now: Duration,
        limit: Limit,
    ) -> Result<(), Closed> {
        self.forget_old(now, limit);
        let failures = self.0.entry(network(address)).or_default();
        if failures.at.len() >= limit.failures as usize {
            let opens = failures.at[0] + limit.within;
            let first = !std::mem::replace(&mut failures.told, true);
            return Err(Closed {
                for_another: opens.saturating_sub(now),
                first,
            });
        }
        failures.at.push(now);
        Ok(())
    }

    /// The newest attempt from there was none of a stranger.
    pub(crate) fn succeeded(&mut self, address: &str) {
        let key = network(address);
        if let Some(failures) = self.0.get_mut(&key) {
            failures.at.pop();
            if failures.at.is_empty() {
                self.0.remove(&key);
            }
        }
    }

    fn forget_old(&mut self, now: Duration, limit: Limit) {
        self.0.retain(|_, failures| {
            failures
                .at
                .retain(|at| now.saturating_sub(*at) < limit.within);
            failures.told &= failures.at.len() >= limit.failures as usize;
            !failures.at.is_empty()
        });
        while self.0.len() >= MOST_ADDRESSES {
            let oldest = self
                .0
                .iter()
                .min_by_key(|(_, failures)| failures.at.last())
                .map(|(address, _)| address.clone());
            let Some(oldest) = oldest else { return };
            self.0.remove(&oldest);
        }
    }
}

/// What counts as one address: of IPv6 a network of 64 bits, which one customer is given whole.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        failures: 3,
        within: Duration::from_secs(900),
    };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_address_closes_after_its_failures_and_opens_when_the_first_is_past() {
        let mut throttle = Throttle::default();
        for n in 0..3 {
            assert_eq!(throttle.begin("10.0.0.7", at(n), LIMIT), Ok(()));
        }
        let closed = |first, seconds| {
            Err(Closed {
                for_another: at(seconds),
                first,
            })
        };
        assert_eq!(throttle.begin("10.0.0.7", at(10), LIMIT), closed(true, 890));
        assert_eq!(throttle.begin("10.0.0.7", at(899), LIMIT), closed(false, 1));
        assert_eq!(
            throttle.begin("10.0.0.8", at(899), LIMIT),
            Ok(()),
            "another address"
        );
        assert_eq!(throttle.begin("10.0.0.7", at(900), LIMIT), Ok(()));
    }

    #[test]
    fn a_login_that_succeeds_counts_nothing() {
        let mut throttle = Throttle::default();
        for n in 0..50 {
            assert_eq!(throttle.begin("10.0.0.7", at(n), LIMIT), Ok(()));
            throttle.succeeded("10.0.0.7");
        }
        assert!(throttle.0.is_empty());
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let mut throttle = Throttle::default();
        for host in 1..=3 {
            let address = format!("2001:db8:0:7::{host:x}");
            assert_eq!(throttle.begin(&address, at(0), LIMIT), Ok(()));
        }
        assert!(throttle.begin("2001:db8:0:7::ffff", at(0), LIMIT).is_err());
        assert!(throttle.begin("2001:db8:0:8::1", at(0), LIMIT).is_ok());
    }

    #[test]
    fn what_is_kept_does_not_grow_without_end() {
        let mut throttle = Throttle::default();
        for n in 0..MOST_ADDRESSES as u32 + 5 {
            let address = IpAddr::V4(n.into()).to_string();
            assert!(
                throttle
                    .begin(
                        &address,
                        at(n.into()),
                        Limit {
                            failures: 3,
                            within: at(1_000_000)
                        }
                    )
                    .is_ok()
            );
        }
        assert!(throttle.0.len() <= MOST_ADDRESSES);
        assert!(!throttle.0.contains_key("0.0.0.0"));
    }
}
