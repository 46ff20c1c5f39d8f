//! Evidence (4): what was booked, and the chain of custody.

use crypt::{Digest, Sealed};
use govern::{
    BookEvidence, Class, Covers, EvidenceId, HoldKind, MemberId, NoteCustody, Permit, SeeEvidence,
};
use jiff::Timestamp;
use ledger::{Event, LedgerError};
use serde::{Deserialize, Serialize};

use crate::hold::NewHold;
use crate::read::{Read, read};
use crate::release::{Done, place};
use crate::sql::{Row, values};
use crate::{Held, Store, StoreError};

/// A read that is booked, with all that proves it.
#[derive(Clone, Debug)]
pub struct BookedRead {
    /// The read.
    pub read: Read,
    /// Its distribution, word for word as it is kept.
    pub kept: String,
    /// SHA-256 of its picture, noted when it came in.
    pub picture_sha256: Digest,
    /// Where it stands in the ledger, for a read that came in since that is noted.
    pub came_in: Option<CameIn>,
}

/// A read's place in its batch.
#[derive(Clone, Debug)]
pub struct CameIn {
    /// The batch's entry.
    pub entry: u64,
    /// Which leaf is the read's.
    pub leaf: usize,
    /// Every leaf's hash.
    pub leaves: Vec<Digest>,
}

/// A booking, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvidence {
    /// Names it.
    pub id: EvidenceId,
    /// Its number here, from 1.
    pub serial: i64,
    /// When.
    pub booked_at: Timestamp,
    /// By whom.
    pub booked_by: MemberId,
    /// The booking's decision in the ledger.
    pub entry: u64,
    /// The number of the hold on its reads.
    pub hold: i64,
    /// The rest.
    pub about: EvidenceAbout,
    revision: i64,
}

/// What is sealed in a booking's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceAbout {
    /// The evidence number.
    pub number: String,
    /// The case.
    pub case: String,
    /// How many reads.
    pub reads: usize,
    /// What stands for the bag, once it is packed.
    pub package: Option<Digest>,
    /// Whom it was sealed for.
    #[serde(default)]
    pub sealed_for: Vec<String>,
    /// Who did what with it, and when, beginning with the booking.
    pub custody: Vec<Done>,
}

impl Store {
    /// Notes the permit's booking and holds its reads, by one stroke.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] for a read that there is not, or that the member may not see; when the
    /// permit has expired or the database or the ledger fails.
    pub fn book_evidence(
        &self,
        permit: &Permit<BookEvidence>,
        by: &str,
        mut enter: impl FnMut(Event) -> Result<(), LedgerError>,
    ) -> Result<Held, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let member = permit.member().ok_or(StoreError::NoSuch("such member"))?;
        let case = act.purpose.case.clone().unwrap_or_default();
        let case = case.trim().to_uppercase();
        let about = EvidenceAbout {
            number: act.number.clone(),
            case: case.clone(),
            reads: act.reads.len(),
            package: None,
            sealed_for: act.leaves.recipients().map(ToString::to_string).collect(),
            custody: vec![self.done(by, format!("booked, {}", act.leaves))],
        };
        let sealed = self.seal_json(&place("evidence", act.evidence), &about)?;
        let entry = i64::try_from(permit.entry()).map_err(StoreError::damaged)?;
        let hold = NewHold {
            id: act.hold,
            kind: HoldKind::Evidence,
            case: &case,
            why: &format!("evidence {}", act.number),
            review_on: act.review_on,
            covers: &Covers::Reads(act.reads.clone()),
            by: Some(member),
            decision: permit.decision(),
            entry: permit.entry(),
        };
        self.change(|db| {
            let held = self.put_hold(db, &hold, &mut enter)?;
            db.execute(
                "INSERT INTO evidence (id, serial, revision, booked_at, booked_by, entry, hold, about)
                 SELECT ?1, coalesce(max(serial), 0) + 1, 1, ?2, ?3, ?4, ?5, ?6 FROM evidence",
                values![
                    act.evidence,
                    self.clock.now(),
                    member,
                    entry,
                    act.hold,
                    &sealed
                ],
            )?;
            Ok(held)
        })
    }

    /// The permit's booking, as it is kept.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] before it is noted.
    pub fn evidence_of(&self, permit: &Permit<BookEvidence>) -> Result<KeptEvidence, StoreError> {
        self.evidence_by_id(permit.act().evidence)
    }

    /// The permit's reads, in the order in which they were seen.
    ///
    /// # Errors
    /// As [`Store::book_evidence`].
    pub fn reads_to_book(
        &self,
        permit: &Permit<BookEvidence>,
    ) -> Result<Vec<BookedRead>, StoreError> {
        permit.check(&*self.clock)?;
        let mut booked = Vec::new();
        for &id in &permit.act().reads {
            let row = self.ask(|db| {
                db.row(
                    "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                            picture.seen_at, camera.name, camera.place,
                            camera.class, picture.sha256, picture.entry, picture.leaves, read.leaf
                     FROM read
                     JOIN picture ON picture.id = read.picture
                     JOIN camera ON camera.id = picture.camera
                     WHERE read.id = ?1",
                    values![id],
                )
            })?;
            booked.push(booked_read(row.as_ref(), permit.classes())?);
        }
        booked.sort_by_key(|booked| (booked.read.seen_at, booked.read.id));
        booked.dedup_by_key(|booked| booked.read.id);
        Ok(booked)
    }

    /// The picture of a read that the permit books, as captured.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] for a read that the permit does not book.
    pub fn picture_to_book(
        &self,
        permit: &Permit<BookEvidence>,
        booked: &BookedRead,
    ) -> Result<Vec<u8>, StoreError> {
        permit.check(&*self.clock)?;
        if !permit.act().reads.contains(&booked.read.id) {
            return Err(StoreError::NoSuch("such read in what is booked"));
        }
        self.open_picture(booked.read.picture)
    }

    /// What is kept beside the permit's own decision, and its salt: it goes with the evidence.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; when the permit has expired or the database fails.
    pub fn content_of_booking(
        &self,
        permit: &Permit<BookEvidence>,
    ) -> Result<(Digest, String), StoreError> {
        permit.check(&*self.clock)?;
        let decision = permit.decision();
        let find = "SELECT salt, content FROM content WHERE decision = ?1";
        let row = self.ask(|db| db.row(find, values![decision]))?;
        let row = row.ok_or(StoreError::NoSuch("such content"))?;
        let content: Sealed = row.get(1)?;
        Ok((
            Digest(row.get(0)?),
            self.unseal_content(decision, &content)?,
        ))
    }

    /// Notes what the permit's bag came to: packed, with what stands for it, or broken off.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it was changed meanwhile.
    pub fn note_packed(
        &self,
        permit: &Permit<BookEvidence>,
        by: &str,
        packed: Result<Digest, String>,
    ) -> Result<(), StoreError> {
        let kept = self.evidence_by_id(permit.act().evidence)?;
        let mut about = kept.about.clone();
        let says = match packed {
            Ok(package) => {
                about.package = Some(package);
                format!("packed, {package}")
            }
            Err(why) => format!("not packed: {why}"),
        };
        about.custody.push(self.done(by, says));
        self.change_evidence(&kept, &about)
    }

    /// Adds the permit's link to the chain of custody.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where somebody else changed it meanwhile.
    pub fn note_custody(&self, permit: &Permit<NoteCustody>, by: &str) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let kept = self.evidence_by_id(act.evidence)?;
        let mut about = kept.about.clone();
        about.custody.push(self.done(by, act.step.to_string()));
        self.change_evidence(&kept, &about)
    }

    /// Everything that was booked, newest first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn all_evidence(
        &self,
        permit: &Permit<SeeEvidence>,
    ) -> Result<Vec<KeptEvidence>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            db.rows(
                "SELECT evidence.id, serial, booked_at, booked_by, evidence.entry, hold.number, evidence.about, revision
                 FROM evidence JOIN hold ON hold.id = evidence.hold ORDER BY serial DESC",
                values![],
            )
        })?;
        rows.iter().map(|row| self.kept_evidence(row)).collect()
    }

    /// Which booking goes by this number here, for what is asked of the gate about it.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn evidence_by_serial(&self, serial: i64) -> Result<KeptEvidence, StoreError> {
        let id =
            self.ask(|db| db.row("SELECT id FROM evidence WHERE serial = ?1", values![serial]))?;
        self.evidence_by_id(id.ok_or(StoreError::NoSuch("such evidence"))?.get(0)?)
    }

    fn evidence_by_id(&self, id: EvidenceId) -> Result<KeptEvidence, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT evidence.id, serial, booked_at, booked_by, evidence.entry, hold.number, evidence.about, revision
                 FROM evidence JOIN hold ON hold.id = evidence.hold WHERE evidence.id = ?1",
                values![id],
            )
        })?;
        self.kept_evidence(&row.ok_or(StoreError::NoSuch("such evidence"))?)
    }

    fn kept_evidence(&self, row: &Row) -> Result<KeptEvidence, StoreError> {
        let id = row.get(0)?;
        Ok(KeptEvidence {
            id,
            serial: row.get(1)?,
            booked_at: row.get(2)?,
            booked_by: row.get(3)?,
            entry: row.get::<i64>(4)?.unsigned_abs(),
            hold: row.get(5)?,
            about: self.unseal_json(&place("evidence", id), &row.get(6)?)?,
            revision: row.get(7)?,
        })
    }

    fn change_evidence(
        &self,
        kept: &KeptEvidence,
        about: &EvidenceAbout,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_json(&place("evidence", kept.id), about)?;
        let changed = self.change(|db| {
            db.execute(
                "UPDATE evidence SET revision = revision + 1, about = ?3 WHERE id = ?1 AND revision = ?2",
                values![kept.id, kept.revision, &sealed],
            )
        })?;
        if changed == 0 {
            return Err(StoreError::Conflict(
                "somebody else noted something about this evidence at the same moment: look, and note it again"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

fn booked_read(row: Option<&Row>, classes: &[Class]) -> Result<BookedRead, StoreError> {
    const NONE: StoreError = StoreError::NoSuch("such read among those that you may see");
    let row = row.ok_or(NONE)?;
    let class: Option<String> = row.get(11)?;
    if class.is_some_and(|class| !classes.contains(&Class(class))) {
        return Err(NONE);
    }
    let sha256: String = row.get(12)?;
    let entry: Option<i64> = row.get(13)?;
    let leaves: Option<Vec<u8>> = row.get(14)?;
    let leaf: Option<i64> = row.get(15)?;
    let came_in = entry
        .zip(leaves)
        .zip(leaf)
        .map(|((entry, leaves), leaf)| CameIn {
            entry: entry.unsigned_abs(),
            leaf: usize::try_from(leaf).unwrap_or(usize::MAX),
            leaves: leaves
                .as_chunks::<32>()
                .0
                .iter()
                .map(|&leaf| Digest(leaf))
                .collect(),
        });
    Ok(BookedRead {
        read: read(row)?,
        kept: row.get(2)?,
        picture_sha256: sha256.parse().map_err(StoreError::damaged)?,
        came_in,
    })
}
