//! Writing a bag onto a medium, so that whatever becomes of the medium, nobody takes a part for the whole.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::{Value, json};
use station::Booked;

use super::Booking;
use super::folder::Folder;
use super::sealed::SealedBag;
use crate::client::{Client, next_parcel};
use crate::media_commands::OnVolume;
use crate::people::Done;
use crate::{Complaint, complain, login, say};

#[derive(Deserialize)]
struct Begins {
    serial: i64,
    files: u64,
}

/// Where a bag goes, and in which form.
enum To<'a> {
    /// As a folder.
    Volume(OnVolume),
    /// As one file that its recipients open, wherever this folder lies.
    Anywhere(&'a Path),
}

impl<'a> To<'a> {
    /// What is no medium, or not encrypted, is found before anything is booked.
    fn of(booking: &'a Booking) -> Result<Self, Complaint> {
        let folder = &booking.to;
        if !folder.is_dir() {
            return Err(Complaint::of(format!(
                "{}: there is no such folder: put the medium in, and name the folder it appears as",
                folder.display()
            )));
        }
        if booking.recipients.is_empty() {
            OnVolume::open(folder).map(Self::Volume)
        } else {
            Ok(Self::Anywhere(folder))
        }
    }

    /// The medium, as the station knows it: only an encrypted one has a name there.
    fn medium(&self) -> String {
        match self {
            Self::Volume(volume) => volume.id().to_string(),
            Self::Anywhere(_) => String::new(),
        }
    }
}

pub(super) fn book(booking: &Booking) -> Result<ExitCode, Complaint> {
    let mut reads = booking.read.join(" ");
    if let Some(path) = &booking.reads {
        let text = fs::read_to_string(path)
            .map_err(|e| Complaint::of(format!("{}: {e}", path.display())))?;
        reads = format!("{reads} {text}");
    }
    let to = To::of(booking)?;
    let client = login::resume()?;
    let asked = json!({
        "number": booking.number,
        "reads": reads,
        "purpose": booking.purpose,
        "case": booking.case,
        "words": booking.words,
        "recipients": booking.recipients.join(" "),
        "medium": to.medium(),
    });
    let mut parcels = client.post_for_parcels("/api/evidence", &asked)?;
    let begins = match next_parcel(&mut parcels)? {
        (b'b', begins) => serde_json::from_slice::<Begins>(&begins).map_err(Complaint::of)?,
        _ => return Err(something_else()),
    };
    let medium = match to.medium() {
        volume if volume.is_empty() => booking.to.display().to_string(),
        volume => format!("{}, volume {volume}", booking.to.display()),
    };
    match write(booking, to, &begins, &mut parcels) {
        Ok((booked, path)) => {
            let written = json!({ "step": "written", "to": medium, "package": booked.package });
            note(&client, begins.serial, &written).map_err(|error| {
                Complaint::of(format!(
                    "{}: it is written, and whole, and that could not be noted at the station: {error}",
                    path.display()
                ))
            })?;
            tell(booking, &booked, &path)?;
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

fn tell(booking: &Booking, booked: &Booked, path: &Path) -> Result<(), Complaint> {
    let path = path.display();
    let Booked {
        number,
        reads,
        files,
        entry,
        hold,
        ..
    } = booked;
    say(format!(
        "{path}: evidence {number}, {reads} reads in {files} files; read back, whole"
    ))?;
    let identity = if booking.recipients.is_empty() {
        ""
    } else {
        " --identity FILE"
    };
    say(format!(
        "  entry {entry} of the ledger, hold {hold}; lictor evidence verify {path}{identity}"
    ))?;
    Ok(())
}

fn note(client: &Client, serial: i64, step: &Value) -> Result<(), Complaint> {
    let path = format!("/api/evidence/{serial}/custody");
    client.post::<Done>(&path, step).map(drop)
}

/// Writes what comes. Where that fails, what was written is removed, as far as it can be.
fn write(
    booking: &Booking,
    to: To<'_>,
    begins: &Begins,
    parcels: &mut impl Read,
) -> Result<(Booked, PathBuf), Complaint> {
    let name = called(&booking.number);
    match to {
        To::Volume(volume) => {
            let mut folder = Folder::create(volume, &name, progress(Some(begins.files)))?;
            match fill(&mut folder, parcels) {
                Ok(booked) => Ok((booked, folder.finish()?)),
                Err(complaint) => Err(folder.give_up(complaint)),
            }
        }
        To::Anywhere(medium) => {
            let mut sealed = SealedBag::create(medium, &name, progress(None))?;
            let booked = fill_sealed(&mut sealed, parcels)?;
            Ok((booked, sealed.finish()?))
        }
    }
}

fn fill(folder: &mut Folder, parcels: &mut impl Read) -> Result<Booked, Complaint> {
    loop {
        match next_parcel(parcels)? {
            (b'f', path) => folder.begin(&inside(&path)?)?,
            (b'd', bytes) => folder.go_on(&bytes),
            (b'e', end) => {
                folder.make_durable()?;
                return serde_json::from_slice(&end).map_err(Complaint::of);
            }
            _ => return Err(something_else()),
        }
    }
}

fn fill_sealed(sealed: &mut SealedBag, parcels: &mut impl Read) -> Result<Booked, Complaint> {
    loop {
        match next_parcel(parcels)? {
            (b's', bytes) => sealed.add(&bytes)?,
            (b'e', end) => return serde_json::from_slice(&end).map_err(Complaint::of),
            _ => return Err(something_else()),
        }
    }
}

fn something_else() -> Complaint {
    Complaint::of("the station answered with something else than evidence")
}

/// A path that stays inside the folder.
fn inside(path: &[u8]) -> Result<PathBuf, Complaint> {
    let path = PathBuf::from(String::from_utf8_lossy(path).into_owned());
    let plain = |part| matches!(part, Component::Normal(_));
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

/// How far it is: of so many files, or so many bytes of nobody knows how many.
fn progress(files: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, shows) = match files {
        Some(files) => (
            ProgressBar::new(files),
            "{bar:30} {pos} of {len} files, {elapsed}",
        ),
        None => (ProgressBar::no_length(), "{bytes} sealed, {elapsed}"),
    };
    if let Ok(style) = ProgressStyle::with_template(shows) {
        bar.set_style(style);
    }
    bar
}

/// What went wrong with a medium, in words that say what to look at.
pub(super) fn of_medium(shown: &Path, error: &io::Error) -> Complaint {
    let gone = [
        rustix::io::Errno::IO,
        rustix::io::Errno::NODEV,
        rustix::io::Errno::NXIO,
        rustix::io::Errno::ROFS,
    ];
    let is_gone = gone
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
    let says = match error.kind() {
        io::ErrorKind::StorageFull => "the medium is full: ",
        _ if is_gone => "the medium was taken out, or it fails: ",
        _ => "",
    };
    Complaint::of(format!("{}: {says}{error}", shown.display()))
}
