//! Codes that are good once: what a member enrols with, what a member comes in with when the second
//! factor is lost.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Digest, Random, sha256};

/// Crockford's letters: none is taken for another. Five bits each.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters between two hyphens.
const GROUP: usize = 4;

/// A random code of `N` letters, written in groups of four. Only its digest is kept: with 80 bits or
/// more a fast hash gives nothing away.
#[derive(Clone)]
pub struct OneTimeCode<const N: usize>(Zeroizing<String>);

/// With it a member sets their own password and second factor: 100 bits.
pub type EnrolmentCode = OneTimeCode<20>;
/// With it and the password a member comes in without the second factor: 80 bits.
pub type RecoveryCode = OneTimeCode<16>;

/// A text that is no such code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no such code: it has {0} letters and figures")]
pub struct NotACode(usize);

impl<const N: usize> OneTimeCode<N> {
    /// A new one.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; N]);
        random.fill(&mut *bytes);
        // 256 is a multiple of 32: each letter is as likely as the others.
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        Self(Zeroizing::new(bytes.iter().map(letter).collect()))
    }

    /// The code that somebody typed: hyphens, spaces and small letters do not matter, nor whether it
    /// was O or 0, I, L or 1.
    ///
    /// # Errors
    /// [`NotACode`].
    pub fn typed(text: &str) -> Result<Self, NotACode> {
        let mut code = Zeroizing::new(String::with_capacity(N));
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let letter = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if code.len() == N || !letter.is_ascii() || !LETTERS.contains(&(letter as u8)) {
                return Err(NotACode(N));
            }
            code.push(letter);
        }
        if code.len() == N {
            Ok(Self(code))
        } else {
            Err(NotACode(N))
        }
    }

    /// What is kept of it.
    pub fn digest(&self) -> Digest {
        sha256(self.0.as_bytes())
    }

    /// The code, to be shown once.
    pub fn text(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = letters
            .chunks(GROUP)
            .map(|group| group.iter().collect())
            .collect();
        groups.join("-")
    }
}

impl<const N: usize> fmt::Debug for OneTimeCode<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a one-time code")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        let code = EnrolmentCode::random(&SystemRandom);
        let text = code.text();
        assert_eq!(text.len(), 24);
        for typed in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', " "),
            text.replace('0', "o").replace('1', "l"),
        ] {
            let typed = EnrolmentCode::typed(&typed).unwrap();
            assert_eq!(typed.digest(), code.digest());
        }
        assert_ne!(EnrolmentCode::random(&SystemRandom).digest(), code.digest());
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            "123456",
            "AAAA-AAAA-AAAA-AAA",
            "AAAA-AAAA-AAAA-AAAAA",
            "AAAA-AAAA-AAAA-AAAÄ",
            "AAAA-AAAA-AAAA-AAAU",
        ] {
            assert!(RecoveryCode::typed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_code_is_not_printed_by_accident() {
        let code = RecoveryCode::random(&SystemRandom);
        assert!(!format!("{code:?}").contains(&code.text()[..4]));
    }
}
