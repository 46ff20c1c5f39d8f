//! The word of a provider of single sign-on: an ID token of OpenID Connect, and whether it is genuine.
//!
//! Signatures alone are taken that a published key verifies: ES256, EdDSA, RS256. What a token says of
//! its own algorithm only selects among the provider's keys of that kind; `none` and keyed hashes are
//! not among them.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// Clocks of two machines differ by so many seconds at most.
const LEEWAY: i64 = 60;
/// The longest token that is looked at.
const LONGEST: usize = 64 * 1024;

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdTokenError {
    /// It is no token, or its keys are no keys.
    #[error("it cannot be read")]
    Unreadable,
    /// None of the provider's keys verifies it.
    #[error("none of the provider's keys signed it")]
    Forged,
    /// Another provider gave it.
    #[error("another provider gave it")]
    OtherIssuer,
    /// It was given for another program.
    #[error("it was given for another program")]
    OtherAudience,
    /// It answers another question.
    #[error("it answers another sign-on")]
    OtherNonce,
    /// It is over, or not yet in force.
    #[error("it is over, or not yet in force")]
    OtherTime,
}

/// The keys that a provider publishes (RFC 7517), those that can sign a token.
pub struct ProviderKeys(Vec<ProviderKey>);

struct ProviderKey {
    name: Option<String>,
    key: PublicKey,
}

enum PublicKey {
    Es256([u8; 65]),
    Ed25519([u8; 32]),
    Rs256(PublicKeyComponents<Vec<u8>>),
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// What a token must say to be an answer to what was asked.
pub struct Expected<'a> {
    /// The provider's name for itself.
    pub issuer: &'a str,
    /// The provider's name for this program.
    pub audience: &'a str,
    /// What was sent along, once.
    pub nonce: &'a str,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// What a genuine token says of somebody.
#[derive(Debug)]
pub struct IdClaims(Map<String, Value>);

impl ProviderKeys {
    /// Reads a key set; keys of other kinds, and for other uses, are passed over.
    ///
    /// # Errors
    /// [`IdTokenError::Unreadable`].
    pub fn read(json: &[u8]) -> Result<Self, IdTokenError> {
        let set: KeySet = serde_json::from_slice(json).map_err(|_| IdTokenError::Unreadable)?;
        Ok(Self(
            set.keys.iter().filter_map(ProviderKey::read).collect(),
        ))
    }

    /// What the token says, if it is the provider's, for this program, and of this sign-on.
    ///
    /// # Errors
    /// [`IdTokenError`].
    pub fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<IdClaims, IdTokenError> {
        let (signed, signature) = token
            .rsplit_once('.')
            .filter(|_| token.len() <= LONGEST)
            .ok_or(IdTokenError::Unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(IdTokenError::Unreadable)?;
        let header: Header = json(header)?;
        let signature = bytes(signature)?;
        let fits = |key: &&ProviderKey| {
            key.key.algorithm() == header.alg
                && (header.kid.is_none() || key.name.is_none() || key.name == header.kid)
        };
        let signs = |key: &ProviderKey| key.key.verifies(signed.as_bytes(), &signature);
        if !self.0.iter().filter(fits).any(signs) {
            return Err(IdTokenError::Forged);
        }
        let claims = IdClaims(json(claims)?);
        claims.answer(expected)?;
        Ok(claims)
    }
}

impl IdClaims {
    /// A claim that is a text, such as `preferred_username`.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim)?.as_str()
    }

    /// Whether the provider says that it has verified the address in `email`.
    pub fn email_is_verified(&self) -> bool {
        self.0.get("email_verified") == Some(&Value::Bool(true))
    }

    fn answer(&self, expected: &Expected<'_>) -> Result<(), IdTokenError> {
        if self.text("iss") != Some(expected.issuer) {
            return Err(IdTokenError::OtherIssuer);
        }
        let audience = match self.0.get("aud") {
            Some(Value::String(one)) => one == expected.audience,
            // Given to several, it says for which of them.
            Some(Value::Array(several)) => {
                several.iter().any(|one| one == expected.audience)
                    && (several.len() == 1 || self.text("azp") == Some(expected.audience))
            }
            _ => false,
        };
        if !audience || self.text("azp").is_some_and(|azp| azp != expected.audience) {
            return Err(IdTokenError::OtherAudience);
        }
        if self.text("nonce") != Some(expected.nonce) {
            return Err(IdTokenError::OtherNonce);
        }
        let time = |claim: &str| self.0.get(claim).and_then(Value::as_i64);
        let (Some(until), Some(since)) = (time("exp"), time("iat")) else {
            return Err(IdTokenError::OtherTime);
        };
        let now = expected.now;
        if now >= until.saturating_add(LEEWAY)
            || since > now.saturating_add(LEEWAY)
            || time("nbf").is_some_and(|from| from > now.saturating_add(LEEWAY))
        {
            return Err(IdTokenError::OtherTime);
        }
        Ok(())
    }
}

impl ProviderKey {
    fn read(key: &Value) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let part = |name: &str| bytes(text(name)?).ok();
        let public = match (text("kty")?, text("crv")) {
            ("EC", Some("P-256")) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&exactly::<32>(&part("x")?)?);
                point[33..].copy_from_slice(&exactly::<32>(&part("y")?)?);
                PublicKey::Es256(point)
            }
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519(exactly(&part("x")?)?),
            ("RSA", _) => PublicKey::Rs256(PublicKeyComponents {
                n: part("n")?,
                e: part("e")?,
            }),
            _ => return None,
        };
        let fits = text("alg").is_none_or(|named| named == public.algorithm());
        fits.then(|| Self {
            name: text("kid").map(str::to_owned),
            key: public,
        })
    }
}

impl PublicKey {
    fn algorithm(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
            Self::Rs256(_) => "RS256",
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key)
                .verify(message, signature)
                .is_ok(),
            Self::Rs256(key) => key
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, IdTokenError> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| IdTokenError::Unreadable)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, IdTokenError> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| IdTokenError::Unreadable)
}

fn exactly<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}
