//! The log's signing key, as signed notes have it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crypt::{Ed25519Key, Ed25519Public, NoEd25519Key, Random};
use signed_note::{Note, Verifier, VerifierList};
use thiserror::Error;
use tlog_tiles::Checkpoint;

/// The byte before a key that says Ed25519 (c2sp.org/signed-note).
const ED25519: u8 = 1;

/// The key with which the station signs the heads of its log, and the log's name (its origin).
pub struct SigningKey {
    text: String,
    key: Ed25519Key,
    verifying: VerifyingKey,
}

/// The public half, as text: `origin+id+key`. Published; whoever has it can check the log.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    text: String,
    origin: String,
    id: u32,
    key: Ed25519Public,
}

/// A key that is not one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the ledger's key is not usable: {0}")]
pub struct SigningKeyError(String);

impl SigningKeyError {
    pub(crate) fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl From<NoEd25519Key> for SigningKeyError {
    fn from(error: NoEd25519Key) -> Self {
        Self(error.to_string())
    }
}

impl SigningKey {
    /// A new key for the log of this origin, a name such as `ashford-falls.example/lictor/1`.
    ///
    /// # Errors
    /// When the origin has spaces or a plus sign.
    pub fn create(origin: &str, random: &dyn Random) -> Result<Self, SigningKeyError> {
        let key = Ed25519Key::create(random)?;
        let verifying = VerifyingKey::of(origin, *key.public())?;
        let secret = BASE64_STANDARD.encode([&[ED25519], key.expose()].concat());
        let text = format!("PRIVATE+KEY+{origin}+{:08x}+{secret}", verifying.id);
        Ok(Self {
            text,
            key,
            verifying,
        })
    }

    /// The key from its text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_text(text: &str) -> Result<Self, SigningKeyError> {
        let wrong = |reason: &str| SigningKeyError(reason.to_owned());
        let ["PRIVATE", "KEY", origin, id, secret] = text.splitn(5, '+').collect::<Vec<_>>()[..]
        else {
            return Err(wrong("its text is cut short"));
        };
        let secret = BASE64_STANDARD.decode(secret).unwrap_or_default();
        let Some((&ED25519, seed)) = secret.split_first() else {
            return Err(wrong("it is another kind of key"));
        };
        let key = Ed25519Key::from_seed(seed)?;
        let verifying = VerifyingKey::of(origin, *key.public())?;
        if format!("{:08x}", verifying.id) != id {
            return Err(wrong("its id does not fit"));
        }
        Ok(Self {
            text: text.to_owned(),
            key,
            verifying,
        })
    }

    /// The key as text. A secret: it is kept sealed.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        self.verifying.origin()
    }

    /// The public half.
    pub fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>, SigningKeyError> {
        self.sign_text(&checkpoint.to_bytes())
    }

    /// A text as a signed note. It ends with a line's end, and is no head of a log: that begins with
    /// the log's name.
    pub(crate) fn sign_text(&self, text: &[u8]) -> Result<Vec<u8>, SigningKeyError> {
        let failed = |e: signed_note::NoteError| SigningKeyError(e.to_string());
        let mut note = Note::new(text, &[]).map_err(failed)?.to_bytes();
        let VerifyingKey { origin, id, .. } = &self.verifying;
        let signature = [&id.to_be_bytes(), &*self.key.sign(text)].concat();
        let line = format!("— {origin} {}\n", BASE64_STANDARD.encode(signature));
        note.extend(line.into_bytes());
        Ok(note)
    }
}

impl VerifyingKey {
    /// The key from its text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_text(text: &str) -> Result<Self, SigningKeyError> {
        let wrong = |reason: &str| SigningKeyError(reason.to_owned());
        let [origin, id, key] = text.trim().splitn(3, '+').collect::<Vec<_>>()[..] else {
            return Err(wrong("a ledger's key reads origin+id+key"));
        };
        let material = BASE64_STANDARD.decode(key).unwrap_or_default();
        let Some((&ED25519, key)) = material.split_first() else {
            return Err(wrong("it is another kind of key"));
        };
        let verifying = Self::of(origin, Ed25519Public::from_bytes(key)?)?;
        if format!("{:08x}", verifying.id) == id {
            Ok(verifying)
        } else {
            Err(wrong("its id does not fit: a character was mistyped"))
        }
    }

    fn of(origin: &str, key: Ed25519Public) -> Result<Self, SigningKeyError> {
        if !signed_note::is_key_name_valid(origin) {
            return Err(SigningKeyError::because(
                "a log's name has neither spaces nor plus signs",
            ));
        }
        let material = [&[ED25519], key.as_bytes().as_slice()].concat();
        let id = signed_note::key_id(origin, &material);
        Ok(Self {
            text: format!("{origin}+{id:08x}+{}", BASE64_STANDARD.encode(material)),
            origin: origin.to_owned(),
            id,
            key,
        })
    }

    /// The key as text.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The text of a signed note, if this key signed it.
    ///
    /// # Errors
    /// In words, for what is no note, or is signed by another key.
    pub fn text_of(&self, note: &[u8]) -> Result<Vec<u8>, String> {
        let known = VerifierList::new(vec![Box::new(self.clone()) as Box<dyn Verifier>]);
        let note = Note::from_bytes(note).map_err(|e| e.to_string())?;
        note.verify(&known).map_err(|e| e.to_string())?;
        Ok(note.text().to_vec())
    }

    /// The signed head in `note`, if this key signed it.
    pub(crate) fn open(&self, note: &[u8]) -> Result<Checkpoint, String> {
        let text = self.text_of(note)?;
        let checkpoint = Checkpoint::from_bytes(&text).map_err(|e| e.to_string())?;
        if checkpoint.origin() == self.origin() {
            Ok(checkpoint)
        } else {
            Err(format!(
                "it is the head of another log, {}",
                checkpoint.origin()
            ))
        }
    }
}

impl Verifier for VerifyingKey {
    fn name(&self) -> &str {
        &self.origin
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        self.key.verify(text, signature)
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
