//! What a browser's answer is made of.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ciborium::Value;
use serde::Deserialize;

use super::{Challenge, PasskeyError};
use crate::Digest;

/// How deep a device's data may be nested; the deepest that is known is four.
const DEEPEST: usize = 8;

// Flags of the authenticator's data (6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_COPIED: u8 = 0x08;
const IS_COPIED: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// Bytes, in base64url without padding.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Bytes {
    pub(super) fn text(bytes: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl TryFrom<String> for Bytes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
        bytes.map(Self).map_err(|_| "not base64url")
    }
}

/// What the browser says it did (5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: Bytes,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

impl ClientData {
    pub(super) fn read(json: &[u8]) -> Result<Self, PasskeyError> {
        serde_json::from_slice(json).map_err(|_| PasskeyError::Unreadable("what the browser did"))
    }

    pub(super) fn challenge(&self) -> Result<Challenge, PasskeyError> {
        Challenge::from_bytes(&self.challenge.0).ok_or(PasskeyError::Late)
    }

    pub(super) fn check(
        &self,
        kind: &str,
        challenge: &Challenge,
        origin: &str,
    ) -> Result<(), PasskeyError> {
        if self.kind != kind {
            return Err(PasskeyError::Elsewhere("another act"));
        }
        if self.challenge()? != *challenge {
            return Err(PasskeyError::Late);
        }
        if self.origin != origin || self.cross_origin || self.top_origin.is_some() {
            return Err(PasskeyError::Elsewhere("a page of another address"));
        }
        Ok(())
    }
}

/// What the device says (6.1).
pub(super) struct AuthenticatorData {
    /// SHA-256 of the host.
    pub(super) host: Digest,
    /// Somebody was there.
    pub(super) present: bool,
    /// The device knows who.
    pub(super) verified: bool,
    pub(super) may_be_copied: bool,
    pub(super) is_copied: bool,
    pub(super) counter: u32,
    pub(super) attested: Option<Attested>,
}

/// The passkey that was made (6.5.1).
pub(super) struct Attested {
    pub(super) id: Vec<u8>,
    /// COSE.
    pub(super) key: Vec<u8>,
}

impl AuthenticatorData {
    /// Every byte must have its meaning.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PasskeyError> {
        let unreadable = PasskeyError::Unreadable("what the device says");
        let mut rest = bytes;
        let host = take::<32>(&mut rest).ok_or(unreadable.clone())?;
        let [flags] = take::<1>(&mut rest).ok_or(unreadable.clone())?;
        let counter = u32::from_be_bytes(take(&mut rest).ok_or(unreadable.clone())?);
        let attested = if flags & ATTESTED != 0 {
            Some(Attested::read(&mut rest)?)
        } else {
            None
        };
        if flags & EXTENSIONS != 0 && !matches!(cbor(&mut rest)?, Value::Map(_)) {
            return Err(unreadable);
        }
        if !rest.is_empty() {
            return Err(unreadable);
        }
        Ok(Self {
            host: Digest(host),
            present: flags & PRESENT != 0,
            verified: flags & VERIFIED != 0,
            may_be_copied: flags & MAY_BE_COPIED != 0,
            is_copied: flags & IS_COPIED != 0,
            counter,
            attested,
        })
    }
}

impl Attested {
    fn read(rest: &mut &[u8]) -> Result<Self, PasskeyError> {
        let unreadable = PasskeyError::Unreadable("its key");
        // The device's make, which is not looked at.
        take::<16>(rest).ok_or(unreadable.clone())?;
        let length = u16::from_be_bytes(take(rest).ok_or(unreadable.clone())?);
        let (id, key) = rest
            .split_at_checked(length.into())
            .ok_or(unreadable.clone())?;
        *rest = key;
        cbor(rest)?;
        let key = &key[..key.len() - rest.len()];
        Ok(Self {
            id: id.to_vec(),
            key: key.to_vec(),
        })
    }
}

/// The device's data out of the answer that a passkey was made (6.5).
pub(super) fn authenticator_data(attestation: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    let unreadable = PasskeyError::Unreadable("what the device made");
    let mut rest = attestation;
    let Value::Map(parts) = cbor(&mut rest)? else {
        return Err(unreadable);
    };
    let mut found = parts
        .into_iter()
        .filter(|(name, _)| name.as_text() == Some("authData"));
    match (found.next(), found.next(), rest.is_empty()) {
        (Some((_, Value::Bytes(data))), None, true) => Ok(data),
        _ => Err(unreadable),
    }
}

/// One value; what follows it stays.
pub(super) fn cbor(rest: &mut &[u8]) -> Result<Value, PasskeyError> {
    ciborium::de::from_reader_with_recursion_limit(rest, DEEPEST)
        .map_err(|_| PasskeyError::Unreadable("its data"))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}
