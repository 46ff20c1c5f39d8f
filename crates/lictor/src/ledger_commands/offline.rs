//! What needs no running station: nothing but the ledger's files and its key.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ledger::{Against, Entry, Event, SignedHead, Verified, VerifyingKey, WitnessPublicKey};

use super::{Kept, Verifying};
use crate::{Complaint, complain, say};

impl Kept {
    /// Where the log lies, and its key.
    pub(crate) fn open(&self) -> Result<(PathBuf, VerifyingKey), Complaint> {
        let inside = self.folder.join("ledger");
        let root = if inside.is_dir() {
            inside
        } else {
            self.folder.clone()
        };
        let path = (self.key.clone()).unwrap_or_else(|| self.folder.join("ledger.pub"));
        let key = VerifyingKey::from_text(&read(&path)?).map_err(Complaint::of)?;
        Ok((root, key))
    }
}

pub(super) fn read(path: &Path) -> Result<String, Complaint> {
    fs::read_to_string(path).map_err(|e| Complaint::of(format!("{}: {e}", path.display())))
}

pub(super) fn verify(verifying: &Verifying) -> Result<ExitCode, Complaint> {
    let (root, key) = verifying.kept.open()?;
    let against = Against {
        heads: verifying
            .head
            .iter()
            .map(|path| read(path))
            .collect::<Result<_, _>>()?,
        witnesses: (verifying.witness.iter())
            .map(|path| WitnessPublicKey::from_text(&read(path)?).map_err(Complaint::of))
            .collect::<Result<_, _>>()?,
    };
    match ledger::verify_against(&root, &key, &against) {
        Ok(verified) => {
            tell(&verified, &key)?;
            if verifying.kept.key.is_none() {
                say(
                    "  the key is the folder's own copy: compare it with the one that was published (--key)",
                )?;
            }
            tell_witnesses(&root, &key, &verified, &against)?;
            tell_lost(&root, &key)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(finding) => {
            complain(&format!("DAMAGED: {finding}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn tell(verified: &Verified, key: &VerifyingKey) -> Result<(), Complaint> {
    say(format!(
        "intact: {} entries, each as it was written",
        verified.signed
    ))?;
    if verified.newer > 0 {
        say(format!(
            "  and {} newer than the signed head",
            verified.newer
        ))?;
    }
    say(format!(
        "  head {} signed by {}",
        verified.root,
        key.as_text()
    ))?;
    Ok(())
}

fn tell_witnesses(
    root: &Path,
    key: &VerifyingKey,
    verified: &Verified,
    against: &Against,
) -> Result<(), Complaint> {
    for cosigned in &verified.cosigned {
        say(format!(
            "  the first {} entries cosigned by {} at {}",
            cosigned.size, cosigned.witness, cosigned.at
        ))?;
    }
    let kept = ledger::witnessed_heads(root, key).map_err(Complaint::of)?;
    if verified.cosigned.is_empty() {
        match kept.first() {
            Some(head) if against.witnesses.is_empty() => say(format!(
                "  a head of {} entries with a witness's signature lies beside it, NOT CHECKED: give the witness's key (--witness)",
                head.size
            ))?,
            _ => say(
                "  not cosigned by a witness: that this is the newest head cannot be told from here",
            )?,
        }
    }
    let given = verified.heads - kept.len();
    if given > 0 {
        say(format!(
            "  continues the {given} head(s) given: nothing of theirs is missing or changed"
        ))?;
    }
    Ok(())
}

/// What is lost of the ledger that this one goes on from.
fn tell_lost(root: &Path, key: &VerifyingKey) -> Result<(), Complaint> {
    let first = ledger::first_entry(root, key).map_err(Complaint::of)?;
    if let Some(Entry {
        event:
            Event::Continued {
                head,
                missing: Some(missing),
                ..
            },
        ..
    }) = first
    {
        say(format!("  LOST: {}", missing.says(&head)))?;
    }
    Ok(())
}

pub(super) fn checkpoint(kept: &Kept) -> Result<ExitCode, Complaint> {
    let (root, key) = kept.open()?;
    let SignedHead { note, .. } = ledger::signed_head(&root, &key).map_err(Complaint::of)?;
    say(note.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn prove(kept: &Kept, entry: u64) -> Result<ExitCode, Complaint> {
    let (root, key) = kept.open()?;
    let proof = ledger::prove_entry(&root, &key, entry).map_err(Complaint::of)?;
    say(proof.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn check_proof(proof: &Path, key: &Path) -> Result<ExitCode, Complaint> {
    let key = VerifyingKey::from_text(&read(key)?).map_err(Complaint::of)?;
    match ledger::check_proof(&read(proof)?, &key) {
        Ok(proved) => {
            say(format!(
                "proved: entry {} of {} is, word for word\n{}",
                proved.index, proved.size, proved.entry
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            complain(&format!("NOT PROVED: {why}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

pub(super) fn export(kept: &Kept, to: &Path) -> Result<ExitCode, Complaint> {
    let (root, key) = kept.open()?;
    let head = ledger::export(&root, &key, &to.join("ledger")).map_err(Complaint::of)?;
    durable::replace(
        &to.join("ledger.pub"),
        format!("{}\n", key.as_text()).as_bytes(),
    )?;
    say(format!(
        "{} entries and their head are in {}. Whoever has them checks them with:\nlictor ledger verify {} --key PUBLISHED",
        head.size,
        to.display(),
        to.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
