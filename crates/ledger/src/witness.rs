//! A witness: it cosigns the heads of a log that continue the ones it saw before, and no others
//! (c2sp.org/tlog-witness). What it has seen it keeps, durably, before it answers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crypt::sha256;
use durable::{Disk, RealDisk};
use jiff::Timestamp;
use signed_note::Note;
use tlog_tiles::{Checkpoint, Hash};

use crate::files::failed;
use crate::proof::{continues, hashes, number};
use crate::{LedgerError, VerifyingKey, WitnessKey};

/// The most proof lines that a submission may have, as the protocol says.
const MOST_HASHES: usize = 63;

/// A witness of some logs.
pub struct Witness {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    key: WitnessKey,
    logs: Vec<VerifyingKey>,
    /// One submission at a time: what is compared is what is then replaced.
    turn: Mutex<()>,
}

/// What a witness answers to a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// Cosigned: the signature line.
    Cosigned(String),
    /// The submission starts from another size than the one that was cosigned last: this.
    Conflict(u64),
    /// It is not worded as the protocol says.
    Malformed(&'static str),
    /// It is the head of a log that this witness does not know.
    UnknownLog,
    /// No key that is known for the log signed it.
    Unsigned,
    /// The proof does not hold: the head does not continue the one before.
    Unproven,
}

/// What a witness has to tell loudly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// In words.
    pub says: String,
    /// The file that keeps both heads as evidence.
    pub evidence: PathBuf,
}

/// The newest head that a witness has seen of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The log's name.
    pub origin: String,
    /// How many entries it had; none seen yet is 0.
    pub size: u64,
}

impl Witness {
    /// Opens the witness whose memory is `folder`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(
        folder: &Path,
        key: WitnessKey,
        logs: Vec<VerifyingKey>,
    ) -> Result<Self, LedgerError> {
        Self::open_on(Arc::new(RealDisk), folder, key, logs)
    }

    /// [`Witness::open`] on a disk of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        folder: &Path,
        key: WitnessKey,
        logs: Vec<VerifyingKey>,
    ) -> Result<Self, LedgerError> {
        let witness = Self {
            disk,
            folder: folder.to_owned(),
            key,
            logs,
            turn: Mutex::default(),
        };
        durable::create_folder_on(&*witness.disk, &witness.folder.join("alarms"))
            .map_err(failed(folder))?;
        // What cannot be read now must not be taken for nothing later.
        witness.seen()?;
        Ok(witness)
    }

    /// The witness's key.
    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// The newest head of each log.
    ///
    /// # Errors
    /// When what was seen cannot be read.
    pub fn seen(&self) -> Result<Vec<Seen>, LedgerError> {
        let mut seen = Vec::new();
        for log in &self.logs {
            let origin = log.origin().to_owned();
            let size = self.newest(log)?.map_or(0, |(head, _)| head.size());
            seen.push(Seen { origin, size });
        }
        Ok(seen)
    }

    /// How many alarms were raised, ever.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn alarms(&self) -> Result<usize, LedgerError> {
        let folder = self.folder.join("alarms");
        Ok(self.disk.names(&folder).map_err(failed(&folder))?.len())
    }

    /// Judges a submission: `old SIZE`, the proof's hashes a line each, an empty line, the head as a
    /// signed note. An alarm is raised where a log's own key signed what cannot be true together.
    ///
    /// # Errors
    /// When what was seen cannot be read or kept: nothing is cosigned then.
    pub fn submit(
        &self,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(WitnessAnswer, Option<Alarm>), LedgerError> {
        let Some(submission) = Submission::parse(body) else {
            let words = "a submission is: old SIZE, hashes, an empty line, a signed head";
            return Ok((WitnessAnswer::Malformed(words), None));
        };
        let known = |log: &&VerifyingKey| log.origin() == submission.head.origin();
        if !self.logs.iter().any(|log| known(&log)) {
            return Ok((WitnessAnswer::UnknownLog, None));
        }
        let signed = |log: &&VerifyingKey| log.open(submission.note.as_bytes()).is_ok();
        let Some(log) = self.logs.iter().filter(known).find(signed) else {
            return Ok((WitnessAnswer::Unsigned, None));
        };
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest(log)?;
        let (size, root) = (newest.as_ref()).map_or((0, tlog_tiles::EMPTY_HASH), |(head, _)| {
            (head.size(), *head.hash())
        });
        let new = (submission.head.size(), *submission.head.hash());
        let alarm = |says: String| {
            let before = newest.as_ref().map_or("", |(_, note)| note.as_str());
            self.raise(says, &[before, &submission.note])
        };
        let origin = submission.head.origin();
        if new.0 == size && new.1 != root {
            let says = format!(
                "FORK: {origin} signed two different heads of {size} entries. Somebody holds \
                 another history of this log than this witness saw"
            );
            return Ok((WitnessAnswer::Conflict(size), Some(alarm(says)?)));
        }
        let rolled_back = if new.0 < size {
            let says = format!(
                "ROLLBACK: {origin} showed {} entries; this witness has seen {size}",
                new.0
            );
            Some(alarm(says)?)
        } else {
            None
        };
        if submission.old > new.0 {
            let words = "the old size is larger than the head's";
            return Ok((WitnessAnswer::Malformed(words), rolled_back));
        }
        if submission.old != size {
            return Ok((WitnessAnswer::Conflict(size), rolled_back));
        }
        if !continues(&submission.proof, new, (size, root)) {
            let says = format!(
                "{origin} signed a head of {} entries that was not proved to continue the {size} \
                 that this witness saw: a fork, or a submission by somebody else",
                new.0
            );
            return Ok((WitnessAnswer::Unproven, Some(alarm(says)?)));
        }
        let kept = [(self.file(log), submission.note.as_bytes())];
        durable::replace_all(&*self.disk, &kept).map_err(failed(&self.folder))?;
        let text = submission.head.to_bytes();
        Ok((WitnessAnswer::Cosigned(self.key.cosign(&text, now)), None))
    }

    fn newest(&self, log: &VerifyingKey) -> Result<Option<(Checkpoint, String)>, LedgerError> {
        let path = self.file(log);
        let note = match self.disk.read_from(&path, 0) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed(&path))?,
        };
        let head = (log.open(&note))
            .map_err(|e| LedgerError::Damaged(format!("{}: {e}", path.display())))?;
        Ok(Some((head, String::from_utf8_lossy(&note).into_owned())))
    }

    /// One file a log, named by its origin's digest: origins are anybody's words.
    fn file(&self, log: &VerifyingKey) -> PathBuf {
        self.folder
            .join(sha256(log.origin().as_bytes()).to_string())
    }

    /// Keeps both heads, so that the fork can be shown to others.
    fn raise(&self, says: String, notes: &[&str]) -> Result<Alarm, LedgerError> {
        let text = format!("{says}\n\n{}", notes.join("\n"));
        // The same evidence is kept once, however often it is shown.
        let name = &sha256(text.as_bytes()).to_string()[..16];
        let evidence = self.folder.join("alarms").join(name);
        durable::replace_all(&*self.disk, &[(evidence.clone(), text)])
            .map_err(failed(&evidence))?;
        Ok(Alarm { says, evidence })
    }
}

/// A submission to a witness.
pub(crate) struct Submission {
    old: u64,
    proof: Vec<Hash>,
    head: Checkpoint,
    note: String,
}

impl Submission {
    /// What is sent to a witness that has seen `old` entries.
    pub(crate) fn text(old: u64, proof: &[Hash], note: &str) -> String {
        let lines: String = proof
            .iter()
            .map(|hash| BASE64_STANDARD.encode(hash.0) + "\n")
            .collect();
        format!("old {old}\n{lines}\n{note}")
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let (start, note) = text.split_once("\n\n")?;
        let mut lines = start.split('\n');
        let old = number(lines.next()?.strip_prefix("old ")?)?;
        let proof = hashes(lines)?;
        if proof.len() > MOST_HASHES {
            return None;
        }
        let head = Checkpoint::from_bytes(Note::from_bytes(note.as_bytes()).ok()?.text()).ok()?;
        Some(Self {
            old,
            proof,
            head,
            note: note.to_owned(),
        })
    }
}
