//! Challenges: good once, and not for long. Nothing is kept of one that was not used, so that nobody
//! fills the memory by asking.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;

use crate::Random;

/// How long a person may take.
const LASTS: Duration = Duration::from_secs(300);
const RANDOM: usize = 16;
const TIME: usize = 8;
const TAG: usize = 32;
/// Random bytes, the time on the monotonic clock in milliseconds, and the tag over both and what it
/// is for.
const LENGTH: usize = RANDOM + TIME + TAG;

/// What a passkey signs, so that its answer is good once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(pub(super) [u8; LENGTH]);

/// Gives challenges out and takes them back.
pub struct Challenges {
    key: hmac::Key,
    used: Mutex<HashMap<[u8; LENGTH], Duration>>,
}

impl Challenge {
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl Challenges {
    /// For one run of the station.
    pub fn new(random: &dyn Random) -> Self {
        let mut key = [0; 32];
        random.fill(&mut key);
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            used: Mutex::default(),
        }
    }

    /// A challenge for something, such as `login`, at this time on the monotonic clock.
    pub fn give(&self, what: &str, now: Duration, random: &dyn Random) -> Challenge {
        let mut bytes = [0; LENGTH];
        random.fill(&mut bytes[..RANDOM]);
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        bytes[RANDOM..RANDOM + TIME].copy_from_slice(&millis.to_be_bytes());
        let tag = self.tag(what, &bytes[..RANDOM + TIME]);
        bytes[RANDOM + TIME..].copy_from_slice(tag.as_ref());
        Challenge(bytes)
    }

    /// Takes a challenge back: false when it was not given for this, is too old, or was used before.
    pub fn take(&self, what: &str, challenge: &Challenge, now: Duration) -> bool {
        let bytes = &challenge.0;
        let (said, tag) = bytes.split_at(RANDOM + TIME);
        if hmac::verify(&self.key, &message(what, said), tag).is_err() {
            return false;
        }
        let mut time = [0; TIME];
        time.copy_from_slice(&said[RANDOM..]);
        let given = Duration::from_millis(u64::from_be_bytes(time));
        if now.saturating_sub(given) >= LASTS {
            return false;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, given| now.saturating_sub(*given) < LASTS);
        used.insert(*bytes, given).is_none()
    }

    fn tag(&self, what: &str, said: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, &message(what, said))
    }
}

fn message(what: &str, said: &[u8]) -> Vec<u8> {
    [said, what.as_bytes()].concat()
}
