//! `lictor backup`: a copy of a whole station, made while it runs.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use crypt::{Digest, DigestWriter};
use durable::Whole;
use govern::{Clock, SystemClock};
use station::{BackedUp, BackupHeader, BackupPart, LoginAttempt, Station};

use crate::client::{Client, next_parcel};
use crate::{Complaint, complain, say, secret, surroundings};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The station's folder. A running station is asked over HTTP to make the backup; one that does
    /// not run is opened for it
    folder: PathBuf,
    /// Where to: a file, or a folder that gets a file named after the time. What opens the pictures
    /// goes into a file of its own beside it, named `….picture-keys`
    #[arg(long, value_name = "FILE|FOLDER")]
    to: PathBuf,
    /// Your login: a backup is an act like any other
    #[arg(long)]
    login: String,
    /// The running station's address
    #[arg(long, default_value = "http://localhost:8420")]
    station: String,
    /// The station's certificate authority, for https
    #[arg(long)]
    authority: Option<PathBuf>,
    /// For a station that does not run: a file outside its folder that holds the passphrase
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

/// What follows the name of a backup's file in the name of its other file.
pub(crate) const PICTURE_KEYS: &str = ".picture-keys";

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let now = SystemClock::new().now();
    let into_folder = arguments.to.is_dir();
    let path = if into_folder {
        arguments
            .to
            .join(now.strftime("lictor-%Y%m%dT%H%M%SZ.backup").to_string())
    } else {
        arguments.to.clone()
    };
    let other = beside(&path);
    if let Some(there) = [&path, &other].into_iter().find(|path| path.exists()) {
        return Err(Complaint::of(format!(
            "{}: there is something here already; a backup replaces nothing",
            there.display()
        )));
    }
    let mut files = Files {
        station: create(&path)?,
        picture_keys: create(&other)?,
    };
    let ledger = arguments.folder.join("ledger");
    let running = ledger::is_in_use(&ledger)
        .map_err(|e| Complaint::of(format!("{}: {e}", ledger.display())))?;
    let done = if running {
        ask(arguments, &mut files)?
    } else {
        open(arguments, &mut files)?
    };
    files.picture_keys.finish()?;
    files.station.finish()?;
    for (path, digest) in [(&path, done.station), (&other, done.picture_keys)] {
        check(path, digest)?;
    }
    say(format!(
        "{}: the station as of {:.0}, {} pictures; read back, whole",
        path.display(),
        done.made_at,
        done.pictures
    ))?;
    say(format!(
        "  SHA-256 {}, entry {} of the ledger",
        done.station, done.entry
    ))?;
    say(format!(
        "{}: what opens its pictures, until {:.0}",
        other.display(),
        done.pictures_until
    ))?;
    if into_folder {
        remove_expired(&arguments.to, now)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut other = path.as_os_str().to_owned();
    other.push(PICTURE_KEYS);
    PathBuf::from(other)
}

struct Files {
    station: Whole,
    picture_keys: Whole,
}

impl Files {
    fn take(&mut self, part: BackupPart, bytes: &[u8]) -> io::Result<()> {
        match part {
            BackupPart::Station => self.station.write_all(bytes),
            BackupPart::PictureKeys => self.picture_keys.write_all(bytes),
        }
    }
}

fn create(path: &Path) -> Result<Whole, Complaint> {
    Whole::create(path).map_err(|e| Complaint::of(format!("{}: {e}", path.display())))
}

/// Has the running station make it.
fn ask(arguments: &Arguments, files: &mut Files) -> Result<BackedUp, Complaint> {
    let client = Client::new(&arguments.station, arguments.authority.as_deref())?;
    client.log_in(&arguments.login)?;
    let mut parcels = client.back_up()?;
    loop {
        let (letter, bytes) = next_parcel(&mut parcels)?;
        match letter {
            b's' => files.take(BackupPart::Station, &bytes)?,
            b'k' => files.take(BackupPart::PictureKeys, &bytes)?,
            b'e' => return serde_json::from_slice(&bytes).map_err(Complaint::of),
            _ => {
                return Err(Complaint::of(
                    "the station answered with something else than a backup",
                ));
            }
        }
    }
}

/// Opens the station for it.
fn open(arguments: &Arguments, files: &mut Files) -> Result<BackedUp, Complaint> {
    let passphrase = secret::passphrase(&arguments.folder, arguments.passphrase_file.as_deref())?;
    let station = Station::open(&arguments.folder, &passphrase, surroundings())?;
    let made = log_in(&station, &arguments.login).and_then(|caller| {
        Ok(station.back_up(&caller, &mut |part, bytes| files.take(part, bytes))?)
    });
    station.close()?;
    made
}

fn log_in(station: &Station, login: &str) -> Result<station::Caller, Complaint> {
    let notice = station.policy().security().notice();
    let (password, code) = secret::ask_at_the_door(notice, login)?;
    let address = "this machine";
    let key = station.login(&LoginAttempt {
        login,
        password: &password,
        code: &code,
        acknowledged: true,
        address,
    })?;
    Ok(station.session(&key)?.caller(address))
}

/// Reads a file back and compares it with what the station says that it is.
fn check(path: &Path, digest: Digest) -> Result<(), Complaint> {
    let named = |e: io::Error| Complaint::of(format!("{}: {e}", path.display()));
    let mut read = DigestWriter::new(io::sink());
    io::copy(&mut File::open(path).map_err(named)?, &mut read).map_err(named)?;
    if read.digest_with(&[]) == digest {
        Ok(())
    } else {
        Err(Complaint::of(format!(
            "{}: read back, it is not what the station made: this disk is not to be trusted",
            path.display()
        )))
    }
}

/// What opens pictures goes when its time is over.
fn remove_expired(folder: &Path, now: jiff::Timestamp) -> Result<(), Complaint> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.to_string_lossy().ends_with(PICTURE_KEYS) {
            continue;
        }
        match BackupHeader::of(&path) {
            Ok(header) if header.pictures_until <= now => {
                durable::remove(&path)?;
                say(format!(
                    "{}: its time is over, it is removed",
                    path.display()
                ))?;
            }
            Ok(_) => {}
            Err(error) => complain(&error.to_string()),
        }
    }
    Ok(())
}
