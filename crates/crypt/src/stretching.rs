//! How a passphrase becomes a key: slowly, so that guessing is slow.

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA512};
use serde::{Deserialize, Serialize};

use crate::Key;

/// Rounds of PBKDF2 for a passphrase: a station starts seldom, and can take a second over it.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_000_000 - 1);
/// No key file asks for more work than this: a gigabyte, sixteen passes and lanes, ten million rounds.
const MOST_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 16;
const MOST_ROUNDS: u32 = 10_000_000;

/// The function and what it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Stretching {
    /// Argon2id (RFC 9106), the better of the two.
    Argon2id {
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    },
    /// PBKDF2 with HMAC-SHA-512: the one that a validated module has.
    #[serde(rename = "pbkdf2-sha512")]
    Pbkdf2Sha512 { rounds: NonZeroU32 },
}

impl Stretching {
    /// What this build stretches new passphrases with: on the validated module, what that has.
    pub(crate) fn of_this_build() -> Self {
        if cfg!(feature = "fips") {
            return Self::Pbkdf2Sha512 { rounds: ROUNDS };
        }
        // RFC 9106's second recommended setting.
        Self::Argon2id {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 4,
        }
    }

    /// The key.
    ///
    /// # Errors
    /// In words, when it asks for more than any station sets.
    pub(crate) fn stretch(self, passphrase: &str, salt: &[u8]) -> Result<Key, String> {
        let mut bytes = [0; 32];
        match self {
            Self::Argon2id {
                memory_kib: memory_kib @ ..=MOST_KIB,
                passes: passes @ ..=MOST_PASSES,
                lanes: lanes @ ..=MOST_LANES,
            } => Params::new(memory_kib, passes, lanes, Some(bytes.len()))
                .and_then(|params| {
                    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                        passphrase.as_bytes(),
                        salt,
                        &mut bytes,
                    )
                })
                .map_err(|error| error.to_string())?,
            Self::Pbkdf2Sha512 { rounds } if rounds.get() <= MOST_ROUNDS => pbkdf2::derive(
                PBKDF2_HMAC_SHA512,
                rounds,
                salt,
                passphrase.as_bytes(),
                &mut bytes,
            ),
            _ => return Err("its parameters ask for more than any station sets".to_owned()),
        }
        Ok(Key::from_bytes(bytes))
    }
}
