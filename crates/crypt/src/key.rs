//! Symmetric keys and what is sealed under them.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Digest, Random};

/// A 256-bit key. Wiped from memory when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

/// Bytes sealed with AES-256-GCM: the nonce, the ciphertext, the tag. Written as base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sealed(Vec<u8>);

/// A seal that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// Wrong key, wrong place, or changed bytes: the three cannot be told apart, by design.
    #[error("it does not open with this key, or it was changed")]
    DoesNotOpen,
    /// The cryptographic module failed.
    #[error("the cryptographic module failed")]
    Module,
}

impl Key {
    /// A new random key.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// The key made of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key's bytes, for a library that takes its key raw.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for one use, derived with HKDF-SHA-256 (RFC 5869); different uses give unrelated keys.
    ///
    /// # Errors
    /// [`SealError::Module`].
    pub fn derive(&self, usage: &str) -> Result<Self, SealError> {
        Self::from_secret(&self.0, usage)
    }

    /// A key for one use, derived in the same way from a random secret of 128 bits or more.
    ///
    /// # Errors
    /// [`SealError::Module`].
    pub(crate) fn from_secret(secret: &[u8], usage: &str) -> Result<Self, SealError> {
        let mut bytes = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"lictor")
            .extract(secret)
            .expand(&[usage.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut bytes))
            .map_err(|_| SealError::Module)?;
        Ok(Self(bytes))
    }

    /// A keyed hash (HMAC-SHA-256): finds a text again without telling it to whoever has not the key.
    pub fn mark(&self, text: &[u8]) -> Digest {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), text);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Digest(bytes)
    }

    /// Seals `plain` for one place: `place` is authenticated, so that a sealed value moved to
    /// another row or file does not open there.
    ///
    /// # Errors
    /// [`SealError::Module`].
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Sealed, SealError> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .aead()?
            .seal_in_place_append_tag(Aad::from(place), &mut sealed)
            .map_err(|_| SealError::Module)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut sealed);
        Ok(Sealed(whole))
    }

    /// Opens what [`Key::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`].
    pub fn open(&self, place: &[u8], sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let (nonce, rest) = sealed
            .0
            .split_at_checked(NONCE_LEN)
            .ok_or(SealError::DoesNotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::DoesNotOpen)?;
        let mut plain = rest.to_vec();
        let length = self
            .aead()?
            .open_in_place(nonce, Aad::from(place), &mut plain)
            .map_err(|_| SealError::DoesNotOpen)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Opens a sealed key.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`].
    pub fn open_key(&self, place: &[u8], sealed: &Sealed) -> Result<Self, SealError> {
        let mut plain = self.open(place, sealed)?;
        let key = <[u8; 32]>::try_from(plain.as_slice())
            .map(Self)
            .map_err(|_| SealError::DoesNotOpen);
        plain.zeroize();
        key
    }

    fn aead(&self) -> Result<RandomizedNonceKey, SealError> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).map_err(|_| SealError::Module)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Sealed {
    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Sealed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for Sealed {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64_STANDARD.decode(text).map(Self)
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        BASE64_STANDARD.encode(sealed.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_in_its_place_unchanged() {
        let key = Key::random(&SystemRandom);
        let sealed = key.seal(b"here", b"7KX4821").unwrap();
        assert_eq!(key.open(b"here", &sealed).unwrap(), b"7KX4821");
        assert_eq!(key.open(b"there", &sealed), Err(SealError::DoesNotOpen));
        assert_eq!(
            Key::random(&SystemRandom).open(b"here", &sealed),
            Err(SealError::DoesNotOpen)
        );
        for bit in 0..sealed.0.len() * 8 {
            let mut changed = sealed.clone();
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                key.open(b"here", &changed),
                Err(SealError::DoesNotOpen),
                "bit {bit}"
            );
        }
        assert_eq!(
            key.open(b"here", &Sealed(vec![1, 2])),
            Err(SealError::DoesNotOpen)
        );
    }

    #[test]
    fn keys_for_different_uses_differ() {
        let key = Key::random(&SystemRandom);
        assert!(key.derive("database").unwrap() != key.derive("pictures").unwrap());
        assert!(key.derive("database").unwrap() == key.derive("database").unwrap());
    }
}
