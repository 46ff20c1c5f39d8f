//! Taking in what cameras see.

use std::sync::{Arc, Mutex};

use crypt::sha256;
use govern::{CameraFacts, CameraId, KeepReads, Permit, Principal};
use jiff::{SignedDuration, Timestamp};
use ledger::{Event, LedgerError, Outcome, Verdict};
use plate::Reading;
use store::{Camera, Frame, Kept, NewRead, Place};
use vision::Plate;

use crate::throttle::Limit;
use crate::{Caller, Station, StationError, lock};

/// Plates below this confidence are lettering and reflections far more often than plates.
const LEAST_CONFIDENCE: f64 = 0.1;

/// A camera that goes on handing in frames is noted again after so long.
const HEARD_ANEW: SignedDuration = SignedDuration::from_secs(30);

/// A camera's standing permit, and how many reads came in under it; none before its first frame. Whoever
/// hands in a frame holds it meanwhile: the frames of one camera come one after the other, and wait for
/// no other camera's.
pub(crate) type Standing = Arc<Mutex<Option<(Permit<KeepReads>, u64)>>>;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// So many reads of it are kept.
    Kept(usize),
    /// There is no plate in it; nothing is kept.
    NoPlate,
    /// It was kept before.
    Already,
}

impl Station {
    /// The camera that shows this key, which must be the one of this name, if one is given.
    ///
    /// # Errors
    /// [`StationError::UnknownCamera`].
    pub fn camera(&self, key: &str, name: Option<&str>) -> Result<Camera, StationError> {
        self.store
            .camera_by_key(&sha256(key.trim().as_bytes()))?
            .filter(|camera| name.is_none_or(|name| camera.name.eq_ignore_ascii_case(name)))
            .ok_or(StationError::UnknownCamera)
    }

    /// The same for whoever comes over the network: a key that is no camera's is written down, once in
    /// the time after which an address is forgotten, so that nobody fills the ledger from outside.
    ///
    /// # Errors
    /// [`StationError::UnknownCamera`].
    pub fn camera_from(
        &self,
        key: &str,
        name: Option<&str>,
        address: &str,
    ) -> Result<Camera, StationError> {
        let known = self.camera(key, name);
        if matches!(known, Err(StationError::UnknownCamera)) {
            let limit = Limit {
                failures: 1,
                within: self.policy.security().address_failures_within(),
            };
            let now = self.clock.monotonic();
            if lock(&self.strange_keys).begin(address, now, limit).is_ok() {
                let mut content = self.content_of(None, address);
                content.what = "a camera's key".to_owned();
                self.enter_login("camera-key", None, Verdict::Refuse, content, None)?;
            }
        }
        known
    }

    /// Reads the plates in a camera's frame and keeps them, with the frame as it was captured. The
    /// camera holds a standing permit, opened with its first frame since the station came up.
    ///
    /// # Errors
    /// When the picture cannot be read; as [`Station::keep`].
    pub fn ingest(
        &self,
        camera: &Camera,
        address: &str,
        seen_at: Timestamp,
        picture: &[u8],
    ) -> Result<Ingested, StationError> {
        let plates = self.vision.plates(&capture::decode(picture)?)?;
        self.keep(camera, address, seen_at, picture, plates)
    }

    /// Keeps what was read in a camera's frame, as [`Station::ingest`] does once it has read it:
    /// compares it with the lists in force, and raises what alerts there are.
    ///
    /// # Errors
    /// [`StationError::Input`] for a time that cannot be; whatever keeps it from being kept or written down.
    pub fn keep(
        &self,
        camera: &Camera,
        address: &str,
        seen_at: Timestamp,
        picture: &[u8],
        plates: Vec<Plate>,
    ) -> Result<Ingested, StationError> {
        self.check_time(camera, seen_at)?;
        let reads: Vec<NewRead> = plates
            .into_iter()
            .filter(|plate| plate.confidence >= LEAST_CONFIDENCE)
            .map(new_read)
            .collect();
        let standing = Arc::clone(lock(&self.standing).entry(camera.id).or_default());
        let mut standing = lock(&standing);
        let (permit, records) = match &mut *standing {
            Some(open) => open,
            none => none.insert((self.open_standing_permit(camera, address)?, 0)),
        };
        self.hear(permit, camera.id, seen_at, *records)?;
        if reads.is_empty() {
            return Ok(Ingested::NoPlate);
        }
        let readings: Vec<&Reading> = reads.iter().map(|read| &read.reading).collect();
        let mut hits = self.hits(permit, &readings)?;
        hits.extend(self.local_hits(permit, &readings)?);
        let possibles = self.possibles(permit, &readings, camera.id, seen_at)?;
        let frame = Frame {
            seen_at,
            picture,
            reads: &reads,
            hits: &hits,
            possibles: &possibles,
            same_passing: self.policy.alerts().same_passing(),
        };
        let enter = |events: &[Event]| self.enter_together(events);
        match self
            .store
            .keep_reads(permit, &frame, &*self.random, enter)?
        {
            Kept::New(ids, alerts) => {
                *records += ids.len() as u64;
                drop(standing);
                self.push_all(alerts.into_iter().map(|alert| alert.id));
                Ok(Ingested::Kept(ids.len()))
            }
            Kept::Already => Ok(Ingested::Already),
        }
    }

    /// That the camera was looking at this time is kept too, whether it saw a plate or none. Not for
    /// each frame: what a crash forgets is shown as a silence, which is no lie.
    fn hear(
        &self,
        permit: &Permit<KeepReads>,
        camera: CameraId,
        seen_at: Timestamp,
        records: u64,
    ) -> Result<(), StationError> {
        let known = lock(&self.heard).get(&camera).copied();
        let since = known.map(|(known, _)| seen_at.duration_since(known));
        if since.is_some_and(|since| !since.is_negative() && since < HEARD_ANEW) {
            return Ok(());
        }
        let longest = self.policy.security().camera_silent();
        // A permit that was opened anew counts from nothing.
        let counted = known.map_or(0, |(_, counted)| counted);
        let reads = records.checked_sub(counted).unwrap_or(records);
        self.store.hear(permit, seen_at, longest, reads)?;
        lock(&self.heard).insert(camera, (seen_at, records));
        Ok(())
    }

    /// What a broken clock says is no evidence.
    fn check_time(&self, camera: &Camera, seen_at: Timestamp) -> Result<(), StationError> {
        let security = self.policy.security();
        let latest = self.clock.now().saturating_add(security.frame_ahead());
        let earliest = camera
            .added_at
            .saturating_sub(security.frame_before_camera());
        let wrong = if latest.is_ok_and(|latest| seen_at > latest) {
            "lies in the future"
        } else if earliest.is_ok_and(|earliest| seen_at < earliest) {
            "lies too long before the camera was added"
        } else {
            return Ok(());
        };
        Err(StationError::Input(format!(
            "the frame's time, {seen_at:.0}, {wrong}: set the camera's clock"
        )))
    }

    /// Makes events durable with one sync; under which numbers they stand.
    fn enter_together(&self, events: &[Event]) -> Result<Vec<u64>, LedgerError> {
        let now = self.clock.now();
        let submitted = (events.iter())
            .map(|event| self.ledger.submit(now, event))
            .collect::<Result<Vec<_>, _>>()?;
        (submitted.into_iter())
            .map(|entry| Ok(entry.wait()?.index))
            .collect()
    }

    /// Closes a camera's standing permit, once the frame that is on its way is kept.
    pub(crate) fn close_standing_permit(&self, camera: CameraId) -> Result<(), StationError> {
        let standing = lock(&self.standing).get(&camera).cloned();
        standing.map_or(Ok(()), |standing| self.close_standing(&standing))
    }

    /// Closes every camera's.
    pub(crate) fn close_standing_permits(&self) -> Result<(), StationError> {
        let all: Vec<_> = lock(&self.standing).values().cloned().collect();
        all.iter()
            .try_for_each(|standing| self.close_standing(standing))
    }

    fn close_standing(&self, standing: &Standing) -> Result<(), StationError> {
        match lock(standing).take() {
            Some((permit, records)) => self.enter_closed(&permit, records),
            None => Ok(()),
        }
    }

    fn enter_closed(&self, permit: &Permit<KeepReads>, records: u64) -> Result<(), StationError> {
        self.enter(Event::Outcome(Outcome::Done {
            decision: permit.decision(),
            records,
            result: permit.result_digest(&[]),
        }))?;
        Ok(())
    }

    fn open_standing_permit(
        &self,
        camera: &Camera,
        address: &str,
    ) -> Result<Permit<KeepReads>, StationError> {
        let who = Principal::Camera(CameraFacts {
            id: camera.id,
            name: camera.name.clone(),
        });
        self.permit(
            &Caller {
                who,
                session: None,
                address: address.to_owned(),
            },
            KeepReads,
        )
    }
}

fn new_read(plate: Plate) -> NewRead {
    let at = plate.at;
    NewRead {
        reading: plate.reading,
        confidence: plate.confidence,
        place: Place {
            x: f64::from(at.x),
            y: f64::from(at.y),
            width: f64::from(at.width),
            height: f64::from(at.height),
        },
    }
}
