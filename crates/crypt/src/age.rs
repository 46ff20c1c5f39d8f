//! Sealing for named recipients outside the station, in the format of age (`age-encryption.org/v1`,
//! specified at C2SP), by X25519 recipients: they open it with their own tool. The format's own crate brings
//! over a hundred others and its own cryptography; here aws-lc-rs is called, and nothing else.

mod bech32;
mod header;
mod payload;

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::{aead, hkdf};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Random;

pub use payload::{AgeReader, AgeWriter};

/// Why something is not sealed or does not open.
#[derive(Debug, Error)]
pub enum AgeError {
    /// A recipient's key that is none.
    #[error("this is no recipient's key: one begins with age1, and was copied whole")]
    NotARecipient,
    /// An identity that is none.
    #[error(
        "this is no identity: one begins with AGE-SECRET-KEY-1, and stands on a line of its own"
    )]
    NotAnIdentity,
    /// A file that age did not seal, or in a form that is not known here.
    #[error("this is no file that age sealed")]
    NotAge,
    /// It was sealed for others.
    #[error("it was sealed for others: none of the identities opens it")]
    ForOthers,
    /// It was changed or cut short.
    #[error("it is not as it was sealed")]
    Damaged,
    /// The cryptographic module failed.
    #[error("the cryptographic module failed")]
    Module,
}

/// Whom something is sealed for.
#[derive(Clone, PartialEq, Eq)]
pub struct AgeRecipient([u8; 32]);

/// What opens it.
#[derive(Clone)]
pub struct AgeIdentity(Zeroizing<[u8; 32]>);

impl FromStr for AgeRecipient {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        bech32::decode("age", text.trim())
            .map(Self)
            .ok_or(AgeError::NotARecipient)
    }
}

impl fmt::Display for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode("age", &self.0))
    }
}

impl fmt::Debug for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl AgeIdentity {
    /// A new one.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        Self(bytes)
    }

    /// Those of an identity file: one a line, `#` before what is none.
    ///
    /// # Errors
    /// [`AgeError::NotAnIdentity`] where a line is none, or there is none at all.
    pub fn all_of(text: &str) -> Result<Vec<Self>, AgeError> {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let all: Vec<Self> = lines.map(str::parse).collect::<Result<_, _>>()?;
        if all.is_empty() {
            return Err(AgeError::NotAnIdentity);
        }
        Ok(all)
    }

    /// As an identity file has it.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(bech32::encode("age-secret-key-", &self.0).to_uppercase())
    }

    /// Whom it opens for.
    ///
    /// # Errors
    /// [`AgeError::Module`].
    pub fn recipient(&self) -> Result<AgeRecipient, AgeError> {
        public_of(&self.key()?).map(AgeRecipient)
    }

    fn key(&self) -> Result<PrivateKey, AgeError> {
        PrivateKey::from_private_key(&X25519, &*self.0).map_err(|_| AgeError::Module)
    }
}

impl FromStr for AgeIdentity {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let text = Zeroizing::new(text.trim().to_lowercase());
        bech32::decode("age-secret-key-", &text)
            .map(|bytes| Self(Zeroizing::new(bytes)))
            .ok_or(AgeError::NotAnIdentity)
    }
}

/// The key of a file, before anything is derived from it.
type FileKey = Zeroizing<[u8; 16]>;

/// HKDF-SHA-256.
fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, AgeError> {
    let mut key = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *key))
        .map_err(|_| AgeError::Module)?;
    Ok(key)
}

fn cipher(key: &[u8; 32]) -> Result<aead::LessSafeKey, AgeError> {
    let key = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key);
    Ok(aead::LessSafeKey::new(key.map_err(|_| AgeError::Module)?))
}

fn public_of(key: &PrivateKey) -> Result<[u8; 32], AgeError> {
    let public = key.compute_public_key().map_err(|_| AgeError::Module)?;
    public.as_ref().try_into().map_err(|_| AgeError::Module)
}

/// What both ends of an exchange derive: the key that wraps a file's key.
fn wrapping_key(
    own: &PrivateKey,
    peer: &[u8; 32],
    share: &[u8; 32],
    recipient: &[u8; 32],
) -> Result<Zeroizing<[u8; 32]>, AgeError> {
    let salt = [share.as_slice(), recipient].concat();
    let info = b"age-encryption.org/v1/X25519";
    let peer = UnparsedPublicKey::new(&X25519, peer);
    agree(own, peer, AgeError::Damaged, |secret| {
        // A share of small order gives away the key.
        if secret.iter().all(|byte| *byte == 0) {
            return Err(AgeError::Damaged);
        }
        derive(secret, &salt, info)
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use proptest::prelude::*;

    use super::*;
    use crate::SystemRandom;

    fn sealed(text: &[u8], to: &[AgeRecipient]) -> Vec<u8> {
        let mut writer = AgeWriter::new(Vec::new(), to, &SystemRandom).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn opened(sealed: &[u8], by: &AgeIdentity) -> std::io::Result<Vec<u8>> {
        let mut reader =
            AgeReader::open(sealed, std::slice::from_ref(by)).map_err(std::io::Error::other)?;
        let mut text = Vec::new();
        reader.read_to_end(&mut text)?;
        Ok(text)
    }

    /// Sealed by another implementation (rage), with the identity that opens it.
    #[test]
    fn what_another_implementation_sealed_opens() {
        let identity = include_str!("age/another.identity").parse().unwrap();
        let sealed = include_bytes!("age/another.age");
        let text = opened(sealed, &identity).unwrap();
        assert_eq!(text.len(), 70_000, "two pieces");
        assert!(
            text.iter()
                .enumerate()
                .all(|(n, byte)| usize::from(*byte) == n % 251)
        );
    }

    #[test]
    fn each_of_several_recipients_opens_it_and_nobody_else() {
        let [one, other, third] = [(); 3].map(|()| AgeIdentity::random(&SystemRandom));
        let to = [one.recipient().unwrap(), other.recipient().unwrap()];
        let sealed = sealed(b"evidence", &to);
        assert!(sealed.starts_with(b"age-encryption.org/v1\n-> X25519 "));
        for by in [&one, &other] {
            assert_eq!(opened(&sealed, by).unwrap(), b"evidence");
        }
        assert!(
            opened(&sealed, &third)
                .unwrap_err()
                .to_string()
                .contains("for others")
        );
    }

    #[test]
    fn keys_are_written_as_age_writes_them() {
        let identity: AgeIdentity = include_str!("age/another.identity").parse().unwrap();
        let recipient = include_str!("age/another.recipient").trim();
        assert_eq!(identity.recipient().unwrap().to_string(), recipient);
        assert_eq!(
            *identity.expose(),
            include_str!("age/another.identity").trim()
        );
        let mut wrong = recipient.to_owned();
        wrong.replace_range(10..11, if &wrong[10..11] == "q" { "p" } else { "q" });
        assert!(wrong.parse::<AgeRecipient>().is_err(), "one letter off");
        assert!("age1".parse::<AgeRecipient>().is_err());
        assert!(recipient.parse::<AgeIdentity>().is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_is_sealed_opens_whatever_its_length(length in prop_oneof![
            Just(0), Just(1), Just(65_535), Just(65_536), Just(65_537), Just(131_072), 0..200_000_usize
        ]) {
            let identity = AgeIdentity::random(&SystemRandom);
            let text: Vec<u8> = (0..length).map(|n| (n % 253) as u8).collect();
            let sealed = sealed(&text, &[identity.recipient().unwrap()]);
            prop_assert_eq!(opened(&sealed, &identity).unwrap(), text);
        }

        #[test]
        fn what_is_changed_or_cut_short_does_not_open(at in 0.0..1.0_f64, cut in any::<bool>()) {
            let identity = AgeIdentity::random(&SystemRandom);
            let mut sealed = sealed(&[7; 70_000], &[identity.recipient().unwrap()]);
            let at = (at * sealed.len() as f64) as usize;
            if cut {
                sealed.truncate(at);
            } else {
                sealed[at] ^= 1;
            }
            prop_assert!(opened(&sealed, &identity).is_err());
        }
    }
}
