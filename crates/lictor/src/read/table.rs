//! A table for people.

use std::io::{self, Write};
use std::path::Path;

use vision::{Pass, Plate};

/// Other texts less probable than this are not worth a person's time.
const WORTH_SAYING: f64 = 0.02;

pub(super) fn begin(out: &mut impl Write) -> io::Result<()> {
    row(out, ["Plate", "sure", "State", "sure", "Picture"])
}

pub(super) fn picture(
    out: &mut impl Write,
    file: &Path,
    frame: Option<u64>,
    plates: &[Plate],
) -> io::Result<()> {
    let file = match frame {
        Some(frame) => format!("{} frame {frame}", file.display()),
        None => file.display().to_string(),
    };
    // Of a video, what shows no plate is not worth a line.
    if plates.is_empty() && frame.is_none() {
        return row(out, ["no plate", "", "", "", &file]);
    }
    for plate in plates {
        line(out, &file, plate)?;
    }
    Ok(())
}

pub(super) fn pass(out: &mut impl Write, file: &Path, pass: &Pass) -> io::Result<()> {
    let frames = if pass.first == pass.last {
        format!("frame {}", pass.first)
    } else {
        format!("frames {} to {}", pass.first, pass.last)
    };
    line(out, &format!("{} {frames}", file.display()), &pass.plate)
}

fn line(out: &mut impl Write, place: &str, plate: &Plate) -> io::Result<()> {
    let state = plate.reading.jurisdictions().most_likely();
    row(
        out,
        [
            &plate.reading.most_likely().text.to_string(),
            &percent(plate.confidence),
            state.map_or("", |(state, _)| state.name()),
            &state.map_or_else(String::new, |(_, p)| percent(p)),
            &format!("{place}{}", others(plate)),
        ],
    )
}

fn row(out: &mut impl Write, [plate, sure, state, state_sure, file]: [&str; 5]) -> io::Result<()> {
    writeln!(
        out,
        "{plate:<12} {sure:>5}  {state:<20} {state_sure:>5}  {file}"
    )
}

fn percent(p: f64) -> String {
    format!("{:.0} %", 100.0 * p)
}

fn others(plate: &Plate) -> String {
    let others: Vec<String> = plate
        .reading
        .best(3)
        .iter()
        .skip(1)
        .filter(|c| c.probability >= WORTH_SAYING)
        .map(|c| format!("{} {}", c.text, percent(c.probability)))
        .collect();
    if others.is_empty() {
        String::new()
    } else {
        format!("  or {}", others.join(", "))
    }
}
