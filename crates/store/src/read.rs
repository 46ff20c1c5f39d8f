//! Reads and their pictures.

use std::collections::BTreeMap;
use std::time::Duration;

use crypt::{Digest, Id, Random, Sealed, sha256};
use govern::{CameraId, Disclosure, KeepReads, Permit, PictureId, Principal, ReadId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::{Batch, Event, LedgerError, leaf_hash, merkle_root, read_leaf};
use plate::{PlateText, Reading};

use crate::classify::class_of;
use crate::dictionary;
use crate::hit::{NewHit, Raised, SeenIn, raise};
use crate::local::{NewPossible, keep_possible};
use crate::sql::{Connection, Row, values};
use crate::vault::{KeyName, key_class};
use crate::{Store, StoreError};

/// The retention class of a read that no list or case speaks of.
const NO_HIT: &str = "no-hit";
/// Alternatives a read is found under, beside its best text.
pub(crate) const ALTERNATIVES: usize = 4;
/// Alternatives less probable than this are not found.
const LEAST_PROBABLE: f64 = 0.02;
/// Where a plate stands in its picture: pixels from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A plate read in a frame.
#[derive(Clone, Debug)]
pub struct NewRead {
    /// What it says.
    pub reading: Reading,
    /// How sure the product is, 0 to 1.
    pub confidence: f64,
    /// Where in the frame.
    pub place: Place,
}

/// A frame and what was read in it.
pub struct Frame<'a> {
    /// When it was seen.
    pub seen_at: Timestamp,
    /// The picture, exactly as captured.
    pub picture: &'a [u8],
    /// The plates, at least one.
    pub reads: &'a [NewRead],
    /// Those that may be listed cars.
    pub hits: &'a [NewHit],
    /// Those that may be of a vehicle of which part of a plate is known.
    pub possibles: &'a [NewPossible],
    /// Sightings of one entry so close to each other are one alert.
    pub same_passing: Duration,
}

/// A read as it is kept.
#[derive(Clone, Debug)]
pub struct Read {
    /// Names it.
    pub id: ReadId,
    /// The picture it was read in.
    pub picture: PictureId,
    /// What it says.
    pub reading: Reading,
    /// How sure the product is, 0 to 1.
    pub confidence: f64,
    /// Where in the picture.
    pub place: Place,
    /// When it was seen.
    pub seen_at: Timestamp,
    /// The camera's name.
    pub camera: String,
    /// Where the camera stands.
    pub camera_place: String,
}

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Its reads are kept under these ids, and these alerts are raised or seen once more.
    New(Vec<ReadId>, Vec<Raised>),
    /// The same frame was kept before.
    Already,
}

impl Store {
    /// Keeps a frame of the permit's camera with its reads and the alerts that they raise: all of it
    /// or nothing. `enter` puts the batch, by its Merkle root over the reads and their picture, and
    /// each alert into the ledger before anything is kept, and says under which numbers: so every read
    /// that is kept, and every alert, stands in the ledger.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when the permit is not a camera's; what the disk or the ledger says.
    pub fn keep_reads(
        &self,
        permit: &Permit<KeepReads>,
        frame: &Frame<'_>,
        random: &dyn Random,
        enter: impl FnOnce(&[Event]) -> Result<Vec<u64>, LedgerError>,
    ) -> Result<Kept, StoreError> {
        permit.check(&*self.clock)?;
        let Principal::Camera(camera) = permit.who() else {
            return Err(StoreError::NoSuch("camera that hands this in"));
        };
        let sha256 = sha256(frame.picture);
        if self.ask(|db| is_kept(db, camera.id, frame.seen_at, &sha256))? {
            return Ok(Kept::Already);
        }
        let day = TimeZone::UTC.to_datetime(frame.seen_at).date().to_string();
        let confidential = self.ask(|db| class_of(db, camera.id))?;
        let class = key_class(NO_HIT, confidential.as_deref());
        let name = KeyName {
            camera: camera.id,
            class: &class,
            day: &day,
        };
        let picture = PictureId::random(random);
        // Encrypted and synced before the database is touched: nobody waits for it there.
        let hits = frame
            .hits
            .iter()
            .map(|hit| self.seal_hit(hit, random))
            .collect::<Result<Vec<_>, _>>()?;
        let seen = SeenIn {
            camera: camera.id,
            standing: permit.decision(),
            seen_at: frame.seen_at,
            now: self.clock.now(),
            same_passing: frame.same_passing,
        };
        let mut new_plates = Vec::new();
        let wrapped = self.put_picture(&name, picture, frame.picture, random)?;
        let kept = self.change(|db| {
            // A purge that takes plates out of the dictionary does so before or after.
            db.hold("plates")?;
            if class_of(db, camera.id)? != confidential {
                return Err(StoreError::Conflict(
                    "the camera's class was changed while the frame came in: hand it in again"
                        .to_owned(),
                ));
            }
            let inserted = db.execute(
                "INSERT INTO picture (id, camera, class, day, seen_at, wrapped, sha256)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (camera, seen_at, sha256) DO NOTHING",
                values![
                    picture,
                    camera.id,
                    name.class,
                    name.day,
                    frame.seen_at,
                    &wrapped,
                    sha256.to_string(),
                ],
            )?;
            if inserted == 0 {
                return Ok(Kept::Already);
            }
            let mut ids = Vec::new();
            let mut leaves = Vec::new();
            for read in frame.reads {
                let id = ReadId::random(random);
                let leaf = leaves.len() as i64;
                let reading = insert(db, id, (picture, leaf), read, &seen, &mut new_plates)?;
                leaves.push(read_leaf(id.as_bytes(), Some(&sha256), &reading));
                ids.push(id);
            }
            let mut alerts = Vec::new();
            for (hit, sealed) in frame.hits.iter().zip(&hits) {
                if let Some(&read) = ids.get(hit.read) {
                    alerts.extend(raise(db, sealed, read, &seen)?);
                }
            }
            for possible in frame.possibles {
                if let Some(&read) = ids.get(possible.read) {
                    keep_possible(db, possible, read, frame.seen_at)?;
                }
            }
            let batch = Event::Batch(Batch {
                id: Id::random(random),
                camera: camera.id,
                standing: permit.decision(),
                count: ids.len() as u64,
                pictures: true,
                root: merkle_root(leaves.iter().map(Vec::as_slice)),
            });
            let mut events = vec![batch];
            events.extend(alerts.iter().map(|alert| Event::Alert(*alert)));
            let entry = enter(&events)?.first().copied();
            let entry = entry.ok_or_else(|| StoreError::damaged("the batch has no entry"))?;
            let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf_hash(leaf).0).collect();
            db.execute(
                "UPDATE picture SET entry = ?2, leaves = ?3 WHERE id = ?1",
                values![picture, entry as i64, hashes],
            )?;
            // A crash here leaves a batch and alerts in the ledger that are not kept; the camera sends
            // the frame again, since it had no answer.
            Ok(Kept::New(ids, alerts))
        });
        match kept {
            Ok(Kept::New(..)) => self.know(new_plates)?,
            Ok(Kept::Already) | Err(_) => self.drop_picture(picture)?,
        }
        kept
    }

    /// A picture that a page shows, as captured.
    ///
    /// # Errors
    /// When the disclosure does not cover it, or the picture is gone.
    pub fn picture(
        &self,
        disclosure: &Disclosure,
        picture: PictureId,
        session: &Digest,
    ) -> Result<Vec<u8>, StoreError> {
        disclosure.covers(picture, session, &*self.clock)?;
        self.open_picture(picture)
    }

    /// A picture for whoever's permit covers it.
    pub(crate) fn open_picture(&self, picture: PictureId) -> Result<Vec<u8>, StoreError> {
        let row = self
            .ask(|db| {
                db.row(
                    "SELECT camera, class, day, wrapped FROM picture WHERE id = ?1",
                    values![picture],
                )
            })?
            .ok_or(StoreError::NoSuch("such picture"))?;
        let wrapped: Sealed = row.get(3)?;
        if wrapped.as_bytes().is_empty() {
            return Err(StoreError::NoSuch("such picture any more: it was purged"));
        }
        let (class, day) = (row.get::<String>(1)?, row.get::<String>(2)?);
        let name = KeyName {
            camera: row.get(0)?,
            class: &class,
            day: &day,
        };
        self.get_picture(&name, picture, &wrapped)
    }
}

/// Keeps a read, of this picture and with this leaf in its batch, with the texts that it is found under;
/// returns the reading as it is kept. Plates that no read was found under before are entered in the dictionary and added to `new_plates`.
fn insert(
    db: &mut dyn Connection,
    id: ReadId,
    (picture, leaf): (PictureId, i64),
    read: &NewRead,
    seen: &SeenIn,
    new_plates: &mut Vec<PlateText>,
) -> Result<String, StoreError> {
    let reading = serde_json::to_string(&read.reading).map_err(StoreError::damaged)?;
    let at = read.place;
    db.execute(
        "INSERT INTO read (id, picture, reading, confidence, x, y, width, height, leaf)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        values![
            id,
            picture,
            &reading,
            read.confidence,
            at.x,
            at.y,
            at.width,
            at.height,
            leaf,
        ],
    )?;
    let issuer = issuer(&read.reading);
    for (plate, probability) in found_under(&read.reading) {
        let text = plate.to_string();
        let known = "SELECT 1 FROM read_plate WHERE plate = ?1 LIMIT 1";
        if db.row(known, values![&text])?.is_none() {
            dictionary::enter(db, &text)?;
            new_plates.push(plate);
        }
        db.execute(
            "INSERT INTO read_plate (plate, seen_at, read, camera, issuer, probability)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            values![text, seen.seen_at, id, seen.camera, issuer, probability],
        )?;
    }
    Ok(reading)
}

/// The texts that a read is found under, with O as 0: its best and the alternatives worth keeping.
/// Two may be one once O is 0: their probabilities add up.
pub(crate) fn found_under(reading: &Reading) -> BTreeMap<PlateText, f64> {
    let mut texts = BTreeMap::new();
    for (n, candidate) in reading.best(1 + ALTERNATIVES).iter().enumerate() {
        if n > 0 && candidate.probability < LEAST_PROBABLE {
            break;
        }
        *texts.entry(candidate.text.folded()).or_insert(0.0) += candidate.probability;
    }
    texts
}

/// The state or country that the plate is of, where one is more probable than all others together.
fn issuer(reading: &Reading) -> Option<&'static str> {
    let (issuer, probability) = reading.jurisdictions().iter().next()?;
    (probability > 0.5).then(|| issuer.code())
}

fn is_kept(
    db: &mut dyn Connection,
    camera: CameraId,
    seen_at: Timestamp,
    sha256: &Digest,
) -> Result<bool, StoreError> {
    let find = "SELECT 1 FROM picture WHERE camera = ?1 AND seen_at = ?2 AND sha256 = ?3";
    Ok(db
        .row(find, values![camera, seen_at, sha256.to_string()])?
        .is_some())
}

/// Out of the first eleven columns of a row: the read's own, its picture's time, its camera's name and
/// place.
pub(crate) fn read(row: &Row) -> Result<Read, StoreError> {
    let reading: String = row.get(2)?;
    Ok(Read {
        id: row.get(0)?,
        picture: row.get(1)?,
        reading: serde_json::from_str(&reading).map_err(StoreError::damaged)?,
        confidence: row.get(3)?,
        place: Place {
            x: row.get(4)?,
            y: row.get(5)?,
            width: row.get(6)?,
            height: row.get(7)?,
        },
        seen_at: row.get(8)?,
        camera: row.get(9)?,
        camera_place: row.get(10)?,
    })
}
