//! A witness's signature under a log's head (c2sp.org/tlog-cosignature, `cosignature/v1`).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crypt::{Ed25519Key, Ed25519Public, Random};
use jiff::Timestamp;
use signed_note::Note;

use crate::SigningKeyError;

/// The byte before the key that says what it signs.
const COSIGNATURE_V1: u8 = 4;

/// The key with which a witness cosigns, and the witness's name.
pub struct WitnessKey {
    public: WitnessPublicKey,
    key: Ed25519Key,
}

/// The public half, as text: `name+id+key`. Whoever has it can tell whether that witness cosigned.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessPublicKey {
    name: String,
    id: u32,
    key: Ed25519Public,
}

/// A cosignature that verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness's name.
    pub witness: String,
    /// When it cosigned, by its own clock.
    pub at: Timestamp,
    /// How many entries the head has that it cosigned.
    pub size: u64,
}

fn wrong(reason: &str) -> SigningKeyError {
    SigningKeyError::because(reason)
}

impl WitnessKey {
    /// A new key for the witness of this name, such as `clerk.ashford-falls.example`.
    ///
    /// # Errors
    /// When the name has spaces or a plus sign.
    pub fn create(name: &str, random: &dyn Random) -> Result<Self, SigningKeyError> {
        Self::of(name, Ed25519Key::create(random)?)
    }

    /// The key from its text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_text(text: &str) -> Result<Self, SigningKeyError> {
        let [_, _, name, _, secret] = text.trim().splitn(5, '+').collect::<Vec<_>>()[..] else {
            return Err(wrong("it is no witness's key"));
        };
        let seed = BASE64_STANDARD.decode(secret).unwrap_or_default();
        match seed.split_first() {
            Some((&COSIGNATURE_V1, seed)) => Self::of(name, Ed25519Key::from_seed(seed)?),
            _ => Err(wrong("it is no witness's key")),
        }
    }

    fn of(name: &str, key: Ed25519Key) -> Result<Self, SigningKeyError> {
        let public = WitnessPublicKey::of(name, *key.public())?;
        Ok(Self { public, key })
    }

    /// The key as text. A secret.
    pub fn expose(&self) -> String {
        let secret = [&[COSIGNATURE_V1], self.key.expose()].concat();
        let WitnessPublicKey { name, id, .. } = &self.public;
        let secret = BASE64_STANDARD.encode(secret);
        format!("PRIVATE+KEY+{name}+{id:08x}+{secret}")
    }

    /// The public half.
    pub fn public(&self) -> &WitnessPublicKey {
        &self.public
    }

    /// The signature line for the head whose text this is: that, now, this is the largest head the
    /// witness has seen of this log, and that it continues all before.
    pub(crate) fn cosign(&self, head: &[u8], now: Timestamp) -> String {
        let seconds = now.as_second().unsigned_abs();
        let signature = self.key.sign(&signed_text(seconds, head));
        let WitnessPublicKey { name, id, .. } = &self.public;
        let mut bytes = id.to_be_bytes().to_vec();
        bytes.extend(seconds.to_be_bytes());
        bytes.extend(signature);
        format!("— {name} {}\n", BASE64_STANDARD.encode(bytes))
    }
}

impl WitnessPublicKey {
    fn of(name: &str, key: Ed25519Public) -> Result<Self, SigningKeyError> {
        if !signed_note::is_key_name_valid(name) {
            return Err(wrong("a witness's name has neither spaces nor plus signs"));
        }
        let material = [&[COSIGNATURE_V1], key.as_bytes().as_slice()].concat();
        Ok(Self {
            name: name.to_owned(),
            id: signed_note::key_id(name, &material),
            key,
        })
    }

    /// The key from its text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_text(text: &str) -> Result<Self, SigningKeyError> {
        let [name, id, key] = text.trim().splitn(3, '+').collect::<Vec<_>>()[..] else {
            return Err(wrong("a witness's key reads name+id+key"));
        };
        let material = BASE64_STANDARD.decode(key).unwrap_or_default();
        let Some((&COSIGNATURE_V1, key)) = material.split_first() else {
            return Err(wrong("it is no witness's key: another kind of key"));
        };
        let public = Self::of(name, Ed25519Public::from_bytes(key)?)?;
        if format!("{:08x}", public.id) == id {
            Ok(public)
        } else {
            Err(wrong("its id does not fit: a character was mistyped"))
        }
    }

    /// The key as text.
    pub fn as_text(&self) -> String {
        let material = [&[COSIGNATURE_V1], self.key.as_bytes().as_slice()].concat();
        let key = BASE64_STANDARD.encode(material);
        format!("{}+{:08x}+{key}", self.name, self.id)
    }

    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A name for a file of this witness's.
    pub(crate) fn file_name(&self) -> String {
        format!("{:08x}", self.id)
    }

    /// When this witness cosigned the head in `note`, if it did.
    pub fn cosigned_at(&self, note: &[u8]) -> Option<Timestamp> {
        let text = Note::from_bytes(note).ok()?.text().to_vec();
        let lines = std::str::from_utf8(note).ok()?.lines();
        lines
            .filter_map(|line| line.strip_prefix("— ")?.split_once(' '))
            .filter(|(name, _)| *name == self.name)
            .find_map(|(_, signature)| self.verify(&text, &BASE64_STANDARD.decode(signature).ok()?))
    }

    fn verify(&self, head: &[u8], signature: &[u8]) -> Option<Timestamp> {
        let signature = signature.strip_prefix(&self.id.to_be_bytes())?;
        let (seconds, signature) = signature.split_at_checked(8)?;
        let seconds = u64::from_be_bytes(seconds.try_into().ok()?);
        if !self.key.verify(&signed_text(seconds, head), signature) {
            return None;
        }
        Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
    }
}

impl std::fmt::Debug for WitnessPublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.as_text())
    }
}

fn signed_text(seconds: u64, head: &[u8]) -> Vec<u8> {
    let header = format!("cosignature/v1\ntime {seconds}\n");
    [header.as_bytes(), head].concat()
}
