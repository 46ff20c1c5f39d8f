//! Members' passwords.

use std::collections::HashSet;
use std::num::NonZeroU32;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA512};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
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

/// How passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordAlgorithm {
    /// Argon2id, the better of the two.
    Argon2id,
    /// PBKDF2 with HMAC-SHA-512: the one that a validated module has.
    Pbkdf2Sha512,
}

/// A salted hash with its algorithm and parameters, as a PHC string.
#[derive(Clone)]
pub struct PasswordHash(String);

/// What a PHC string of Argon2id begins with.
const ARGON2ID: &str = "$argon2id$";
/// What a PHC string of PBKDF2 with HMAC-SHA-512 begins with.
const PBKDF2: &str = "$pbkdf2-sha512$";
/// Of PBKDF2-HMAC-SHA-512, as OWASP's Password Storage Cheat Sheet asks (2023).
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(210_000 - 1);
/// No hash that is kept asks for more.
const MOST_ROUNDS: u32 = 10_000_000;
const SALT: usize = 16;
const LENGTH: usize = 64;

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

impl PasswordAlgorithm {
    /// The one in force: with `cji_mode` on, one of a validated module.
    pub fn in_force(cji_mode: bool) -> Self {
        if cji_mode {
            Self::Pbkdf2Sha512
        } else {
            Self::Argon2id
        }
    }

    fn hash(self, password: &str, salt: &[u8]) -> Result<PasswordHash, PasswordError> {
        match self {
            Self::Argon2id => Argon2::default()
                .hash_password_with_salt(password.as_bytes(), salt)
                .map(|phc| PasswordHash(phc.to_string()))
                .map_err(|e| PasswordError::Hashing(e.to_string())),
            Self::Pbkdf2Sha512 => {
                let mut hash = [0; LENGTH];
                pbkdf2::derive(
                    PBKDF2_HMAC_SHA512,
                    ROUNDS,
                    salt,
                    password.as_bytes(),
                    &mut hash,
                );
                Ok(PasswordHash(format!(
                    "{PBKDF2}i={ROUNDS}${}${}",
                    BASE64_STANDARD_NO_PAD.encode(salt),
                    BASE64_STANDARD_NO_PAD.encode(hash)
                )))
            }
        }
    }
}

impl PasswordHash {
    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordError::Hashing`].
    pub fn of(
        password: &NewPassword,
        algorithm: PasswordAlgorithm,
        random: &dyn Random,
    ) -> Result<Self, PasswordError> {
        let mut salt = [0; SALT];
        random.fill(&mut salt);
        algorithm.hash(&password.0, &salt)
    }

    /// The same password hashed anew, where this hash is of another algorithm; asked only with a
    /// password that was verified.
    ///
    /// # Errors
    /// [`PasswordError::Hashing`].
    pub fn anew(
        &self,
        password: &str,
        algorithm: PasswordAlgorithm,
        random: &dyn Random,
    ) -> Result<Option<Self>, PasswordError> {
        if self.algorithm() == Some(algorithm) {
            return Ok(None);
        }
        let mut salt = [0; SALT];
        random.fill(&mut salt);
        algorithm.hash(password, &salt).map(Some)
    }

    /// What it was hashed with; nothing for what no station makes.
    pub fn algorithm(&self) -> Option<PasswordAlgorithm> {
        match &self.0 {
            hash if hash.starts_with(ARGON2ID) => Some(PasswordAlgorithm::Argon2id),
            hash if hash.starts_with(PBKDF2) => Some(PasswordAlgorithm::Pbkdf2Sha512),
            _ => None,
        }
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
        match self.algorithm() {
            Some(PasswordAlgorithm::Argon2id) => Phc::new(&self.0).is_ok_and(|phc| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &phc)
                    .is_ok()
            }),
            Some(PasswordAlgorithm::Pbkdf2Sha512) => self.verify_pbkdf2(password) == Some(()),
            None => false,
        }
    }

    fn verify_pbkdf2(&self, password: &str) -> Option<()> {
        let mut parts = self.0.strip_prefix(PBKDF2)?.split('$');
        let (rounds, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let rounds: u32 = rounds.strip_prefix("i=")?.parse().ok()?;
        let rounds = NonZeroU32::new(rounds).filter(|rounds| rounds.get() <= MOST_ROUNDS)?;
        let salt = BASE64_STANDARD_NO_PAD.decode(salt).ok()?;
        let hash = BASE64_STANDARD_NO_PAD.decode(hash).ok()?;
        if parts.next().is_some() || hash.len() != LENGTH {
            return None;
        }
        pbkdf2::verify(
            PBKDF2_HMAC_SHA512,
            rounds,
            &salt,
            password.as_bytes(),
            &hash,
        )
        .ok()
    }

    /// As much work as to verify a password, for a name that nobody has: the time taken must not
    /// tell who is a member.
    pub fn verify_for_nobody(password: &str, algorithm: PasswordAlgorithm) {
        let _ = algorithm.hash(password, &[0; SALT]);
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

    const BOTH: [PasswordAlgorithm; 2] =
        [PasswordAlgorithm::Argon2id, PasswordAlgorithm::Pbkdf2Sha512];

    fn hash(text: &str, algorithm: PasswordAlgorithm) -> PasswordHash {
        PasswordHash::of(&choose(text).unwrap(), algorithm, &SystemRandom).unwrap()
    }

    fn choose(text: &str) -> Result<NewPassword, PasswordError> {
        NewPassword::choose(text, &rules(), &["rowan.marsh", "Rowan Marsh"])
    }

    #[test]
    fn a_password_is_known_again_and_no_other() {
        for algorithm in BOTH {
            let hash = hash("a long walk by the river", algorithm);
            assert_eq!(hash.algorithm(), Some(algorithm));
            assert!(hash.verify("a long walk by the river"));
            assert!(!hash.verify("a long walk by the River"));
            assert!(!hash.verify("a long walk by the river "), "spaces count");
            assert!(!hash.0.contains("river"));
        }
    }

    #[test]
    fn a_hash_of_another_algorithm_is_made_anew_and_one_of_the_same_is_kept() {
        for (algorithm, other) in [(BOTH[0], BOTH[1]), (BOTH[1], BOTH[0])] {
            let password = "a long walk by the river";
            let hash = hash(password, algorithm);
            let same = hash.anew(password, algorithm, &SystemRandom).unwrap();
            assert!(same.is_none());
            let anew = hash.anew(password, other, &SystemRandom).unwrap().unwrap();
            assert_eq!(anew.algorithm(), Some(other));
            assert!(anew.verify(password));
        }
    }

    #[test]
    fn a_hash_of_pbkdf2_is_the_standards_and_says_how_it_was_made() {
        // Python's hashlib.pbkdf2_hmac("sha512", b"a long walk by the river", bytes(16), 210000).
        let known = "$pbkdf2-sha512$i=210000$AAAAAAAAAAAAAAAAAAAAAA$OU51TTdQ+TVavK/VxNgqbIX7ZuAYgbBBNiseR/ycrHVIbJFERD+xIi70ELgMZuD069PQ0Z8PuN2yhhOp4Zc/QQ";
        let made = PasswordAlgorithm::Pbkdf2Sha512.hash("a long walk by the river", &[0; SALT]);
        assert_eq!(made.unwrap().as_text(), known);
        for text in [
            "$pbkdf2-sha512$i=0$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
            "$pbkdf2-sha512$i=4000000000$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
            "$pbkdf2-sha512$",
            "$pbkdf2-sha512$i=210000$AAAAAAAAAAAAAAAAAAAAAA$",
            "$md5$",
            "",
        ] {
            assert!(
                !PasswordHash::from_text(text.to_owned()).verify(""),
                "{text}"
            );
        }
    }

    #[test]
    fn a_long_password_counts_to_its_last_character() {
        let long = "the weir hums, the mill stands still; ".repeat(6);
        for algorithm in BOTH {
            let hash = hash(&format!("{long}a"), algorithm);
            assert!(!hash.verify(&format!("{long}b")));
        }
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
