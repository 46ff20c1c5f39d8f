//! Everything out: every read with its picture, and the ledger, in formats that anybody can open. It
//! takes two people.
//!
//! The archive is made as it leaves: nothing is held but the reads at hand. What it came to is in the
//! ledger before its end is handed over, and without its end it is no archive.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crypt::DigestWriter;
use govern::{Class, Confirm, ExportEverything, Permit, ProposalId};
use jiff::Timestamp;
use ledger::Event;
use serde::Serialize;
use store::ReadOut;

use crate::administer::check_words;
use crate::gate::Done;
use crate::tar::Tar;
use crate::{Caller, Files, Station, StationError};

/// Takes the archive's bytes as they are made.
pub type TakesExport<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

/// A read as it stands in the archive, one a line.
#[derive(Serialize)]
struct Line<'a> {
    read: govern::ReadId,
    plate: String,
    seen_at: Timestamp,
    camera: &'a str,
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'a str>,
    confidence: f64,
    /// Left, top, width, height in pixels of the picture.
    plate_at: [f64; 4],
    /// Everything that it may say, with probabilities.
    reading: &'a plate::Reading,
    picture: String,
    picture_sha256: &'a str,
}

/// What is in the archive, and what is not: its last file.
#[derive(Serialize)]
struct Manifest<'a> {
    agency: &'a str,
    made_at: Timestamp,
    /// The number of the decision in the ledger.
    entry: u64,
    reads: u64,
    pictures: u64,
    /// Reads of classes that whoever received it is not authorised for.
    withheld: BTreeMap<String, u64>,
}

struct HandedOn<'a, 'b>(&'a mut TakesExport<'b>);

impl Write for HandedOn<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What went out so far.
#[derive(Default)]
struct Out {
    ids: Vec<[u8; 16]>,
    pictures: u64,
    withheld: BTreeMap<String, u64>,
}

impl Station {
    /// Proposes to take everything out.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] without a reason.
    pub fn propose_export(&self, caller: &Caller, why: &str) -> Result<ProposalId, StationError> {
        check_words("a reason", why)?;
        let matter = ExportEverything {
            why: why.trim().to_owned(),
        };
        self.propose(caller, matter, || Ok(()))
    }

    /// Confirms that everything is taken out, and hands it over as an archive, however long that takes:
    /// before every picture the rules are asked again. One that breaks off is proposed anew.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when nothing such is proposed; what keeps it
    /// from being copied or handed over.
    pub fn export(
        &self,
        caller: &Caller,
        id: ProposalId,
        mut takes: TakesExport<'_>,
    ) -> Result<(), StationError> {
        let Some(proposal) = self.store.proposal::<ExportEverything>(id)? else {
            return Err(StationError::Input("there is no such proposal".to_owned()));
        };
        let late = proposal.until <= self.clock.now();
        let (end, permit) = self.perform(caller, Confirm { proposal, late }, |permit| {
            self.store.confirm_export(permit)?;
            let made_at = self.clock.now();
            let to = DigestWriter::new(HandedOn(&mut takes));
            let mut tar = Tar::begin(to, made_at);
            let out = self.pack_reads(caller, permit, &mut tar)?;
            self.pack_ledger(&mut tar)?;
            // Without its end it is no archive.
            self.still(caller, permit, permit.act().clone())?;
            let manifest = Manifest {
                agency: &self.about.agency,
                made_at,
                entry: permit.entry(),
                reads: out.ids.len() as u64,
                pictures: out.pictures,
                withheld: out.withheld.clone(),
            };
            add(&mut tar, "manifest.json", &as_json(&manifest)?)?;
            let (written, end) = tar.end();
            self.enter(Event::Packed {
                decision: permit.decision(),
                package: written.digest_with(&end),
            })?;
            Ok(Done {
                ids: out.ids,
                value: (end, out.withheld),
            })
        })?;
        let (end, withheld) = end;
        let withheld = withheld.into_iter().map(|(class, n)| (Class(class), n));
        self.withhold(caller, permit.entry(), withheld.collect())?;
        takes(&end).map_err(StationError::Export)
    }

    fn pack_reads<W: Write>(
        &self,
        caller: &Caller,
        permit: &Permit<Confirm<ExportEverything>>,
        tar: &mut Tar<W>,
    ) -> Result<Out, StationError> {
        let mut out = Out::default();
        let mut after = None;
        let mut part = 1;
        let still = || self.still(caller, permit, permit.act().clone());
        loop {
            still()?;
            let Some(some) = self.store.reads_to_export(permit, after)? else {
                break;
            };
            after = Some(some.last);
            let mut lines = Vec::new();
            let mut packed = None;
            for one in &some.reads {
                let closed = one.class.as_ref();
                if let Some(class) = closed.filter(|class| !permit.classes().contains(class)) {
                    *out.withheld.entry(class.0.clone()).or_default() += 1;
                    continue;
                }
                let name = if packed
                    .as_ref()
                    .is_some_and(|(id, _)| *id == one.read.picture)
                {
                    packed.clone().map(|(_, name)| name).unwrap_or_default()
                } else {
                    still()?;
                    let bytes = self.store.picture_to_export(permit, one)?;
                    let name = picture_name(one, &bytes);
                    add(tar, &name, &bytes)?;
                    out.pictures += 1;
                    packed = Some((one.read.picture, name.clone()));
                    name
                };
                lines.extend(as_json(&line(one, name))?);
                out.ids.push(*one.read.id.as_bytes());
            }
            if !lines.is_empty() {
                add(tar, &format!("reads/{part:06}.jsonl"), &lines)?;
                part += 1;
            }
        }
        Ok(out)
    }

    /// The ledger up to here, as `lictor ledger verify` takes it.
    fn pack_ledger<W: Write>(&self, tar: &mut Tar<W>) -> Result<(), StationError> {
        let key = format!("{}\n", self.ledger.verifying().as_text());
        add(tar, "ledger.pub", key.as_bytes())?;
        self.ledger.seal()?;
        let root = Files(&self.folder).ledger();
        let copied = ledger::copy(
            &root,
            &self.ledger.verifying(),
            &mut |name, length, from| tar.file(&format!("ledger/{}", name.display()), length, from),
        );
        copied.map(drop).map_err(StationError::Export)
    }
}

fn add<W: Write>(tar: &mut Tar<W>, name: &str, mut bytes: &[u8]) -> Result<(), StationError> {
    tar.file(name, bytes.len() as u64, &mut bytes)
        .map_err(StationError::Export)
}

fn as_json(what: &impl Serialize) -> Result<Vec<u8>, StationError> {
    let mut line = serde_json::to_vec(what).map_err(|e| StationError::Damaged(e.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

fn picture_name(of: &ReadOut, bytes: &[u8]) -> String {
    let kind = if bytes.starts_with(b"\x89PNG") {
        "png"
    } else {
        "jpg"
    };
    format!("pictures/{}.{kind}", of.read.picture)
}

fn line(one: &ReadOut, picture: String) -> Line<'_> {
    let ReadOut {
        read,
        class,
        sha256,
    } = one;
    let at = read.place;
    Line {
        read: read.id,
        plate: read.reading.most_likely().text.to_string(),
        seen_at: read.seen_at,
        camera: &read.camera,
        place: &read.camera_place,
        class: class.as_ref().map(|class| class.0.as_str()),
        confidence: read.confidence,
        plate_at: [at.x, at.y, at.width, at.height],
        reading: &read.reading,
        picture,
        picture_sha256: sha256,
    }
}
