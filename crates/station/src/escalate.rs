//! Alerts that nobody takes go to more people, by the rules (`policy/alerts.toml`); and what was done
//! before an alert was verified goes to a supervisor.

use govern::{AlertId, JudgeException, Role};
use ledger::{Escalated, Event};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError, lock};

/// An alert that waits, and to whom it went last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub number: u64,
    /// The role that it went to.
    pub to: Role,
}

impl Station {
    /// Has the priority alerts that nobody took in time go to more people, and entered as such; called
    /// every few seconds by whoever runs the station. How many went on.
    ///
    /// # Errors
    /// When the store or the ledger cannot be written.
    pub fn escalate_alerts(&self) -> Result<usize, StationError> {
        let rules = self.policy.alerts().escalations();
        let now = self.clock.now();
        let mut escalated = Vec::new();
        let mut waiting = Vec::new();
        for alert in self.store.alerts_not_taken()? {
            let mut reached = alert.escalations;
            while let Some(rule) = rules.get(reached) {
                if now.duration_since(alert.raised_at) < rule.after() {
                    break;
                }
                let enter = |event: Event| self.ledger.append(now, event).map(drop);
                let entry = Escalated {
                    alert: alert.id,
                    number: alert.number,
                    step: reached as u64 + 1,
                    to: rule.to.clone(),
                };
                if !self.store.escalate(&entry, enter)? {
                    break;
                }
                reached += 1;
                escalated.push(alert.id);
            }
            if let Some(rule) = reached.checked_sub(1).and_then(|last| rules.get(last)) {
                waiting.push(Waiting {
                    number: alert.number,
                    to: Role(rule.to.clone()),
                });
            }
        }
        *lock(&self.waiting) = waiting;
        for &alert in &escalated {
            self.push(alert);
        }
        Ok(escalated.len())
    }

    /// The alerts that went to one of these roles because nobody took them in time.
    pub fn waiting_for(&self, roles: &[Role]) -> Vec<u64> {
        let waiting = lock(&self.waiting);
        let mine = waiting.iter().filter(|one| roles.contains(&one.to));
        mine.map(|one| one.number).collect()
    }

    /// A supervisor signs what was done before an alert was verified, or refuses to.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for an alert that was not closed by exception;
    /// [`StationError::Store`] when it was judged already.
    pub fn judge_exception(
        &self,
        caller: &Caller,
        number: u64,
        signs: bool,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let alert = self.alert_name(number)?;
        let reported_by = self.store.exception_reported_by(alert.id)?.ok_or_else(|| {
            StationError::Input(
                "nothing was done about this alert before it was verified".to_owned(),
            )
        })?;
        let act = JudgeException {
            alert,
            reported_by,
            signs,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.store.judge_exception(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*alert.id.as_bytes()],
            })
        })?;
        self.push(alert.id);
        Ok(())
    }

    /// That somebody took an alert is known at once, and not only when it is looked for.
    pub(crate) fn no_longer_waits(&self, alert: u64) {
        lock(&self.waiting).retain(|one| one.number != alert);
    }

    pub(crate) fn push_all(&self, alerts: impl IntoIterator<Item = AlertId>) {
        for alert in alerts {
            self.push(alert);
        }
    }
}
