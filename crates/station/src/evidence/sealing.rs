//! The form in which a bag leaves: file by file, or as one file that only its recipients open.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crypt::{AgeRecipient, AgeWriter, Random};
use govern::{BookEvidence, LeavesAs};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::{EvidencePart, Takes, folder_name};

/// Hands a bag on in the form in which its act has it leave.
pub(super) struct HandOn<'a> {
    take: Takes<'a>,
    form: Form<'a>,
    files: u64,
}

enum Form<'a> {
    Folder,
    /// One that is sealed, and nothing of it has left.
    ToBeSealed {
        folder: String,
        to: Vec<AgeRecipient>,
        random: &'a dyn Random,
    },
    Sealed(Box<SealedBag>),
}

impl<'a> HandOn<'a> {
    pub(super) fn new(act: &BookEvidence, take: Takes<'a>, random: &'a dyn Random) -> Self {
        let form = match &act.leaves {
            LeavesAs::FolderOn { .. } => Form::Folder,
            LeavesAs::SealedFor(recipients) => Form::ToBeSealed {
                folder: folder_name(&act.number),
                to: recipients.iter().map(|one| one.key.clone()).collect(),
                random,
            },
        };
        Self {
            take,
            form,
            files: 0,
        }
    }

    pub(super) fn put(&mut self, part: EvidencePart<'_>) -> io::Result<()> {
        let EvidencePart::File { path, bytes } = part else {
            return (self.take)(part);
        };
        self.files += 1;
        if let Form::ToBeSealed { folder, to, random } = &self.form {
            self.form = Form::Sealed(Box::new(SealedBag::new(folder, to, *random)?));
        }
        match &mut self.form {
            Form::Sealed(bag) => {
                let sealed = bag.add(path, bytes)?;
                (self.take)(EvidencePart::Sealed(&sealed))
            }
            Form::Folder | Form::ToBeSealed { .. } => (self.take)(part),
        }
    }

    /// Hands on what is still to come. Returns how many files the bag has.
    pub(super) fn finish(self) -> io::Result<u64> {
        if let Form::Sealed(bag) = self.form {
            (self.take)(EvidencePart::Sealed(&bag.finish()?))?;
        }
        Ok(self.files)
    }
}

/// A ZIP file in age's format, in which the bag is a folder.
struct SealedBag {
    zip: ZipWriter<StreamWriter<AgeWriter<Waiting>>>,
    folder: String,
    waiting: Waiting,
}

impl SealedBag {
    fn new(folder: &str, to: &[AgeRecipient], random: &dyn Random) -> io::Result<Self> {
        let waiting = Waiting::default();
        let sealing = AgeWriter::new(waiting.clone(), to, random)?;
        Ok(Self {
            zip: ZipWriter::new_stream(sealing),
            folder: folder.to_owned(),
            waiting,
        })
    }

    /// What is sealed by now.
    fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<Vec<u8>> {
        // Pictures are compressed already, and what is sealed does not shrink.
        let stored = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(u32::try_from(bytes.len()).is_err());
        self.zip
            .start_file(format!("{}/{path}", self.folder), stored)
            .map_err(io::Error::other)?;
        self.zip.write_all(bytes)?;
        Ok(self.waiting.take())
    }

    /// The rest of it.
    fn finish(self) -> io::Result<Vec<u8>> {
        let sealing = self.zip.finish().map_err(io::Error::other)?;
        sealing.into_inner().finish()?;
        Ok(self.waiting.take())
    }
}

/// What was sealed and not yet handed on.
#[derive(Clone, Default)]
struct Waiting(Rc<RefCell<Vec<u8>>>);

impl Waiting {
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
