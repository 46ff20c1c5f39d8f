//! `cargo xtask bench NAME`: figures, each beside its bar and its limit.

mod alerts;
mod calibration;
mod gate;
mod hotlist;
mod purge;
mod search;
mod store;
mod vision;

use std::path::PathBuf;
use std::process::Command;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::command::{Failure, cargo, complain, root, say, show};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// From a read to its alert on an open page, while 200 reads a second arrive
    Alerts,
    /// Of the alerts shown at a probability, how many are right; against comparing strings
    Calibration,
    /// The gate and the ledger: decisions, permits, verifying, proving
    Gate,
    /// A hotlist of five million entries: compiling it, opening it, holding reads against it
    Hotlist,
    /// A purge of a million reads while 200 a second arrive: how long a write waits
    Purge,
    /// Searches and canvasses of ten million reads, or, with --postgres, of a hundred million
    Search,
    /// A store of ten million reads: opening it, and the first answer
    Store,
    /// Reading a frame on one core: decoding, finding, reading, the state
    Vision,
}

/// Which side of a bar is the good one.
#[derive(Clone, Copy)]
enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// Shown beside others: the limit that nothing can beat here, or what explains a figure.
    Limit,
}

/// A figure as a program reads it.
#[derive(Serialize)]
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    /// `null` for a limit.
    bar: Option<f64>,
    holds: Option<bool>,
    runs: usize,
    minimum: f64,
    median: f64,
    maximum: f64,
}

impl Figure {
    /// The median of some runs.
    fn of(name: impl Into<String>, unit: &'static str, bar: Bar, mut runs: Vec<f64>) -> Self {
        runs.sort_by(f64::total_cmp);
        let at = |n: usize| runs.get(n).copied().unwrap_or(f64::NAN);
        let median = at(runs.len() / 2);
        let (bar, holds) = match bar {
            Bar::AtMost(bar) => (Some(bar), Some(median <= bar)),
            Bar::AtLeast(bar) => (Some(bar), Some(median >= bar)),
            Bar::Limit => (None, None),
        };
        Self {
            name: name.into(),
            value: median,
            unit,
            bar,
            holds,
            runs: runs.len(),
            minimum: at(0),
            median,
            maximum: at(runs.len().saturating_sub(1)),
        }
    }

    fn line(&self) -> String {
        let bar = match (self.bar, self.holds) {
            (Some(bar), Some(true)) => format!("bar {bar}, holds"),
            (Some(bar), _) => format!("bar {bar}, DOES NOT HOLD"),
            (None, _) => "limit".to_owned(),
        };
        format!(
            "{:<34} {:>12.2} {:<10} {bar:<24} {} runs, {:.2} to {:.2}",
            self.name, self.value, self.unit, self.runs, self.minimum, self.maximum
        )
    }
}

/// How large a search's data set is, and where it lies.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct DataSet {
    /// For `search`: how many reads, where not so many as the bars are set for
    #[arg(long)]
    reads: Option<u64>,
    /// For `search`: in PostgreSQL
    #[arg(long)]
    postgres: bool,
}

/// Measures, prints the figures, and fails when a bar does not hold.
pub(crate) fn run(bench: Bench, data_set: DataSet, json: bool) -> Result<(), Failure> {
    let figures = match bench {
        Bench::Alerts => alerts::figures()?,
        Bench::Calibration => calibration::figures()?,
        Bench::Gate => gate::figures()?,
        Bench::Hotlist => hotlist::figures()?,
        Bench::Purge => purge::figures()?,
        Bench::Search if data_set.postgres => {
            search::figures(search::Place::Postgres, data_set.reads)?
        }
        Bench::Search => search::figures(search::Place::Sqlite, data_set.reads)?,
        Bench::Store => store::figures()?,
        Bench::Vision => vision::figures()?,
    };
    for figure in &figures {
        if json {
            say(&serde_json::to_string(figure).unwrap_or_default());
        } else {
            say(&figure.line());
        }
    }
    let missed: Vec<_> = (figures.iter())
        .filter(|figure| figure.holds == Some(false))
        .map(|figure| figure.name.as_str())
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::Missing {
        what: format!("Bars that do not hold: {}.", missed.join(", ")),
        advice: "See that nothing else keeps this machine busy, and measure again.".to_owned(),
    })
}

/// Builds a bench of `package` in release, in a folder of its own, and gives its program.
fn build(package: &str, bench: &str, features: &str) -> Result<PathBuf, Failure> {
    let folder = root().join("target/bench");
    let mut command = cargo(&[
        "bench",
        "--no-run",
        "--locked",
        "--message-format=json-render-diagnostics",
        "--package",
        package,
        "--bench",
        bench,
        "--features",
        features,
        "--target-dir",
    ]);
    command.arg(&folder);
    complain(&format!("$ {}", show(&command)));
    let advice = "Mend what the compiler names above.".to_owned();
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|source| Failure::NotStarted {
            command: show(&command),
            source,
            advice: advice.clone(),
        })?;
    #[derive(Deserialize)]
    struct Built {
        executable: Option<PathBuf>,
    }
    let built = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Built>(line).ok()?.executable)
        .next_back();
    built
        .filter(|_| output.status.success())
        .ok_or_else(|| Failure::Failed {
            command: show(&command),
            status: output.status,
            advice,
        })
}

/// What a bench's program printed: one figure a line.
#[derive(Deserialize)]
struct Printed {
    name: String,
    value: f64,
}

/// Runs a bench's program; its figures in the order it printed them.
fn measured(command: &mut Command) -> Result<Vec<(String, f64)>, Failure> {
    let advice = "What went wrong stands above.".to_owned();
    complain(&format!("$ {}", show(command)));
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|source| Failure::NotStarted {
            command: show(command),
            source,
            advice: advice.clone(),
        })?;
    if !output.status.success() {
        return Err(Failure::Failed {
            command: show(command),
            status: output.status,
            advice,
        });
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let printed = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Printed>(line).ok());
    Ok(printed
        .map(|printed| (printed.name, printed.value))
        .collect())
}

/// The values that were printed under one name.
fn named(printed: &[(String, f64)], name: &str) -> Vec<f64> {
    let these = printed.iter().filter(|(printed, _)| printed == name);
    these.map(|(_, value)| *value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_held_by_the_median() {
        let figure = Figure::of("a", "ms", Bar::AtMost(2.0), vec![3.0, 1.0, 2.0]);
        assert_eq!((figure.value, figure.holds), (2.0, Some(true)));
        assert_eq!((figure.minimum, figure.maximum), (1.0, 3.0));
        assert_eq!(
            Figure::of("b", "ms", Bar::AtLeast(2.5), vec![2.0]).holds,
            Some(false)
        );
        assert_eq!(Figure::of("c", "ms", Bar::Limit, vec![2.0]).holds, None);
    }

    #[test]
    fn a_figure_is_written_as_the_contract_says() {
        let figure = Figure::of("gate.decision_us", "µs", Bar::AtMost(50.0), vec![40.0]);
        assert_eq!(
            serde_json::to_string(&figure).unwrap(),
            r#"{"name":"gate.decision_us","value":40.0,"unit":"µs","bar":50.0,"holds":true,"runs":1,"minimum":40.0,"median":40.0,"maximum":40.0}"#
        );
    }
}
