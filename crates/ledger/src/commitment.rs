//! Commitments to what is personal.

use crypt::{Digest, Random, sha256_of};
use serde::{Deserialize, Serialize};

/// 256 random bits, kept with the content and destroyed with it. Without the salt, a commitment
/// to a plate could be opened by trying every plate.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl Salt {
    /// A new one.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }
}

/// SHA-256 of the salt followed by the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(Digest);

impl Commitment {
    /// Commits to `content`.
    pub fn to(salt: &Salt, content: &[u8]) -> Self {
        Self(sha256_of(&[&salt.0, content]))
    }
}
