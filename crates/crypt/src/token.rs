//! A passphrase sealed by a PKCS#11 token: a smart card or a hardware security module. The key that
//! opens it is made in the token and does not leave it.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Random;

/// What the sealed text begins with.
const MAGIC: &str = "lictor passphrase, sealed by a PKCS#11 token\n";
/// What the key is called in the token, and what a passphrase is sealed for.
const LABEL: &str = "lictor passphrase";
/// AES-256.
const KEY_BYTES: u64 = 32;
const NONCE_BYTES: usize = 12;
const TAG_BITS: u64 = 128;

/// A passphrase that a token opens, as it is written into a file. The file alone opens nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedByToken {
    /// The library that speaks with the token.
    module: PathBuf,
    /// The token's label.
    token: String,
    /// The key's id within the token, in base64.
    key: String,
    nonce: String,
    sealed: String,
}

/// Why a token does not seal or open.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The library does not work.
    #[error("the PKCS#11 library {}: {why}", module.display())]
    Module {
        /// Which.
        module: PathBuf,
        /// In words.
        why: String,
    },
    /// No token of this label.
    #[error("there is no token with the label {0:?}: is it plugged in?")]
    NoToken(String),
    /// The PIN is wrong.
    #[error("the token refuses this PIN; after some wrong ones it locks itself")]
    WrongPin,
    /// The token locked itself.
    #[error("the token has locked itself after wrong PINs: its security officer unlocks it")]
    Locked,
    /// The key is not in the token.
    #[error("the key is not in this token: another token of the same label, or a new one")]
    NoKey,
    /// It is no such file, or was changed.
    #[error("the sealed passphrase is damaged: {0}")]
    Damaged(String),
    /// Anything else that the token says.
    #[error("the token: {0}")]
    Token(Error),
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
                _,
            ) => Self::WrongPin,
            Error::Pkcs11(RvError::PinLocked, _) => Self::Locked,
            other => Self::Token(other),
        }
    }
}

impl SealedByToken {
    /// Makes a key in the token and seals the passphrase under it.
    ///
    /// # Errors
    /// Every [`TokenError`] but `NoKey` and `Damaged`.
    pub fn seal(
        passphrase: &str,
        module: &Path,
        token: &str,
        pin: &str,
        random: &dyn Random,
    ) -> Result<Self, TokenError> {
        let session = log_in(module, token, pin, true)?;
        let (mut id, mut nonce) = ([0; 16], [0; NONCE_BYTES]);
        random.fill(&mut id);
        random.fill(&mut nonce);
        let key = session.generate_key(
            &Mechanism::AesKeyGen,
            &[
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
                Attribute::ValueLen(KEY_BYTES.into()),
                Attribute::Label(LABEL.into()),
                Attribute::Id(id.to_vec()),
            ],
        )?;
        let given = nonce;
        let parameters = GcmParams::new(&mut nonce, LABEL.as_bytes(), TAG_BITS.into())?;
        let sealed = session.encrypt(&Mechanism::AesGcm(parameters), key, passphrase.as_bytes())?;
        Ok(Self {
            module: module.to_owned(),
            token: token.to_owned(),
            key: BASE64_STANDARD.encode(id),
            nonce: BASE64_STANDARD.encode(given),
            sealed: BASE64_STANDARD.encode(sealed),
        })
    }

    /// Opens the passphrase with the token.
    ///
    /// # Errors
    /// Every [`TokenError`].
    pub fn open(&self, pin: &str) -> Result<String, TokenError> {
        let session = log_in(&self.module, &self.token, pin, false)?;
        let key = self.find_key(&session)?;
        let mut nonce = decode(&self.nonce)?;
        let parameters = GcmParams::new(&mut nonce, LABEL.as_bytes(), TAG_BITS.into())?;
        let opened = session
            .decrypt(&Mechanism::AesGcm(parameters), key, &decode(&self.sealed)?)
            .map_err(|e| TokenError::Damaged(e.to_string()))?;
        String::from_utf8(opened).map_err(|e| TokenError::Damaged(e.to_string()))
    }

    fn find_key(&self, session: &Session) -> Result<ObjectHandle, TokenError> {
        let found = session.find_objects(&[
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::Label(LABEL.into()),
            Attribute::Id(decode(&self.key)?),
        ])?;
        found.first().copied().ok_or(TokenError::NoKey)
    }

    /// The text for a file.
    ///
    /// # Errors
    /// [`TokenError::Damaged`], never in practice.
    pub fn text(&self) -> Result<String, TokenError> {
        let json =
            serde_json::to_string_pretty(self).map_err(|e| TokenError::Damaged(e.to_string()))?;
        Ok(format!("{MAGIC}{json}\n"))
    }

    /// Out of a file's text; nothing when that is no sealed passphrase.
    ///
    /// # Errors
    /// [`TokenError::Damaged`].
    pub fn read(text: &str) -> Result<Option<Self>, TokenError> {
        let Some(json) = text.strip_prefix(MAGIC) else {
            return Ok(None);
        };
        serde_json::from_str(json)
            .map(Some)
            .map_err(|e| TokenError::Damaged(e.to_string()))
    }
}

/// A session with the token of this label, logged in with its PIN. It ends with the value.
fn log_in(module: &Path, token: &str, pin: &str, writes: bool) -> Result<Session, TokenError> {
    let broken = |error: Error| TokenError::Module {
        module: module.to_owned(),
        why: error.to_string(),
    };
    let library = Pkcs11::new(module).map_err(broken)?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(broken(error)),
    }
    for slot in library.get_slots_with_token()? {
        if library.get_token_info(slot)?.label() != token {
            continue;
        }
        let session = if writes {
            library.open_rw_session(slot)?
        } else {
            library.open_ro_session(slot)?
        };
        session.login(UserType::User, Some(&AuthPin::from(pin)))?;
        return Ok(session);
    }
    Err(TokenError::NoToken(token.to_owned()))
}

fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    BASE64_STANDARD
        .decode(text)
        .map_err(|e| TokenError::Damaged(e.to_string()))
}
