//! What a log shows to others, and what witnesses said of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crypt::Digest;
use durable::{Disk, RealDisk};
use tlog_tiles::Checkpoint;

use crate::cosign::{Cosignature, WitnessPublicKey};
use crate::files::{LogFiles, failed};
use crate::log::{Log, parse};
use crate::proof::{TreeOnDisk, prove};
use crate::tiles::{WIDTH, path, split_bundle};
use crate::witness::Submission;
use crate::{Entry, LedgerError, VerifyingKey};

/// A signed head: a note as c2sp.org/tlog-checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// How many entries it is over.
    pub size: u64,
    /// The note, with the log's signature.
    pub note: String,
}

impl Log {
    /// The newest signed head.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn head(&self) -> Result<SignedHead, LedgerError> {
        Ok(read_head(self.files(), self.verifying())?.1)
    }

    /// What is sent to a witness that has seen `old` entries: the newest head, with the proof that it
    /// continues those.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the witness has seen more than there is: the log was rolled back.
    pub(crate) fn submission(&self, old: u64) -> Result<(SignedHead, String), LedgerError> {
        // No tile is tidied away meanwhile; nobody who writes waits.
        let _sealing = self.sealer();
        let (_, head) = read_head(self.files(), self.verifying())?;
        if old > head.size {
            return Err(rolled_back(old, head.size));
        }
        let proof = TreeOnDisk::new(self.files(), head.size).consistency(old)?;
        let text = Submission::text(old, &proof, &head.note);
        Ok((head, text))
    }

    /// Keeps a witness's answer to the submission of `head`.
    ///
    /// # Errors
    /// [`LedgerError::NotCosigned`] when it is not that witness's cosignature of that head.
    pub(crate) fn keep_cosignature(
        &self,
        witness: &WitnessPublicKey,
        head: &SignedHead,
        answer: &str,
    ) -> Result<Cosignature, LedgerError> {
        let note = format!("{}{answer}", head.note);
        let at = (witness.cosigned_at(note.as_bytes()))
            .ok_or_else(|| LedgerError::NotCosigned(witness.name().to_owned()))?;
        let kept = [(witnessed(self.files()).join(witness.file_name()), note)];
        durable::replace_all(&*self.files().disk, &kept).map_err(failed(&self.files().root))?;
        Ok(Cosignature {
            witness: witness.name().to_owned(),
            at,
            size: head.size,
        })
    }

    /// The newest cosignature of each of these witnesses.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(crate) fn cosignatures(
        &self,
        witnesses: &[WitnessPublicKey],
    ) -> Result<Vec<Cosignature>, LedgerError> {
        cosignatures(self.files(), self.verifying(), witnesses)
    }

    /// Whether the log still has every entry of a head that it signed once, kept elsewhere.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it was rolled back or rewritten.
    pub(crate) fn continues(&self, note: &str) -> Result<(), LedgerError> {
        let damaged = |what: String| LedgerError::Damaged(what);
        let kept = (self.verifying().open(note.as_bytes()))
            .map_err(|e| damaged(format!("the head that is kept elsewhere: {e}")))?;
        let _sealing = self.sealer();
        let (head, _) = read_head(self.files(), self.verifying())?;
        if kept.size() > head.size() {
            return Err(rolled_back(kept.size(), head.size()));
        }
        let tree = TreeOnDisk::new(self.files(), head.size());
        if tree.root(kept.size())? == *kept.hash() {
            Ok(())
        } else {
            Err(damaged(format!(
                "its first {} entries are not the ones that were signed: it was rewritten",
                kept.size()
            )))
        }
    }

    /// The tree's hash over the first `size` entries, which are signed.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchEntry`]; [`LedgerError::Damaged`].
    pub(crate) fn root_of(&self, size: u64) -> Result<Digest, LedgerError> {
        let _sealing = self.sealer();
        let (head, _) = read_head(self.files(), self.verifying())?;
        if size > head.size() {
            return Err(LedgerError::NoSuchEntry(size - 1));
        }
        let root = TreeOnDisk::new(self.files(), head.size()).root(size)?;
        Ok(Digest(root.0))
    }

    /// Proves that an entry stands under the newest head: a text as c2sp.org/tlog-proof says, that
    /// carries the entry.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchEntry`]; [`LedgerError::Damaged`].
    pub(crate) fn prove(&self, index: u64) -> Result<String, LedgerError> {
        let _sealing = self.sealer();
        let (head, SignedHead { note, .. }) = read_head(self.files(), self.verifying())?;
        prove(self.files(), &head, &note, index)
    }
}

/// Proves an entry of the log in `root`, which need not be running.
///
/// # Errors
/// As [`crate::Ledger::prove`].
pub fn prove_entry(root: &Path, key: &VerifyingKey, index: u64) -> Result<String, LedgerError> {
    let files = on_the_machine(root);
    let (head, SignedHead { note, .. }) = read_head(&files, key)?;
    prove(&files, &head, &note, index)
}

/// The newest signed head of the log in `root`.
///
/// # Errors
/// When there is none that `key` signed.
pub fn signed_head(root: &Path, key: &VerifyingKey) -> Result<SignedHead, LedgerError> {
    Ok(read_head(&on_the_machine(root), key)?.1)
}

/// The entries of the log in `root` from number `first` on, as they lie there: not verified, and those
/// that nobody was told of yet among them.
///
/// # Errors
/// When a file cannot be read, or holds an entry that is none.
pub fn entries_from(root: &Path, first: u64) -> Result<Vec<Entry>, LedgerError> {
    let files = on_the_machine(root);
    let mut entries = Vec::new();
    let mut next = first;
    while let Some(bundle) = files.bundle(next / WIDTH as u64)? {
        for entry in split_bundle(&bundle)
            .0
            .iter()
            .skip((next % WIDTH as u64) as usize)
        {
            entries.push(parse(next, entry)?);
            next += 1;
        }
    }
    for entry in files.newest_from(next)? {
        // The last may have been cut short by a crash.
        let Ok(entry) = parse(next, &entry) else {
            break;
        };
        entries.push(entry);
        next += 1;
    }
    Ok(entries)
}

/// Hands over the first `count` entries of the log in `root`, which are under its signed head, in order and a
/// bundle at a time: not verified.
///
/// # Errors
/// [`LedgerError::NoSuchEntry`] when fewer are signed; [`LedgerError::Damaged`].
pub fn each_entry(
    root: &Path,
    key: &VerifyingKey,
    count: u64,
    each: &mut dyn FnMut(u64, &Entry),
) -> Result<(), LedgerError> {
    let files = on_the_machine(root);
    let size = read_head(&files, key)?.1.size;
    if count > size {
        return Err(LedgerError::NoSuchEntry(count - 1));
    }
    let mut next = 0;
    while next < count {
        let n = next / WIDTH as u64;
        let width = (size - next).min(WIDTH as u64) as usize;
        let bundle = path(root, "entries", n, width);
        let bytes = files.read(&bundle)?.unwrap_or_default();
        let entries = split_bundle(&bytes).0;
        if entries.len() < width {
            return Err(LedgerError::Damaged(format!(
                "{} is not whole",
                bundle.display()
            )));
        }
        for entry in entries {
            if next < count {
                each(next, &parse(next, entry)?);
            }
            next += 1;
        }
    }
    Ok(())
}

/// The tree's hash over the first `size` entries of the log in `root`.
///
/// # Errors
/// As [`each_entry`].
pub fn root_over(root: &Path, key: &VerifyingKey, size: u64) -> Result<Digest, LedgerError> {
    let files = on_the_machine(root);
    let (head, _) = read_head(&files, key)?;
    if size > head.size() {
        return Err(LedgerError::NoSuchEntry(size - 1));
    }
    let root = TreeOnDisk::new(&files, head.size()).root(size)?;
    Ok(Digest(root.0))
}

/// The first entry of the log in `root`, which says what it goes on from, if it does.
///
/// # Errors
/// As [`entries_from`].
pub fn first_entry(root: &Path, key: &VerifyingKey) -> Result<Option<Entry>, LedgerError> {
    let files = on_the_machine(root);
    let size = read_head(&files, key)?.1.size;
    let width = usize::try_from(size).unwrap_or(WIDTH).min(WIDTH);
    let bundle = files.read(&path(root, "entries", 0, width))?;
    let first = bundle.as_deref().map(split_bundle);
    let first = first.as_ref().and_then(|(entries, _)| entries.first());
    first.map(|entry| parse(0, entry)).transpose()
}

/// Every head in `root` that a witness cosigned, newest first, as notes.
///
/// # Errors
/// When one cannot be read, or is not the log's.
pub fn witnessed_heads(root: &Path, key: &VerifyingKey) -> Result<Vec<SignedHead>, LedgerError> {
    let mut heads = kept_heads(&on_the_machine(root), key)?;
    heads.sort_by_key(|head| std::cmp::Reverse(head.size));
    Ok(heads)
}

pub(crate) fn kept_heads(
    files: &LogFiles,
    key: &VerifyingKey,
) -> Result<Vec<SignedHead>, LedgerError> {
    let folder = witnessed(files);
    let names = match files.disk.names(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed(&folder))?,
    };
    let mut heads = Vec::new();
    for name in names.iter().filter(|name| !name.contains('.')) {
        let path = folder.join(name);
        let note = files.read(&path)?.unwrap_or_default();
        let head = (key.open(&note))
            .map_err(|e| LedgerError::Damaged(format!("{}: {e}", path.display())))?;
        heads.push(SignedHead {
            size: head.size(),
            note: String::from_utf8_lossy(&note).into_owned(),
        });
    }
    Ok(heads)
}

pub(crate) fn cosignatures(
    files: &LogFiles,
    key: &VerifyingKey,
    witnesses: &[WitnessPublicKey],
) -> Result<Vec<Cosignature>, LedgerError> {
    let heads = kept_heads(files, key)?;
    let of = |witness: &WitnessPublicKey| {
        let cosigned = heads.iter().filter_map(|head| {
            Some(Cosignature {
                witness: witness.name().to_owned(),
                at: witness.cosigned_at(head.note.as_bytes())?,
                size: head.size,
            })
        });
        cosigned.max_by_key(|cosignature| cosignature.at)
    };
    Ok(witnesses.iter().filter_map(of).collect())
}

fn on_the_machine(root: &Path) -> LogFiles {
    LogFiles {
        disk: Arc::new(RealDisk) as Arc<dyn Disk>,
        root: root.to_owned(),
    }
}

fn witnessed(files: &LogFiles) -> PathBuf {
    files.root.join("witnessed")
}

pub(crate) fn read_head(
    files: &LogFiles,
    key: &VerifyingKey,
) -> Result<(Checkpoint, SignedHead), LedgerError> {
    let note = files.read(&files.checkpoint())?;
    let note = note.ok_or_else(|| LedgerError::Damaged("its signed head is missing".to_owned()))?;
    let head = key
        .open(&note)
        .map_err(|e| LedgerError::Damaged(format!("its signed head: {e}")))?;
    let note = String::from_utf8_lossy(&note).into_owned();
    let size = head.size();
    Ok((head, SignedHead { size, note }))
}

fn rolled_back(kept: u64, there: u64) -> LedgerError {
    LedgerError::Damaged(format!(
        "it was rolled back: {kept} entries were signed and are known elsewhere, {there} are here; \
         the first that is missing is entry {there}"
    ))
}

/// Copies the log in `root` as it stands under its newest head into the new folder `to`: tiles,
/// entries, the head, and the heads that witnesses cosigned. The station may go on writing.
///
/// # Errors
/// When `to` is not new; what the disk says.
pub fn export(root: &Path, key: &VerifyingKey, to: &Path) -> Result<SignedHead, LedgerError> {
    // Sealing tidies partial tiles away: then there is a newer head to copy.
    const TRIES: usize = 10;
    let (files, copy) = (on_the_machine(root), on_the_machine(to));
    if files.disk.names(to).is_ok_and(|names| !names.is_empty()) {
        return Err(LedgerError::Damaged(format!(
            "{} is not empty: an export goes into a new folder",
            to.display()
        )));
    }
    let mut tried = 1;
    loop {
        let (checkpoint, head) = read_head(&files, key)?;
        match copy_under(&files, &copy, checkpoint.size()) {
            Err(_) if tried < TRIES && read_head(&files, key)?.1 != head => tried += 1,
            Err(error) => return Err(error),
            Ok(()) => {
                let mut heads = vec![(copy.checkpoint(), head.note.clone())];
                for (n, kept) in kept_heads(&files, key)?.into_iter().enumerate() {
                    heads.push((witnessed(&copy).join(n.to_string()), kept.note));
                }
                durable::replace_all(&*copy.disk, &heads).map_err(failed(to))?;
                return Ok(head);
            }
        }
    }
}

/// Copies every tile and bundle of the first `size` entries.
fn copy_under(from: &LogFiles, to: &LogFiles, size: u64) -> Result<(), LedgerError> {
    let one = |level: &str, n: u64, width: usize| {
        let source = path(&from.root, level, n, width);
        let bytes = (from.read(&source)?)
            .ok_or_else(|| LedgerError::Damaged(format!("{} is missing", source.display())))?;
        let copy = [(path(&to.root, level, n, width), bytes)];
        durable::replace_all(&*to.disk, &copy).map_err(failed(&to.root))
    };
    let mut hashes = size;
    for level in 0.. {
        if hashes == 0 {
            return Ok(());
        }
        let (full, rest) = (hashes / WIDTH as u64, (hashes % WIDTH as u64) as usize);
        let names = [
            Some(level.to_string()),
            (level == 0).then(|| "entries".to_owned()),
        ];
        for name in names.iter().flatten() {
            for n in 0..full {
                one(name, n, WIDTH)?;
            }
            if rest > 0 {
                one(name, full, rest)?;
            }
        }
        hashes = full;
    }
    Ok(())
}
