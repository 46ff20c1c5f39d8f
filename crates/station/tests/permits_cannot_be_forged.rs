//! "If it compiles, it was authorised and written down": what must not compile, does not.
//!
//! Each file in `compile_fail/` is handed to the compiler with the crates this very test was built
//! with. Its first line names the error that must come; `a_permit_used_rightly.rs` must compile, so
//! that the others fail for their own reason and not for a missing crate.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATES: [&str; 7] = [
    "crypt",
    "govern",
    "ledger",
    "plate",
    "store",
    "serde_json",
    "jiff",
];

/// The newest build of a library beside this test's own program.
fn library(name: &str, folder: &Path) -> PathBuf {
    let prefix = format!("lib{name}-");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            file.starts_with(&prefix) && file.ends_with(".rlib")
        })
        .max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap())
        .unwrap_or_else(|| unreachable!("this test depends on {name}"))
}

fn compile(case: &Path, out: &Path) -> Result<(), String> {
    let exe = std::env::current_exe().unwrap();
    let deps = exe.parent().unwrap();
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
    rustc
        .arg("-L")
        .arg(format!("dependency={}", deps.display()));
    for name in CRATES {
        rustc
            .arg("--extern")
            .arg(format!("{name}={}", library(name, deps).display()));
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
        match (compile(&case, out.path()), expected) {
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
