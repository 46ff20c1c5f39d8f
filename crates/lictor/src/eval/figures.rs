//! Shares with their doubt, and how far confidence can be believed.

use std::collections::BTreeMap;

use super::score::Score;

/// Confidences at which precision and recall are told.
const LEVELS: [f64; 6] = [0.3, 0.5, 0.7, 0.9, 0.95, 0.99];
/// Bins of equal count for the calibration error.
const BINS: usize = 10;
/// Resamples for the interval of the calibration error.
const RESAMPLES: usize = 1_000;

/// Hits of a number of trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) hits: usize,
    pub(super) of: usize,
}

impl Share {
    fn count(trials: impl IntoIterator<Item = bool>) -> Self {
        trials.into_iter().fold(Self::default(), |share, hit| Self {
            hits: share.hits + usize::from(hit),
            of: share.of + 1,
        })
    }

    pub(super) fn value(self) -> f64 {
        self.hits as f64 / self.of.max(1) as f64
    }

    /// Wilson's 95 % interval (1927).
    pub(super) fn interval(self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        const Z: f64 = 1.959_964;
        let (n, p) = (self.of as f64, self.value());
        let middle = p + Z * Z / (2.0 * n);
        let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (
            ((middle - spread) / scale).max(0.0),
            ((middle + spread) / scale).min(1.0),
        )
    }
}

/// The mean distance between confidence and the share that is right, with its interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calibration {
    pub(super) error: f64,
    pub(super) interval: (f64, f64),
    pub(super) of: usize,
}

/// What is right among the reads of at least this confidence, and of all plates.
pub(super) struct Level {
    pub(super) confidence: f64,
    pub(super) precision: Share,
    pub(super) recall: Share,
}

/// Exact where some labels seem wrong.
#[derive(Clone, Copy)]
pub(super) struct Doubted {
    /// Held against what those plates show.
    pub(super) as_seen: Share,
    /// Of the other plates.
    pub(super) without: Share,
}

/// Everything that is told about a folder.
pub(super) struct Figures {
    pub(super) found: Share,
    pub(super) exact: Share,
    /// `None` where no label seems wrong.
    pub(super) doubted: Option<Doubted>,
    pub(super) strict: Share,
    /// `None` where no label has a state.
    pub(super) state: Option<Share>,
    /// By state: exact, state right.
    pub(super) by_state: BTreeMap<&'static str, (Share, Share)>,
    pub(super) levels: Vec<Level>,
    pub(super) calibration: Calibration,
    pub(super) state_calibration: Option<Calibration>,
}

pub(super) fn of(scores: &[Score]) -> Figures {
    let state = Share::count(scores.iter().filter_map(Score::state_right));
    let mut grouped: BTreeMap<&'static str, Vec<&Score>> = BTreeMap::new();
    for score in scores {
        if let Some(state) = score.truth.state {
            grouped.entry(state.code()).or_default().push(score);
        }
    }
    let by_state = grouped
        .into_iter()
        .map(|(code, scores)| {
            let exact = Share::count(scores.iter().map(|s| s.exact()));
            let right = Share::count(scores.iter().filter_map(|s| s.state_right()));
            (code, (exact, right))
        })
        .collect();
    let levels = LEVELS.map(|confidence| {
        let answered = scores.iter().filter(|s| s.confidence >= confidence);
        let precision = Share::count(answered.map(Score::exact));
        Level {
            confidence,
            precision,
            recall: Share {
                hits: precision.hits,
                of: scores.len(),
            },
        }
    });
    let plates: Vec<(f64, bool)> = scores.iter().map(|s| (s.confidence, s.exact())).collect();
    let states: Vec<(f64, bool)> = scores
        .iter()
        .filter_map(|s| Some((s.state_said.map_or(0.0, |(_, p)| p), s.state_right()?)))
        .collect();
    Figures {
        found: Share::count(scores.iter().map(|s| s.found)),
        exact: Share::count(scores.iter().map(Score::exact)),
        doubted: doubted(scores),
        strict: Share::count(scores.iter().map(Score::strict)),
        state: (state.of > 0).then_some(state),
        by_state,
        levels: levels.into(),
        calibration: calibration(&plates),
        state_calibration: (!states.is_empty()).then(|| calibration(&states)),
    }
}

fn doubted(scores: &[Score]) -> Option<Doubted> {
    let sure = scores.iter().filter(|score| score.truth.seen.is_none());
    let without = Share::count(sure.map(Score::exact));
    (without.of < scores.len()).then(|| Doubted {
        as_seen: Share::count(scores.iter().map(Score::exact_as_seen)),
        without,
    })
}

fn calibration(answers: &[(f64, bool)]) -> Calibration {
    let mut drawn = Draws(0x9e37_79b9_7f4a_7c15);
    let mut errors: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let sample = (0..answers.len()).map(|_| answers[drawn.below(answers.len())]);
            calibration_error(sample.collect())
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors[((RESAMPLES - 1) as f64 * share).round() as usize];
    Calibration {
        error: calibration_error(answers.to_vec()),
        interval: (at(0.025), at(0.975)),
        of: answers.len(),
    }
}

fn calibration_error(mut answers: Vec<(f64, bool)>) -> f64 {
    answers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = answers.len();
    (0..BINS)
        .map(|bin| {
            let answers = &answers[bin * n / BINS..(bin + 1) * n / BINS];
            let sure: f64 = answers.iter().map(|(p, _)| p).sum();
            let right = answers.iter().filter(|(_, right)| *right).count();
            (sure - right as f64).abs()
        })
        .sum::<f64>()
        / n.max(1) as f64
}

/// The same draws every time, so that a figure can be repeated (SplitMix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((u128::from(z) * n as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        let (low, high) = Share { hits: 95, of: 111 }.interval();
        assert!(
            (low - 0.779).abs() < 5e-4 && (high - 0.909).abs() < 5e-4,
            "{low} {high}"
        );
        assert_eq!(Share::default().interval(), (0.0, 1.0));
    }

    #[test]
    fn confidence_that_is_right_as_often_as_it_says_has_no_error() {
        let honest: Vec<(f64, bool)> = (0..1_000).map(|i| (0.8, i % 5 != 0)).collect();
        let error = calibration(&honest);
        assert!(error.error < 1e-9, "{}", error.error);
        let boaster: Vec<(f64, bool)> = (0..1_000).map(|i| (1.0, i % 5 != 0)).collect();
        let error = calibration(&boaster);
        assert!((error.error - 0.2).abs() < 1e-9);
        assert!(error.interval.0 > 0.15 && error.interval.1 < 0.25);
    }
}
