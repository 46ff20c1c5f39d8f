//! The database's part in a backup and a restore.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crypt::{Key, Random, Sealed};
use govern::{BackUp, CameraId, Permit, PictureId};
use jiff::Timestamp;
use ledger::Withdrawal;
use serde::{Deserialize, Serialize};

use crate::sql::{Copy, values};
use crate::vault::{self, KeyName};
use crate::{Store, StoreError, StoreKeys};

/// A copy of the database as it stood at one moment, encrypted as the database is, without what
/// opens the pictures. The file is removed with it.
pub struct Snapshot {
    copy: Copy,
    /// The folder that holds the pictures; a bucket is kept by its own means.
    pictures: Option<PathBuf>,
    /// What opens the pictures.
    pub picture_keys: Vec<PictureKey>,
}

/// The key that wraps the keys of a camera's pictures of one class and day, itself wrapped by the
/// station's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureKey {
    camera: CameraId,
    class: String,
    day: String,
    wrapped: Sealed,
}

impl PictureKey {
    fn name(&self) -> KeyName<'_> {
        KeyName {
            camera: self.camera,
            class: &self.class,
            day: &self.day,
        }
    }
}

const WRAP: &str =
    "UPDATE picture_key SET wrapped = ?4 WHERE camera = ?1 AND class = ?2 AND day = ?3";

impl Store {
    /// Copies the database into `file` as it stands now, while others go on writing, and checks the
    /// copy.
    ///
    /// # Errors
    /// [`StoreError::Elsewhere`] for a database on a server; [`StoreError::Damaged`] when the copy is
    /// not whole; what the disk says.
    pub fn snapshot(&self, permit: &Permit<BackUp>, file: &Path) -> Result<Snapshot, StoreError> {
        permit.check(&*self.clock)?;
        let copy = self.copy(file)?;
        let picture_keys = copy.with(|db| {
            let rows = db.rows(
                "SELECT camera, class, day, wrapped FROM picture_key",
                values![],
            )?;
            let keys = rows
                .iter()
                .map(|row| {
                    Ok(PictureKey {
                        camera: row.get(0)?,
                        class: row.get(1)?,
                        day: row.get(2)?,
                        wrapped: row.get(3)?,
                    })
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            for key in &keys {
                // Overwritten in place, at the same length.
                let nothing = vec![0; key.wrapped.as_bytes().len()];
                db.execute(WRAP, values![key.camera, &key.class, &key.day, nothing])?;
            }
            Ok(keys)
        })?;
        Ok(Snapshot {
            copy,
            pictures: self.vault.shelf.as_folder().map(Path::to_owned),
            picture_keys,
        })
    }

    /// Gives a restored database what opens its pictures. Where that is not there any more, a new key
    /// takes its place: it opens what comes from now on, and nothing of before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn give_picture_keys(
        &self,
        keys: &[PictureKey],
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        let kept: HashMap<_, _> = keys
            .iter()
            .map(|key| ((key.camera, &*key.class, &*key.day), &key.wrapped))
            .collect();
        self.change(|db| {
            for row in db.rows(
                "SELECT camera, class, day, wrapped FROM picture_key",
                values![],
            )? {
                let key = PictureKey {
                    camera: row.get(0)?,
                    class: row.get(1)?,
                    day: row.get(2)?,
                    wrapped: row.get(3)?,
                };
                let wrapped = match kept.get(&(key.camera, &*key.class, &*key.day)) {
                    Some(&wrapped) => wrapped.clone(),
                    None => self.vault.wrap(&key.name(), &Key::random(random))?,
                };
                db.execute(WRAP, values![key.camera, &key.class, &key.day, &wrapped])?;
            }
            Ok(())
        })
    }

    /// Copies the database into `file` under other keys: its pages, and what wraps the pictures' keys.
    /// The pictures stay as they are.
    ///
    /// # Errors
    /// [`StoreError::Elsewhere`] for a database on a server; what the disk says.
    pub fn copy_under(&self, keys: &StoreKeys, file: &Path) -> Result<(), StoreError> {
        let copy = self.copy(file)?;
        copy.with(|db| {
            for row in db.rows(
                "SELECT camera, class, day, wrapped FROM picture_key",
                values![],
            )? {
                let key = PictureKey {
                    camera: row.get(0)?,
                    class: row.get(1)?,
                    day: row.get(2)?,
                    wrapped: row.get(3)?,
                };
                let wrapped = self
                    .vault
                    .rewrap(&key.name(), &key.wrapped, &keys.pictures)?;
                db.execute(WRAP, values![key.camera, &key.class, &key.day, &wrapped])?;
            }
            Ok(())
        })?;
        copy.keep_under(&keys.database)
    }

    /// Takes away again what was taken away after the backup that this database comes from, or, with
    /// `by`, before this moment: what a member set at that moment or later for their own way in stays.
    /// It can give nothing, so it needs no permit.
    ///
    /// # Errors
    /// When the database fails.
    pub fn withdraw(
        &self,
        withdrawal: &Withdrawal,
        by: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        match withdrawal {
            Withdrawal::Camera(camera) => self.withdraw_camera(*camera),
            Withdrawal::Member(member) => self.withdraw_member(*member),
            Withdrawal::Authorisation(member, class) => self.withdraw_authorisation(*member, class),
            Withdrawal::Role(member, role) => self.withdraw_role(*member, role),
            Withdrawal::OpenReads(camera, class) => self.withdraw_open_reads(*camera, class),
            Withdrawal::Declaration(declaration) => self.withdraw_declaration(*declaration),
            Withdrawal::Attempts(member) => self.withdraw_attempts(*member),
            Withdrawal::Hold(hold) => self.withdraw_hold(*hold),
            Withdrawal::LocalEntry(entry) => self.withdraw_local_entry_again(*entry),
            Withdrawal::Webhook(webhook) => self.withdraw_webhook(*webhook),
            Withdrawal::Feed(feed) => self.withdraw_feed(*feed),
            Withdrawal::Terminal(terminal) => self.withdraw_terminal(*terminal),
            Withdrawal::Medium(medium) => self.withdraw_medium(*medium),
            Withdrawal::WayIn(member) => self.withdraw_way_in(*member),
            Withdrawal::Password(member) => self.withdraw_password(*member, by),
            Withdrawal::Authenticator(member) => self.withdraw_authenticator(*member, by),
            Withdrawal::Passkey(member, id) => self.withdraw_passkey(*member, id),
            Withdrawal::RecoveryCodes(member) => self.withdraw_recovery_codes(*member),
            Withdrawal::EnrolmentCode(member) => self.withdraw_enrolment_code(*member, by),
        }
    }
}

impl Snapshot {
    /// The file.
    pub fn file(&self) -> &Path {
        self.copy.file()
    }

    /// Every picture of this moment, proofs of training among them: its name within the vault and its
    /// file. None, where they lie in a bucket.
    ///
    /// # Errors
    /// When the database fails; what `each` says.
    pub fn each_picture<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(&str, &Path) -> Result<(), E>,
    ) -> Result<(), E> {
        const AT_ONCE: i64 = 10_000;
        let Some(pictures) = &self.pictures else {
            return Ok(());
        };
        let mut last: Vec<u8> = Vec::new();
        loop {
            let rows = self.copy.with(|db| {
                let next = "SELECT id FROM
                                (SELECT id FROM picture UNION ALL SELECT training AS id FROM training_proof) AS kept
                            WHERE id > ?1 ORDER BY id LIMIT ?2";
                db.rows(next, values![last.clone(), AT_ONCE])
            })?;
            for row in &rows {
                let picture: PictureId = row.get(0)?;
                let name = vault::name_of(picture);
                each(&name, &pictures.join(&name))?;
                last = picture.as_bytes().to_vec();
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }
}
