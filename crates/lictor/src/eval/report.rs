//! Figures for people and for programs.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::figures::{Calibration, Doubted, Figures, Share};
use super::score::Score;

/// One figure for a program.
#[derive(Serialize)]
struct Line {
    name: String,
    value: f64,
    unit: &'static str,
    /// Of how many plates.
    n: usize,
    /// The 95 % interval.
    low: f64,
    high: f64,
}

fn share(name: String, share: Share) -> Line {
    let (low, high) = share.interval();
    Line {
        name,
        value: share.value(),
        unit: "share",
        n: share.of,
        low,
        high,
    }
}

fn calibration(name: String, calibration: Calibration) -> Line {
    Line {
        name,
        value: calibration.error,
        unit: "probability",
        n: calibration.of,
        low: calibration.interval.0,
        high: calibration.interval.1,
    }
}

pub(super) fn json(set: &str, figures: &Figures) -> io::Result<()> {
    let mut lines = vec![
        share(format!("eval.{set}.found"), figures.found),
        share(format!("eval.{set}.exact"), figures.exact),
        share(format!("eval.{set}.strict"), figures.strict),
        calibration(format!("eval.{set}.calibration_error"), figures.calibration),
    ];
    if let Some(Doubted { as_seen, without }) = figures.doubted {
        lines.push(share(format!("eval.{set}.exact_as_seen"), as_seen));
        lines.push(share(format!("eval.{set}.exact_without_doubtful"), without));
    }
    lines.extend(
        figures
            .state
            .map(|state| share(format!("eval.{set}.state"), state)),
    );
    lines.extend(
        figures
            .state_calibration
            .map(|error| calibration(format!("eval.{set}.state_calibration_error"), error)),
    );
    for level in &figures.levels {
        let at = level.confidence;
        lines.push(share(
            format!("eval.{set}.precision_at_{at}"),
            level.precision,
        ));
        lines.push(share(format!("eval.{set}.recall_at_{at}"), level.recall));
    }
    for (state, (exact, right)) in &figures.by_state {
        lines.push(share(format!("eval.{set}.{state}.exact"), *exact));
        lines.push(share(format!("eval.{set}.{state}.state"), *right));
    }
    let mut out = BufWriter::new(io::stdout());
    for line in lines {
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
    }
    out.flush()
}

pub(super) fn table(set: &str, figures: &Figures, scores: &[Score]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    let out = &mut out;
    writeln!(
        out,
        "{set}: {} labelled plates; in brackets the 95 % interval\n",
        scores.len()
    )?;
    row(out, "found", figures.found)?;
    row(out, "exact (O counted as 0)", figures.exact)?;
    if let Some(Doubted { as_seen, without }) = figures.doubted {
        row(out, "  doubtful labels as seen", as_seen)?;
        row(out, "  without doubtful labels", without)?;
    }
    row(out, "O and 0 told apart", figures.strict)?;
    if let Some(state) = figures.state {
        row(out, "state right", state)?;
    }
    error(out, "calibration error", figures.calibration)?;
    if let Some(calibration) = figures.state_calibration {
        error(out, "of the state", calibration)?;
    }
    writeln!(
        out,
        "\n  confidence   answered   right among these        right of all"
    )?;
    for level in &figures.levels {
        writeln!(
            out,
            "  {:>10.2}   {:>8}   {:<22}   {}",
            level.confidence,
            level.precision.of,
            percent(level.precision),
            percent(level.recall)
        )?;
    }
    if !figures.by_state.is_empty() {
        writeln!(
            out,
            "\n  state   plates   exact                    state right"
        )?;
        for (state, (exact, right)) in &figures.by_state {
            writeln!(
                out,
                "  {state:<5}   {:>6}   {:<22}   {}",
                exact.of,
                percent(*exact),
                percent(*right)
            )?;
        }
    }
    misses(out, scores)?;
    out.flush()
}

fn row(out: &mut impl Write, name: &str, share: Share) -> io::Result<()> {
    writeln!(
        out,
        "  {name:<26} {:>5} of {:<5} {}",
        share.hits,
        share.of,
        percent(share)
    )
}

fn error(out: &mut impl Write, name: &str, calibration: Calibration) -> io::Result<()> {
    let Calibration {
        error,
        interval: (low, high),
        ..
    } = calibration;
    writeln!(
        out,
        "  {name:<26} {:14} {error:.3} ({low:.3} to {high:.3})",
        ""
    )
}

fn percent(share: Share) -> String {
    let (low, high) = share.interval();
    format!(
        "{:.1} % ({:.1} to {:.1})",
        100.0 * share.value(),
        100.0 * low,
        100.0 * high
    )
}

fn misses(out: &mut impl Write, scores: &[Score]) -> io::Result<()> {
    let mut wrong = scores.iter().filter(|s| !s.exact()).peekable();
    if wrong.peek().is_some() {
        writeln!(out, "\n  read wrong")?;
    }
    for score in wrong {
        let said = if score.said.is_empty() {
            "nothing"
        } else {
            &score.said
        };
        let sure = 100.0 * score.confidence;
        writeln!(
            out,
            "  {:<10} {said:<10} {sure:>3.0} %  {}",
            score.truth.plate, score.truth.file
        )?;
    }
    Ok(())
}
