//! A bag as one file that only its recipients open, as the station sealed it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crypt::{AgeIdentity, AgeReader, DigestWriter};
use durable::Whole;
use evidence::{Finding, Trust, Verified, verify};
use indicatif::ProgressBar;
use zip::ZipArchive;

use super::writing::of_medium;
use crate::Complaint;

/// A sealed bag that is being written: nothing of it is there before it is whole.
pub(super) struct SealedBag {
    whole: DigestWriter<Whole>,
    path: PathBuf,
    progress: ProgressBar,
}

impl SealedBag {
    pub(super) fn create(
        medium: &Path,
        name: &str,
        progress: ProgressBar,
    ) -> Result<Self, Complaint> {
        let path = medium.join(format!("{name}.zip.age"));
        if path.exists() {
            return Err(Complaint::of(format!(
                "{}: there is something here already; evidence replaces nothing",
                path.display()
            )));
        }
        let whole = Whole::create(&path).map_err(|e| of_medium(&path, &e))?;
        Ok(Self {
            whole: DigestWriter::new(whole),
            path,
            progress,
        })
    }

    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), Complaint> {
        let written = self.whole.write_all(bytes);
        written.map_err(|e| of_medium(&self.path, &e))?;
        self.progress.inc(bytes.len() as u64);
        Ok(())
    }

    /// Puts it in its place and reads it back: byte for byte what came.
    pub(super) fn finish(self) -> Result<PathBuf, Complaint> {
        let Self {
            whole,
            path,
            progress,
        } = self;
        progress.finish_and_clear();
        let digest = whole.digest_with(&[]);
        let named = |e: io::Error| of_medium(&path, &e);
        whole.into_inner().finish().map_err(named)?;
        let mut again = DigestWriter::new(io::sink());
        io::copy(&mut File::open(&path).map_err(named)?, &mut again).map_err(named)?;
        if again.digest_with(&[]) != digest {
            return Err(Complaint::of(format!(
                "{}: read back, it is not what was written: this medium is not to be trusted",
                path.display()
            )));
        }
        Ok(path)
    }
}

/// Opens a sealed bag into a folder of its own, which nobody else may look into and which is gone
/// afterwards, and verifies it there.
pub(super) fn verify_sealed(
    path: &Path,
    identities: &[PathBuf],
    trust: &Trust,
) -> Result<Result<Verified, Vec<Finding>>, Complaint> {
    let named = |e: &dyn std::fmt::Display| Complaint::of(format!("{}: {e}", path.display()));
    if identities.is_empty() {
        return Err(named(
            &"it is sealed for its recipients: give the identity of one (--identity FILE)",
        ));
    }
    let mut all = Vec::new();
    for file in identities {
        let text = fs::read_to_string(file);
        let text = text.map_err(|e| Complaint::of(format!("{}: {e}", file.display())))?;
        let own = AgeIdentity::all_of(&text);
        all.extend(own.map_err(|e| Complaint::of(format!("{}: {e}", file.display())))?);
    }
    let sealed = File::open(path).map_err(|e| named(&e))?;
    let mut opened = AgeReader::open(sealed, &all).map_err(|e| named(&e))?;
    let mut plain = tempfile::tempfile()?;
    io::copy(&mut opened, &mut plain).map_err(|e| named(&e))?;
    let into = tempfile::tempdir()?;
    let mut zip = ZipArchive::new(plain).map_err(|e| named(&e))?;
    zip.extract(into.path()).map_err(|e| named(&e))?;
    let mut folders = fs::read_dir(into.path())?;
    let folder = match (folders.next(), folders.next()) {
        (Some(folder), None) => folder?.path(),
        _ => return Err(named(&"what is sealed in it is no bag")),
    };
    Ok(verify(&folder, trust))
}
