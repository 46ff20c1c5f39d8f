//! "If it compiles, it was authorised and written down": what must not compile, does not.
//!
//! Each file in `compile_fail/` is handed to the compiler with the workspace's own libraries. Its first line names the error that must come; `a_permit_used_rightly.rs` must compile, so
//! that the others fail for their own reason and not for a missing crate.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const CRATES: [&str; 5] = ["crypt", "govern", "ledger", "store", "serde_json"];

/// The libraries of one build of the workspace: the build that `cargo xtask test` made before.
fn libraries() -> HashMap<String, PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--workspace",
            "--all-targets",
            "--locked",
            "--offline",
            "--message-format=json",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    let messages = String::from_utf8(output.stdout).unwrap();
    let artifacts = messages
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    artifacts
        .filter(|m| {
            m["reason"] == "compiler-artifact"
                && m["target"]["kind"][0] == "lib"
                && m["profile"]["test"] == false
        })
        .filter_map(|m| {
            let files = m["filenames"].as_array()?;
            let file = files
                .iter()
                .filter_map(Value::as_str)
                .find(|file| file.ends_with(".rlib"))?;
            Some((
                m["target"]["name"].as_str()?.to_owned(),
                PathBuf::from(file),
            ))
        })
        .collect()
}

fn compile(case: &Path, out: &Path, libraries: &HashMap<String, PathBuf>) -> Result<(), String> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.args([
        "--edition",
        "2024",
        "--crate-type",
        "lib",
        "--emit",
        "metadata",
        "--error-format",
        "short",
    ]);
    for name in CRATES {
        let library = &libraries[name];
        rustc
            .arg("--extern")
            .arg(format!("{name}={}", library.display()));
        rustc.arg("-L").arg(format!(
            "dependency={}",
            library.parent().unwrap().join("deps").display()
        ));
    }
    let output = rustc
        .arg("--out-dir")
        .arg(out)
        .arg(case)
        .output()
        .expect("rustc runs");
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn what_goes_round_the_gate_does_not_compile() {
    let out = tempfile::tempdir().unwrap();
    let libraries = libraries();
    let mut cases: Vec<PathBuf> =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compile_fail"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
    cases.sort();
    assert!(cases.len() > 8, "the cases are there");
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let source = fs::read_to_string(&case).unwrap();
        let expected = source.lines().next().unwrap().strip_prefix("// ").unwrap();
        match (compile(&case, out.path(), &libraries), expected) {
            (Ok(()), "compiles") => {}
            (Ok(()), _) => unreachable!("{name} compiles: a way round the gate is open"),
            (Err(said), _) => {
                let errors: Vec<&str> =
                    said.lines().filter(|line| line.contains("error")).collect();
                let right = errors.iter().any(|line| line.contains(expected));
                let alone = errors
                    .iter()
                    .filter(|line| line.contains("error["))
                    .all(|line| line.contains(expected));
                assert!(
                    right && alone,
                    "{name} should fail with {expected:?} alone, but:\n{said}"
                );
            }
        }
    }
}
