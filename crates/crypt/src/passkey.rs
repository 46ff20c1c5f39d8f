//! Passkeys: the relying party's half of Web Authentication (W3C, Level 3, sections 7.1 and 7.2).
//!
//! Nothing is left to choose: the person is verified by the device, the passkey is kept there, and
//! what it says of its own make (attestation) is neither asked for nor looked at.

mod challenge;
mod cose;
mod parts;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::sha256;
use cose::PublicKey;
use parts::{AuthenticatorData, Bytes, ClientData};

pub use challenge::{Challenge, Challenges};

/// Longer ones are not made (7.1, step 25).
const LONGEST_ID: usize = 1023;
/// As many random bytes name a member to a device: they tell nothing of them (6.1 of the privacy
/// considerations).
const HANDLE: usize = 16;

/// Whom passkeys are made for: a host, reached at one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The host's name; permanent.
    pub host: String,
    /// Scheme, host and port, as a browser writes them: `https://plates.ashford-falls.example:8420`.
    pub origin: String,
}

/// A passkey as it is kept: nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Names it; the device chose it.
    pub id: Vec<u8>,
    /// Its public key (COSE).
    pub key: Vec<u8>,
    /// How often it signed, where its device counts.
    pub counter: u32,
    /// Whether its device can copy it to others of the same person.
    pub copied: bool,
}

/// What names a member to their devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserHandle(pub [u8; HANDLE]);

/// What a browser answers with when a passkey was made: JSON, bytes in base64url.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    id: Bytes,
    #[serde(rename = "clientDataJSON")]
    client_data: Bytes,
    attestation_object: Bytes,
}

/// What a browser answers with when a passkey signed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    id: Bytes,
    #[serde(rename = "clientDataJSON")]
    client_data: Bytes,
    authenticator_data: Bytes,
    signature: Bytes,
    user_handle: Option<Bytes>,
}

/// A browser's answer that a passkey signed, read and not judged yet.
pub struct Assertion(Signed);

/// What the options of a browser's call hold, JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wanted<'a> {
    challenge: String,
    rp_id: &'a str,
    user: String,
    algorithms: [i64; 3],
}

/// Why a passkey is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PasskeyError {
    /// Not what a browser answers with.
    #[error("the passkey's answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// It was signed for something else.
    #[error("the passkey's answer is for something else: {0}")]
    Elsewhere(&'static str),
    /// The challenge is too old, was used before, or is another's.
    #[error("the passkey took too long: try again")]
    Late,
    /// The device did not check that it is the person.
    #[error("the device did not verify that it is you: set a PIN, a fingerprint or a face on it")]
    NotVerified,
    /// A kind of key that is not taken.
    #[error("the device makes a kind of key that is not taken here")]
    OtherKey,
    /// The signature is not the passkey's.
    #[error("this passkey did not sign that")]
    Forged,
    /// Its counter went back.
    #[error("this passkey counts backwards: there may be a copy of it. It is not taken any more")]
    WentBack,
}

impl RelyingParty {
    /// What a page's script must know to have a passkey made or sign: JSON. `user` names the member to
    /// the device; nobody, when whoever comes is not known yet.
    pub fn wanted(&self, challenge: &Challenge, user: Option<UserHandle>) -> String {
        let wanted = Wanted {
            challenge: Bytes::text(&challenge.0),
            rp_id: &self.host,
            user: user
                .map(|handle| Bytes::text(&handle.0))
                .unwrap_or_default(),
            algorithms: cose::TAKEN,
        };
        // A plain structure of texts and numbers is always written.
        serde_json::to_string(&wanted).unwrap_or_default()
    }

    /// The challenge that the answer of a browser that made a passkey says it answers.
    ///
    /// # Errors
    /// [`PasskeyError::Unreadable`].
    pub fn challenge_of(answer: &str) -> Result<Challenge, PasskeyError> {
        ClientData::read(&Made::read(answer)?.client_data.0)?.challenge()
    }

    /// A passkey that was made for `challenge` (7.1).
    ///
    /// # Errors
    /// The first thing that is wrong with the answer.
    pub fn made(&self, challenge: &Challenge, answer: &str) -> Result<Passkey, PasskeyError> {
        let made = Made::read(answer)?;
        ClientData::read(&made.client_data.0)?.check("webauthn.create", challenge, &self.origin)?;
        let bytes = parts::authenticator_data(&made.attestation_object.0)?;
        let data = AuthenticatorData::read(&bytes)?;
        self.check(&data)?;
        let attested = data.attested.ok_or(PasskeyError::Unreadable("its key"))?;
        if attested.id.is_empty() || attested.id.len() > LONGEST_ID || attested.id != made.id.0 {
            return Err(PasskeyError::Unreadable("its name"));
        }
        PublicKey::read(&attested.key)?;
        Ok(Passkey {
            id: attested.id,
            key: attested.key,
            counter: data.counter,
            copied: data.may_be_copied,
        })
    }

    /// Judges an answer to `challenge` by the passkey that it names (7.2); gives the passkey as it is to
    /// be kept from now on.
    ///
    /// # Errors
    /// The first thing that is wrong with the answer; [`PasskeyError::WentBack`] only when all the rest
    /// is right.
    pub fn signed(
        &self,
        challenge: &Challenge,
        assertion: &Assertion,
        known: &Passkey,
        user: UserHandle,
    ) -> Result<Passkey, PasskeyError> {
        let signed = &assertion.0;
        if signed.id.0 != known.id {
            return Err(PasskeyError::Elsewhere("another passkey"));
        }
        if signed.user_handle.as_ref().is_none_or(|of| of.0 != user.0) {
            return Err(PasskeyError::Elsewhere("another member"));
        }
        ClientData::read(&signed.client_data.0)?.check("webauthn.get", challenge, &self.origin)?;
        let bytes = &signed.authenticator_data.0;
        let data = AuthenticatorData::read(bytes)?;
        self.check(&data)?;
        if data.may_be_copied != known.copied {
            return Err(PasskeyError::Elsewhere("another kind of passkey"));
        }
        let message = [bytes.as_slice(), &sha256(&signed.client_data.0).0].concat();
        PublicKey::read(&known.key)?.verify(&message, &signed.signature.0)?;
        // Devices that do not count always say 0.
        let counts = data.counter != 0 || known.counter != 0;
        if counts && data.counter <= known.counter {
            return Err(PasskeyError::WentBack);
        }
        Ok(Passkey {
            counter: data.counter,
            ..known.clone()
        })
    }

    fn check(&self, data: &AuthenticatorData) -> Result<(), PasskeyError> {
        if data.host != sha256(self.host.as_bytes()) {
            return Err(PasskeyError::Elsewhere("another host"));
        }
        if !(data.present && data.verified) {
            return Err(PasskeyError::NotVerified);
        }
        if data.is_copied && !data.may_be_copied {
            return Err(PasskeyError::Unreadable("its flags"));
        }
        Ok(())
    }
}

impl Made {
    fn read(answer: &str) -> Result<Self, PasskeyError> {
        serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable("its form"))
    }
}

impl Assertion {
    /// A browser's answer that a passkey signed.
    ///
    /// # Errors
    /// [`PasskeyError::Unreadable`].
    pub fn read(answer: &str) -> Result<Self, PasskeyError> {
        serde_json::from_str(answer)
            .map(Self)
            .map_err(|_| PasskeyError::Unreadable("its form"))
    }

    /// Which passkey it says it is of.
    pub fn id(&self) -> &[u8] {
        &self.0.id.0
    }

    /// The challenge that it says it answers.
    ///
    /// # Errors
    /// [`PasskeyError::Unreadable`].
    pub fn challenge(&self) -> Result<Challenge, PasskeyError> {
        ClientData::read(&self.0.client_data.0)?.challenge()
    }
}

#[cfg(test)]
mod tests;
