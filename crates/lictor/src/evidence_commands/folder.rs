//! A bag as a folder, in the clear, on an encrypted medium.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use durable::RealDisk;
use evidence::{INCOMPLETE, Trust, verify};
use indicatif::ProgressBar;

use super::writing::of_medium;
use crate::Complaint;
use crate::media_commands::OnVolume;

/// What stands in the folder until the bag is whole.
const NOT_WHOLE: &str = "This folder is not whole. The bag was still being written, or the medium filled up \
                         or was taken out. It is no evidence: book it again.\n";
/// Files are made durable together, so many bytes at a time.
const TOGETHER: usize = 8 << 20;

/// A folder that is being written: it has another name until it is whole.
pub(super) struct Folder {
    volume: OnVolume,
    name: String,
    /// Its name until then.
    part: String,
    /// Come and not yet durable; the last may go on.
    waiting: Vec<(PathBuf, Vec<u8>)>,
    bytes: usize,
    progress: ProgressBar,
}

impl Folder {
    /// A new folder, that says first of all that it is not whole.
    pub(super) fn create(
        volume: OnVolume,
        name: &str,
        progress: ProgressBar,
    ) -> Result<Self, Complaint> {
        let folder = Self {
            volume,
            name: name.to_owned(),
            part: format!("{name}.part"),
            waiting: Vec::new(),
            bytes: 0,
            progress,
        };
        if folder.volume.inside(name).exists() {
            return Err(Complaint::of(format!(
                "{}: there is something here already; evidence replaces nothing",
                folder.volume.shown(name).display()
            )));
        }
        match folder.begin_part() {
            Ok(()) => Ok(folder),
            Err(error) => {
                let complaint = folder.complain(&error);
                Err(folder.give_up(complaint))
            }
        }
    }

    fn begin_part(&self) -> io::Result<()> {
        // What an attempt before this one left says itself that it is no evidence.
        remove(&self.at())?;
        durable::create_folder(&self.at())?;
        durable::replace(&self.at().join(INCOMPLETE), NOT_WHOLE.as_bytes())
    }

    /// The next file begins, and the one before is whole.
    pub(super) fn begin(&mut self, path: &Path) -> Result<(), Complaint> {
        if self.bytes >= TOGETHER {
            self.make_durable()?;
        }
        self.waiting.push((self.at().join(path), Vec::new()));
        Ok(())
    }

    /// The file that was begun last goes on.
    pub(super) fn go_on(&mut self, bytes: &[u8]) {
        if let Some((_, file)) = self.waiting.last_mut() {
            self.bytes += bytes.len();
            file.extend_from_slice(bytes);
        }
    }

    /// Everything that came is on the medium.
    pub(super) fn make_durable(&mut self) -> Result<(), Complaint> {
        durable::replace_all(&RealDisk, &self.waiting).map_err(|e| self.complain(&e))?;
        self.progress.inc(self.waiting.len() as u64);
        self.waiting.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Reads all of it back; only then does it get its name.
    pub(super) fn finish(self) -> Result<PathBuf, Complaint> {
        self.progress.finish_and_clear();
        if let Err(error) = durable::remove(&self.at().join(INCOMPLETE)) {
            let complaint = self.complain(&error);
            return Err(self.give_up(complaint));
        }
        if let Err(findings) = verify(&self.at(), &Trust::default()) {
            let first = findings.first().map(ToString::to_string);
            let complaint = Complaint::of(format!(
                "{}: read back, it is not what the station packed ({}): this medium is not to be trusted",
                self.volume.shown(&self.name).display(),
                first.unwrap_or_default()
            ));
            return Err(self.give_up(complaint));
        }
        match durable::rename(&self.at(), &self.volume.inside(&self.name)) {
            Ok(()) => Ok(self.volume.shown(&self.name)),
            Err(error) => {
                let complaint = self.complain(&error);
                Err(self.give_up(complaint))
            }
        }
    }

    /// Removes what was written, and adds to the complaint where that fails.
    pub(super) fn give_up(self, complaint: Complaint) -> Complaint {
        self.progress.finish_and_clear();
        match remove(&self.at()) {
            Ok(()) => complaint,
            Err(error) => Complaint::of(format!(
                "{complaint}\n{}: what was written could not be removed ({error}). It is no evidence.",
                self.volume.shown(&self.part).display()
            )),
        }
    }

    fn at(&self) -> PathBuf {
        self.volume.inside(&self.part)
    }

    fn complain(&self, error: &io::Error) -> Complaint {
        of_medium(&self.volume.shown(&self.name), error)
    }
}

/// Removes a folder with all that is in it; that it is not there is no error.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
