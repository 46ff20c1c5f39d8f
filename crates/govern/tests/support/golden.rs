//! Tables that are kept in the repository and reviewed in diffs.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a table that cannot be written is a failed test"
)]

use std::fs;

/// Set, a test writes its table instead of comparing it.
const REWRITE: &str = "LICTOR_REWRITE";

/// Compares a table with the file that keeps it; `how` is the command that rewrites it.
pub(crate) fn compare(file: &str, now: &str, how: &str) {
    if std::env::var_os(REWRITE).is_some() {
        fs::write(file, now).unwrap();
        return;
    }
    let kept = fs::read_to_string(file).unwrap_or_default();
    if kept == now {
        return;
    }
    let missing = |from: &str, of: &str, sign: char| -> String {
        let lines: Vec<&str> = of.lines().collect();
        from.lines()
            .filter(|line| !lines.contains(line))
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    panic!(
        "{file} says otherwise (- kept, + now):\n{}{}\nIf that is what you meant: {REWRITE}=1 {how}\nThen read the diff: it is what a reviewer judges.",
        missing(&kept, now, '-'),
        missing(now, &kept, '+'),
    );
}
