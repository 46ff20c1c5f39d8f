//! Signatures that stand beside what they sign (Ed25519, RFC 8032; FIPS 186-5).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Random;

const LENGTH: usize = 32;

/// A key that signs.
pub struct Ed25519Key {
    seed: Zeroizing<[u8; LENGTH]>,
    pair: Ed25519KeyPair,
    public: Ed25519Public,
}

/// Its public half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ed25519Public([u8; LENGTH]);

/// Bytes that are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it is no Ed25519 key")]
pub struct NoEd25519Key;

impl Ed25519Key {
    /// A new key.
    ///
    /// # Errors
    /// When the cryptographic module makes none.
    pub fn create(random: &dyn Random) -> Result<Self, NoEd25519Key> {
        let mut seed = Zeroizing::new([0; LENGTH]);
        random.fill(&mut *seed);
        Self::from_seed(&*seed)
    }

    /// The key of this seed, 32 bytes.
    ///
    /// # Errors
    /// For any other length.
    pub fn from_seed(seed: &[u8]) -> Result<Self, NoEd25519Key> {
        let seed = Zeroizing::new(<[u8; LENGTH]>::try_from(seed).map_err(|_| NoEd25519Key)?);
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| NoEd25519Key)?;
        let public = Ed25519Public::from_bytes(pair.public_key().as_ref())?;
        Ok(Self { seed, pair, public })
    }

    /// The seed. A secret.
    pub fn expose(&self) -> &[u8] {
        &*self.seed
    }

    /// The public half.
    pub fn public(&self) -> &Ed25519Public {
        &self.public
    }

    /// The signature of `text`, 64 bytes.
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

impl Ed25519Public {
    /// The key of these 32 bytes.
    ///
    /// # Errors
    /// When they are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoEd25519Key> {
        ParsedPublicKey::new(&ED25519, bytes).map_err(|_| NoEd25519Key)?;
        bytes.try_into().map(Self).map_err(|_| NoEd25519Key)
    }

    /// The key's bytes.
    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Whether the key signed `text` with this signature.
    pub fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        ParsedPublicKey::new(&ED25519, self.0)
            .is_ok_and(|key| key.verify_sig(text, signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn unhex(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn the_signature_is_the_one_of_the_standard() {
        // RFC 8032, section 7.1, test 2.
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let key = Ed25519Key::from_seed(&unhex(seed)).unwrap();
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(key.public().as_bytes().to_vec(), unhex(public));
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(key.sign(&[0x72]), unhex(signature));
    }

    #[test]
    fn a_signature_is_good_for_its_text_and_its_key_alone() {
        let key = Ed25519Key::create(&SystemRandom).unwrap();
        let other = Ed25519Key::create(&SystemRandom).unwrap();
        let signature = key.sign(b"a text");
        assert!(key.public().verify(b"a text", &signature));
        assert!(!key.public().verify(b"another", &signature));
        assert!(!other.public().verify(b"a text", &signature));
        assert!(!key.public().verify(b"a text", &signature[1..]));
        assert!(!key.public().verify(b"a text", b""));
    }
}
