//! The station's master key, and how it is kept.
//!
//! It is never stored as it is: once under the passphrase given at start, stretched, once under a
//! recovery key of which nothing is stored and which exists as three shares on paper, any two of
//! them enough.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::shares::{self, RecoveryShare, SHARES};
use crate::stretching::Stretching;
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
    /// How the passphrase becomes a key, and with which salt (base64).
    stretching: Stretching,
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
        let (recovery, shares) = shares::deal(random)?;
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
        let mut wrapped = Self {
            stretching: Stretching::of_this_build(),
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
        let root = shares::recover(shares)?
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
        self.stretching
            .stretch(passphrase, &salt)
            .map_err(|e| damaged(&e))
    }

    /// Whether a validated module can stretch the passphrase as this file asks.
    pub fn is_validated(&self) -> bool {
        matches!(self.stretching, Stretching::Pbkdf2Sha512 { .. })
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
    fn a_key_file_that_asks_for_more_work_than_any_station_sets_is_refused() {
        let (_, wrapped, _) = MasterKey::create(PASSPHRASE, &SystemRandom).unwrap();
        for stretching in [
            r#"{"argon2id":{"memory_kib":4294967295,"passes":3,"lanes":4}}"#,
            r#"{"pbkdf2-sha512":{"rounds":4294967295}}"#,
        ] {
            let asks = WrappedMasterKey {
                stretching: serde_json::from_str(stretching).unwrap(),
                ..wrapped.clone()
            };
            assert!(matches!(
                asks.open(PASSPHRASE),
                Err(MasterKeyError::Damaged(_))
            ));
        }
    }

    #[test]
    fn a_passphrase_that_a_validated_module_stretched_opens_in_every_build() {
        let (master, mut wrapped, _) = MasterKey::create(PASSPHRASE, &SystemRandom).unwrap();
        wrapped.stretching = serde_json::from_str(r#"{"pbkdf2-sha512":{"rounds":1000}}"#).unwrap();
        wrapped.by_passphrase = wrapped
            .passphrase_key(PASSPHRASE)
            .unwrap()
            .seal(BY_PASSPHRASE, master.root.expose())
            .unwrap();
        assert_eq!(wrapped.open(PASSPHRASE).unwrap().root, master.root);
        assert!(wrapped.is_validated());
        assert!(wrapped.open("four lamps under the weir").is_err());
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
