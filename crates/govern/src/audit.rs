//! Regular audits (5(c)): how a sample of accesses is drawn, so that anybody can draw it again.

use std::collections::BTreeSet;

use crypt::{Digest, sha256_of};
use ledger::{DecisionId, MemberId};
use serde::Deserialize;

/// What `policy/audits.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRules {
    /// How many accesses are drawn where nothing else is said.
    pub sample: usize,
    /// How many at most.
    pub largest_sample: usize,
    /// Within how many days after its end a week is drawn.
    pub drawn_within_days: u16,
    /// Within how many days every access of a sample has a finding.
    pub judged_within_days: u16,
    /// The acts that count as accesses.
    pub accesses: Vec<String>,
}

impl AuditRules {
    /// What is wrong with them.
    pub(crate) fn check(&self, acts: &[String]) -> Result<(), String> {
        if self.sample == 0 || self.sample > self.largest_sample {
            return Err(format!(
                "a sample has 1 to {} accesses",
                self.largest_sample
            ));
        }
        let longest = [
            ("drawn_within_days", self.drawn_within_days, 1),
            ("judged_within_days", self.judged_within_days, 7),
        ];
        for (name, days, most) in longest {
            if days > most {
                return Err(format!("{name} is {days}; AU-6 allows 0 to {most}"));
            }
        }
        match self.accesses.iter().find(|act| !acts.contains(act)) {
            Some(unknown) => Err(format!("{unknown:?} is no act")),
            None => Ok(()),
        }
    }
}

/// Something that a member did with the data, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Its entry.
    pub entry: u64,
    /// Its decision.
    pub decision: DecisionId,
    /// By whom.
    pub by: MemberId,
    /// The act.
    pub act: String,
    /// The purpose's code, where it had one.
    pub purpose: Option<String>,
}

/// Draws so many of the accesses: first one of every member, then one of every act and purpose that is not
/// among them, then of all, as far as they go. Which, the seed decides alone: the accesses stand in the order
/// of the SHA-256 of the seed followed by their decision's id. The same seed and the same accesses give the
/// same sample, to anybody.
pub fn draw_accesses(seed: &Digest, accesses: &[Access], most: usize) -> Vec<Access> {
    let mut waiting: Vec<&Access> = accesses.iter().collect();
    waiting.sort_by_cached_key(|access| {
        let lot = sha256_of(&[&seed.0, access.decision.as_bytes()]);
        (lot.0, access.entry)
    });
    let kind = |access: &Access| (access.act.clone(), access.purpose.clone());
    let mut members = BTreeSet::new();
    let (mut drawn, waiting): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .partition(|access| members.insert(*access.by.as_bytes()));
    let mut kinds: BTreeSet<_> = drawn.iter().map(|access| kind(access)).collect();
    let (of_other_kinds, others): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .partition(|access| kinds.insert(kind(access)));
    drawn.extend(of_other_kinds);
    drawn.extend(others);
    drawn.truncate(most);
    drawn.sort_by_key(|access| access.entry);
    drawn.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use crypt::{Id, sha256};

    use super::*;

    /// A thousand accesses: the last is the only one of its member, the one before the only canvass.
    fn accesses() -> Vec<Access> {
        let access = |n: u16| {
            let mut id = [7; 16];
            id[..2].copy_from_slice(&n.to_be_bytes());
            let by = if n == 999 { 9 } else { (n % 5) as u8 };
            Access {
                entry: u64::from(n),
                decision: Id::from_bytes(id),
                by: Id::from_bytes([by; 16]),
                act: if n == 998 { "canvass" } else { "search" }.to_owned(),
                purpose: Some("crime".to_owned()),
            }
        };
        (0..1000).map(access).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_sample_and_another_seed_another() {
        let all = accesses();
        let mut turned = all.clone();
        turned.reverse();
        let (july, august) = (sha256(b"July"), sha256(b"August"));
        assert_eq!(
            draw_accesses(&july, &all, 25),
            draw_accesses(&july, &turned, 25)
        );
        assert_ne!(
            draw_accesses(&july, &all, 25),
            draw_accesses(&august, &all, 25)
        );
        assert_eq!(draw_accesses(&july, &all, 25).len(), 25);
        assert_eq!(draw_accesses(&july, &all[..3], 25).len(), 3);
    }

    #[test]
    fn every_member_and_every_kind_of_access_is_in_the_sample_as_far_as_it_goes() {
        for seed in [b"one", b"two", b"six"].map(|seed| sha256(seed)) {
            let drawn = draw_accesses(&seed, &accesses(), 7);
            let members: BTreeSet<_> = drawn.iter().map(|a| *a.by.as_bytes()).collect();
            assert_eq!(members.len(), 6);
            assert!(drawn.iter().any(|access| access.act == "canvass"));
        }
    }

    #[test]
    fn rules_that_speak_of_an_unknown_act_are_not_put_in_force() {
        let rules = AuditRules {
            sample: 25,
            largest_sample: 200,
            drawn_within_days: 1,
            judged_within_days: 7,
            accesses: vec!["search".to_owned(), "serach".to_owned()],
        };
        let acts = ["search".to_owned()];
        assert_eq!(rules.check(&acts), Err("\"serach\" is no act".to_owned()));
        let late = AuditRules {
            judged_within_days: 8,
            accesses: vec!["search".to_owned()],
            ..rules
        };
        let refused = late.check(&acts).unwrap_err();
        assert!(refused.contains("AU-6"), "{refused}");
    }
}
