//! Members' passwords.

use std::collections::HashSet;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Random;

/// Longer ones are refused rather than cut (CJIS IA-5: no truncation).
const LONGEST: usize = 256;
/// Letters that are left of a password without its figures and signs: fewer are no word.
const WORD: usize = 4;
/// A password that repeats so few characters over and over is refused.
const REPEATED: usize = 4;

/// What a password must be. There is no rule about kinds of characters, on purpose: such rules make
/// people choose `Password1!`.
#[derive(Clone, Debug)]
pub struct PasswordRules {
    /// The shortest accepted, in characters.
    pub shortest: usize,
    /// What may not be chosen.
    pub known_bad: KnownBad,
}

/// The passwords that are tried first.
#[derive(Clone, Default)]
pub struct KnownBad(HashSet<String>);

impl KnownBad {
    /// From a list with one on each line; a line that begins with `# ` is a remark.
    pub fn from_list(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with("# "));
        Self(
            lines
                .filter(|line| !line.is_empty())
                .map(str::to_lowercase)
                .collect(),
        )
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the password is one of them or one of `personal`, bare, repeated, or with figures and
    /// signs around it.
    fn has(&self, password: &str, personal: &[&str]) -> bool {
        let whole = password.to_lowercase();
        let word = whole.trim_matches(|c: char| !c.is_alphabetic());
        let listed = |text: &str| {
            self.0.contains(text) || personal.iter().any(|own| own.to_lowercase() == text)
        };
        listed(&whole)
            || listed(repeated(&whole))
            || word.chars().count() >= WORD && (listed(word) || listed(repeated(word)))
    }
}

impl std::fmt::Debug for KnownBad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} known-bad passwords", self.len())
    }
}

/// A password that may be set. Wiped from memory when dropped.
pub struct NewPassword(Zeroizing<String>);

/// A salted Argon2id hash, with its own parameters, as a PHC string.
#[derive(Clone)]
pub struct PasswordHash(String);

/// Why a password cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Too short.
    #[error(
        "a password has {0} characters or more; spaces are welcome, and a sentence is easy to keep"
    )]
    TooShort(usize),
    /// Too long.
    #[error("a password has {LONGEST} characters at most; a longer one is not cut but refused")]
    TooLong,
    /// On the list of known-bad passwords.
    #[error(
        "this password, or the word in it, is among the first that anybody tries: choose another"
    )]
    KnownBad,
    /// One thing over and over, or characters in their order.
    #[error("this password is one thing over and over, or characters in a row: choose another")]
    Regular,
    /// The hashing failed.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
}

impl NewPassword {
    /// The password, if it may be set by somebody whose own words (login, name) are `personal`.
    ///
    /// # Errors
    /// Every [`PasswordError`] but the last.
    pub fn choose(
        text: &str,
        rules: &PasswordRules,
        personal: &[&str],
    ) -> Result<Self, PasswordError> {
        match text.chars().count() {
            n if n < rules.shortest => Err(PasswordError::TooShort(rules.shortest)),
            n if n > LONGEST => Err(PasswordError::TooLong),
            _ if rules.known_bad.has(text, personal) => Err(PasswordError::KnownBad),
            _ if is_regular(text) => Err(PasswordError::Regular),
            _ => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }
}

impl PasswordHash {
    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordError::Hashing`].
    pub fn of(password: &NewPassword, random: &dyn Random) -> Result<Self, PasswordError> {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        Argon2::default()
            .hash_password_with_salt(password.0.as_bytes(), &salt)
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

    /// As much work as to verify a password, for a name that nobody has: the time taken must not
    /// tell who is a member.
    pub fn verify_for_nobody(password: &str) {
        let _ = Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
    }
}

/// The shortest beginning that the text repeats; the text itself when it repeats none.
fn repeated(text: &str) -> &str {
    let boundaries = text.char_indices().map(|(at, _)| at).skip(1);
    boundaries
        .take_while(|at| *at <= text.len() / 2)
        .map(|at| &text[..at])
        .find(|part| {
            text.len().is_multiple_of(part.len()) && text == part.repeat(text.len() / part.len())
        })
        .unwrap_or(text)
}

/// Whether it repeats a few characters over and over, or every character is the next or the one
/// before of its neighbour.
fn is_regular(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let repeats = (1..=REPEATED).any(|n| {
        characters
            .iter()
            .zip(&characters[n.min(characters.len())..])
            .all(|(a, b)| a == b)
    });
    let runs = |step: i64| {
        characters
            .windows(2)
            .all(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == step)
    };
    repeats || runs(1) || runs(-1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn rules() -> PasswordRules {
        PasswordRules {
            shortest: 12,
            known_bad: KnownBad::from_list("# a remark\npassword\nqwertyuiop12\nfriend of emily\n"),
        }
    }

    fn choose(text: &str) -> Result<NewPassword, PasswordError> {
        NewPassword::choose(text, &rules(), &["rowan.marsh", "Rowan Marsh"])
    }

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let hash =
            PasswordHash::of(&choose("a long walk by the river").unwrap(), &SystemRandom).unwrap();
        assert!(hash.verify("a long walk by the river"));
        assert!(!hash.verify("a long walk by the River"));
        assert!(!hash.verify("a long walk by the river "), "spaces count");
        assert!(!hash.0.contains("river"));
    }

    #[test]
    fn a_long_password_counts_to_its_last_character() {
        let long = "the weir hums, the mill stands still; ".repeat(6);
        let hash = PasswordHash::of(&choose(&format!("{long}a")).unwrap(), &SystemRandom).unwrap();
        assert!(!hash.verify(&format!("{long}b")));
        assert_eq!(
            choose(&"weir mill ".repeat(26)).err(),
            Some(PasswordError::TooLong)
        );
    }

    #[test]
    fn a_short_password_is_refused_and_no_kind_of_character_is_asked_for() {
        assert_eq!(
            choose("elevenchars").err(),
            Some(PasswordError::TooShort(12))
        );
        for text in ["all small letters", "8203 1145 7764 20", "żółw na rzece"] {
            assert!(choose(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_known_bad_password_is_refused_bare_dressed_up_or_repeated() {
        for text in [
            "QWERTYuiop12",
            "Friend of Emily",
            "Password1234",
            "!!Password!!2026",
            "passwordpassword",
            "Rowan.Marsh2026",
            "rowan marsh 417",
        ] {
            assert_eq!(choose(text).err(), Some(PasswordError::KnownBad), "{text}");
        }
        assert!(
            choose("my password is a secret").is_ok(),
            "a sentence may hold the word"
        );
    }

    #[test]
    fn one_thing_over_and_over_or_a_run_is_refused() {
        for text in [
            "aaaaaaaaaaaaa",
            "abcabcabcabcab",
            "0123456789:;",
            "nmlkjihgfedcb",
        ] {
            assert_eq!(choose(text).err(), Some(PasswordError::Regular), "{text}");
        }
    }
}
