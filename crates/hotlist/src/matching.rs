//! Which entries of a list a read may be, and how probably.

use plate::{Jurisdiction, Reading};
use serde::{Deserialize, Serialize};

use crate::index::Index;
use crate::rules::{Prior, Rules};
use crate::terms::Terms;
use crate::texts::probable;

/// Texts less probable than this are not looked up.
const FLOOR: f64 = 0.01;
/// The odds' denominator: what may be no listed plate at all is never taken for nothing.
const LEAST_REST: f64 = 1e-9;

/// An entry that a read may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Which of the list's entries, in the order of its index, counted from 0.
    pub entry: usize,
    /// The reader's probability of the entry's text, O as 0.
    pub text_fit: f64,
    /// The fit, q: the reader's probability of the entry's text and state (decision D25).
    pub fit: f64,
    /// The probability that the car is the listed one, which counts how rare listed cars are:
    /// `odds = q / (1 - sum of listed q) * (h / |L|) / ((1 - h) / N)` (decision D25),
    /// the last two factors 1 at most.
    pub probability: f64,
    /// How the states stand to each other.
    pub state: StateFit,
}

/// How the read's state stands to the entry's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateFit {
    /// The read's most probable state is the entry's, so probably.
    Fits(f64),
    /// It is another one, so probably.
    Differs(Jurisdiction, f64),
    /// The state was not read, or too unsurely.
    NotRead,
    /// The list does not say which state.
    NotListed,
}

/// What a match is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Somebody must look at it now.
    Priority,
    /// For review: no tone, nobody is sent.
    Review,
}

impl Index {
    /// The entries that a read may be, most probable first. Of each plate and state that is listed,
    /// every record.
    pub fn matches(&self, reading: &Reading, rules: &Rules, prior: Prior) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        let mut listed = 0.0;
        for (text, text_fit) in probable(reading, FLOOR) {
            let mut last = None;
            for entry in self.entries_of(text) {
                let listed_state = self.state_of(entry);
                let fit = listed_state.map_or(text_fit, |state| {
                    text_fit * rules.state_probability(reading.jurisdictions(), state)
                });
                if last != Some(listed_state) {
                    listed += fit;
                    last = Some(listed_state);
                }
                found.push(Match {
                    entry,
                    text_fit,
                    fit,
                    probability: 0.0,
                    state: state_fit(reading, listed_state, rules),
                });
            }
        }
        let rest = (1.0 - listed).max(LEAST_REST);
        let prior = prior.odds(self.plates());
        for one in &mut found {
            let odds = one.fit / rest * prior;
            one.probability = odds / (1.0 + odds);
        }
        found.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        found
    }
}

impl Match {
    /// What it is good for by the terms of its list, if for anything. Only a state that was read, and
    /// fits, makes an alert that somebody must look at now.
    pub fn grade(&self, rules: &Rules, terms: &Terms) -> Option<Grade> {
        let fits = matches!(self.state, StateFit::Fits(_));
        if fits && self.probability >= terms.alert_at() {
            Some(Grade::Priority)
        } else if self.text_fit >= rules.review_at() {
            Some(Grade::Review)
        } else {
            None
        }
    }
}

fn state_fit(reading: &Reading, listed: Option<Jurisdiction>, rules: &Rules) -> StateFit {
    let read = reading.jurisdictions().most_likely();
    match (listed, read) {
        (None, _) => StateFit::NotListed,
        (Some(listed), Some((state, p))) if p >= rules.state_read_at() => {
            if state == listed {
                StateFit::Fits(p)
            } else {
                StateFit::Differs(state, p)
            }
        }
        (Some(_), _) => StateFit::NotRead,
    }
}
