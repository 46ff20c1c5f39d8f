//! What the ledger says happened since a backup was made.

use std::collections::{BTreeMap, HashMap, HashSet};

use govern::{CameraId, MemberId, MemberStatus, RetentionClass};
use jiff::{SignedDuration, Timestamp};
use ledger::{DecisionId, Entry, Event, Hold, Ledger, Outcome, Purged, Verdict, Withdrawal};
use store::Store;

use super::restore::{EnterAgain, damaged};
use crate::StationError;

/// Acts that change nothing which a restore could lose.
const LOOKING: &[&str] = &[
    "confirm-time",
    "see-to-alarm",
    "search",
    "canvass",
    "turn-page",
    "see-proof",
    "see-cases",
    "see-evidence",
    "see-holds",
    "see-retention",
    "start-purge",
    "purge",
    "see-requests",
    "see-access",
    "see-proposals",
    "see-approvals",
    "see-questions",
    "open-question",
    "see-samples",
    "open-sample",
    "see-report",
    "verify-report",
    "publish-report",
    "review-ledger",
    "review-policy",
    "see-station",
    "end-sessions",
    "see-lists",
    "see-alerts",
    "see-webhooks",
    "see-feeds",
    "find-list-unchanged",
    "send-alert",
    "watch-alerts",
    "see-corrections",
    "export-corrections",
    "see-figures",
    "see-local-entries",
    "open-alert",
    "back-up",
    "confirm-export",
    "keep-reads",
];
/// An act that takes away is over a minute after its decision; this is well beyond.
const LONGEST_ACT: SignedDuration = SignedDuration::from_mins(10);

/// What the ledger says happened since the backup's database was copied.
#[derive(Default)]
pub(super) struct Since {
    /// What was taken away, and when, where it may have been taken away in the backup already.
    pub(super) withdrawals: HashMap<Withdrawal, Option<Timestamp>>,
    pub(super) enter_again: Vec<EnterAgain>,
    pub(super) reads: u64,
    pub(super) newest: Option<Timestamp>,
    classified: HashSet<CameraId>,
    /// What was held since, newest first: when, and in which entry.
    pub(super) held: Vec<(Hold, Timestamp, u64)>,
    /// Up to when each class was purged since.
    pub(super) purged: BTreeMap<RetentionClass, Timestamp>,
    /// Whether the time was in doubt at the end, where the ledger says so.
    pub(super) time_doubtful: Option<bool>,
}

impl Since {
    /// Reads the ledger from its end to the entry where the database stands, and on through the acts
    /// that may not have been over then. `decision` is what stands there, where that is known.
    pub(super) fn read(
        &mut self,
        ledger: &Ledger,
        stands: u64,
        decision: Option<DecisionId>,
    ) -> Result<(), StationError> {
        const AT_ONCE: usize = 256;
        let mut outcomes = Outcomes::default();
        let mut oldest = Timestamp::MIN;
        let mut end = ledger.size();
        while end > 0 {
            for (index, entry) in ledger.newest(end, AT_ONCE)? {
                end = index;
                self.newest = self.newest.max(Some(entry.at));
                if index == stands {
                    if decision.is_some_and(|wanted| !is_decision(&entry, wanted)) {
                        return Err(damaged("it does not stand in this ledger where it says"));
                    }
                    oldest = entry.at.saturating_sub(LONGEST_ACT).unwrap_or(oldest);
                }
                // What was decided in that very entry may not have been done yet.
                let decided = matches!(entry.event, Event::Decision(_));
                if index > stands || index == stands && decided {
                    self.take_newer(index, &entry, &mut outcomes);
                } else if entry.at < oldest {
                    return Ok(());
                } else {
                    self.take_older(&entry, &mut outcomes);
                }
            }
        }
        Ok(())
    }

    fn withdraw(&mut self, withdrawal: &Withdrawal) {
        // Of a camera's classes the newest counts, which is met first.
        if let Withdrawal::OpenReads(camera, _) = withdrawal
            && !self.classified.insert(*camera)
        {
            return;
        }
        self.withdrawals.insert(withdrawal.clone(), None);
    }

    fn take_newer(&mut self, index: u64, entry: &Entry, outcomes: &mut Outcomes) {
        match &entry.event {
            Event::Outcome(Outcome::Failed { decision, .. }) => {
                outcomes.failed.insert(*decision);
            }
            Event::Outcome(Outcome::Done { decision, .. }) => {
                outcomes.done.insert(*decision);
            }
            Event::Batch(batch) => self.reads += batch.count,
            Event::Held(held) => self.held.push((held.clone(), entry.at, index)),
            Event::Purged(purged) => self.take_purged(purged),
            Event::TimeDoubtful { .. } => {
                self.time_doubtful.get_or_insert(true);
            }
            Event::TimeConfirmed { .. } | Event::TimeAgreed { .. } => {
                self.time_doubtful.get_or_insert(false);
            }
            Event::Login(decision) => {
                if let Some(withdrawal) = &decision.withdraws {
                    self.withdraw(withdrawal);
                }
            }
            Event::Decision(decision) if decision.verdict == Verdict::Permit => {
                match &decision.withdraws {
                    // One whose outcome is not known may have been done: it is taken away.
                    Some(withdrawal) if !outcomes.failed.contains(&decision.id) => {
                        self.withdraw(withdrawal);
                    }
                    None if outcomes.done.contains(&decision.id)
                        && !LOOKING.contains(&&*decision.act) =>
                    {
                        self.enter_again.push(EnterAgain {
                            entry: index,
                            at: entry.at,
                            act: decision.act.to_string(),
                        });
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn take_purged(&mut self, purged: &Purged) {
        let class = RetentionClass::ALL
            .into_iter()
            .find(|class| class.as_str() == purged.class);
        if let Some(class) = class {
            let before = self.purged.entry(class).or_insert(purged.before);
            *before = purged.before.max(*before);
        }
    }

    /// A decision from before, whose act was perhaps not over when the database was copied.
    fn take_older(&mut self, entry: &Entry, outcomes: &mut Outcomes) {
        match &entry.event {
            Event::Outcome(outcome) => {
                outcomes.before.insert(outcome.decision());
            }
            // What a member sets for their own way in follows its entry within moments, without an
            // outcome: whether it is in the backup shows by when it was set. What a login takes away
            // is gone before its entry is written.
            Event::Login(decision) if decision.act != "login" => {
                if let Some(withdrawal) = &decision.withdraws {
                    let by = self.withdrawals.entry(withdrawal.clone());
                    by.or_insert(Some(entry.at));
                }
            }
            Event::Decision(decision) if decision.verdict == Verdict::Permit => {
                if let Some(withdrawal) = &decision.withdraws
                    && !outcomes.before.contains(&decision.id)
                    && !outcomes.failed.contains(&decision.id)
                {
                    self.withdraw(withdrawal);
                }
            }
            _ => {}
        }
    }

    /// How many things were taken away since.
    pub(super) fn withdrawn(&self) -> u64 {
        let after = self.withdrawals.values().filter(|by| by.is_none());
        after.count() as u64
    }

    /// The wall's time, or the ledger's where that is later.
    pub(super) fn latest(&self, now: Timestamp) -> Timestamp {
        self.newest.map_or(now, |newest| newest.max(now))
    }

    /// The logins of those whose way in was taken away, and who have none now.
    pub(super) fn without_way_in(&self, store: &Store) -> Result<Vec<String>, StationError> {
        let members: HashSet<MemberId> = (self.withdrawals.keys())
            .filter_map(|withdrawal| match withdrawal {
                Withdrawal::WayIn(member)
                | Withdrawal::Password(member)
                | Withdrawal::Authenticator(member)
                | Withdrawal::EnrolmentCode(member) => Some(*member),
                _ => None,
            })
            .collect();
        let mut logins = Vec::new();
        for member in members {
            if let Some(member) = store.member(member)?
                && member.status != MemberStatus::Ended
                && !store.has_way_in(member.id)?
            {
                logins.push(member.login);
            }
        }
        logins.sort();
        Ok(logins)
    }
}

#[derive(Default)]
struct Outcomes {
    done: HashSet<DecisionId>,
    failed: HashSet<DecisionId>,
    before: HashSet<DecisionId>,
}

fn is_decision(entry: &Entry, wanted: DecisionId) -> bool {
    matches!(&entry.event, Event::Decision(decision) if decision.id == wanted)
}

#[cfg(test)]
mod tests {
    use govern::{Policy, PolicyFiles};

    use super::LOOKING;

    #[test]
    fn an_act_that_looks_is_not_done_again_after_a_restore() {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let looks = |act: &&String| {
            let begins = |word: &&str| act.starts_with(*word);
            ["see-", "open-", "review-"].iter().any(begins)
        };
        let acts = policy.acts();
        let missing: Vec<_> = acts
            .iter()
            .filter(looks)
            .filter(|act| !LOOKING.contains(&act.as_str()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
