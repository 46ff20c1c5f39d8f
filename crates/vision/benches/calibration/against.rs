//! Ways to decide which plates of a list a read may be, held against each other: true alerts at equal
//! false ones, over the same cars.

use super::{Pass, figure};

/// Sums of the same alerts in another order differ by less.
const ROUNDING: f64 = 1e-6;
/// Draws of as many cars, with repeats, for the interval of a difference.
const RESAMPLES: usize = 4_000;

/// What a way alerts on when one plate is listed, once for each plate that may be.
pub(super) struct Alert {
    /// Which car passes.
    pub(super) pass: usize,
    /// How sure the way is.
    pub(super) sure: f64,
    /// Whether it is that car's own plate that is listed.
    pub(super) is_true: bool,
    /// How often that plate is listed, against one that is a vehicle for certain.
    pub(super) so_often: f64,
}

/// A way to decide: what it alerts on, surest first; of what is as sure, false ones first.
pub(super) struct Way(Vec<Alert>);

impl Way {
    pub(super) fn new(mut alerts: Vec<Alert>) -> Self {
        alerts.sort_by(|a, b| {
            let surest_first = b.sure.total_cmp(&a.sure);
            surest_first.then(a.is_true.cmp(&b.is_true))
        });
        Self(alerts)
    }

    /// As characters are compared: the best text alone. It can be asked to be surer than plain
    /// comparing is, and then is as good as the reader's confidence lets it be.
    pub(super) fn strings(passes: &[Pass]) -> Self {
        let best = |(pass, read): (usize, &Pass)| {
            let (text, sure) = read.texts.first()?;
            Some(Alert {
                pass,
                sure: *sure,
                is_true: *text == read.plate,
                so_often: 1.0,
            })
        };
        Self::new(passes.iter().enumerate().filter_map(best).collect())
    }

    /// How many true alerts there are, each car counted so often, before there are more false ones
    /// than `most`, and how many false ones.
    fn found(&self, counted: &[u32], most: f64) -> (f64, f64) {
        let (mut found, mut wrong) = (0.0, 0.0);
        for alert in &self.0 {
            let times = f64::from(counted[alert.pass]) * alert.so_often;
            if alert.is_true {
                found += times;
            } else if wrong + times > most + ROUNDING {
                break;
            } else {
                wrong += times;
            }
        }
        (found, wrong)
    }

    /// What it comes to when nothing limits it.
    fn in_all(&self, counted: &[u32]) -> (f64, f64) {
        self.found(counted, f64::INFINITY)
    }
}

/// True alerts of a hundred listed cars by comparing strings, and by probability at no more false
/// ones; how much more that is, with the interval in which 95 of 100 draws of the same cars lie.
/// `density`: how often a plate that is not the car's own is listed.
pub(super) fn compare(name: &str, cars: usize, density: f64, strings: &Way, probability: &Way) {
    let once = vec![1; cars];
    let of_100 = |found: f64| found / cars as f64 * 100.0;
    let per_million = |wrong: f64| wrong * density / cars as f64 * 1e6;
    let (by_strings, budget) = strings.in_all(&once);
    let (by_probability, _) = probability.found(&once, budget);
    figure(&format!("{name}_cars"), cars as f64);
    figure(&format!("{name}_strings_found_of_100"), of_100(by_strings));
    figure(&format!("{name}_false_per_million"), per_million(budget));
    figure(
        &format!("{name}_probability_found_of_100"),
        of_100(by_probability),
    );
    let mut drawn = Draws(0x9e37_79b9_7f4a_7c15);
    let mut more: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let mut counted = vec![0; cars];
            for _ in 0..cars {
                counted[drawn.below(cars)] += 1;
            }
            let (by_strings, budget) = strings.in_all(&counted);
            of_100(probability.found(&counted, budget).0) - of_100(by_strings)
        })
        .collect();
    more.sort_by(f64::total_cmp);
    let at = |share: f64| more[((RESAMPLES - 1) as f64 * share).round() as usize];
    figure(
        &format!("{name}_more_of_100"),
        of_100(by_probability) - of_100(by_strings),
    );
    figure(&format!("{name}_more_of_100_least"), at(0.025));
    figure(&format!("{name}_more_of_100_most"), at(0.975));

    eprintln!("{name}: of 100 listed cars that pass, found at so many false alerts:");
    eprintln!("false of a million   by strings   by probability");
    for share in [0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0] {
        let most = budget * share;
        eprintln!(
            "{:>12.0} {:>16.1} {:>16.1}",
            per_million(most),
            of_100(strings.found(&once, most).0),
            of_100(probability.found(&once, most).0)
        );
    }
}

/// The same draws every time, so that a figure can be repeated: SplitMix64 (Steele, Lea and Flood, 2014).
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
