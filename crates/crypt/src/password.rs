//! Members' passwords.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use thiserror::Error;

use crate::Random;

/// The shortest password accepted, in characters (CJIS IA-5: eight or more).
const SHORTEST: usize = 12;
/// Longer ones are refused rather than cut (CJIS IA-5: no truncation).
const LONGEST: usize = 256;

/// Passwords that everybody tries first. The full list comes from `policy/`, later.
const KNOWN_BAD: [&str; 6] = [
    "password1234",
    "123456789012",
    "qwertyuiop12",
    "administrator",
    "licenceplate",
    "licenseplate",
];

/// A salted Argon2id hash, with its own parameters, as a PHC string.
#[derive(Clone)]
pub struct PasswordHash(String);

/// Why a password cannot be set or checked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has {SHORTEST} characters or more; spaces are welcome")]
    TooShort,
    /// Too long.
    #[error("a password has {LONGEST} characters at most")]
    TooLong,
    /// On the list of known-bad passwords.
    #[error("this password is among the first that anybody tries: choose another")]
    KnownBad,
    /// The hashing failed.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
}

impl PasswordHash {
    /// Hashes a new password, if it is one that may be set.
    ///
    /// # Errors
    /// Every [`PasswordError`].
    pub fn of(password: &str, random: &dyn Random) -> Result<Self, PasswordError> {
        match password.chars().count() {
            n if n < SHORTEST => return Err(PasswordError::TooShort),
            n if n > LONGEST => return Err(PasswordError::TooLong),
            _ => {}
        }
        if KNOWN_BAD.contains(&password.to_lowercase().as_str()) {
            return Err(PasswordError::KnownBad);
        }
        let mut salt = [0; 16];
        random.fill(&mut salt);
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|phc| Self(phc.to_string()))
            .map_err(|e| PasswordError::Hashing(e.to_string()))
    }

    /// The hash as it is stored.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// The hash as it was stored.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// Whether this is the password. Takes as long for a wrong one as for the right one.
    pub fn verify(&self, password: &str) -> bool {
        Phc::new(&self.0).is_ok_and(|phc| {
            Argon2::default()
                .verify_password(password.as_bytes(), &phc)
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let hash = PasswordHash::of("a long walk by the river", &SystemRandom).unwrap();
        assert!(hash.verify("a long walk by the river"));
        assert!(!hash.verify("a long walk by the River"));
        assert!(!hash.0.contains("river"));
    }

    #[test]
    fn short_and_known_bad_passwords_are_refused_with_a_reason() {
        assert!(matches!(
            PasswordHash::of("short", &SystemRandom),
            Err(PasswordError::TooShort)
        ));
        assert!(matches!(
            PasswordHash::of("Password1234", &SystemRandom),
            Err(PasswordError::KnownBad)
        ));
    }
}
