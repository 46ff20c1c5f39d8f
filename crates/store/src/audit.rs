//! Samples of accesses, and what reviewers found (5(c)).

use crypt::Digest;
use govern::{
    DrawSample, Finding, JudgeAccess, MemberId, OpenSample, Permit, SampleId, SampleName, Sampled,
    SeeSamples,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A sample, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSample {
    /// Names it.
    pub id: SampleId,
    /// Its number, from 1.
    pub serial: i64,
    /// When it was drawn.
    pub drawn_at: Timestamp,
    /// By whom; none where the station drew it by itself.
    pub drawn_by: Option<MemberId>,
    /// The draw's decision in the ledger.
    pub entry: u64,
    /// The rest.
    pub about: SampleAbout,
    revision: i64,
}

/// What is sealed in a sample's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleAbout {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How many entries the ledger had when the last day was over.
    pub entries: u64,
    /// The ledger's head over them, which decided which accesses were drawn.
    pub seed: Digest,
    /// Of how many accesses it was drawn.
    pub of: usize,
    /// Those that were drawn, by their entries.
    pub accesses: Vec<SampledAccess>,
}

/// An access that was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledAccess {
    /// Which.
    pub access: Sampled,
    /// What was found of it; the newest last.
    pub findings: Vec<AuditFinding>,
}

/// What a reviewer found of an access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFinding {
    /// In a word.
    pub finding: Finding,
    /// In their words.
    pub words: String,
    /// Who.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
}

impl KeptSample {
    /// How many of its accesses have no finding yet.
    pub fn not_judged(&self) -> usize {
        let open = |access: &&SampledAccess| access.findings.is_empty();
        self.about.accesses.iter().filter(open).count()
    }
}

/// The samples for which the rest of the statement holds.
macro_rules! samples {
    ($rest:literal) => {
        concat!(
            "SELECT id, serial, drawn_at, drawn_by, entry, about, revision FROM audit_sample ",
            $rest
        )
    };
}

impl Store {
    /// Keeps what the permit drew; returns its number.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn keep_sample(
        &self,
        permit: &Permit<DrawSample>,
        of: usize,
        drawn: &[Sampled],
    ) -> Result<i64, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let accesses = drawn.iter().map(|&access| SampledAccess {
            access,
            findings: vec![],
        });
        let about = SampleAbout {
            first: act.first,
            last: act.last,
            entries: act.entries,
            seed: act.seed,
            of,
            accesses: accesses.collect(),
        };
        let sealed = self.seal_json(&place(act.sample), &about)?;
        let entry = i64::try_from(permit.entry()).map_err(StoreError::damaged)?;
        self.change(|db| {
            db.hold("samples")?;
            let serial: i64 = db.one(
                "SELECT coalesce(max(serial), 0) + 1 FROM audit_sample",
                values![],
            )?;
            db.execute(
                "INSERT INTO audit_sample (id, serial, revision, drawn_at, drawn_by, entry, about)
                 VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)",
                values![
                    act.sample,
                    serial,
                    self.clock.now(),
                    permit.member(),
                    entry,
                    &sealed
                ],
            )?;
            Ok(serial)
        })
    }

    /// Every sample, newest first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn samples(&self, permit: &Permit<SeeSamples>) -> Result<Vec<KeptSample>, StoreError> {
        permit.check(&*self.clock)?;
        self.all_samples()
    }

    /// The same for the station's own look at what is overdue.
    ///
    /// # Errors
    /// When the database fails.
    pub fn all_samples(&self) -> Result<Vec<KeptSample>, StoreError> {
        let rows = self.ask(|db| db.rows(samples!("ORDER BY serial DESC"), values![]))?;
        rows.iter().map(|row| self.kept_sample(row)).collect()
    }

    /// Which sample goes by this number, and what was drawn; nothing of what was found.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn sample_name(&self, serial: i64) -> Result<SampleName, StoreError> {
        let kept = self.sample_by_serial(serial)?;
        Ok(SampleName {
            id: kept.id,
            serial,
            accesses: kept.about.accesses.iter().map(|one| one.access).collect(),
        })
    }

    /// The permit's sample.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn sample(&self, permit: &Permit<OpenSample>) -> Result<KeptSample, StoreError> {
        permit.check(&*self.clock)?;
        self.sample_by_serial(permit.act().0.serial)
    }

    /// Keeps the permit's finding; what was found before stays.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] for an access that was not drawn; [`StoreError::Conflict`] where somebody
    /// else recorded a finding at the same moment.
    pub fn judge_access(&self, permit: &Permit<JudgeAccess>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let by = permit.member().ok_or(StoreError::NoSuch("such member"))?;
        let kept = self.sample_by_serial(act.sample.serial)?;
        let mut about = kept.about;
        let mut accesses = about.accesses.iter_mut();
        let drawn = accesses
            .find(|drawn| drawn.access == act.access)
            .ok_or(StoreError::NoSuch("such access in the sample"))?;
        drawn.findings.push(AuditFinding {
            finding: act.finding,
            words: act.words.clone(),
            by,
            at: self.clock.now(),
        });
        let sealed = self.seal_json(&place(kept.id), &about)?;
        let changed = self.change(|db| {
            db.execute(
                "UPDATE audit_sample SET revision = revision + 1, about = ?3
                 WHERE id = ?1 AND revision = ?2",
                values![kept.id, kept.revision, &sealed],
            )
        })?;
        if changed == 0 {
            return Err(StoreError::Conflict(
                "somebody else recorded a finding at the same moment: record yours again"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn sample_by_serial(&self, serial: i64) -> Result<KeptSample, StoreError> {
        let row = self.ask(|db| db.row(samples!("WHERE serial = ?1"), values![serial]))?;
        self.kept_sample(&row.ok_or(StoreError::NoSuch("such sample"))?)
    }

    fn kept_sample(&self, row: &Row) -> Result<KeptSample, StoreError> {
        let id = row.get(0)?;
        Ok(KeptSample {
            id,
            serial: row.get(1)?,
            drawn_at: row.get(2)?,
            drawn_by: row.get(3)?,
            entry: row.get(4)?,
            about: self.unseal_json(&place(id), &row.get(5)?)?,
            revision: row.get(6)?,
        })
    }
}

fn place(id: SampleId) -> String {
    format!("audit_sample {id} about")
}
