//! What proves the policy: the clauses, the acceptance cases, and the tests that are named after
//! them, found in the source.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::command::{Failure, root};

/// A clause of `policy/clauses.toml`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Clause {
    pub(crate) id: String,
    pub(crate) state: State,
    #[serde(default)]
    pub(crate) tests: Vec<String>,
    #[serde(default)]
    pub(crate) not_yet: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Held,
    Open,
}

/// An acceptance case of `tests/acceptance_cases.csv`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) clause: String,
    pub(crate) given: String,
    pub(crate) when: String,
    pub(crate) then: String,
}

impl Case {
    /// How the names of its tests begin: `alpr_ac_07_`.
    pub(crate) fn prefix(&self) -> String {
        format!("{}_", self.id.to_lowercase().replace('-', "_"))
    }
}

/// A test in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    /// The file, from the workspace's root.
    pub(crate) file: String,
    pub(crate) name: String,
    /// Whether a plain run leaves it out.
    pub(crate) ignored: bool,
}

impl Test {
    /// Whether it asks as people and programs do: over HTTP or by the command line.
    fn is_at_the_surface(&self) -> bool {
        ["crates/console/tests/", "crates/lictor/tests/"]
            .iter()
            .any(|folder| self.file.starts_with(folder))
    }
}

/// All of it.
pub(crate) struct Proof {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) cases: Vec<Case>,
    pub(crate) tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Clauses {
    clause: Vec<Clause>,
}

impl Proof {
    /// Reads it from the workspace.
    pub(crate) fn read() -> Result<Self, Failure> {
        let wrong = |file: &str, error: &dyn std::fmt::Display| Failure::Missing {
            what: format!("{file}: {error}"),
            advice: "Mend the file.".to_owned(),
        };
        let (clauses, cases) = ("policy/clauses.toml", "tests/acceptance_cases.csv");
        let path = root().join(clauses);
        let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
        let clauses = toml::from_str::<Clauses>(&text)
            .map_err(|e| wrong(clauses, &e))?
            .clause;
        let cases = csv::Reader::from_path(root().join(cases))
            .and_then(|mut reader| reader.deserialize().collect())
            .map_err(|e| wrong(cases, &e))?;
        let mut tests = Vec::new();
        find_tests(&root().join("crates"), &mut tests)?;
        Ok(Self {
            clauses,
            cases,
            tests,
        })
    }

    /// Everything that contradicts itself: what is to be done about it, a line each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for test in self.tests.iter().filter(|t| t.name.starts_with("alpr_ac_")) {
            let Some(case) = self
                .cases
                .iter()
                .find(|c| test.name.starts_with(&c.prefix()))
            else {
                faults.push(format!(
                    "{} in {}: no case of tests/acceptance_cases.csv has that number",
                    test.name, test.file
                ));
                continue;
            };
            let named = |clause: &&Clause| clause.tests.iter().any(|p| names(p, &test.name));
            let by: Vec<&str> = self
                .clauses
                .iter()
                .filter(named)
                .map(|c| c.id.as_str())
                .collect();
            if by != [case.clause.as_str()] {
                faults.push(format!(
                    "{}: add \"{}*\" to `tests` of clause {} in policy/clauses.toml, and to no other (it stands at {by:?})",
                    test.name,
                    case.prefix(),
                    case.clause
                ));
            }
        }
        for case in &self.cases {
            if !self.clauses.iter().any(|clause| clause.id == case.clause) {
                faults.push(format!("{}: there is no clause {}", case.id, case.clause));
            }
        }
        for clause in &self.clauses {
            for pattern in &clause.tests {
                for test in self.matching(pattern).filter(|test| test.ignored) {
                    faults.push(format!(
                        "{} in {}: a test that bears out clause {} is not ignored",
                        test.name, test.file, clause.id
                    ));
                }
                if self.matching(pattern).next().is_none() {
                    faults.push(format!(
                        "clause {} of policy/clauses.toml names \"{pattern}\", and there is no such test",
                        clause.id
                    ));
                }
            }
            if clause.state == State::Held {
                for case in self.cases.iter().filter(|case| case.clause == clause.id) {
                    let tests = |t: &Test| t.name.starts_with(&case.prefix());
                    let tested = self.tests.iter().any(|t| tests(t) && t.is_at_the_surface());
                    if tested == clause.not_yet.contains(&case.id) {
                        faults.push(format!(
                            "clause {} is held: its case {} needs a test over HTTP or by the command line, or a place in `not_yet` for as long as it has none",
                            clause.id, case.id
                        ));
                    }
                }
            }
        }
        faults
    }

    /// The tests that a pattern names.
    pub(crate) fn matching(&self, pattern: &str) -> impl Iterator<Item = &Test> {
        self.tests
            .iter()
            .filter(move |test| names(pattern, &test.name))
    }
}

/// Whether a pattern names a test.
pub(crate) fn names(pattern: &str, test: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => test.starts_with(beginning),
        None => test == pattern,
    }
}

fn find_tests(folder: &Path, found: &mut Vec<Test>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        if path.is_dir() {
            find_tests(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).map_err(Failure::file(&path))?;
            let file = path.strip_prefix(root()).unwrap_or(&path);
            found.extend(tests_in(&file.display().to_string(), &source));
        }
    }
    Ok(())
}

/// The functions that stand under a test's attribute.
fn tests_in(file: &str, source: &str) -> Vec<Test> {
    let mut tests = Vec::new();
    let (mut is_test, mut ignored) = (false, false);
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            ignored = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| !line.starts_with("//")) {
            if is_test {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                tests.push(Test {
                    file: file.to_owned(),
                    name: rest[..end].to_owned(),
                    ignored,
                });
            }
            (is_test, ignored) = (false, false);
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_held_clause_is_proved_and_every_acceptance_test_proves_one() {
        let faults = Proof::read().unwrap().faults();
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }

    #[test]
    fn a_test_is_found_with_its_attributes_in_any_order() {
        let source = "#[ignore = \"x\"]\n#[test]\n#[expect(y)]\nfn one() {\n}\nfn helper() {}\n    #[tokio::test]\n    async fn two() {}\n// #[test] fn three() {}\n";
        let found: Vec<(String, bool)> = tests_in("x.rs", source)
            .into_iter()
            .map(|t| (t.name, t.ignored))
            .collect();
        assert_eq!(found, [("one".to_owned(), true), ("two".to_owned(), false)]);
    }

    fn proof(state: State, tests: &[&str], not_yet: &[&str], found: &[&str]) -> Proof {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Proof {
            clauses: vec![Clause {
                id: "5(a)".into(),
                state,
                tests: texts(tests),
                not_yet: texts(not_yet),
            }],
            cases: vec![Case {
                id: "ALPR-AC-27".into(),
                clause: "5(a)".into(),
                given: String::new(),
                when: String::new(),
                then: String::new(),
            }],
            tests: found
                .iter()
                .map(|name| Test {
                    file: "crates/console/tests/x.rs".into(),
                    name: (*name).to_owned(),
                    ignored: false,
                })
                .collect(),
        }
    }

    #[test]
    fn a_held_clause_without_a_test_and_a_test_without_a_clause_are_faults() {
        use State::{Held, Open};
        let (test, pattern) = (["alpr_ac_27_no_shared_account"], ["alpr_ac_27_*"]);
        let fine = [
            proof(Held, &pattern, &[], &test),
            proof(Open, &[], &[], &[]),
            proof(Held, &["other"], &["ALPR-AC-27"], &["other"]),
        ];
        for proof in fine {
            assert_eq!(proof.faults(), [""; 0]);
        }
        let faulty = [
            proof(Held, &["other"], &[], &["other"]),
            proof(Held, &pattern, &["ALPR-AC-27"], &test),
            proof(Held, &pattern, &[], &[]),
            proof(Open, &[], &[], &test),
            proof(Open, &[], &[], &["alpr_ac_99_no_such_case"]),
        ];
        for proof in faulty {
            assert!(!proof.faults().is_empty());
        }
    }
}
