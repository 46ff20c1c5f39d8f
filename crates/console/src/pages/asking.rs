//! What the forms of a search and of a canvass have in common: why, where and when.

use axum::http::StatusCode;
use govern::{Area, CameraFacts, Refusal, StatedPurpose};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use station::{Camera, Coverage, LINES, Span, Station, StationError};

use crate::answer::Failure;
use crate::words;

/// A choice of a form, and whether it is made.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) says: String,
    pub(crate) chosen: bool,
}

/// Why somebody asks: the purposes to choose from, and how the agency writes its case numbers.
pub(crate) struct Why {
    pub(crate) purposes: Vec<Choice>,
    pub(crate) case_forms: Vec<String>,
}

impl Why {
    pub(crate) fn of(station: &Station, chosen: &str) -> Self {
        let policy = station.policy();
        let purposes = policy.purposes().iter().map(|purpose| Choice {
            value: purpose.code.clone(),
            says: purpose.says.clone(),
            chosen: purpose.code == chosen,
        });
        Self {
            purposes: purposes.collect(),
            case_forms: policy.security().case_numbers().to_vec(),
        }
    }
}

/// The purpose, as it was entered.
pub(crate) fn purpose(code: &str, case: &str, words: &str) -> StatedPurpose {
    StatedPurpose {
        code: code.to_owned(),
        case: given(case),
        words: given(words),
    }
}

/// Why there is no answer.
#[derive(Default)]
pub(crate) struct NotAnswered {
    /// What was entered does not serve.
    pub(crate) trouble: Option<String>,
    /// The rules refuse it.
    pub(crate) refusals: Vec<Refusal>,
}

/// The answer, or why there is none, for the page that asked.
pub(crate) fn answered<T>(
    asked: Result<T, Failure>,
) -> Result<(StatusCode, Option<T>, NotAnswered), Failure> {
    let mut not = NotAnswered::default();
    match asked {
        Ok(answer) => Ok((StatusCode::OK, Some(answer), not)),
        Err(Failure::Station(StationError::Refused(reasons))) => {
            not.refusals = reasons;
            Ok((StatusCode::FORBIDDEN, None, not))
        }
        Err(Failure::Station(StationError::Input(trouble))) => {
            not.trouble = Some(trouble);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, None, not))
        }
        Err(other) => Err(other),
    }
}

/// What was entered, if anything was.
pub(crate) fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The cameras to choose from.
pub(crate) fn choices(cameras: &[Camera], chosen: &[String]) -> Vec<Choice> {
    cameras
        .iter()
        .map(|camera| Choice {
            value: camera.name.clone(),
            says: camera.name.clone(),
            chosen: chosen.contains(&camera.name),
        })
        .collect()
}

/// The cameras of these names.
///
/// # Errors
/// In words, for a name that the member may not choose.
pub(crate) fn chosen(cameras: &[Camera], names: &[String]) -> Result<Vec<CameraFacts>, String> {
    let find = |name: &String| {
        let known = cameras.iter().find(|camera| camera.name == *name);
        let known = known.map(|camera| CameraFacts {
            id: camera.id,
            name: camera.name.clone(),
        });
        known.ok_or_else(|| format!("There is no camera {name} that you may search."))
    };
    names.iter().map(find).collect()
}

/// An area, if one was entered.
///
/// # Errors
/// In words, for what is none.
pub(crate) fn area(text: &str) -> Result<Option<Area>, String> {
    let area = given(text).map(|text| text.parse::<Area>());
    area.transpose().map_err(|e| format!("The area: {e}."))
}

/// A time as browsers enter it, in the agency's time zone: `2026-11-24T14:30`.
///
/// # Errors
/// In words, for what is no time.
pub(crate) fn time(text: &str, zone: &TimeZone) -> Result<Option<Timestamp>, String> {
    let Some(text) = given(text) else {
        return Ok(None);
    };
    let wrong = |_| format!("{text:.40} is no time: write it as 2026-11-24T14:30.");
    let civil: DateTime = text.parse().map_err(wrong)?;
    zone.to_timestamp(civil).map(Some).map_err(wrong)
}

/// The answer's entry and the line of another page, as a form's buttons send them.
///
/// # Errors
/// In words, where they are no numbers.
pub(crate) fn page(answer: &str, first: &str) -> Result<(u64, usize), String> {
    let wanted = answer.trim().parse().ok().zip(first.trim().parse().ok());
    wanted.ok_or_else(|| "Say which answer's page, and from which line on.".to_owned())
}

/// Where a page stands in its answer.
pub(crate) struct Place {
    /// The answer's entry.
    pub(crate) answer: u64,
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) count: usize,
    /// The first line of the page before.
    pub(crate) before: Option<usize>,
    /// How many lines the page after has, and its first.
    pub(crate) after: Option<(usize, usize)>,
    /// Reads of the page that were purged since the answer was given.
    pub(crate) gone: usize,
}

impl Place {
    pub(crate) fn of(answer: u64, first: usize, lines: usize, count: usize, gone: usize) -> Self {
        let next = first + lines;
        Self {
            answer,
            first,
            last: next.saturating_sub(1),
            count,
            before: (first > 1).then(|| first.saturating_sub(LINES).max(1)),
            after: (next <= count).then(|| (LINES.min(count + 1 - next), next)),
            gone,
        }
    }
}

/// Which cameras an answer covers, in words.
pub(crate) struct Covered {
    pub(crate) summary: String,
    pub(crate) cameras: Vec<CoveredCamera>,
}

/// A camera, and when it was silent.
pub(crate) struct CoveredCamera {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) silent: Vec<String>,
}

/// What the cameras could not see.
pub(crate) fn covered(coverage: Vec<Coverage>, zone: &TimeZone) -> Covered {
    let all = coverage.len();
    let silent = coverage.iter().filter(|c| !c.silent.is_empty()).count();
    let cameras = match all {
        0 => "No camera covers this".to_owned(),
        1 => "One camera covers this".to_owned(),
        n => format!("{n} cameras cover this"),
    };
    let summary = match silent {
        0 if all == 0 => format!("{cameras}."),
        0 => format!("{cameras}, without a break."),
        1 if all == 1 => format!("{cameras}; it was silent for some of the time."),
        n if n == all => format!("{cameras}; each was silent for some of the time."),
        1 => format!("{cameras}; one was silent for some of the time."),
        n => format!("{cameras}; {n} were silent for some of the time."),
    };
    let cameras = coverage.into_iter().map(|camera| CoveredCamera {
        silent: match camera.ever {
            None => vec!["It has handed in nothing yet.".to_owned()],
            Some(_) => camera.silent.iter().map(|s| silence(s, zone)).collect(),
        },
        name: camera.camera,
        place: camera.place,
    });
    Covered {
        summary,
        cameras: cameras.collect(),
    }
}

fn silence(&(from, until): &Span, zone: &TimeZone) -> String {
    let (begin, end) = (words::time(from, zone), words::time(until, zone));
    if from == Timestamp::MIN {
        format!("Silent until {end}.")
    } else {
        format!("Silent from {begin} until {end}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_agencys() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let at = time(" 2026-11-24T14:30 ", &zone).unwrap().unwrap();
        assert_eq!(at.to_string(), "2026-11-24T20:30:00Z");
        assert_eq!(time("  ", &zone), Ok(None));
        assert!(time("yesterday", &zone).is_err());
    }
}
