//! The two files of a backup.
//!
//! ```text
//! lictor backup 1\n
//! {"part": …, "backup": …, "made_at": …, "pictures_until": …, "keys": …, "key": …}\n
//! pieces of a MiB, each sealed under the file's own key (AES-256-GCM)
//! ```
//!
//! The file's key is sealed under the station's; the station's stands beside it as it does in
//! `keys.json`: under the passphrase, and under the recovery shares. So whoever has the passphrase or
//! two shares opens a backup, on any machine. The header is not secret and cannot be changed: every
//! piece is bound to it. Within the pieces stand files, each as name and length, then bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use crypt::{
    DigestWriter, Id, Key, MasterKey, OpenReader, Random, SealWriter, Sealed, WrappedMasterKey,
    sha256,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StationError;

const MAGIC: &str = "lictor backup 1\n";
/// A longer header is none.
const LONGEST_HEADER: u64 = 64 * 1024;

/// Marks the ids of backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {}

/// Which of a backup's two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Everything but what opens the pictures.
    Station,
    /// What opens the pictures.
    PictureKeys,
}

/// What a backup's file says of itself before it is opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Which file it is.
    pub part: Part,
    /// Names the backup; both files bear it.
    pub backup: Id<Backup>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when its pictures can be opened.
    pub pictures_until: Timestamp,
    /// What opens the station's key.
    pub(super) keys: WrappedMasterKey,
    /// The file's own key, under the station's.
    pub(super) key: Sealed,
}

impl Header {
    /// The header of a backup's file.
    ///
    /// # Errors
    /// [`StationError::NoBackup`]; what the disk says.
    pub fn of(path: &Path) -> Result<Self, StationError> {
        Parcel::open(path).map(|parcel| parcel.header)
    }

    /// What the file's key is sealed for.
    fn place(part: Part, backup: Id<Backup>) -> Vec<u8> {
        format!("backup {backup} {part:?}").into_bytes()
    }
}

/// Makes one file of a backup.
pub(super) struct Packing<W: Write>(SealWriter<DigestWriter<W>>);

/// What is in both files' headers, but for the file's own key.
pub(super) struct Label {
    pub(super) backup: Id<Backup>,
    pub(super) made_at: Timestamp,
    pub(super) pictures_until: Timestamp,
    pub(super) keys: WrappedMasterKey,
}

impl<W: Write> Packing<W> {
    pub(super) fn begin(
        to: W,
        part: Part,
        label: &Label,
        station: &Key,
        random: &dyn Random,
    ) -> Result<Self, StationError> {
        let key = Key::random(random);
        let header = Header {
            part,
            backup: label.backup,
            made_at: label.made_at,
            pictures_until: label.pictures_until,
            keys: label.keys.clone(),
            key: station
                .seal(&Header::place(part, label.backup), key.expose())
                .map_err(crypt::MasterKeyError::from)?,
        };
        let line =
            serde_json::to_string(&header).map_err(|e| StationError::Damaged(e.to_string()))?;
        let header = format!("{MAGIC}{line}\n");
        let mut to = DigestWriter::new(to);
        to.write_all(header.as_bytes())
            .map_err(StationError::Backup)?;
        let place = sha256(header.as_bytes());
        Ok(Self(SealWriter::new(to, key, &place.0)))
    }

    pub(super) fn file(&mut self, name: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        let short = u16::try_from(name.len()).map_err(io::Error::other)?;
        self.0.write_all(&short.to_be_bytes())?;
        self.0.write_all(name.as_bytes())?;
        self.0.write_all(&length.to_be_bytes())?;
        let copied = io::copy(&mut from.take(length), &mut self.0)?;
        if copied == length {
            Ok(())
        } else {
            Err(io::Error::other(format!(
                "{name} became shorter while it was copied"
            )))
        }
    }

    /// Everything but the last piece is written. Returns where it went, the last piece, and the
    /// digest of the whole.
    pub(super) fn end(self) -> io::Result<(DigestWriter<W>, Vec<u8>, crypt::Digest)> {
        let (to, last) = self.0.end()?;
        let digest = to.digest_with(&last);
        Ok((to, last, digest))
    }
}

/// One file of a backup, to be opened.
pub(super) struct Parcel {
    pub(super) header: Header,
    text: Vec<u8>,
    rest: BufReader<File>,
}

impl Parcel {
    pub(super) fn open(path: &Path) -> Result<Self, StationError> {
        let failed = |source| StationError::file(path, source);
        let none = || StationError::NoBackup(path.to_owned());
        let mut rest = BufReader::new(File::open(path).map_err(failed)?);
        let mut text = Vec::new();
        for _ in 0..2 {
            (&mut rest)
                .take(LONGEST_HEADER)
                .read_until(b'\n', &mut text)
                .map_err(failed)?;
        }
        let header = text.strip_prefix(MAGIC.as_bytes()).ok_or_else(none)?;
        let header = serde_json::from_slice(header).map_err(|_| none())?;
        Ok(Self { header, text, rest })
    }

    /// Opens it and hands over each file in it: its name, and its bytes to be read to the end.
    pub(super) fn unpack(
        self,
        master: &MasterKey,
        each: &mut dyn FnMut(&str, &mut dyn Read) -> Result<(), StationError>,
    ) -> Result<(), StationError> {
        let Header {
            part, backup, key, ..
        } = &self.header;
        let key = station_key(master)?
            .open_key(&Header::place(*part, *backup), key)
            .map_err(|_| {
                StationError::BackupDamaged("its header does not belong to this key".to_owned())
            })?;
        let place = sha256(&self.text);
        let mut plain = OpenReader::new(self.rest, key, &place.0);
        let damaged = |error: io::Error| StationError::BackupDamaged(error.to_string());
        loop {
            let mut length = [0; 2];
            if plain.read(&mut length[..1]).map_err(damaged)? == 0 {
                return Ok(());
            }
            plain.read_exact(&mut length[1..]).map_err(damaged)?;
            let mut name = vec![0; usize::from(u16::from_be_bytes(length))];
            plain.read_exact(&mut name).map_err(damaged)?;
            let name = String::from_utf8(name)
                .ok()
                .filter(|name| is_tame(name))
                .ok_or_else(|| {
                    StationError::BackupDamaged("a file in it has no name that may be".to_owned())
                })?;
            let mut length = [0; 8];
            plain.read_exact(&mut length).map_err(damaged)?;
            let mut file = (&mut plain).take(u64::from_be_bytes(length));
            each(&name, &mut file)?;
            if file.limit() > 0 {
                return Err(StationError::BackupDamaged(format!("{name} is cut short")));
            }
        }
    }
}

/// The key that seals the keys of backups' files.
pub(super) fn station_key(master: &MasterKey) -> Result<Key, StationError> {
    Ok(master.derive("backup")?)
}

/// A path that stays in the folder it is unpacked in.
fn is_tame(name: &str) -> bool {
    !name.is_empty()
        && name.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_backup_leads_nowhere_else() {
        for name in [
            "lictor.db",
            "ledger/tile/entries/x001/002.p/17",
            "policy/access.cedar",
        ] {
            assert!(is_tame(name), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "a\\b",
            "a\0b",
            ".x",
        ] {
            assert!(!is_tame(name), "{name}");
        }
    }
}
