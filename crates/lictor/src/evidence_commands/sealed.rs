//! A bag as one file that only named recipients open (D35): for media that are not encrypted themselves.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crypt::{
    AgeError, AgeIdentity, AgeReader, AgeRecipient, AgeWriter, DigestWriter, SystemRandom,
};
use durable::Whole;
use evidence::{Finding, Trust, Verified, verify};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::Complaint;

type Sealing = AgeWriter<DigestWriter<Whole>>;

/// A sealed bag that is being written: nothing of it is there before it is whole.
pub(super) struct SealedBag {
    zip: ZipWriter<StreamWriter<Sealing>>,
    /// The folder in it.
    folder: String,
    path: PathBuf,
}

impl SealedBag {
    pub(super) fn create(
        medium: &Path,
        folder: &str,
        to: &[AgeRecipient],
    ) -> Result<Self, Complaint> {
        let path = medium.join(format!("{folder}.zip.age"));
        if path.exists() {
            return Err(Complaint::of(format!(
                "{}: there is something here already; evidence replaces nothing",
                path.display()
            )));
        }
        let named = |e: io::Error| Complaint::of(format!("{}: {e}", path.display()));
        let whole = DigestWriter::new(Whole::create(&path).map_err(named)?);
        let sealing = AgeWriter::new(whole, to, &SystemRandom).map_err(named)?;
        Ok(Self {
            zip: ZipWriter::new_stream(sealing),
            folder: folder.to_owned(),
            path,
        })
    }

    pub(super) fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
        // Pictures are compressed already, and what is sealed does not shrink.
        let stored = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(u32::try_from(bytes.len()).is_err());
        let name = format!("{}/{}", self.folder, path.display());
        let started = self.zip.start_file(name, stored).map_err(io::Error::other);
        started
            .and_then(|()| self.zip.write_all(bytes))
            .map_err(|e| Complaint::of(format!("{}: {e}", self.path.display())))
    }

    /// Puts it in its place and reads it back: byte for byte what was sealed.
    pub(super) fn finish(self) -> Result<PathBuf, Complaint> {
        let Self { zip, path, .. } = self;
        let named = |e: io::Error| Complaint::of(format!("{}: {e}", path.display()));
        let sealing = zip.finish().map_err(|e| named(io::Error::other(e)))?;
        let written = sealing.into_inner().finish().map_err(named)?;
        let digest = written.digest_with(&[]);
        written.into_inner().finish().map_err(named)?;
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

/// The recipients that a command names.
pub(super) fn recipients(named: &[String]) -> Result<Vec<AgeRecipient>, Complaint> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|e: AgeError| Complaint::of(format!("{text}: {e}")))
    };
    named.iter().map(parse).collect()
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
