//! What goes into a bag.

use std::collections::BTreeMap;

use ::evidence::{
    BOOKING, Bag, Batch, Beside, Booking, CHECKPOINT, CONTENT, EVIDENCE, LEDGER_KEY, Model, Person,
    Plate, READS, ReadTold, WITNESSED, batch_proof,
};
use crypt::{Digest, sha256};
use govern::{BookEvidence, Permit, PictureId, Principal};
use ledger::{Entry, Event, check_proof, leaf_hash, read_leaf, root_of_leaves};
use store::{BookedRead, CameIn, KeptEvidence};

use super::EvidencePart;
use super::paper::paper;
use crate::{Files, Station, StationError};

/// Files of a bag besides pictures, proofs of batches and heads of witnesses.
const OTHERS: u64 = 17;

/// Asked before what is opened next.
type Still<'a> = &'a dyn Fn() -> Result<(), StationError>;
type Put<'a> = &'a mut dyn FnMut(EvidencePart<'_>) -> Result<(), StationError>;

impl Station {
    /// Packs everything but the seal. Returns what stands for it.
    pub(super) fn pack_contents(
        &self,
        permit: &Permit<BookEvidence>,
        kept: &KeptEvidence,
        reads: &[BookedRead],
        still: Still<'_>,
        put: Put<'_>,
    ) -> Result<Digest, StationError> {
        let files = picture_files(reads);
        // The booking's own entry stands under the head from here on.
        self.sign_ledger()?;
        let proofs = self.batch_proofs(reads)?;
        put(EvidencePart::Begins {
            serial: kept.serial,
            files: OTHERS + (files.len() + proofs.len()) as u64,
        })?;
        let mut hand_on = |path: &str, bytes: &[u8]| put(EvidencePart::File { path, bytes });
        let mut bag = Bag::new(&mut hand_on);
        let told = self.told(reads, &files, &proofs);
        let booking = self.booking_told(permit, kept, told.len(), files.len());
        bag.put(EVIDENCE, &json(&booking)?)?;
        bag.put(READS, &json(&told)?)?;
        still()?;
        self.put_ledger(permit, &proofs, &mut bag)?;
        for (name, text) in self.policy.evidence_texts() {
            let path = format!("certificates/{name}");
            bag.put(&path, filled_in(text, &booking).as_bytes())?;
        }
        let mut close_ups = BTreeMap::new();
        for (picture, file) in &files {
            let Some(one) = reads.iter().find(|one| one.read.picture == *picture) else {
                continue;
            };
            still()?;
            let bytes = self.store.picture_to_book(permit, one)?;
            if sha256(&bytes) != one.picture_sha256 {
                return Err(StationError::Damaged(
                    "a picture is not the one that came in: nothing is booked with it".to_owned(),
                ));
            }
            close_up(reads, *picture, &bytes, &mut close_ups);
            bag.put(file, &bytes)?;
        }
        let paper = paper(&booking, &told, &close_ups, &self.ledger.verifying());
        let pdf = paper
            .to_pdf()
            .map_err(|e| StationError::Damaged(e.to_string()))?;
        bag.put("reads.pdf", &pdf)?;
        bag.close(&about(&booking))
    }

    /// The proof of each batch that a read came in with, by its entry: of those that stand in this
    /// ledger, and have the read as it is kept.
    fn batch_proofs(&self, reads: &[BookedRead]) -> Result<BTreeMap<u64, String>, StationError> {
        let mut proofs = BTreeMap::new();
        for booked in reads {
            let Some(came_in) = &booked.came_in else {
                continue;
            };
            if proofs.contains_key(&came_in.entry) || came_in.entry >= self.ledger.size() {
                continue;
            }
            let proof = self.ledger.prove(came_in.entry)?;
            if self.proves(&proof, booked, came_in) {
                proofs.insert(came_in.entry, proof);
            }
        }
        Ok(proofs)
    }

    fn proves(&self, proof: &str, booked: &BookedRead, came_in: &CameIn) -> bool {
        let proved = check_proof(proof, &self.ledger.verifying());
        let entry = proved.map(|proved| serde_json::from_str::<Entry>(&proved.entry));
        let Ok(Ok(Entry {
            event: Event::Batch(batch),
            ..
        })) = entry
        else {
            return false;
        };
        let picture = batch.pictures.then_some(&booked.picture_sha256);
        let own = leaf_hash(&read_leaf(booked.read.id.as_bytes(), picture, &booked.kept));
        came_in.leaves.get(came_in.leaf) == Some(&own)
            && root_of_leaves(&came_in.leaves) == batch.root
    }

    fn put_ledger(
        &self,
        permit: &Permit<BookEvidence>,
        proofs: &BTreeMap<u64, String>,
        bag: &mut Bag<'_, StationError>,
    ) -> Result<(), StationError> {
        let (salt, content) = self.store.content_of_booking(permit)?;
        bag.put(BOOKING, self.ledger.prove(permit.entry())?.as_bytes())?;
        bag.put(CONTENT, &json(&Beside { salt, content })?)?;
        for (entry, proof) in proofs {
            bag.put(&batch_proof(*entry), proof.as_bytes())?;
        }
        bag.put(CHECKPOINT, self.ledger.head()?.note.as_bytes())?;
        let key = self.ledger.verifying();
        let heads = ledger::witnessed_heads(&Files(&self.folder).ledger(), &key)?;
        for (n, head) in heads.iter().enumerate() {
            bag.put(&format!("{WITNESSED}{n}"), head.note.as_bytes())?;
        }
        bag.put(LEDGER_KEY, format!("{}\n", key.as_text()).as_bytes())
    }

    fn booking_told(
        &self,
        permit: &Permit<BookEvidence>,
        kept: &KeptEvidence,
        reads: usize,
        pictures: usize,
    ) -> Booking {
        let act = permit.act();
        let purpose = self.policy.purpose(&act.purpose.code);
        let (name, badge) = match permit.who() {
            Principal::Member(member) => (member.name.clone(), member.badge.clone()),
            Principal::Camera(camera) => (camera.name.clone(), String::new()),
            Principal::Station => (self.about.agency.clone(), String::new()),
        };
        let reader = vision::NETWORKS.map(|(name, bytes)| Model {
            name: name.to_owned(),
            sha256: sha256(bytes),
        });
        Booking {
            format: 1,
            number: act.number.clone(),
            booking: act.evidence.to_string(),
            agency: self.about.agency.clone(),
            case: kept.about.case.clone(),
            purpose: purpose.map_or_else(|| act.purpose.code.clone(), |known| known.says.clone()),
            words: act.purpose.words.clone(),
            booked_by: Person { name, badge },
            booked_at: kept.booked_at,
            decision: permit.decision().to_string(),
            entry: permit.entry(),
            ledger: self.ledger.verifying().origin().to_owned(),
            time_zone: self.about.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            clock_in_doubt: self.time_doubt().is_some(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: self.policy.digest(),
            reader: reader.into(),
            reads,
            pictures,
        }
    }

    fn told(
        &self,
        reads: &[BookedRead],
        files: &[(PictureId, String)],
        proofs: &BTreeMap<u64, String>,
    ) -> Vec<ReadTold> {
        let told = |booked: &BookedRead| {
            let read = &booked.read;
            let best = read.reading.most_likely();
            let alternatives = read.reading.best(MOST_ALTERNATIVES).into_iter();
            let file = files.iter().find(|(picture, _)| *picture == read.picture);
            let came_in = booked.came_in.as_ref();
            let zone = self.about.time_zone.clone();
            ReadTold {
                id: read.id.to_string(),
                seen_at: read.seen_at,
                local_time: read
                    .seen_at
                    .to_zoned_datetime(zone)
                    .strftime("%F %T %Z")
                    .to_string(),
                camera: read.camera.clone(),
                place: read.camera_place.clone(),
                plate: best.text.to_string(),
                confidence: read.confidence,
                alternatives: alternatives
                    .skip(1)
                    .filter(|other| other.probability >= LEAST_PROBABLE)
                    .map(|other| (other.text.to_string(), other.probability))
                    .collect(),
                states: (read.reading.jurisdictions().iter())
                    .map(|(issuer, p)| (issuer.name().to_owned(), p))
                    .collect(),
                at: Plate {
                    x: read.place.x,
                    y: read.place.y,
                    width: read.place.width,
                    height: read.place.height,
                },
                picture: file.map(|(_, file)| file.clone()).unwrap_or_default(),
                picture_sha256: booked.picture_sha256,
                kept: booked.kept.clone(),
                came_in: came_in
                    .filter(|came_in| proofs.contains_key(&came_in.entry))
                    .map(|came_in| Batch {
                        entry: came_in.entry,
                        leaf: came_in.leaf,
                        leaves: came_in.leaves.clone(),
                    }),
            }
        };
        reads.iter().map(told).collect()
    }
}

/// What else a read may be is told down to this, and no more than so many.
const LEAST_PROBABLE: f64 = 0.001;
const MOST_ALTERNATIVES: usize = 20;
/// Close-ups in the paper: it stays one that can be read.
const MOST_CLOSE_UPS: usize = 100;

/// Each picture's file, in the order in which the pictures were seen.
fn picture_files(reads: &[BookedRead]) -> Vec<(PictureId, String)> {
    let mut files: Vec<(PictureId, String)> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for booked in reads {
        if known.insert(booked.read.picture) {
            let number = files.len() + 1;
            files.push((booked.read.picture, format!("pictures/{number:05}.jpg")));
        }
    }
    files
}

/// The close-ups of the reads in a picture, by the reads' ids. A picture that can be kept and not be
/// decoded has none: the picture itself is in the bag.
fn close_up(
    reads: &[BookedRead],
    picture: PictureId,
    bytes: &[u8],
    close_ups: &mut BTreeMap<String, Vec<u8>>,
) {
    for booked in reads.iter().filter(|one| one.read.picture == picture) {
        let at = booked.read.place;
        if close_ups.len() == MOST_CLOSE_UPS {
            return;
        }
        if let Ok(Some(jpeg)) = capture::close_up(bytes, [at.x, at.y, at.width, at.height]) {
            close_ups.insert(booked.read.id.to_string(), jpeg);
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, StationError> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|e| StationError::Damaged(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A text of `policy/evidence/` for this booking.
fn filled_in(text: &str, booking: &Booking) -> String {
    let clock = if booking.clock_in_doubt {
        "in doubt, and the ledger says since when"
    } else {
        "not in doubt"
    };
    let values = [
        ("{agency}", booking.agency.clone()),
        ("{number}", booking.number.clone()),
        ("{case}", booking.case.clone()),
        ("{version}", booking.version.clone()),
        ("{reads}", booking.reads.to_string()),
        ("{pictures}", booking.pictures.to_string()),
        ("{clock}", clock.to_owned()),
    ];
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    })
}

/// `bag-info.txt`.
fn about(booking: &Booking) -> Vec<(&'static str, String)> {
    let Booking {
        agency,
        number,
        case,
        booked_by,
        booked_at,
        ..
    } = booking;
    let by = format!("{} (badge {})", booked_by.name, booked_by.badge);
    vec![
        ("Source-Organization", agency.clone()),
        ("Contact-Name", by),
        ("External-Identifier", number.clone()),
        ("External-Description", format!("Plate reads, case {case}")),
        ("Bagging-Date", booked_at.strftime("%F").to_string()),
        ("Internal-Sender-Identifier", booking.booking.clone()),
        (
            "Internal-Sender-Description",
            format!("Entry {} of the ledger {}", booking.entry, booking.ledger),
        ),
        ("Bag-Software-Agent", format!("Lictor {}", booking.version)),
    ]
}
