//! What the gate and the ledger cost.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program, root};

const RUNS: usize = 5;

pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("station", "gate", "measure")?;
    let run = |mode: &str| measured(program(&bench, &[]).arg(mode));
    let runs = |mode: &str, name: &str| {
        let mut values = Vec::new();
        for _ in 0..RUNS {
            values.extend(named(&run(mode)?, name));
        }
        Ok::<_, Failure>(values)
    };
    let decisions = runs("decisions", "decision_us")?;
    let cedar = decisions.iter().map(|us| 1e6 / us).collect();
    let syncs = runs("disk", "syncs_per_s")?;
    let permits = runs("permits", "per_s")?;
    let acts = runs("acts", "per_s")?;
    let (_, shared) = under_strace(&bench, 0)?;
    let mut slow = Vec::new();
    let mut slow_shared = Vec::new();
    for _ in 0..3 {
        let (per_s, per_sync) = under_strace(&bench, 10)?;
        slow.push(per_s);
        slow_shared.push(per_sync);
    }
    let log = run("log")?;
    Ok(vec![
        Figure::of("gate.decision_us", "µs", Bar::AtMost(50.0), decisions),
        Figure::of("gate.limit_decisions_per_s", "/s", Bar::Limit, cedar),
        Figure::of("gate.limit_syncs_per_s", "/s", Bar::Limit, syncs),
        Figure::of("gate.permits_per_s", "/s", Bar::AtLeast(2000.0), permits),
        Figure::of("gate.permits_per_sync", "", Bar::Limit, vec![shared]),
        Figure::of("gate.acts_per_s", "/s", Bar::Limit, acts),
        Figure::of(
            "gate.permits_per_s_slow_sync",
            "/s",
            Bar::AtLeast(1000.0),
            slow,
        ),
        Figure::of(
            "gate.permits_per_sync_slow_sync",
            "",
            Bar::Limit,
            slow_shared,
        ),
        Figure::of(
            "ledger.verify_1e6_s",
            "s",
            Bar::AtMost(10.0),
            named(&log, "verify_1e6_s"),
        ),
        Figure::of(
            "ledger.proof_us",
            "µs",
            Bar::AtMost(1000.0),
            named(&log, "proof_us"),
        ),
        Figure::of(
            "ledger.memory_growth_mb",
            "MB",
            Bar::AtMost(50.0),
            named(&log, "memory_growth_mb"),
        ),
    ])
}

/// Permits a second while every sync takes so many milliseconds longer, and permits a sync of the
/// whole station, ledger and database. strace adds the time and counts the syncs.
fn under_strace(bench: &Path, milliseconds: u32) -> Result<(f64, f64), Failure> {
    let trace = root().join("target/bench/syncs.trace");
    let mut command: Command = program("strace", &["-f", "--seccomp-bpf", "-qq"]);
    command.args(["-e", "trace=fsync,fdatasync,mkdir", "-e", "signal=none"]);
    command.arg("-o").arg(&trace);
    if milliseconds > 0 {
        let microseconds = milliseconds * 1000;
        command.args([
            "-e",
            &format!("inject=fsync,fdatasync:delay_enter={microseconds}"),
        ]);
    }
    let printed = measured(command.arg(bench).arg("permits"))?;
    let text = fs::read_to_string(&trace).map_err(Failure::file(&trace))?;
    // Between the folders that the bench makes before and after it measures.
    let measuring = text
        .split("measuring-")
        .nth(1)
        .unwrap_or_default()
        .lines()
        .filter(|line| line.contains("sync(") && !line.contains("resumed"))
        .count();
    let per_s = named(&printed, "per_s").first().copied().unwrap_or(0.0);
    Ok((per_s, per_s * 3.0 / measuring.max(1) as f64))
}
