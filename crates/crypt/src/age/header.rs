//! The head of a sealed file: the file's key, wrapped for each recipient.

use std::io::BufRead;

use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::{aead, hmac};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::{
    AgeError, AgeIdentity, AgeRecipient, FileKey, cipher, derive, public_of, wrapping_key,
};
use crate::Random;

const VERSION: &str = "age-encryption.org/v1";
/// The longest head that is read: some hundred recipients.
const LONGEST: usize = 64 << 10;
/// A wrapped key is sealed under a key of its own, once.
const NONCE: [u8; 12] = [0; 12];

/// A head that wraps `key` for each of them.
pub(super) fn write(
    key: &FileKey,
    to: &[AgeRecipient],
    random: &dyn Random,
) -> Result<String, AgeError> {
    let mut head = format!("{VERSION}\n");
    for recipient in to {
        let mut secret = Zeroizing::new([0; 32]);
        random.fill(&mut *secret);
        let own = PrivateKey::from_private_key(&X25519, &*secret).map_err(|_| AgeError::Module)?;
        let share = public_of(&own)?;
        let wrap = wrapping_key(&own, &recipient.0, &share, &recipient.0)?;
        let mut wrapped = key.to_vec();
        cipher(&wrap)?
            .seal_in_place_append_tag(
                aead::Nonce::assume_unique_for_key(NONCE),
                aead::Aad::empty(),
                &mut wrapped,
            )
            .map_err(|_| AgeError::Module)?;
        let [share, wrapped] =
            [&share[..], &wrapped].map(|bytes| BASE64_STANDARD_NO_PAD.encode(bytes));
        head += &format!("-> X25519 {share}\n{wrapped}\n");
    }
    head += "---";
    let mac = BASE64_STANDARD_NO_PAD.encode(mac(key, &head)?.as_ref());
    Ok(format!("{head} {mac}\n"))
}

/// Reads a head, and unwraps the file's key by one of these identities.
pub(super) fn read(
    from: &mut impl BufRead,
    identities: &[AgeIdentity],
) -> Result<FileKey, AgeError> {
    let mut head = String::new();
    if next_line(from, &mut head)? != VERSION {
        return Err(AgeError::NotAge);
    }
    let mut key = None;
    let mut stanza = None;
    loop {
        let line = next_line(from, &mut head)?;
        if let Some(mac_text) = line.strip_prefix("--- ") {
            let before = head.len() - line.len() - 1 + "---".len();
            let key = key.ok_or(AgeError::ForOthers)?;
            let given = BASE64_STANDARD_NO_PAD.decode(mac_text);
            let given = given.map_err(|_| AgeError::NotAge)?;
            verify_mac(&key, &head[..before], &given)?;
            return Ok(key);
        }
        if let Some(arguments) = line.strip_prefix("-> ") {
            stanza = arguments.strip_prefix("X25519 ").map(str::to_owned);
        } else if let Some(share) = stanza.take()
            && key.is_none()
        {
            let decode = |text: &str| BASE64_STANDARD_NO_PAD.decode(text);
            let (Ok(share), Ok(wrapped)) = (decode(&share), decode(&line)) else {
                return Err(AgeError::NotAge);
            };
            let share = share.try_into().map_err(|_| AgeError::NotAge)?;
            key = unwrap(&share, &wrapped, identities)?;
        }
    }
}

fn unwrap(
    share: &[u8; 32],
    wrapped: &[u8],
    identities: &[AgeIdentity],
) -> Result<Option<FileKey>, AgeError> {
    for identity in identities {
        let own = identity.key()?;
        let wrap = wrapping_key(&own, share, share, &public_of(&own)?)?;
        let mut wrapped = Zeroizing::new(wrapped.to_vec());
        let opened = cipher(&wrap)?.open_in_place(
            aead::Nonce::assume_unique_for_key(NONCE),
            aead::Aad::empty(),
            &mut wrapped,
        );
        if let Ok(opened) = opened {
            let mut key = Zeroizing::new([0; 16]);
            if opened.len() != key.len() {
                return Err(AgeError::Damaged);
            }
            key.copy_from_slice(opened);
            return Ok(Some(key));
        }
    }
    Ok(None)
}

fn mac_key(key: &FileKey) -> Result<hmac::Key, AgeError> {
    let key = derive(&**key, b"", b"header")?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &*key))
}

fn mac(key: &FileKey, head: &str) -> Result<hmac::Tag, AgeError> {
    Ok(hmac::sign(&mac_key(key)?, head.as_bytes()))
}

fn verify_mac(key: &FileKey, head: &str, given: &[u8]) -> Result<(), AgeError> {
    hmac::verify(&mac_key(key)?, head.as_bytes(), given).map_err(|_| AgeError::Damaged)
}

/// The next line, without its end; `head` grows by it.
fn next_line(from: &mut impl BufRead, head: &mut String) -> Result<String, AgeError> {
    let mut line = Vec::new();
    let room = LONGEST.saturating_sub(head.len()) as u64;
    let read = std::io::Read::take(&mut *from, room).read_until(b'\n', &mut line);
    if read.is_err() || line.pop() != Some(b'\n') {
        return Err(AgeError::NotAge);
    }
    let line = String::from_utf8(line).map_err(|_| AgeError::NotAge)?;
    *head += &line;
    head.push('\n');
    Ok(line)
}
