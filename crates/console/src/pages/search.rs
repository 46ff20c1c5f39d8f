//! Searching by plate.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::{PictureId, Refusal, Search, StatedPurpose};
use serde::Deserialize;
use station::{Sighting, SightingsOf, StationError, Withheld};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::{Frame, html};
use crate::words;

/// Below this a character is shown as doubtful.
const SURE: f64 = 0.9;
/// Below this what else it may be is not shown.
const WORTH_SHOWING: f64 = 0.02;
/// States shown with a sighting.
const STATES: usize = 3;
/// A state less probable than this is not told as the state.
const LIKELY: f64 = 0.5;

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    frame: Frame,
    purposes: Vec<(String, String, bool)>,
    case_forms: Vec<String>,
    entered: Entered,
    trouble: Option<String>,
    refusals: Vec<Refusal>,
    answer: Option<Answer>,
}

struct Answer {
    plate: String,
    entry: u64,
    more: bool,
    sightings: Vec<Card>,
    withheld: Vec<Withheld>,
}

struct Card {
    best: String,
    exact: bool,
    probability: String,
    characters: Vec<Character>,
    alternatives: Vec<(String, String)>,
    state: String,
    camera: String,
    place: String,
    seen_at: String,
    picture: PictureId,
    /// The close-up: the plate with some room around it, in pixels of the picture.
    close_up: String,
}

struct Character {
    shown: char,
    doubtful: bool,
    sure: String,
    /// For a doubtful one: what else it may be, `3 33 %`.
    others: Vec<String>,
}

/// A search, as it is entered.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = Search)]
pub(crate) struct Entered {
    plate: String,
    purpose: String,
    case: String,
    #[serde(default)]
    words: String,
}

/// `GET /search`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    html(&Page::of(&house, &member, Entered::default()))
}

/// `POST /search`: by POST, so that no plate stands in an address, a history or a proxy's log.
pub(crate) async fn find(
    State(house): State<House>,
    submitted: Submitted<Entered>,
) -> Result<Response, Failure> {
    let Submitted {
        member,
        form: entered,
    } = submitted;
    let plate = match entered.plate.parse() {
        Ok(plate) => plate,
        Err(error) => {
            let error: plate::PlateTextError = error;
            let mut page = Page::of(&house, &member, entered);
            page.trouble = Some(format!("{error}."));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
        }
    };
    let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let purpose = StatedPurpose {
        code: entered.purpose.clone(),
        case: given(&entered.case),
        words: given(&entered.words),
    };
    let search = Search::new(plate, purpose);
    let asked = search.plate.to_string();
    let caller = member.caller();
    let found = house
        .ask(move |station| station.search(&caller, search))
        .await;
    let mut page = Page::of(&house, &member, entered);
    let status = match found {
        Ok(found) => {
            page.answer = Some(answer(&house, asked, found));
            StatusCode::OK
        }
        Err(Failure::Station(StationError::Refused(reasons))) => {
            page.refusals = reasons;
            StatusCode::FORBIDDEN
        }
        Err(other) => return Err(other),
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// `GET /picture/{id}`: a picture of a page that this session was shown in the last minutes.
pub(crate) async fn picture(
    State(house): State<House>,
    member: Member,
    Path(picture): Path<String>,
) -> Result<Response, Failure> {
    let picture: PictureId = picture
        .parse()
        .map_err(|_| StationError::Permit(govern::PermitError::NotCovered))?;
    let bytes = house
        .ask(move |station| station.picture(&member.session, picture, &member.address))
        .await?;
    let kind = if bytes.starts_with(b"\x89PNG") {
        "image/png"
    } else {
        "image/jpeg"
    };
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

impl Page {
    fn of(house: &House, member: &Member, entered: Entered) -> Self {
        let policy = house.station.policy();
        let purposes = policy
            .purposes()
            .iter()
            .map(|p| (p.code.clone(), p.says.clone(), p.code == entered.purpose));
        Self {
            purposes: purposes.collect(),
            case_forms: policy.security().case_numbers().to_vec(),
            frame: Frame::of(&house.station, member, "search"),
            entered,
            trouble: None,
            refusals: vec![],
            answer: None,
        }
    }
}

fn answer(house: &House, plate: String, found: SightingsOf) -> Answer {
    let zone = &house.station.about().time_zone;
    let sightings = found
        .sightings
        .into_iter()
        .map(|s| card(&plate, s, zone))
        .collect();
    Answer {
        plate,
        entry: found.entry,
        more: found.more,
        sightings,
        withheld: found.withheld,
    }
}

fn card(asked: &str, sighting: Sighting, zone: &jiff::tz::TimeZone) -> Card {
    let at = sighting.plate_at;
    let (room_x, room_y) = (at.width * 0.25, at.height * 0.35);
    let folded = |text: &str| text.replace('O', "0");
    Card {
        exact: folded(&sighting.best) == folded(asked),
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
