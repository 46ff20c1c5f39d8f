//! The second factor: a code from a member's authenticator (RFC 6238, six digits, 30 s, SHA-1, which
//! is what authenticators implement).

use thiserror::Error;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::Random;

/// A code is accepted one step early or late.
const SKEW: u16 = 1;

/// The secret shared with one member's authenticator.
#[derive(Clone)]
pub struct SecondFactor(Zeroizing<Vec<u8>>);

/// A code that was right, by the step it stands for. Keeping the last step used and refusing it
/// and earlier ones makes a code good once (replay resistance, CJIS IA-2(8)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// Number of 30-second steps since 1970.
    pub step: u64,
}

/// The shared secret is unusable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the second factor is unusable: {0}")]
pub struct SecondFactorError(String);

impl SecondFactor {
    /// A new secret of 160 bits.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = vec![0; 20];
        random.fill(&mut bytes);
        Self(Zeroizing::new(bytes))
    }

    /// The secret's bytes, as they are stored.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret with these bytes, as they were stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret as [`SecondFactor::base32`] wrote it.
    ///
    /// # Errors
    /// When it is no such text.
    pub fn from_base32(text: &str) -> Result<Self, SecondFactorError> {
        let secret = Secret::try_from_base32(text).map_err(|e| SecondFactorError(e.to_string()))?;
        Ok(Self::from_bytes(secret.as_bytes().to_vec()))
    }

    /// The step that `code` stands for, if it is right at `now` (seconds since 1970).
    ///
    /// # Errors
    /// When the stored secret is unusable.
    pub fn check(&self, code: &str, now: u64) -> Result<Option<Code>, SecondFactorError> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        Ok(self
            .totp("member")?
            .check(&digits, now)
            .map(|step| Code { step }))
    }

    /// The code that an authenticator shows at `now` (seconds since 1970).
    ///
    /// # Errors
    /// When the secret is unusable.
    pub fn code(&self, now: u64) -> Result<String, SecondFactorError> {
        Ok(self.totp("member")?.generate(now).to_string())
    }

    /// The secret as authenticators take it by hand.
    pub fn base32(&self) -> String {
        Secret::from(self.0.to_vec()).to_base32()
    }

    /// The address that authenticators take by link or picture.
    ///
    /// # Errors
    /// When the secret is unusable.
    pub fn address(&self, login: &str) -> Result<String, SecondFactorError> {
        self.totp(login)?
            .to_url()
            .map_err(|e| SecondFactorError(e.to_string()))
    }

    fn totp(&self, login: &str) -> Result<Totp, SecondFactorError> {
        Builder::new()
            .with_secret(self.0.to_vec())
            .with_skew(SKEW)
            .with_account_name(login)
            .with_issuer(Some("Lictor"))
            .build()
            .map_err(|e| SecondFactorError(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn a_code_is_right_in_its_step_and_the_neighbours_only() {
        let factor = SecondFactor::random(&SystemRandom);
        let now = 1_800_000_000;
        let code = factor.code(now).unwrap();
        assert_eq!(
            factor.check(&code, now).unwrap(),
            Some(Code { step: now / 30 })
        );
        assert!(factor.check(&code, now + 30).unwrap().is_some());
        assert_eq!(factor.check(&code, now + 90).unwrap(), None);
        assert_eq!(factor.check("", now).unwrap(), None);
    }

    #[test]
    fn the_code_is_the_one_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, T = 59 s: 94287082, of which six digits are used.
        let factor = SecondFactor(Zeroizing::new(b"12345678901234567890".to_vec()));
        assert_eq!(factor.code(59).unwrap(), "287082");
    }
}
