//! The numbers that alerts go by: `policy/alerts.toml`.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use plate::{Jurisdiction, Jurisdictions, Pattern, Reading};
use serde::Deserialize;
use thiserror::Error;

use crate::list::{About, Class};
use crate::terms::Terms;

/// The numbers that alerts go by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    true_hits_per_read: f64,
    vehicles: Vehicles,
    learnt_after_reads: f64,
    learnt_over_days: u32,
    false_alert_cost: u32,
    review_at: f64,
    state_read_at: f64,
    usual_states: BTreeMap<Jurisdiction, f64>,
    largest_shrink: f64,
    same_passing_minutes: u32,
    local_entry_days: u32,
    partial_entry_hours: u32,
    partial_known_characters: usize,
    camera_refuted_share: f64,
    camera_refuted_least: usize,
    webhook_again_minutes: Vec<u32>,
    #[serde(default)]
    escalation: Vec<Escalation>,
    #[serde(default)]
    measured: Vec<Measured>,
}

/// How many vehicles there are where a list of each class has its cars from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vehicles {
    department: f64,
    state: f64,
    federal: f64,
}

impl Vehicles {
    fn of(&self, class: Class) -> f64 {
        match class {
            Class::Department => self.department,
            Class::State => self.state,
            Class::Federal => self.federal,
        }
    }
}

/// How probable it is that a car that passes is a listed one, before it is read: h and N of decision D25.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// h: how many of the reads are of a car of the list.
    pub true_hits_per_read: f64,
    /// N: how many vehicles there are where the list has its cars from.
    pub vehicles: f64,
}

impl Prior {
    /// How much more probable a car of a list of so many is than any other: the second and third factor
    /// of decision D25's odds, `(h/|L|) / ((1-h)/N)`, but 1 at most. A short list would else make of
    /// each of its cars one that passes hundreds of times as often as any other, and of its every
    /// look-alike a true hit.
    pub(crate) fn odds(&self, listed: usize) -> f64 {
        let h = self.true_hits_per_read;
        ((h / listed.max(1) as f64) / ((1.0 - h) / self.vehicles)).min(1.0)
    }
}

/// What alerts for now came to when they were measured, where a false one costs so much.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// What a false alert costs, as [`Terms`] have it.
    pub false_cost: u32,
    /// Of a hundred listed cars that pass, so many raise an alert for now.
    pub found_of_100: f64,
    /// Of a million reads, so many raise a false one.
    pub false_per_million: f64,
}

/// Whom an alert goes to that nobody takes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    after_minutes: u32,
    /// The role.
    pub to: String,
}

impl Escalation {
    /// How long after it was raised.
    pub fn after(&self) -> SignedDuration {
        SignedDuration::from_mins(self.after_minutes.into())
    }
}

/// `policy/alerts.toml` does not say what it should.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct RulesError(String);

impl Rules {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        let rules: Self = toml::from_str(text).map_err(|e| RulesError(e.to_string()))?;
        let between = |name: &str, value: f64, least: f64, most: f64| {
            if value > least && value < most {
                Ok(())
            } else {
                Err(RulesError(format!(
                    "{name} must lie between {least} and {most}"
                )))
            }
        };
        between("true_hits_per_read", rules.true_hits_per_read, 0.0, 1.0)?;
        for class in [Class::Department, Class::State, Class::Federal] {
            between("vehicles", rules.vehicles.of(class), 0.0, 1e10)?;
        }
        between("learnt_after_reads", rules.learnt_after_reads, 0.0, 1e10)?;
        between("learnt_over_days", rules.learnt_over_days.into(), 0.0, 1e4)?;
        let terms = rules.terms().check();
        terms.map_err(|e| RulesError(format!("false_alert_cost: {e}")))?;
        // Below one in a hundred a text is not looked up at all.
        between("review_at", rules.review_at, 0.01, 1.0)?;
        between("state_read_at", rules.state_read_at, 0.0, 1.0)?;
        between("largest_shrink", rules.largest_shrink, 0.0, 1.0)?;
        between(
            "local_entry_days",
            rules.local_entry_days.into(),
            0.0,
            f64::from(About::LONGEST_REFRESH / 24 + 1),
        )?;
        between(
            "partial_entry_hours",
            rules.partial_entry_hours.into(),
            0.0,
            f64::from(24 * rules.local_entry_days + 1),
        )?;
        between("camera_refuted_share", rules.camera_refuted_share, 0.0, 1.0)?;
        if !rules
            .escalation
            .is_sorted_by(|a, b| a.after_minutes < b.after_minutes)
        {
            return Err(RulesError(
                "each escalation comes later than the one before it".to_owned(),
            ));
        }
        let shares: f64 = rules.usual_states.values().sum();
        if rules
            .usual_states
            .values()
            .any(|share| !(0.0..=1.0).contains(share))
            || shares > 1.0
        {
            return Err(RulesError("the usual states' shares exceed one".to_owned()));
        }
        Ok(rules)
    }

    /// How probable a listed car is, before it is read, by a list of this class, before anything is
    /// learnt.
    pub fn prior(&self, class: Class) -> Prior {
        Prior {
            true_hits_per_read: self.true_hits_per_read,
            vehicles: self.vehicles.of(class),
        }
    }

    /// The same at a camera that saw so many reads over [`Rules::learnt_over`], so many of which were
    /// of a car of the list, by the database. The default counts as much as `learnt_after_reads` reads.
    pub fn prior_learnt(&self, class: Class, verified: u64, reads: u64) -> Prior {
        let before = self.learnt_after_reads;
        let hits = verified as f64 + self.true_hits_per_read * before;
        // No more than half of what is seen: beyond it the list would say what the camera saw.
        let true_hits_per_read = (hits / (reads as f64 + before)).min(0.5);
        Prior {
            true_hits_per_read,
            ..self.prior(class)
        }
    }

    /// Over which time it is learnt how often listed cars pass.
    pub fn learnt_over(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.learnt_over_days))
    }

    /// The terms of a list for which none are set.
    pub fn terms(&self) -> Terms {
        Terms {
            false_cost: self.false_alert_cost,
            may_be_done: String::new(),
        }
    }

    /// What was measured of alerts for now, by what a false one costs.
    pub fn measured(&self) -> &[Measured] {
        &self.measured
    }

    /// From which fit of the text on there is an alert at all.
    pub fn review_at(&self) -> f64 {
        self.review_at
    }

    /// From which probability on a state counts as read.
    pub(crate) fn state_read_at(&self) -> f64 {
        self.state_read_at
    }

    /// How probable a state is where it was not read: its usual share, or an even part of what the
    /// usual ones leave over.
    pub(crate) fn usual_share(&self, state: Jurisdiction) -> f64 {
        let others = Jurisdiction::all().count() - self.usual_states.len();
        let left = 1.0 - self.usual_states.values().sum::<f64>();
        self.usual_states
            .get(&state)
            .copied()
            .unwrap_or(left / others.max(1) as f64)
    }

    /// The probability that a plate is this state's, by what was read.
    pub(crate) fn state_probability(&self, read: &Jurisdictions, state: Jurisdiction) -> f64 {
        if read.is_empty() {
            return self.usual_share(state);
        }
        let named = read.iter().find(|(known, _)| *known == state);
        named.map_or_else(
            || {
                let others = Jurisdiction::all().count() - read.iter().count();
                let left = 1.0 - read.iter().map(|(_, p)| p).sum::<f64>();
                left.max(0.0) / others.max(1) as f64
            },
            |(_, p)| p,
        )
    }

    /// Whether an import that leaves so many of the entries in force waits for a second look.
    pub fn shrinks_too_much(&self, before: u64, after: u64) -> bool {
        (after as f64) < (1.0 - self.largest_shrink) * before as f64
    }

    /// Whom an alert goes to that nobody takes, in order.
    pub fn escalations(&self) -> &[Escalation] {
        &self.escalation
    }

    /// How long until an alert is sent again that was sent so many times before and not received; `None`
    /// where it is given up.
    pub fn webhook_again_after(&self, tries: usize) -> Option<SignedDuration> {
        let minutes = self.webhook_again_minutes.get(tries)?;
        Some(SignedDuration::from_mins((*minutes).into()))
    }

    /// Whether a camera was wrong too often: `refuted` of the `found` of its alerts that were looked into.
    pub fn is_wrong_too_often(&self, refuted: usize, found: usize) -> bool {
        found >= self.camera_refuted_least
            && refuted as f64 >= self.camera_refuted_share * found as f64
    }

    /// How long an entry that a member makes may last: one of a whole plate, or of part of one.
    pub fn local_entry_lasts(&self, partial: bool) -> SignedDuration {
        SignedDuration::from_hours(if partial {
            self.partial_entry_hours.into()
        } else {
            24 * i64::from(self.local_entry_days)
        })
    }

    /// Whether enough of a plate is known to look out for it.
    pub fn is_enough_known(&self, part: &Pattern) -> bool {
        part.known() >= self.partial_known_characters
    }

    /// How probably a read is of the vehicle of which part of a plate is known, and the state perhaps;
    /// `None` where it is not worth a look. It is never grounds for an alert.
    pub fn possible(
        &self,
        reading: &Reading,
        part: &Pattern,
        state: Option<Jurisdiction>,
    ) -> Option<f64> {
        let fit = reading.probability_of_fit(part);
        let state = state.map_or(1.0, |state| {
            self.state_probability(reading.jurisdictions(), state)
        });
        let possible = fit * state;
        (possible >= self.review_at).then_some(possible)
    }

    /// Sightings of one entry so close to each other are one alert.
    pub fn same_passing(&self) -> Duration {
        Duration::from_secs(60 * u64::from(self.same_passing_minutes))
    }
}
