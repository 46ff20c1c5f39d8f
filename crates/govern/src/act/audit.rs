//! Regular audits (5(c)): samples of accesses, drawn by the station or a reviewer, and judged by reviewers.

use crypt::{Digest, Id};
use jiff::civil::Date;
use ledger::{Decision, DecisionId, MemberId, Party};
use serde::{Deserialize, Serialize};

use super::question::{Finding, reviewer};
use super::{Action, Facts, ReadsLedger, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Marks the ids of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {}
/// Names a sample.
pub type SampleId = Id<Sample>;

/// An access that was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// Its entry.
    pub entry: u64,
    /// Its decision.
    pub decision: DecisionId,
    /// By whom.
    pub by: MemberId,
}

/// Which sample, and what was drawn; nothing of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleName {
    /// Names it.
    pub id: SampleId,
    /// Its number, for people.
    pub serial: i64,
    /// Its accesses.
    pub accesses: Vec<Sampled>,
}

/// Draws a sample of the accesses of some days; a reviewer's, without their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawSample {
    /// Names it.
    pub sample: SampleId,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How many entries the ledger had when the last day was over.
    pub entries: u64,
    /// What decides which are drawn: the ledger's head over those entries. Nobody chose it.
    pub seed: Digest,
    /// How many at most.
    pub most: usize,
}

/// Sees which samples were drawn, and how far they are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeSamples;

/// Looks at a sample's accesses: the entries of the ledger, with the content beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSample(pub SampleName);

/// Gives a finding on an access of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeAccess {
    /// Of which sample.
    pub sample: SampleName,
    /// The access.
    pub access: Sampled,
    /// What was found.
    pub finding: Finding,
    /// In the reviewer's words.
    pub words: String,
}

impl sealed::Sealed for DrawSample {}
impl sealed::Sealed for SeeSamples {}
impl sealed::Sealed for OpenSample {}
impl sealed::Sealed for JudgeAccess {}

impl Action for DrawSample {
    const NAME: &'static str = "draw-sample";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let Self {
            first,
            last,
            entries,
            seed,
            most,
            ..
        } = self;
        format!(
            "{most} accesses at most from {first} to {last}, by the ledger's head over its first {entries} entries, {seed}"
        )
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        reviewer(who, policy)
    }
}

impl Action for SeeSamples {
    const NAME: &'static str = "see-samples";

    fn what(&self) -> String {
        "the samples that were drawn".to_owned()
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        reviewer(who, policy)
    }
}

impl Action for OpenSample {
    const NAME: &'static str = "open-sample";

    fn what(&self) -> String {
        format!("sample {}", self.0.serial)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        reviewer(who, policy)
    }
}

impl ReadsLedger for OpenSample {
    fn covers(&self, decision: &Decision, _me: Party) -> bool {
        let mut accesses = self.0.accesses.iter();
        accesses.any(|access| access.decision == decision.id)
    }
}

impl Action for JudgeAccess {
    const NAME: &'static str = "judge-access";

    fn what(&self) -> String {
        format!(
            "entry {} of sample {}: {}; {}",
            self.access.entry,
            self.sample.serial,
            self.finding.says(),
            self.words
        )
    }

    fn counts_as(&self) -> Vec<String> {
        vec![self.finding.code().to_owned()]
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let own = matches!(who, Principal::Member(member) if member.id == self.access.by);
        let mut facts = reviewer(who, policy);
        facts.push(("own", own));
        facts
    }
}
