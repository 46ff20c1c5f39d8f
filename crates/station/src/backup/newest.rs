//! The newest copy of the ledger that is left, and what of the ledger is lost.

use std::fs;
use std::path::Path;

use ledger::{Head, Ledger, Missing, SigningKey, VerifyingKey};

use super::restore::{Restore, damaged, write};
use crate::{Files, StationError};

/// The ledger that a restored station goes on from.
pub(super) struct Newest {
    /// It, with whatever is left of it.
    pub(super) ledger: Ledger,
    /// Its end, where that is lost: a new ledger goes on from it.
    pub(super) lost: Option<Lost>,
}

/// The end of a ledger that nobody has any more.
pub(super) struct Lost {
    /// The last head that is known, a note.
    pub(super) head: String,
    /// What is missing.
    pub(super) missing: Missing,
}

/// A head that somebody kept.
struct Known {
    head: Head,
    note: String,
}

impl Known {
    fn read(path: &Path, key: &VerifyingKey) -> Result<Self, StationError> {
        let note = fs::read_to_string(path).map_err(|e| StationError::file(path, e))?;
        match Head::read(note.as_bytes(), key) {
            Ok(head) => Ok(Self { head, note }),
            Err(e) => refuse(format!("{}: {e}", path.display())),
        }
    }
}

/// Puts the newest copy of the ledger into the folder and opens it.
pub(super) fn newest_ledger(
    folder: &Path,
    from: &Restore<'_>,
    signing: SigningKey,
) -> Result<Newest, StationError> {
    let key = signing.verifying().clone();
    let own = Files(folder).ledger();
    let of_backup = Known::read(&own.join("checkpoint"), &key)?;
    if !ledger::goes_on_from(&own, &of_backup.head)? {
        return Err(damaged("its ledger is not the one that was signed"));
    }
    let mut last = match from.ledger {
        Some(copy) => put_newer(&own, copy, of_backup, &key)?,
        None => of_backup,
    };
    let ledger = Ledger::open(&own, signing)?;
    let mut is_newest = from.ledger.is_some();
    for path in from.heads {
        let known = Known::read(path, &key)?;
        let size = known.head.size;
        if size <= ledger.size() && !ledger::goes_on_from(&own, &known.head)? {
            return refuse(format!(
                "the head in {} is signed by this station and is not of this ledger: the log was forked",
                path.display()
            ));
        }
        is_newest |= size == ledger.size();
        if size > last.head.size {
            last = known;
        }
    }
    let missing = Missing {
        from: ledger.size(),
        signed: last.head.size.max(ledger.size()),
    };
    let lost = Lost {
        head: last.note,
        missing,
    };
    let all_there = is_newest && missing.signed == missing.from;
    match (all_there, from.lost.is_some()) {
        (true, false) => Ok(Newest { ledger, lost: None }),
        (false, true) => Ok(Newest {
            ledger,
            lost: Some(lost),
        }),
        (true, true) => refuse("no entry is missing: restore without --lost".to_owned()),
        (false, false) if missing.signed > missing.from => refuse(format!(
            "entries {} to {} were signed and are not here: look for a newer copy of the ledger. If there \
             is none, two members with an office sign that they are lost, and a new ledger goes on without \
             them (--lost)",
            missing.from,
            missing.signed - 1
        )),
        (false, false) => refuse(
            "what was taken away since this backup was made stands in the newest ledger alone: give what is \
             left of the station's own, or a copy of it (--ledger), or the newest head that somebody else \
             keeps, if it is no newer than the backup's (--head). If nothing of it is left, two members with \
             an office sign that (--lost)"
                .to_owned(),
        ),
    }
}

/// Puts the copy in the place of the backup's own ledger, if it is newer. The head of the longer one.
fn put_newer(
    own: &Path,
    copy: &Path,
    of_backup: Known,
    key: &VerifyingKey,
) -> Result<Known, StationError> {
    let newest = [copy.join("ledger"), copy.to_owned()]
        .into_iter()
        .find(|root| root.join("checkpoint").is_file())
        .unwrap_or_else(|| copy.to_owned());
    if let Err(finding) = ledger::verify(&newest, key) {
        return refuse(format!(
            "the ledger in {} is damaged: {finding}",
            newest.display()
        ));
    }
    let of_copy = Known::read(&newest.join("checkpoint"), key)?;
    let is_longer = of_copy.head.size >= of_backup.head.size;
    let (shorter, longer) = if is_longer {
        (&of_backup, newest.as_path())
    } else {
        (&of_copy, own)
    };
    if !ledger::goes_on_from(longer, &shorter.head)? {
        return refuse(format!(
            "the ledger in {} and the backup's part ways: one of them is not this station's",
            newest.display()
        ));
    }
    if !is_longer {
        return Ok(of_backup);
    }
    fs::remove_dir_all(own).map_err(|e| StationError::file(own, e))?;
    copy_folder(&newest, own)?;
    Ok(of_copy)
}

fn refuse<T>(words: String) -> Result<T, StationError> {
    Err(StationError::Restore(words))
}

/// Copies a ledger's files, without its lock and what a crash left half written.
fn copy_folder(from: &Path, to: &Path) -> Result<(), StationError> {
    let failed = |e| StationError::file(from, e);
    durable::create_folder(to).map_err(|e| StationError::file(to, e))?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy_folder(&path, &to.join(&name))?;
        } else if name != "lock" && path.extension().is_none_or(|e| e != "writing") {
            let mut file = fs::File::open(&path).map_err(|e| StationError::file(&path, e))?;
            write(&to.join(&name), &mut file)?;
        }
    }
    Ok(())
}
