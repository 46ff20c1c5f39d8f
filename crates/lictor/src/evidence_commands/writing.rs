//! Writing a bag onto a medium, so that whatever becomes of the medium, nobody takes a part for the whole.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crypt::AgeRecipient;
use durable::RealDisk;
use evidence::{INCOMPLETE, Trust, verify};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::json;
use station::Booked;

use super::Booking;
use super::sealed::{SealedBag, recipients};
use crate::client::{Client, next_parcel};
use crate::people::Done;
use crate::{Complaint, complain, login, say};

/// What stands in the folder until the bag is whole.
const NOT_WHOLE: &str = "This folder is not whole. The bag was still being written, or the medium filled up \
                         or was taken out. It is no evidence: book it again.\n";
/// Files are made durable together, so many bytes at a time.
const TOGETHER: usize = 8 << 20;

#[derive(Deserialize)]
struct Begins {
    serial: i64,
    files: u64,
}

/// A folder that is being written.
struct Folder {
    path: PathBuf,
    /// Written and not yet durable.
    waiting: Vec<(PathBuf, Vec<u8>)>,
    bytes: usize,
    progress: ProgressBar,
}

pub(super) fn book(booking: &Booking) -> Result<ExitCode, Complaint> {
    let mut reads = booking.read.join(" ");
    if let Some(path) = &booking.reads {
        let text = fs::read_to_string(path)
            .map_err(|e| Complaint::of(format!("{}: {e}", path.display())))?;
        reads = format!("{reads} {text}");
    }
    if !booking.to.is_dir() {
        return Err(Complaint::of(format!(
            "{}: there is no such folder: put the medium in, and name the folder it appears as",
            booking.to.display()
        )));
    }
    // A key that is none is found before anything is booked.
    let to = recipients(&booking.recipients)?;
    let client = login::resume()?;
    let asked = json!({
        "number": booking.number,
        "reads": reads,
        "purpose": booking.purpose,
        "case": booking.case,
        "words": booking.words,
    });
    let mut parcels = client.post_for_parcels("/api/evidence", &asked)?;
    let begins = match next_parcel(&mut parcels)? {
        (b'b', begins) => serde_json::from_slice::<Begins>(&begins).map_err(Complaint::of)?,
        _ => {
            return Err(Complaint::of(
                "the station answered with something else than evidence",
            ));
        }
    };
    let mut medium = booking.to.display().to_string();
    if !to.is_empty() {
        medium += &format!(", sealed for {}", booking.recipients.join(", "));
    }
    match write(booking, &to, &begins, &mut parcels) {
        Ok((booked, path)) => {
            let written = json!({
                "step": "written", "to": medium, "package": booked.package,
            });
            note(&client, begins.serial, &written)?;
            say(format!(
                "{}: evidence {}, {} reads in {} files; read back, whole",
                path.display(),
                booked.number,
                booked.reads,
                booked.files
            ))?;
            say(format!(
                "  entry {} of the ledger, hold {}; lictor evidence verify {}{}",
                booked.entry,
                booked.hold,
                path.display(),
                if to.is_empty() {
                    ""
                } else {
                    " --identity FILE"
                }
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(complaint) => {
            let failed = json!({ "step": "failed", "to": medium, "why": complaint.to_string() });
            if let Err(error) = note(&client, begins.serial, &failed) {
                complain(&format!(
                    "and that could not be noted at the station: {error}"
                ));
            }
            Err(complaint)
        }
    }
}

fn note(client: &Client, serial: i64, step: &serde_json::Value) -> Result<(), Complaint> {
    let path = format!("/api/evidence/{serial}/custody");
    client.post::<Done>(&path, step).map(drop)
}

fn write(
    booking: &Booking,
    to: &[AgeRecipient],
    begins: &Begins,
    parcels: &mut impl Read,
) -> Result<(Booked, PathBuf), Complaint> {
    let mut bag = Bag::create(booking, to, begins.files)?;
    let mut file: Option<(PathBuf, Vec<u8>)> = None;
    let booked: Booked = loop {
        let (letter, bytes) = next_parcel(parcels)?;
        match (letter, &mut file) {
            (b'd', Some((_, so_far))) => so_far.extend(bytes),
            (b'f', _) => {
                if let Some((path, whole)) = file.take() {
                    bag.add(path, whole)?;
                }
                file = Some((inside(&bytes)?, Vec::new()));
            }
            (b'e', _) => break serde_json::from_slice(&bytes).map_err(Complaint::of)?,
            _ => {
                return Err(Complaint::of(
                    "the station answered with something else than evidence",
                ));
            }
        }
    };
    if let Some((path, whole)) = file {
        bag.add(path, whole)?;
    }
    let path = bag.finish()?;
    Ok((booked, path))
}

/// A path that stays inside the folder.
fn inside(path: &[u8]) -> Result<PathBuf, Complaint> {
    let path = PathBuf::from(String::from_utf8_lossy(path).into_owned());
    let plain = |part| matches!(part, std::path::Component::Normal(_));
    if path.components().all(plain) {
        Ok(path)
    } else {
        Err(Complaint::of("the station named a file outside the bag"))
    }
}

/// What the bag of a number is called.
fn called(number: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = number.trim().chars().map(plain).collect();
    format!("evidence-{name}")
}

/// A bag that is being written.
enum Bag {
    /// As a folder.
    Open(Folder),
    /// As one file, for its recipients.
    Sealed(Box<SealedBag>),
}

impl Bag {
    fn create(booking: &Booking, to: &[AgeRecipient], files: u64) -> Result<Self, Complaint> {
        let name = called(&booking.number);
        if to.is_empty() {
            Folder::create(&booking.to, &name, files).map(Self::Open)
        } else {
            SealedBag::create(&booking.to, &name, to).map(|sealed| Self::Sealed(Box::new(sealed)))
        }
    }

    fn add(&mut self, path: PathBuf, bytes: Vec<u8>) -> Result<(), Complaint> {
        match self {
            Self::Open(folder) => folder.add(path, bytes),
            Self::Sealed(sealed) => sealed.add(&path, &bytes),
        }
    }

    fn finish(self) -> Result<PathBuf, Complaint> {
        match self {
            Self::Open(folder) => folder.finish(),
            Self::Sealed(sealed) => sealed.finish(),
        }
    }
}

impl Folder {
    /// A new folder, that says first of all that it is not whole.
    fn create(medium: &Path, name: &str, files: u64) -> Result<Self, Complaint> {
        let path = medium.join(name);
        if path.exists() {
            return Err(Complaint::of(format!(
                "{}: there is something here already; evidence replaces nothing",
                path.display()
            )));
        }
        durable::create_folder(&path)?;
        durable::replace(&path.join(INCOMPLETE), NOT_WHOLE.as_bytes())?;
        let progress = if io::stderr().is_terminal() {
            ProgressBar::new(files)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} files, {elapsed}")
        {
            progress.set_style(style);
        }
        Ok(Self {
            path,
            waiting: Vec::new(),
            bytes: 0,
            progress,
        })
    }

    fn add(&mut self, path: PathBuf, bytes: Vec<u8>) -> Result<(), Complaint> {
        self.bytes += bytes.len();
        self.waiting.push((self.path.join(path), bytes));
        if self.bytes >= TOGETHER {
            self.make_durable()?;
        }
        Ok(())
    }

    fn make_durable(&mut self) -> Result<(), Complaint> {
        let named = |e: io::Error| Complaint::of(format!("{}: {e}", self.path.display()));
        durable::replace_all(&RealDisk, &self.waiting).map_err(named)?;
        self.progress.inc(self.waiting.len() as u64);
        self.waiting.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Reads all of it back; only then does it no longer say that it is not whole.
    fn finish(mut self) -> Result<PathBuf, Complaint> {
        self.make_durable()?;
        self.progress.finish_and_clear();
        let marker = self.path.join(INCOMPLETE);
        durable::remove(&marker)?;
        if let Err(findings) = verify(&self.path, &Trust::default()) {
            durable::replace(&marker, NOT_WHOLE.as_bytes())?;
            let first = findings
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            return Err(Complaint::of(format!(
                "{}: read back, it is not what the station packed ({first}): this medium is not to be trusted",
                self.path.display()
            )));
        }
        Ok(self.path)
    }
}
