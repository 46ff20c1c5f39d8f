//! Searching by plate, or by part of one, page by page.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::{InArea, PictureId, Search, Within};
use plate::{Jurisdiction, Pattern};
use serde::Deserialize;
use station::{Camera, SightingsOf, StationError, Withheld};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::asking::{self, Choice, Covered, NotAnswered, Place, Why};
use crate::pages::map::Map;
use crate::pages::seen::{Card, card};
use crate::pages::{Frame, html};

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    frame: Frame,
    why: Why,
    issuers: Vec<Choice>,
    cameras: Vec<Choice>,
    map: Option<Map>,
    entered: Entered,
    not: NotAnswered,
    answer: Option<Answer>,
}

struct Answer {
    plate: String,
    /// Whether all of the plate was given.
    whole: bool,
    entry: u64,
    page: Place,
    sightings: Vec<Card>,
    withheld: Vec<Withheld>,
    covered: Option<Covered>,
}

/// A search, as it is entered.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[schema(as = Search)]
pub(crate) struct Entered {
    /// The plate; `?` for one unknown character, `*` for any number, `[AB]` for one of these.
    plate: String,
    purpose: String,
    case: String,
    #[serde(default)]
    words: String,
    /// The state that issued it, such as `US-IL`; empty where it is not known.
    #[serde(default)]
    issuer: String,
    /// Names of cameras; none for all.
    #[serde(default)]
    camera: Vec<String>,
    /// A street, or `39.8017, -89.6437, 800` for a circle with a radius in metres, or the corners of a
    /// polygon with `;` between them; empty for everywhere.
    #[serde(default)]
    area: String,
    /// From when, in the agency's time: `2026-11-24T14:30`; empty for the beginning.
    #[serde(default)]
    from: String,
    /// Until when; empty for now.
    #[serde(default)]
    until: String,
    /// To turn to another page: the entry of the answer.
    #[serde(default)]
    pub(crate) answer: String,
    /// To turn to another page: its first line, counted from 1.
    #[serde(default)]
    pub(crate) first: String,
}

impl Entered {
    /// Whether more was entered than a plate: that part of the form is shown then.
    fn is_limited(&self) -> bool {
        [&self.issuer, &self.area, &self.from, &self.until]
            .iter()
            .any(|text| !text.is_empty())
            || !self.camera.is_empty()
    }

    pub(crate) fn search(&self, house: &House, cameras: &[Camera]) -> Result<Search, String> {
        let zone = &house.station.about().time_zone;
        let plate: Pattern = self.plate.parse().map_err(|e| format!("{e}."))?;
        let issuer = asking::given(&self.issuer).map(|code| code.parse::<Jurisdiction>());
        let purpose = asking::purpose(&self.purpose, &self.case, &self.words);
        Ok(Search {
            within: Within {
                cameras: asking::chosen(cameras, &self.camera)?,
                from: asking::time(&self.from, zone)?,
                until: asking::time(&self.until, zone)?,
            },
            area: asking::area(&self.area)?.map(InArea::new),
            issuer: issuer.transpose().map_err(|e| format!("{e}."))?,
            ..Search::new(plate, purpose)
        })
    }
}

/// `GET /search`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let cameras = to_search(&house, &member).await?;
    html(&Page::of(&house, &member, &cameras, Entered::default()))
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
    let cameras = to_search(&house, &member).await?;
    let asked = match entered.search(&house, &cameras) {
        Ok(search) => {
            let caller = member.caller();
            house
                .ask(move |station| station.search(&caller, search))
                .await
        }
        Err(trouble) => Err(StationError::Input(trouble).into()),
    };
    show(&house, &member, &cameras, entered, asked)
}

/// `POST /search/page`: another page of an answer, beside the form as it is.
pub(crate) async fn turn(
    State(house): State<House>,
    submitted: Submitted<Entered>,
) -> Result<Response, Failure> {
    let Submitted {
        member,
        form: entered,
    } = submitted;
    let cameras = to_search(&house, &member).await?;
    let asked = match asking::page(&entered.answer, &entered.first) {
        Ok((answer, first)) => {
            let caller = member.caller();
            house
                .ask(move |station| station.search_page(&caller, answer, first))
                .await
        }
        Err(trouble) => Err(StationError::Input(trouble).into()),
    };
    show(&house, &member, &cameras, entered, asked)
}

fn show(
    house: &House,
    member: &Member,
    cameras: &[Camera],
    entered: Entered,
    asked: Result<SightingsOf, Failure>,
) -> Result<Response, Failure> {
    let (status, answer, not) = asking::answered(asked.map(|found| answer(house, found)))?;
    let page = Page {
        answer,
        not,
        ..Page::of(house, member, cameras, entered)
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

/// The cameras that the member may choose from.
pub(crate) async fn to_search(house: &House, member: &Member) -> Result<Vec<Camera>, Failure> {
    let caller = member.caller();
    house
        .ask(move |station| station.cameras_to_search(&caller))
        .await
}

impl Page {
    fn of(house: &House, member: &Member, cameras: &[Camera], entered: Entered) -> Self {
        let issuers = Jurisdiction::all().map(|issuer| Choice {
            value: issuer.code().to_owned(),
            says: issuer.name().to_owned(),
            chosen: issuer.code() == entered.issuer,
        });
        Self {
            why: Why::of(&house.station, &entered.purpose),
            issuers: issuers.collect(),
            cameras: asking::choices(cameras, &entered.camera),
            map: Map::of(&house.station, cameras, &[&entered.area]),
            frame: Frame::of(&house.station, member, "search"),
            entered,
            not: NotAnswered::default(),
            answer: None,
        }
    }
}

fn answer(house: &House, found: SightingsOf) -> Answer {
    let zone = &house.station.about().time_zone;
    let (asked, sightings) = (found.plate, found.sightings.into_iter());
    let coverage = found.coverage;
    Answer {
        plate: asked.to_string(),
        whole: asked.plate().is_some(),
        entry: found.entry,
        page: Place::of(
            found.answer,
            found.first,
            found.lines,
            found.count,
            found.gone,
        ),
        sightings: sightings.map(|s| card(&asked, s, zone)).collect(),
        withheld: found.withheld,
        covered: coverage.map(|coverage| asking::covered(coverage, zone)),
    }
}
