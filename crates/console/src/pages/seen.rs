//! A read as people see it: the close-up, the characters with their doubts, what else it may be.

use govern::{PictureId, ReadId};
use plate::{Pattern, PlateText};
use station::Sighting;

use crate::words;

/// Below this a character is shown as doubtful.
const SURE: f64 = 0.9;
/// Below this what else it may be is not shown.
const WORTH_SHOWING: f64 = 0.02;
/// States shown with a sighting.
const STATES: usize = 3;
/// A state less probable than this is not told as the state.
const LIKELY: f64 = 0.5;

/// A read, as a card shows it.
pub(crate) struct Card {
    /// Its name, by which it can be held.
    pub(crate) read: ReadId,
    pub(crate) best: String,
    pub(crate) exact: bool,
    pub(crate) probability: String,
    pub(crate) characters: Vec<Character>,
    pub(crate) alternatives: Vec<(String, String)>,
    pub(crate) state: String,
    pub(crate) camera: String,
    pub(crate) place: String,
    pub(crate) seen_at: String,
    pub(crate) picture: PictureId,
    /// The close-up: the plate with some room around it, in pixels of the picture.
    pub(crate) close_up: String,
}

/// A character of it.
pub(crate) struct Character {
    pub(crate) shown: char,
    pub(crate) doubtful: bool,
    pub(crate) sure: String,
    /// For a doubtful one: what else it may be, `3 33 %`.
    pub(crate) others: Vec<String>,
}

/// The card of a read; `asked` is the plate, or the part of one, that it may be.
pub(crate) fn card(asked: &Pattern, sighting: Sighting, zone: &jiff::tz::TimeZone) -> Card {
    let at = sighting.plate_at;
    let (room_x, room_y) = (at.width * 0.25, at.height * 0.35);
    let best = sighting.best.parse::<PlateText>();
    Card {
        read: sighting.read,
        exact: best.is_ok_and(|best| asked.fits(&best)),
        probability: words::percent(sighting.probability),
        characters: sighting
            .characters
            .iter()
            .filter_map(|c| character(c))
            .collect(),
        alternatives: sighting
            .alternatives
            .iter()
            .filter(|(_, p)| *p >= WORTH_SHOWING)
            .map(|(text, p)| (text.clone(), words::percent(*p)))
            .collect(),
        state: state(&sighting.issuers),
        seen_at: words::time(sighting.seen_at, zone),
        close_up: format!(
            "{:.0} {:.0} {:.0} {:.0}",
            at.x - room_x,
            at.y - room_y,
            at.width + 2.0 * room_x,
            at.height + 2.0 * room_y
        ),
        best: sighting.best,
        camera: sighting.camera,
        place: sighting.place,
        picture: sighting.picture,
    }
}

fn character(distribution: &[(char, f64)]) -> Option<Character> {
    let (&(shown, probability), others) = distribution.split_first()?;
    let doubtful = probability < SURE;
    let others = others
        .iter()
        .filter(|(_, p)| doubtful && *p >= WORTH_SHOWING)
        .map(|(other, p)| format!("{other} {}", words::percent(*p)))
        .collect();
    Some(Character {
        shown,
        doubtful,
        sure: words::percent(probability),
        others,
    })
}

/// What is said of the state: the probable ones, each with how sure it is.
fn state(issuers: &[(&str, f64)]) -> String {
    let probable: Vec<String> = issuers
        .iter()
        .take(STATES)
        .filter(|(_, p)| *p >= WORTH_SHOWING)
        .map(|(name, p)| format!("{name} {}", words::percent(*p)))
        .collect();
    match issuers.first() {
        Some((_, p)) if !probable.is_empty() => {
            let sure = if *p >= LIKELY {
                "State"
            } else {
                "State unsure"
            };
            format!("{sure}: {}.", probable.join(", or "))
        }
        _ => "State not read.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_told_with_how_sure_it_is() {
        assert_eq!(
            state(&[("Illinois", 0.91), ("Indiana", 0.06), ("Iowa", 0.001)]),
            "State: Illinois 91 %, or Indiana 6 %."
        );
        assert_eq!(
            state(&[("Illinois", 0.31), ("Indiana", 0.3)]),
            "State unsure: Illinois 31 %, or Indiana 30 %."
        );
        assert_eq!(state(&[]), "State not read.");
    }
}
