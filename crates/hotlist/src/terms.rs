//! What a department set for the alerts of one list.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// When an alert of a list is one for now, and what may be done on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What a false alert for now costs: as much as so many listed cars that are shown for review only.
    pub false_cost: u32,
    /// What may be done on an alert of the list, in words; empty where nothing is set.
    pub may_be_done: String,
}

/// Terms that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TermsError {
    /// A cost out of bounds.
    #[error("a false alert counts as 1 to {} listed cars", Terms::MOST)]
    Cost,
    /// Words that are none.
    #[error("what may be done is said in 200 characters at most, on one line")]
    Words,
}

impl Terms {
    /// The largest cost: beyond it nothing would be sure enough.
    pub const MOST: u32 = 99;

    /// Whether they are terms at all.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), TermsError> {
        if !(1..=Self::MOST).contains(&self.false_cost) {
            return Err(TermsError::Cost);
        }
        let words = &self.may_be_done;
        if words.chars().count() > 200 || words.chars().any(char::is_control) {
            return Err(TermsError::Words);
        }
        Ok(())
    }

    /// From which probability of a true hit on an alert is one for now. At a probability p, raising it
    /// costs (1 - p) times what a false one costs, not raising it costs p: they are equal at c / (c + 1).
    pub fn alert_at(&self) -> f64 {
        let cost = f64::from(self.false_cost);
        cost / (cost + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(false_cost: u32, may_be_done: &str) -> Terms {
        Terms {
            false_cost,
            may_be_done: may_be_done.to_owned(),
        }
    }

    #[test]
    fn the_dearer_a_false_alert_the_surer_one_for_now() {
        let at = [1, 4, 9, 99].map(|cost| terms(cost, "").alert_at());
        assert_eq!(at, [0.5, 0.8, 0.9, 0.99]);
    }

    #[test]
    fn terms_have_a_cost_within_bounds_and_words_that_fit_a_line() {
        assert_eq!(terms(4, "Stop once it is verified.").check(), Ok(()));
        for cost in [0, 100] {
            assert_eq!(terms(cost, "").check(), Err(TermsError::Cost));
        }
        for words in ["a\nb", &"x".repeat(201)] {
            assert_eq!(terms(4, words).check(), Err(TermsError::Words));
        }
    }
}
