//! Whom a bag is judged by: keys that did not come in it.

use crypt::sha256;
use ledger::{VerifyingKey, WitnessPublicKey};

/// Keys that whoever verifies has from elsewhere: published by the agency, held by a witness.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Of ledgers.
    pub ledgers: Vec<VerifyingKey>,
    /// Of witnesses.
    pub witnesses: Vec<WitnessPublicKey>,
}

impl Trust {
    /// The keys in a file: one a line; what begins with `#` is a remark.
    ///
    /// # Errors
    /// In words, for a line that is no key.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let mut trust = Self::default();
        let lines = text.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match (
                WitnessPublicKey::from_text(line),
                VerifyingKey::from_text(line),
            ) {
                (Ok(witness), _) => trust.witnesses.push(witness),
                (_, Ok(ledger)) => trust.ledgers.push(ledger),
                (_, Err(error)) => return Err(format!("{line}: {error}")),
            }
        }
        Ok(trust)
    }
}

/// A key in few characters, to be read out and compared: the beginning of the SHA-256 of its text.
pub fn fingerprint(key: &str) -> String {
    let digest = sha256(key.trim().as_bytes()).to_string();
    let groups: Vec<&str> = (0..8)
        .filter_map(|n| digest.get(4 * n..4 * n + 4))
        .collect();
    groups.join(" ")
}
