//! The second factor: a code from a member's authenticator (RFC 6238, six digits, 30 s, SHA-1, which
//! is what authenticators implement).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Random;

/// Seconds that a code stands for.
const STEP: u64 = 30;
/// How many codes of six digits there are.
const CODES: u32 = 1_000_000;
/// A code is accepted one step early or late.
const SKEW: u64 = 1;

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

/// What was kept as a second factor's secret is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the second factor is unusable: its secret is not base32")]
pub struct SecondFactorError;

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
        let secret = BASE32_NOPAD.decode(text.as_bytes());
        secret.map(Self::from_bytes).map_err(|_| SecondFactorError)
    }

    /// The step that `code` stands for, if it is right at `now` (seconds since 1970).
    pub fn check(&self, code: &str, now: u64) -> Option<Code> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = now / STEP;
        (now.saturating_sub(SKEW)..=now.saturating_add(SKEW))
            .find(|step| {
                verify_slices_are_equal(self.digits(*step).as_bytes(), digits.as_bytes()).is_ok()
            })
            .map(|step| Code { step })
    }

    /// The code that an authenticator shows at `now` (seconds since 1970).
    pub fn code(&self, now: u64) -> String {
        self.digits(now / STEP)
    }

    /// The secret as authenticators take it by hand.
    pub fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The address that authenticators take by link or picture (Google Authenticator's key URI format).
    pub fn address(&self, login: &str) -> String {
        let secret = self.base32();
        format!("otpauth://totp/Lictor:{login}?secret={secret}&issuer=Lictor")
    }

    /// RFC 4226, section 5.3.
    fn digits(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let offset = usize::from(tag.as_ref().last().map_or(0, |last| last & 0x0f));
        let four = tag.as_ref().iter().skip(offset).take(4);
        let number = four.fold(0u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % CODES)
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
        let code = factor.code(now);
        assert_eq!(factor.check(&code, now), Some(Code { step: now / 30 }));
        assert!(factor.check(&code, now + 30).is_some());
        assert_eq!(factor.check(&code, now + 90), None);
        assert_eq!(factor.check("", now), None);
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, of whose eight digits six are used.
        let factor = SecondFactor(Zeroizing::new(b"12345678901234567890".to_vec()));
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(factor.code(second), code);
        }
    }
}
