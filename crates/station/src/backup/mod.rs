//! Backup: everything of a station, sealed, copied while it runs.
//!
//! A backup is two files. One holds the station: database, pictures, ledger, rules, and the key as
//! `keys.json` keeps it. The other holds what opens the pictures, and serves for some days only: a
//! picture that is purged stays readable from old backups no longer than that.

mod newest;
mod parcel;
mod restore;
mod set_back;
mod since;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crypt::{Digest, Id};
use govern::{BackUp, Permit};
use jiff::{SignedDuration, Timestamp};
use ledger::Event;
use store::Snapshot;

use self::parcel::{Label, Packing};
use crate::gate::Done;
use crate::purge::BACKUPS_OPEN;
use crate::{Caller, Files, Station, StationError, found};

pub use parcel::{Backup, Header, Part};
pub use restore::{EnterAgain, Restore, Restored, Unlock};
pub(crate) use set_back::is_set_back;

/// What a backup came to.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct BackedUp {
    /// The number of its entry in the ledger.
    pub entry: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when its pictures can be opened.
    pub pictures_until: Timestamp,
    /// How many pictures are in it.
    pub pictures: u64,
    /// SHA-256 of the file with the station.
    pub station: Digest,
    /// SHA-256 of the file with what opens the pictures.
    pub picture_keys: Digest,
}

/// Takes the bytes of both files as they are made.
pub type Takes<'a> = &'a mut dyn FnMut(Part, &[u8]) -> io::Result<()>;

/// One of the files, handed on.
struct HandedOn<'a, 'b>(&'a mut Takes<'b>, Part);

impl Write for HandedOn<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(self.1, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Station {
    /// Makes a backup. What it came to is in the ledger before the end of its files is handed over,
    /// and without their ends they do not open.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Backup`] when it cannot be copied or handed over.
    pub fn back_up(&self, caller: &Caller, mut takes: Takes<'_>) -> Result<BackedUp, StationError> {
        let (done, _permit) = self.perform(caller, BackUp, |permit| {
            let spool = self.folder.join("backup.spool");
            let snapshot = self.store.snapshot(permit, &spool)?;
            let made_at = self.clock.now();
            let lasts = SignedDuration::try_from(self.policy.security().backup_pictures_last())
                .unwrap_or_default();
            let label = Label {
                backup: Id::random(&*self.random),
                made_at,
                pictures_until: made_at.saturating_add(lasts).unwrap_or(made_at),
                keys: found::read_keys(&Files(&self.folder).keys())?,
            };
            let (keys_end, picture_keys) = self.pack_picture_keys(&label, &snapshot, &mut takes)?;
            let (end, station, pictures) =
                self.pack_station(&label, &snapshot, permit, &mut takes)?;
            self.store
                .set_fact(BACKUPS_OPEN, &label.pictures_until.to_string())?;
            let recorded = self.enter(Event::Backup(ledger::Backup {
                decision: permit.decision(),
                data: station,
                picture_keys,
                pictures_until: label.pictures_until,
            }))?;
            let done = BackedUp {
                entry: recorded.index,
                made_at,
                pictures_until: label.pictures_until,
                pictures,
                station,
                picture_keys,
            };
            Ok(Done {
                ids: vec![*label.backup.as_bytes()],
                value: (done, keys_end, end),
            })
        })?;
        let (done, keys_end, end) = done;
        takes(Part::PictureKeys, &keys_end).map_err(StationError::Backup)?;
        takes(Part::Station, &end).map_err(StationError::Backup)?;
        Ok(done)
    }

    fn pack_picture_keys(
        &self,
        label: &Label,
        snapshot: &Snapshot,
        takes: &mut Takes<'_>,
    ) -> Result<(Vec<u8>, Digest), StationError> {
        let part = Part::PictureKeys;
        let to = HandedOn(takes, part);
        let mut packing = Packing::begin(to, part, label, &self.backup_key, &*self.random)?;
        let keys = serde_json::to_vec(&snapshot.picture_keys)
            .map_err(|e| StationError::Damaged(e.to_string()))?;
        packing
            .file("picture-keys.json", keys.len() as u64, &mut keys.as_slice())
            .map_err(StationError::Backup)?;
        let (_, end, digest) = packing.end().map_err(StationError::Backup)?;
        Ok((end, digest))
    }

    fn pack_station(
        &self,
        label: &Label,
        snapshot: &Snapshot,
        permit: &Permit<BackUp>,
        takes: &mut Takes<'_>,
    ) -> Result<(Vec<u8>, Digest, u64), StationError> {
        let part = Part::Station;
        let to = HandedOn(takes, part);
        let mut packing = Packing::begin(to, part, label, &self.backup_key, &*self.random)?;
        // Where the database stands in the ledger: whatever was taken away later is not in it.
        let stands = serde_json::to_vec(&restore::Stands {
            decision: permit.decision(),
            entry: permit.entry(),
        })
        .map_err(|e| StationError::Damaged(e.to_string()))?;
        packing
            .file(restore::STANDS, stands.len() as u64, &mut stands.as_slice())
            .map_err(StationError::Backup)?;
        let files = Files(&self.folder);
        for name in ["ledger.pub", "authority.pem"] {
            pack(&mut packing, name, &self.folder.join(name))?;
        }
        for (name, _) in govern::PolicyFiles::in_folder(&files.policy())?.iter() {
            pack(
                &mut packing,
                &format!("policy/{name}"),
                &files.policy().join(name),
            )?;
        }
        pack(&mut packing, "lictor.db", snapshot.file())?;
        let mut pictures = 0;
        snapshot.each_picture(|name, file| {
            pictures += 1;
            pack(&mut packing, &format!("pictures/{name}"), file)
        })?;
        // Last, so that it knows of everything that the database does.
        self.sign_ledger()?;
        let copied = ledger::copy(
            &files.ledger(),
            &self.ledger.verifying(),
            &mut |name, length, from| {
                packing.file(&format!("ledger/{}", name.display()), length, from)
            },
        );
        copied.map_err(StationError::Backup)?;
        let (_, end, digest) = packing.end().map_err(StationError::Backup)?;
        Ok((end, digest, pictures))
    }
}

/// Packs a file, if it is there.
fn pack<W: Write>(packing: &mut Packing<W>, name: &str, path: &Path) -> Result<(), StationError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|e| StationError::file(path, e))?,
    };
    let length = file
        .metadata()
        .map_err(|e| StationError::file(path, e))?
        .len();
    packing
        .file(name, length, &mut file)
        .map_err(StationError::Backup)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use govern::{AddCamera, Search, StatedPurpose};

    use super::parcel::Parcel;
    use super::*;
    use crate::support::{LOGIN, PASSPHRASE, PASSWORD, StandingClock, around, found, log_in};
    use crate::{Ingested, LoginAttempt};

    #[test]
    fn the_file_with_the_station_alone_opens_no_picture() {
        const SAMPLE: &[u8] = include_bytes!("../../../../samples/elm-and-3rd-1412.jpg");
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(&dir.path().join("station"), &clock);
        let caller = log_in(&station, LOGIN);
        let camera = AddCamera {
            name: "elm-and-3rd".into(),
            place: "Elm & 3rd".into(),
            class: None,
        };
        let key = station.add_camera(&caller, camera).unwrap();
        let camera = station.camera(&key.0, None).unwrap();
        let seen_at = "2026-11-24T15:59:00Z".parse().unwrap();
        let kept = station.ingest(&camera, "test", seen_at, SAMPLE).unwrap();
        assert!(matches!(kept, Ingested::Kept(1..)));
        let mut data = Vec::new();
        let mut keep = |part, bytes: &[u8]| {
            if part == Part::Station {
                data.extend_from_slice(bytes);
            }
            Ok(())
        };
        station.back_up(&caller, &mut keep).unwrap();
        let backup = dir.path().join("backup");
        fs::write(&backup, data).unwrap();

        // Unpacked by hand, past everything that a restore does.
        let folder = dir.path().join("unpacked");
        let parcel = Parcel::open(&backup).unwrap();
        let keys = parcel.header.keys.clone();
        let unpacked = parcel.unpack(&keys.open(PASSPHRASE).unwrap(), &mut |name, bytes| {
            restore::write(&folder.join(name), bytes)
        });
        unpacked.unwrap();
        found::write_keys(&Files(&folder).keys(), &keys).unwrap();
        let unpacked = Station::open(&folder, PASSPHRASE, around(&clock)).unwrap();
        clock.advance(std::time::Duration::from_secs(60));
        let shown = station.demonstration_logins().unwrap();
        let code = &shown.iter().find(|one| one.login == LOGIN).unwrap().code;
        for (station, opens) in [(&station, true), (&unpacked, false)] {
            let attempt = LoginAttempt {
                login: LOGIN,
                password: PASSWORD,
                code,
                acknowledged: true,
                address: "test",
            };
            let session = station.session(&station.login(&attempt).unwrap()).unwrap();
            let purpose = StatedPurpose {
                code: "crime".into(),
                case: Some("26-01877".into()),
                words: None,
            };
            let plate = "DK48213".parse().unwrap();
            let found = station.search(&session.caller("test"), Search::new(plate, purpose));
            let picture = found.unwrap().sightings[0].picture;
            assert_eq!(station.picture(&session, picture, "test").is_ok(), opens);
        }
    }
}
