//! The phases of a test run, what each may take, and the table of what each took.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use clap::ValueEnum;

/// One phase of a test run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Phase {
    /// Install what the tests need and this machine lacks
    Setup,
    /// The source is formatted (cargo fmt)
    Fmt,
    /// No warnings (cargo clippy)
    Clippy,
    /// Build everything, once, for the tests and the browser
    Build,
    /// All tests (cargo nextest)
    Test,
    /// The examples in the documentation (cargo test --doc)
    Doc,
    /// Licences, banned crates, sources, advisories (cargo deny)
    Deny,
    /// The real binary's pages, in Chromium
    Browser,
}

impl Phase {
    /// All of them, in the order in which they run: what fails fast comes first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Setup,
        Self::Fmt,
        Self::Deny,
        Self::Clippy,
        Self::Build,
        Self::Test,
        Self::Doc,
        Self::Browser,
    ];

    /// Its name, as `--only` takes it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// What it does, in words.
    pub(crate) fn says(self) -> String {
        let help = self
            .to_possible_value()
            .and_then(|value| value.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }

    /// Which budget it draws on.
    fn budget(self) -> Budget {
        match self {
            Self::Setup => Budget::Installs,
            Self::Fmt | Self::Clippy | Self::Build => Budget::Build,
            Self::Deny | Self::Test | Self::Doc => Budget::Tests,
            Self::Browser => Budget::Browser,
        }
    }
}

/// What the phases may take on a fresh machine of two cores. What takes longer is mended before
/// anything is added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Budget {
    Installs,
    Build,
    Tests,
    Browser,
}

impl Budget {
    const ALL: [Self; 4] = [Self::Installs, Self::Build, Self::Tests, Self::Browser];
    const TOTAL: Duration = Duration::from_mins(50);

    fn name(self) -> &'static str {
        match self {
            Self::Installs => "installs",
            Self::Build => "build",
            Self::Tests => "tests",
            Self::Browser => "browser",
        }
    }

    fn most(self) -> Duration {
        Duration::from_mins(match self {
            Self::Installs => 5,
            Self::Build | Self::Tests => 20,
            Self::Browser => 10,
        })
    }
}

/// What each phase took.
#[derive(Default)]
pub(crate) struct Times(Vec<(Phase, Duration)>);

impl Times {
    /// Keeps what `phase` took.
    pub(crate) fn add(&mut self, phase: Phase, took: Duration) {
        self.0.push((phase, took));
    }

    /// The table: each phase, then each budget that was drawn on and the total.
    pub(crate) fn table(&self) -> String {
        let mut table = String::from("phase        took\n");
        for (phase, took) in &self.0 {
            let _ = writeln!(table, "{:<10} {:>6}", phase.name(), clock(*took));
        }
        table.push_str("\nbudget       took    most\n");
        for budget in Budget::ALL {
            let drawn = || self.0.iter().filter(|(phase, _)| phase.budget() == budget);
            if drawn().next().is_some() {
                let took = drawn().map(|(_, took)| *took).sum();
                let _ = writeln!(table, "{}", against(budget.name(), took, budget.most()));
            }
        }
        let total = self.0.iter().map(|(_, took)| *took).sum();
        table.push_str(&against("total", total, Budget::TOTAL));
        table
    }
}

fn against(name: &str, took: Duration, most: Duration) -> String {
    let over = if took > most {
        "  over: mend this before anything is added"
    } else {
        ""
    };
    format!("{name:<10} {:>6}  {:>6}{over}", clock(took), clock(most))
}

/// Minutes and seconds, the second begun counted.
pub(crate) fn clock(took: Duration) -> String {
    let seconds = took.as_millis().div_ceil(1000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Does `work` and says how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a phase takes is what is measured here"
)]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_is_run_and_says_what_it_does() {
        assert_eq!(Phase::ALL.len(), Phase::value_variants().len());
        for phase in Phase::value_variants() {
            assert!(Phase::ALL.contains(phase), "{phase:?} is left out");
            assert!(
                !phase.says().is_empty(),
                "{phase:?} does not say what it does"
            );
        }
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!(clock(Duration::ZERO), "0:00");
        assert_eq!(clock(Duration::from_millis(1)), "0:01");
        assert_eq!(clock(Duration::from_secs(754)), "12:34");
    }

    #[test]
    fn the_table_names_the_budget_that_is_exceeded() {
        let mut times = Times::default();
        times.add(Phase::Fmt, Duration::from_secs(2));
        times.add(Phase::Build, Duration::from_mins(20));
        times.add(Phase::Browser, Duration::from_mins(1));
        assert_eq!(
            times.table(),
            "phase        took\n\
             fmt          0:02\n\
             build       20:00\n\
             browser      1:00\n\
             \n\
             budget       took    most\n\
             build       20:02   20:00  over: mend this before anything is added\n\
             browser      1:00   10:00\n\
             total       21:02   50:00"
        );
    }
}
