//! `cargo xtask cases`: every acceptance case and every clause, with its tests and how they end.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde::Serialize;
use serde_json::Value;

use crate::command::{Failure, say};
use crate::proof::{Proof, State};
use crate::setup;

/// How it stands with a case or a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Passed,
    Failed,
    /// There is no test of it.
    NoTest,
}

/// One line: a test of a case, or a clause.
#[derive(Serialize)]
struct Line<'a> {
    /// `ALPR-AC-07`, or `clause`.
    id: &'a str,
    clause: &'a str,
    /// For a clause: `held` or `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Its crate, file and name.
    tests: Vec<&'a str>,
    result: Outcome,
    /// The case, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    says: String,
}

/// Runs the tests that prove something and says how each case and each clause stands.
pub(crate) fn run(json: bool) -> Result<(), Failure> {
    let proof = Proof::read()?;
    let ended = run_tests(&proof)?;
    let mut missing = proof.faults();
    let judge = |names: &dyn Fn(&str) -> bool| {
        let of: Vec<_> = ended.iter().filter(|(path, _)| names(last(path))).collect();
        let result = match of.as_slice() {
            [] => Outcome::NoTest,
            all if all.iter().all(|(_, passed)| **passed) => Outcome::Passed,
            _ => Outcome::Failed,
        };
        (
            of.into_iter().map(|(path, _)| path.as_str()).collect(),
            result,
        )
    };
    let mut lines = Vec::new();
    for case in &proof.cases {
        let prefix = case.prefix();
        let (tests, result) = judge(&|name| name.starts_with(&prefix));
        lines.push(Line {
            id: &case.id,
            clause: &case.clause,
            state: None,
            tests,
            result,
            says: format!("given {}; {}: {}", case.given, case.when, case.then),
        });
    }
    for clause in &proof.clauses {
        let (tests, result) = judge(&|name| {
            clause
                .tests
                .iter()
                .any(|pattern| crate::proof::names(pattern, name))
        });
        if clause.state == State::Held && result != Outcome::Passed {
            missing.push(format!(
                "clause {} is held, and its tests do not all pass",
                clause.id
            ));
        }
        lines.push(Line {
            id: "clause",
            clause: &clause.id,
            state: Some(match clause.state {
                State::Held => "held",
                State::Open => "open",
            }),
            tests,
            result,
            says: String::new(),
        });
    }
    for line in &lines {
        if line.result == Outcome::Failed {
            missing.push(format!("{} {}: a test failed", line.id, line.clause));
        }
        say(&if json { as_json(line)? } else { as_text(line) });
    }
    if !json {
        say(&summary(&lines));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Missing {
        what: missing.join("\n"),
        advice: "Mend what is named above.".to_owned(),
    })
}

/// Runs them; each test's path (`crate::file$module::name`) and whether it passed.
fn run_tests(proof: &Proof) -> Result<BTreeMap<String, bool>, Failure> {
    let patterns = proof.clauses.iter().flat_map(|clause| &clause.tests);
    let wanted: Vec<String> = patterns
        .map(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => format!("test(/(^|::){beginning}/)"),
            None => format!("test(/(^|::){pattern}$/)"),
        })
        .collect();
    let arguments = [
        "run",
        "--workspace",
        "--locked",
        "--no-fail-fast",
        "--message-format",
        "libtest-json",
        "-E",
        &wanted.join(" | "),
    ];
    let mut nextest = setup::nextest(&arguments).ok_or_else(|| Failure::Missing {
        what: "cargo-nextest is not installed.".to_owned(),
        advice: "Run `cargo xtask setup`.".to_owned(),
    })?;
    let output = nextest
        .env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1")
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Failure::NotStarted {
            command: "cargo nextest run".to_owned(),
            source,
            advice: "Run `cargo xtask setup`.".to_owned(),
        })?;
    let said = String::from_utf8_lossy(&output.stdout);
    let events = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ended = events
        .filter(|event| event["type"] == "test")
        .filter_map(|event| {
            let passed = match event["event"].as_str()? {
                "ok" => true,
                "failed" => false,
                _ => return None,
            };
            Some((event["name"].as_str()?.to_owned(), passed))
        });
    let ended: BTreeMap<String, bool> = ended.collect();
    if ended.is_empty() {
        return Err(Failure::Failed {
            command: "cargo nextest run".to_owned(),
            status: output.status,
            advice: "Mend what the compiler names above.".to_owned(),
        });
    }
    Ok(ended)
}

/// A test's own name.
fn last(path: &str) -> &str {
    path.rsplit([':', '$']).next().unwrap_or(path)
}

fn as_json(line: &Line<'_>) -> Result<String, Failure> {
    serde_json::to_string(line).map_err(|e| Failure::Missing {
        what: e.to_string(),
        advice: "Tell whoever maintains this.".to_owned(),
    })
}

fn as_text(line: &Line<'_>) -> String {
    let result = match line.result {
        Outcome::Passed => "passed",
        Outcome::Failed => "FAILED",
        Outcome::NoTest => "no test",
    };
    let state = line.state.unwrap_or_default();
    let mut text = format!("{:<11} {:<5} {state:<5}{result}", line.id, line.clause);
    for test in &line.tests {
        text.push_str(&format!("\n                        {test}"));
    }
    text
}

fn summary(lines: &[Line<'_>]) -> String {
    let (clauses, cases): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.state.is_some());
    let count = |lines: &[&Line<'_>], of: Outcome| lines.iter().filter(|l| l.result == of).count();
    let held = clauses
        .iter()
        .filter(|line| line.state == Some("held"))
        .count();
    format!(
        "\n{} cases: {} passed, {} failed, {} without a test. {} clauses: {held} held, {} open.",
        cases.len(),
        count(&cases, Outcome::Passed),
        count(&cases, Outcome::Failed),
        count(&cases, Outcome::NoTest),
        clauses.len(),
        clauses.len() - held
    )
}
