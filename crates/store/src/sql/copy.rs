//! A copy of an SQLite database as it stood at one moment.

use std::path::{Path, PathBuf};

use crypt::Key;
use durable::Disk;
use rusqlite::backup::Backup;

use super::{Connection, sqlite};
use crate::StoreError;

/// The copy, encrypted as the database is. The file is removed with it.
pub(crate) struct Copy {
    file: PathBuf,
    db: Option<rusqlite::Connection>,
}

impl Copy {
    /// Copies `from` into `file` while others go on writing (SQLite's online backup), and checks the
    /// copy.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the copy is not whole; what the disk says.
    pub(super) fn make(from: &Path, key: &Key, file: &Path) -> Result<Self, StoreError> {
        remove(file).map_err(|source| StoreError::File {
            path: file.to_owned(),
            source,
        })?;
        let mut copy = Self {
            file: file.to_owned(),
            db: None,
        };
        let from = sqlite::connect(from, key)?;
        let mut to = sqlite::connect(file, key)?;
        // One moment: a reader is not disturbed by whoever writes meanwhile.
        from.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
        Backup::new(&from, &mut to)?.step(-1)?;
        // A journal on the disk would keep what is taken out of the copy.
        to.pragma_update(None, "journal_mode", "MEMORY")?;
        to.pragma_update(None, "secure_delete", "ON")?;
        let whole: String = to.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
        copy.db = Some(to);
        if whole == "ok" {
            Ok(copy)
        } else {
            Err(StoreError::damaged(format!("the database: {whole}")))
        }
    }

    /// Keeps the copy, under another key, durably.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn keep_under(mut self, key: &Key) -> Result<(), StoreError> {
        let Some(db) = self.db.take() else {
            return Err(StoreError::damaged("the copy of the database is closed"));
        };
        db.pragma_update(None, "rekey", sqlite::raw(key))?;
        db.close().map_err(|(_, error)| error)?;
        let file = std::mem::take(&mut self.file);
        let synced = durable::RealDisk
            .open(&file)
            .and_then(|mut open| open.sync());
        synced.map_err(|source| StoreError::File { path: file, source })
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Reads or changes the copy.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.db {
            Some(db) => work(&mut sqlite::Open(db)),
            None => Err(StoreError::damaged("the copy of the database is closed")),
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.db = None;
        if self.file.as_os_str().is_empty() {
            return;
        }
        // What cannot be removed is overwritten by the next copy.
        let _ = remove(&self.file);
    }
}

fn remove(file: &Path) -> std::io::Result<()> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|end| {
        let mut path = file.as_os_str().to_owned();
        path.push(end);
        durable::remove(Path::new(&path))
    })
}
