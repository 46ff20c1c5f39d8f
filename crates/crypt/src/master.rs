//! The station's master key, and how it is kept.
//!
//! It is never stored as it is: once under the passphrase given at start (Argon2id), once under a
//! recovery key of which nothing is stored and which exists as three shares on paper, any two of
//! them enough (Shamir 1979).

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use blahaj::{Share, Sharks};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Key, Random, SealError, Sealed};

/// The key that all others hang from.
#[derive(Clone, Debug)]
pub struct MasterKey {
    root: Key,
    /// Keys of before the last rotation that are still in use, by what for.
    carried: BTreeMap<String, Key>,
}

/// What made a key file as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAct {
    /// The founding.
    #[default]
    Founding,
    /// Two recovery shares set a new passphrase.
    Recovery,
    /// The master key was changed for a new one.
    Rotation,
}

/// The master key as it lies in the data directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedMasterKey {
    /// Argon2id: memory in KiB, passes, lanes; the salt in base64.
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    by_passphrase: Sealed,
    by_recovery_key: Sealed,
    /// What made this file as it is.
    #[serde(default)]
    made_by: KeyAct,
    /// Keys of before the last rotation, under this master key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    carried: BTreeMap<String, Sealed>,
}

/// One of three; two of them open the station. Written as groups of letters and digits.
#[derive(Clone)]
pub struct RecoveryShare(String);

/// Why the master key is not to be had.
#[derive(Debug, Error)]
pub enum MasterKeyError {
    /// Too short to withstand guessing.
    #[error("a passphrase has 16 characters or more")]
    PassphraseTooShort,
    /// The wrong passphrase.
    #[error("this passphrase does not open the station")]
    WrongPassphrase,
    /// Shares that do not belong together or were mistyped.
    #[error("these shares do not open the station: give two different ones, exactly as printed")]
    WrongShares,
    /// The key file is not one.
    #[error("the key file is damaged: {0}")]
    Damaged(String),
    /// The cryptographic module failed.
    #[error("the cryptographic module failed: {0}")]
    Module(String),
}

impl From<SealError> for MasterKeyError {
    fn from(error: SealError) -> Self {
        Self::Module(error.to_string())
    }
}

const BY_PASSPHRASE: &[u8] = b"master key by passphrase";
const BY_RECOVERY: &[u8] = b"master key by recovery key";
fn carried_place(usage: &str) -> Vec<u8> {
    format!("carried key for {usage}").into_bytes()
}

const SHARES_NEEDED: u8 = 2;
const SHARES: usize = 3;

impl MasterKey {
    /// A new master key, wrapped, and its three recovery shares, which are kept nowhere else.
    ///
    /// # Errors
    /// [`MasterKeyError::PassphraseTooShort`] and [`MasterKeyError::Module`].
    pub fn create(
        passphrase: &str,
        random: &dyn Random,
    ) -> Result<(Self, WrappedMasterKey, [RecoveryShare; SHARES]), MasterKeyError> {
        Self::create_carrying(BTreeMap::new(), passphrase, KeyAct::Founding, random)
    }

    fn create_carrying(
        carried: BTreeMap<String, Key>,
        passphrase: &str,
        made_by: KeyAct,
        random: &dyn Random,
    ) -> Result<(Self, WrappedMasterKey, [RecoveryShare; SHARES]), MasterKeyError> {
        let root = Key::random(random);
        let recovery = Key::random(random);
        let mut wrapped = WrappedMasterKey::wrap(
            &root,
            passphrase,
            recovery.seal(BY_RECOVERY, root.expose())?,
            random,
        )?;
        wrapped.made_by = made_by;
        for (usage, key) in &carried {
            let sealed = root.seal(&carried_place(usage), key.expose())?;
            wrapped.carried.insert(usage.clone(), sealed);
        }
        let mut dealt = Sharks(SHARES_NEEDED).dealer(recovery.expose());
        let mut share = || dealt.next().as_ref().map(RecoveryShare::write);
        let shares = share()
            .zip(share())
            .zip(share())
            .map(|((a, b), c)| [a, b, c]);
        let shares =
            shares.ok_or_else(|| MasterKeyError::Module("no shares were dealt".to_owned()))?;
        Ok((Self { root, carried }, wrapped, shares))
    }

    /// A key for one use.
    ///
    /// # Errors
    /// [`MasterKeyError::Module`].
    pub fn derive(&self, usage: &str) -> Result<Key, MasterKeyError> {
        match self.carried.get(usage) {
            Some(carried) => Ok(carried.clone()),
            None => Ok(self.root.derive(usage)?),
        }
    }
}

impl WrappedMasterKey {
    fn wrap(
        master: &Key,
        passphrase: &str,
        by_recovery_key: Sealed,
        random: &dyn Random,
    ) -> Result<Self, MasterKeyError> {
        if passphrase.chars().count() < 16 {
            return Err(MasterKeyError::PassphraseTooShort);
        }
        let mut salt = [0; 16];
        random.fill(&mut salt);
        // RFC 9106's second recommended setting: 64 MiB, three passes, four lanes.
        let mut wrapped = Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 4,
            salt: BASE64_STANDARD.encode(salt),
            by_passphrase: Sealed::from(Vec::new()),
            by_recovery_key,
            made_by: KeyAct::default(),
            carried: BTreeMap::new(),
        };
        wrapped.by_passphrase = wrapped
            .passphrase_key(passphrase)?
            .seal(BY_PASSPHRASE, master.expose())?;
        Ok(wrapped)
    }

    /// Opens the master key with the passphrase.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongPassphrase`]; [`MasterKeyError::Damaged`] for parameters out of range.
    pub fn open(&self, passphrase: &str) -> Result<MasterKey, MasterKeyError> {
        let root = self
            .passphrase_key(passphrase)?
            .open_key(BY_PASSPHRASE, &self.by_passphrase)
            .map_err(|_| MasterKeyError::WrongPassphrase)?;
        self.with_carried(root)
    }

    /// Opens the master key with two recovery shares.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongShares`].
    pub fn open_with_shares(
        &self,
        shares: &[RecoveryShare; 2],
    ) -> Result<MasterKey, MasterKeyError> {
        let shares: Vec<Share> = shares
            .iter()
            .map(RecoveryShare::parse)
            .collect::<Result<_, _>>()?;
        let recovery = Sharks(SHARES_NEEDED)
            .recover(&shares)
            .map_err(|_| MasterKeyError::WrongShares)?;
        let recovery =
            <[u8; 32]>::try_from(recovery.as_slice()).map_err(|_| MasterKeyError::WrongShares)?;
        let root = Key::from_bytes(recovery)
            .open_key(BY_RECOVERY, &self.by_recovery_key)
            .map_err(|_| MasterKeyError::WrongShares)?;
        self.with_carried(root)
    }

    /// A new master key under the same passphrase, with new recovery shares; the old ones open it no
    /// more. What the old one derived for the uses in `carry` goes on under the new one.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongPassphrase`].
    pub fn rotate(
        &self,
        passphrase: &str,
        carry: &[&str],
        random: &dyn Random,
    ) -> Result<(MasterKey, Self, [RecoveryShare; SHARES]), MasterKeyError> {
        let old = self.open(passphrase)?;
        let carried = carry
            .iter()
            .map(|usage| Ok(((*usage).to_owned(), old.derive(usage)?)))
            .collect::<Result<_, MasterKeyError>>()?;
        MasterKey::create_carrying(carried, passphrase, KeyAct::Rotation, random)
    }

    /// What made this file as it is.
    pub fn made_by(&self) -> KeyAct {
        self.made_by
    }

    fn with_carried(&self, root: Key) -> Result<MasterKey, MasterKeyError> {
        let open = |(usage, sealed): (&String, &Sealed)| {
            let key = root.open_key(&carried_place(usage), sealed);
            let key = key.map_err(|_| MasterKeyError::Damaged(format!("its key for {usage}")))?;
            Ok((usage.clone(), key))
        };
        let carried = self
            .carried
            .iter()
            .map(open)
            .collect::<Result<_, MasterKeyError>>()?;
        Ok(MasterKey { root, carried })
    }

    /// Opens the master key with two recovery shares and sets a new passphrase; the shares stay good.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongShares`], [`MasterKeyError::PassphraseTooShort`].
    pub fn recover(
        &self,
        shares: &[RecoveryShare; 2],
        new_passphrase: &str,
        random: &dyn Random,
    ) -> Result<(MasterKey, Self), MasterKeyError> {
        let master = self.open_with_shares(shares)?;
        let mut wrapped = Self::wrap(
            &master.root,
            new_passphrase,
            self.by_recovery_key.clone(),
            random,
        )?;
        wrapped.made_by = KeyAct::Recovery;
        wrapped.carried = self.carried.clone();
        Ok((master, wrapped))
    }

    fn passphrase_key(&self, passphrase: &str) -> Result<Key, MasterKeyError> {
        let damaged = |e: &dyn std::fmt::Display| MasterKeyError::Damaged(e.to_string());
        let salt = BASE64_STANDARD
            .decode(&self.salt)
            .map_err(|e| damaged(&e))?;
        if self.memory_kib > 1024 * 1024 || self.passes > 16 || self.lanes > 16 {
            return Err(damaged(
                &"its parameters ask for more than any station sets",
            ));
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|e| damaged(&e))?;
        let mut bytes = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, &mut bytes)
            .map_err(|e| damaged(&e))?;
        Ok(Key::from_bytes(bytes))
    }
}

impl RecoveryShare {
    /// A share as a person copied it; spaces and case do not matter.
    pub fn typed(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The share as it is to be copied, in groups of four.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn write(share: &Share) -> Self {
        let hex: Vec<char> = Vec::from(share)
            .iter()
            .flat_map(|byte| format!("{byte:02X}").chars().collect::<Vec<_>>())
            .collect();
        Self(
            hex.chunks(4)
                .map(String::from_iter)
                .collect::<Vec<_>>()
                .join("-"),
        )
    }

    fn parse(&self) -> Result<Share, MasterKeyError> {
        let hex: Vec<u8> = self.0.bytes().filter(u8::is_ascii_alphanumeric).collect();
        let bytes: Option<Vec<u8>> = hex
            .chunks(2)
            .map(|pair| {
                std::str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect();
        Share::try_from(bytes.unwrap_or_default().as_slice())
            .map_err(|_| MasterKeyError::WrongShares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    const PASSPHRASE: &str = "four lamps over the weir";

    #[test]
    fn the_passphrase_opens_the_master_key_and_another_does_not() {
        let (master, wrapped, _) = MasterKey::create(PASSPHRASE, &SystemRandom).unwrap();
        let kept: WrappedMasterKey =
            serde_json::from_str(&serde_json::to_string(&wrapped).unwrap()).unwrap();
        assert_eq!(kept.open(PASSPHRASE).unwrap().root, master.root);
        assert!(matches!(
            kept.open("four lamps under the weir"),
            Err(MasterKeyError::WrongPassphrase)
        ));
    }

    #[test]
    fn any_two_shares_set_a_new_passphrase_and_one_does_not() {
        let (master, wrapped, [a, b, c]) = MasterKey::create(PASSPHRASE, &SystemRandom).unwrap();
        for pair in [[a.clone(), b.clone()], [c.clone(), a.clone()], [b, c]] {
            let (recovered, renewed) = wrapped
                .recover(&pair, "a wholly new passphrase", &SystemRandom)
                .unwrap();
            assert_eq!(recovered.root, master.root);
            assert_eq!(
                renewed.open("a wholly new passphrase").unwrap().root,
                master.root
            );
        }
        let twice = [a.clone(), a];
        assert!(matches!(
            wrapped.recover(&twice, PASSPHRASE, &SystemRandom),
            Err(MasterKeyError::WrongShares)
        ));
    }

    #[test]
    fn a_rotated_key_is_another_and_carries_what_is_still_in_use() {
        let (old, wrapped, [a, b, _]) = MasterKey::create(PASSPHRASE, &SystemRandom).unwrap();
        let (new, rotated, [c, d, _]) = wrapped
            .rotate(PASSPHRASE, &["columns"], &SystemRandom)
            .unwrap();
        let derived = |key: &MasterKey, usage| key.derive(usage).unwrap();
        assert!(derived(&new, "columns") == derived(&old, "columns"));
        assert!(derived(&new, "database") != derived(&old, "database"));
        assert!(
            rotated.open_with_shares(&[a, b]).is_err(),
            "an old share opens it"
        );
        let (recovered, renewed) = rotated
            .recover(&[c, d], "a wholly new passphrase", &SystemRandom)
            .unwrap();
        assert!(derived(&recovered, "columns") == derived(&old, "columns"));
        let opened = renewed.open("a wholly new passphrase").unwrap();
        assert!(derived(&opened, "columns") == derived(&old, "columns"));
    }
}
