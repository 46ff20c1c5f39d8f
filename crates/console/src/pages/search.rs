//! Searching by plate.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::{PictureId, Refusal, Search, StatedPurpose};
use serde::Deserialize;
use station::{SightingsOf, StationError, Withheld};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::seen::{Card, card};
use crate::pages::{Frame, html};

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
