//! Public keys as devices write them (COSE, RFC 9053 and RFC 8230), and what they verify.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use ciborium::Value;

use super::PasskeyError;

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// The kinds of key that are taken, the best first.
pub(super) const TAKEN: [i64; 3] = [EDDSA, ES256, RS256];

// Labels of a key's parts.
const KIND: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const MODULUS: i64 = -1;
const EXPONENT: i64 = -2;

/// A public key of a kind that is taken.
pub(super) enum PublicKey {
    /// ECDSA on P-256 with SHA-256: the point, uncompressed.
    Es256([u8; 65]),
    /// Ed25519.
    Ed25519([u8; 32]),
    /// RSA, PKCS #1 v1.5, with SHA-256.
    Rs256(PublicKeyComponents<Vec<u8>>),
}

impl PublicKey {
    pub(super) fn read(cose: &[u8]) -> Result<Self, PasskeyError> {
        let mut rest = cose;
        let value = super::parts::cbor(&mut rest)?;
        if !rest.is_empty() {
            return Err(PasskeyError::Unreadable("its key"));
        }
        let Value::Map(parts) = value else {
            return Err(PasskeyError::Unreadable("its key"));
        };
        let part = |label: i64| {
            let mut found = parts.iter().filter(|(name, _)| *name == Value::from(label));
            match (found.next(), found.next()) {
                (Some((_, value)), None) => Ok(value),
                _ => Err(PasskeyError::Unreadable("its key")),
            }
        };
        let number = |label| {
            part(label)?
                .as_integer()
                .map(i128::from)
                .ok_or(PasskeyError::OtherKey)
        };
        let bytes = |label| part(label)?.as_bytes().ok_or(PasskeyError::OtherKey);
        match (number(KIND)?, number(ALGORITHM)? as i64) {
            (2, ES256) if number(CURVE)? == 1 => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&exactly::<32>(bytes(X)?)?);
                point[33..].copy_from_slice(&exactly::<32>(bytes(Y)?)?);
                Ok(Self::Es256(point))
            }
            (1, EDDSA) if number(CURVE)? == 6 => Ok(Self::Ed25519(exactly(bytes(X)?)?)),
            (3, RS256) => Ok(Self::Rs256(PublicKeyComponents {
                n: bytes(MODULUS)?.clone(),
                e: bytes(EXPONENT)?.clone(),
            })),
            _ => Err(PasskeyError::OtherKey),
        }
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
        }
        .map_err(|_| PasskeyError::Forged)
    }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], PasskeyError> {
    bytes.try_into().map_err(|_| PasskeyError::OtherKey)
}
