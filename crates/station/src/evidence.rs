//! Evidence (4): reads booked under an evidence number, packed as a bag, and who had it since.

mod packing;
mod paper;
mod sealing;

use std::io;

use ::evidence::SEAL;
use crypt::{Digest, Id};
use govern::{
    BookEvidence, CustodyStep, EvidenceId, LeavesAs, MediumId, NoteCustody, Permit, ReadId,
    Recipient, SeeEvidence, StatedPurpose,
};
use jiff::ToSpan;
use ledger::Event;
use serde::{Deserialize, Serialize};
use store::{BookedRead, KeptEvidence};

use self::sealing::HandOn;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// What is to be booked.
#[derive(Clone, Debug)]
pub struct EvidenceAsked {
    /// The evidence number.
    pub number: String,
    /// Which reads.
    pub reads: Vec<ReadId>,
    /// Why, and for which case.
    pub purpose: StatedPurpose,
    /// How the bag is to leave.
    pub to: BagTo,
}

/// How a bag is to leave.
#[derive(Clone, Debug)]
pub enum BagTo {
    /// As one file that these open.
    Recipients(Vec<Recipient>),
    /// As a folder, onto this medium.
    Medium(MediumId),
}

/// What a booking came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Booked {
    /// The booking's number here.
    pub serial: i64,
    /// The evidence number.
    pub number: String,
    /// The number of its decision in the ledger.
    pub entry: u64,
    /// The number of the hold on its reads.
    pub hold: i64,
    /// How many reads.
    pub reads: usize,
    /// How many files the bag has.
    pub files: u64,
    /// What stands for the bag: the digest that the ledger has.
    pub package: Digest,
}

/// A bag on its way.
pub enum EvidencePart<'a> {
    /// It begins: the booking's number here, and about how many files it will have.
    Begins {
        /// The booking's number here.
        serial: i64,
        /// Files.
        files: u64,
    },
    /// A file of one that leaves as a folder.
    File {
        /// Its path in the bag.
        path: &'a str,
        /// All of it.
        bytes: &'a [u8],
    },
    /// The next bytes of one that leaves as one sealed file: in age's format a ZIP file, with the bag as
    /// a folder in it.
    Sealed(&'a [u8]),
}

/// Takes a bag, part by part.
type Takes<'a> = &'a mut dyn FnMut(EvidencePart<'_>) -> io::Result<()>;

/// The longest evidence number.
const LONGEST_NUMBER: usize = 40;
/// The most reads that are booked at once.
const MOST: usize = 10_000;
/// The most whom one bag is sealed for.
const MOST_RECIPIENTS: usize = 20;
/// The longest words for who a recipient is.
const LONGEST_WHO: usize = 80;

impl Station {
    /// Books reads into evidence: holds them, packs them as a bag with all that proves them, and hands
    /// the bag over part by part, sealed where it is to be. The ledger has what stands for the bag before
    /// its last part leaves; where it breaks off, ledger and chain of custody say so, and the reads stay
    /// held.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for reads that there are not, or a number that
    /// is none; [`StationError::Evidence`] when whoever takes it fails.
    pub fn book_evidence(
        &self,
        caller: &Caller,
        asked: EvidenceAsked,
        take: Takes<'_>,
    ) -> Result<Booked, StationError> {
        let act = self.booking(asked)?;
        let (_, by) = self.signed_by(caller);
        let (booked, _permit) = self.perform(caller, act, |permit| {
            let enter = |event: Event| self.ledger.append(self.clock.now(), event).map(drop);
            // First of all that every one of them is there, and may be seen by the member.
            let reads = self.store.reads_to_book(permit)?;
            let held = self.store.book_evidence(permit, &by, enter)?;
            let kept = self.store.evidence_of(permit)?;
            let packed = self.pack(caller, permit, &kept, &reads, take);
            let noted = match &packed {
                Ok((package, ..)) => Ok(*package),
                Err(error) => Err(error.to_string()),
            };
            self.store.note_packed(permit, &by, noted)?;
            let (package, files) = packed?;
            Ok(Done {
                ids: permit.act().reads.iter().map(|id| *id.as_bytes()).collect(),
                value: Booked {
                    serial: kept.serial,
                    number: kept.about.number,
                    entry: permit.entry(),
                    hold: held.number,
                    reads: reads.len(),
                    files,
                    package,
                },
            })
        })?;
        Ok(booked)
    }

    fn booking(&self, asked: EvidenceAsked) -> Result<BookEvidence, StationError> {
        let number = asked.number.trim();
        let fits = |c: char| c.is_alphanumeric() || "-_./ ".contains(c);
        if number.chars().count() > LONGEST_NUMBER || !number.chars().all(fits) {
            return Err(StationError::Input(format!(
                "an evidence number has at most {LONGEST_NUMBER} letters, digits, and - _ . /"
            )));
        }
        if asked.reads.len() > MOST {
            return Err(StationError::Input(format!(
                "at most {MOST} reads are booked at once: book the others under the same number afterwards"
            )));
        }
        let mut reads = asked.reads;
        reads.sort_unstable();
        reads.dedup();
        let leaves = self.leaves(asked.to)?;
        let days = i64::from(self.policy.keeping().hold_review_days);
        Ok(BookEvidence {
            evidence: Id::random(&*self.random),
            number: number.to_owned(),
            reads,
            case: self.case_of(&asked.purpose)?,
            purpose: asked.purpose,
            hold: Id::random(&*self.random),
            review_on: self.today().saturating_add(days.days()),
            leaves,
        })
    }

    fn leaves(&self, to: BagTo) -> Result<LeavesAs, StationError> {
        let recipients = match to {
            BagTo::Medium(medium) => return self.folder_on(medium),
            BagTo::Recipients(recipients) => recipients,
        };
        if self.policy.security().cji_mode() && !recipients.is_empty() {
            return Err(StationError::Input(
                "cji_mode is on, and the ciphers of age are not validated under FIPS 140-3: write the bag onto a \
                 registered medium (lictor evidence book --to)"
                    .to_owned(),
            ));
        }
        if recipients.len() > MOST_RECIPIENTS {
            return Err(StationError::Input(format!(
                "a bag is sealed for {MOST_RECIPIENTS} recipients at most"
            )));
        }
        let unfit = |one: &&Recipient| {
            one.who.chars().count() > LONGEST_WHO || one.who.chars().any(char::is_control)
        };
        if let Some(recipient) = recipients.iter().find(unfit) {
            return Err(StationError::Input(format!(
                "{}: who it is has {LONGEST_WHO} letters at most",
                recipient.key
            )));
        }
        Ok(LeavesAs::SealedFor(recipients))
    }

    /// Packs the permit's bag, has the ledger vouch for it, and seals it with the proof of that.
    fn pack(
        &self,
        caller: &Caller,
        permit: &Permit<BookEvidence>,
        kept: &KeptEvidence,
        reads: &[BookedRead],
        take: Takes<'_>,
    ) -> Result<(Digest, u64), StationError> {
        let mut hand_on = HandOn::new(permit.act(), take, &*self.random);
        // However long it takes, it goes on only while the rules would have it begin.
        let still = || {
            let mut now = permit.act().clone();
            if let LeavesAs::FolderOn { medium, .. } = now.leaves {
                now.leaves = self.folder_on(medium)?;
            }
            self.still(caller, permit, now)
        };
        let package = self.pack_contents(permit, kept, reads, &still, &mut |part| {
            hand_on.put(part).map_err(StationError::Evidence)
        })?;
        still()?;
        let packed = self.enter(Event::Packed {
            decision: permit.decision(),
            package,
        })?;
        self.sign_ledger()?;
        let seal = self.ledger.prove(packed.index)?;
        let last = EvidencePart::File {
            path: SEAL,
            bytes: seal.as_bytes(),
        };
        let files = hand_on.put(last).and_then(|()| hand_on.finish());
        Ok((package, files.map_err(StationError::Evidence)?))
    }

    /// What was booked, newest first, with the chain of custody; and the number of the decision.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn all_evidence(&self, caller: &Caller) -> Result<(Vec<KeptEvidence>, u64), StationError> {
        let (all, permit) = self.perform(caller, SeeEvidence, |permit| {
            let all = self.store.all_evidence(permit)?;
            let ids = all.iter().map(|one| *one.id.as_bytes()).collect();
            Ok(Done { value: all, ids })
        })?;
        Ok((all, permit.entry()))
    }

    /// Notes where a bag went.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for evidence that there is not, and for a
    /// medium with another bag than the one that was packed.
    pub fn note_custody(
        &self,
        caller: &Caller,
        serial: i64,
        step: CustodyStep,
    ) -> Result<(), StationError> {
        let kept = self.store.evidence_by_serial(serial)?;
        if let CustodyStep::Written { package, .. } = &step
            && kept.about.package != Some(*package)
        {
            return Err(StationError::Input(
                "what is on the medium is not what was packed: it is no evidence".to_owned(),
            ));
        }
        let id: EvidenceId = kept.id;
        let act = NoteCustody {
            evidence: id,
            number: kept.about.number,
            booked_by: kept.booked_by,
            step,
        };
        let (_, by) = self.signed_by(caller);
        self.perform(caller, act, |permit| {
            self.store.note_custody(permit, &by)?;
            Ok(Done {
                value: (),
                ids: vec![*id.as_bytes()],
            })
        })?;
        Ok(())
    }
}

impl EvidenceAsked {
    /// What the bag is called as one sealed file.
    pub fn sealed_name(&self) -> String {
        format!("{}.zip.age", folder_name(&self.number))
    }
}

/// An evidence number as the name of a folder.
fn folder_name(number: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    format!(
        "evidence-{}",
        number.trim().chars().map(plain).collect::<String>()
    )
}
