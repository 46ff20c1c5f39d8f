//! The log's signing key, as signed notes have it.

use crypt::Random;
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, Verifier, VerifierList};
use thiserror::Error;
use tlog_tiles::Checkpoint;

/// The key with which the station signs the heads of its log, and the log's name (its origin).
pub struct SigningKey {
    origin: String,
    text: String,
    signer: StandardSigner,
    verifying: VerifyingKey,
}

/// The public half, as text: `origin+id+key`. Published; whoever has it can check the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(String);

/// A key that is not one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the ledger's key is not usable: {0}")]
pub struct SigningKeyError(String);

impl SigningKeyError {
    pub(crate) fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl SigningKey {
    /// A new key for the log of this origin, a name such as `ashford-falls.example/lictor/1`.
    ///
    /// # Errors
    /// When the origin has spaces or a plus sign.
    pub fn create(origin: &str, random: &dyn Random) -> Result<Self, SigningKeyError> {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        // The byte before the key says Ed25519 (c2sp.org/signed-note).
        let public = [&[1], key.verifying_key().as_bytes().as_slice()].concat();
        let private = [&[1], key.as_bytes().as_slice()].concat();
        let id = signed_note::key_id(origin, &public);
        Self::from_text(&format!(
            "PRIVATE+KEY+{origin}+{id:08x}+{}",
            base64(&private)
        ))
    }

    /// The key from its text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_text(text: &str) -> Result<Self, SigningKeyError> {
        let wrong = |reason: &str| SigningKeyError(reason.to_owned());
        let signer = StandardSigner::new(text).map_err(|e| SigningKeyError(e.to_string()))?;
        let secret = text
            .splitn(5, '+')
            .nth(4)
            .and_then(unbase64)
            .ok_or_else(|| wrong("its text is cut short"))?;
        let seed: [u8; 32] = secret
            .get(1..)
            .and_then(|s| s.try_into().ok())
            .ok_or_else(|| wrong("its length is wrong"))?;
        let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
        let origin = signer.name().to_owned();
        let verifying = VerifyingKey(signed_note::new_ed25519_verifier_key(&origin, &public));
        Ok(Self {
            origin,
            text: text.to_owned(),
            signer,
            verifying,
        })
    }

    /// The key as text. A secret: it is kept sealed.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
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
        let mut note = Note::new(text, &[]).map_err(failed)?;
        note.add_sigs(&[&self.signer as &dyn Signer])
            .map_err(failed)?;
        Ok(note.to_bytes())
    }
}

impl VerifyingKey {
    /// The key from its text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_text(text: &str) -> Result<Self, SigningKeyError> {
        StandardVerifier::new(text.trim()).map_err(|e| SigningKeyError(e.to_string()))?;
        Ok(Self(text.trim().to_owned()))
    }

    /// The key as text.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        self.0.split('+').next().unwrap_or_default()
    }

    /// The text of a signed note, if this key signed it.
    ///
    /// # Errors
    /// In words, for what is no note, or is signed by another key.
    pub fn text_of(&self, note: &[u8]) -> Result<Vec<u8>, String> {
        let verifier = StandardVerifier::new(&self.0).map_err(|e| e.to_string())?;
        let known = VerifierList::new(vec![Box::new(verifier) as Box<dyn Verifier>]);
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

// The note format's base64; signed_note keeps its own to itself.
fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.decode(text).ok()
}
