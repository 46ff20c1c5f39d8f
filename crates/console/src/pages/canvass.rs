//! Canvassing scenes: which vehicles were there.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::{Canvass, CaseStanding, InArea, PictureId, Scene};
use jiff::tz::TimeZone;
use serde::Deserialize;
use station::{Camera, StationError, VehicleSeen, VehiclesAt, Withheld};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::asking::{self, Choice, Covered, NotAnswered, Place, Why};
use crate::pages::map::Map;
use crate::pages::search::to_search;
use crate::pages::seen::{Card, card};
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "canvass.html")]
struct Page {
    frame: Frame,
    why: Why,
    scenes: Vec<SceneForm>,
    map: Option<Map>,
    entered: Entered,
    not: NotAnswered,
    answer: Option<Answer>,
}

/// A scene of the form.
struct SceneForm {
    number: usize,
    name: String,
    cameras: Vec<Choice>,
    area: String,
    from: String,
    until: String,
    /// Whether something was entered: the first is always shown, the others once they are used.
    used: bool,
}

struct Answer {
    /// Which cameras cover each scene; with the first page alone.
    scenes: Vec<(String, Covered)>,
    vehicles: Vec<Vehicle>,
    page: Place,
    entry: u64,
    withheld: Vec<Withheld>,
}

/// A vehicle, as the answer shows it.
struct Vehicle {
    plate: String,
    /// At which of the scenes, in words.
    scenes: String,
    several: bool,
    probability: String,
    sightings: Vec<Seen>,
    /// Its reads' ids, as an address takes them.
    reads: String,
}

/// One of its sightings.
struct Seen {
    scene: String,
    seen_at: String,
    camera: String,
    best: String,
    fits: bool,
    picture: PictureId,
    close_up: String,
}

/// A canvass, as it is entered: up to three scenes, each with its cameras, its area, or both, and its time.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[schema(as = Canvass)]
pub(crate) struct Entered {
    /// What is known of the plate; empty for all vehicles.
    #[serde(default)]
    plate: String,
    purpose: String,
    case: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    scene1: String,
    #[serde(default)]
    camera1: Vec<String>,
    #[serde(default)]
    area1: String,
    #[serde(default)]
    from1: String,
    #[serde(default)]
    until1: String,
    #[serde(default)]
    scene2: String,
    #[serde(default)]
    camera2: Vec<String>,
    #[serde(default)]
    area2: String,
    #[serde(default)]
    from2: String,
    #[serde(default)]
    until2: String,
    #[serde(default)]
    scene3: String,
    #[serde(default)]
    camera3: Vec<String>,
    #[serde(default)]
    area3: String,
    #[serde(default)]
    from3: String,
    #[serde(default)]
    until3: String,
    /// To turn to another page: the entry of the answer.
    #[serde(default)]
    answer: String,
    /// To turn to another page: its first line, counted from 1.
    #[serde(default)]
    first: String,
}

/// A scene, as it is entered.
struct EnteredScene<'a> {
    name: &'a str,
    cameras: &'a [String],
    /// As the search's.
    area: &'a str,
    from: &'a str,
    until: &'a str,
}

impl EnteredScene<'_> {
    fn is_used(&self) -> bool {
        !self.cameras.is_empty()
            || [self.name, self.area, self.from, self.until]
                .iter()
                .any(|text| !text.trim().is_empty())
    }
}

impl Entered {
    fn scenes(&self) -> [EnteredScene<'_>; 3] {
        [
            EnteredScene {
                name: &self.scene1,
                cameras: &self.camera1,
                area: &self.area1,
                from: &self.from1,
                until: &self.until1,
            },
            EnteredScene {
                name: &self.scene2,
                cameras: &self.camera2,
                area: &self.area2,
                from: &self.from2,
                until: &self.until2,
            },
            EnteredScene {
                name: &self.scene3,
                cameras: &self.camera3,
                area: &self.area3,
                from: &self.from3,
                until: &self.until3,
            },
        ]
    }

    fn canvass(&self, zone: &TimeZone, cameras: &[Camera]) -> Result<Canvass, String> {
        let used = (1..)
            .zip(self.scenes())
            .filter(|(_, scene)| scene.is_used());
        let scenes = used.map(|(number, scene)| {
            let name = asking::given(scene.name).unwrap_or_else(|| format!("Scene {number}"));
            let time = |text, what| {
                let wanted = || format!("{name}: enter {what}.");
                asking::time(text, zone)?.ok_or_else(wanted)
            };
            Ok(Scene {
                cameras: asking::chosen(cameras, scene.cameras)?,
                area: asking::area(scene.area)
                    .map_err(|trouble| format!("{name}. {trouble}"))?
                    .map(InArea::new),
                from: time(scene.from, "from when")?,
                until: time(scene.until, "until when")?,
                name,
            })
        });
        let plate = asking::given(&self.plate).map(|plate| plate.parse());
        Ok(Canvass {
            scenes: scenes.collect::<Result<_, String>>()?,
            plate: plate
                .transpose()
                .map_err(|e: plate::PatternError| format!("{e}."))?,
            purpose: asking::purpose(&self.purpose, &self.case, &self.words),
            case: CaseStanding::NoList,
        })
    }
}

/// `GET /canvass`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let cameras = to_search(&house, &member).await?;
    html(&Page::of(&house, &member, &cameras, Entered::default()))
}

/// `POST /canvass`.
pub(crate) async fn find(
    State(house): State<House>,
    submitted: Submitted<Entered>,
) -> Result<Response, Failure> {
    let Submitted {
        member,
        form: entered,
    } = submitted;
    let cameras = to_search(&house, &member).await?;
    let asked = match entered.canvass(&house.station.about().time_zone, &cameras) {
        Ok(canvass) => {
            let caller = member.caller();
            house
                .ask(move |station| station.canvass(&caller, canvass))
                .await
        }
        Err(trouble) => Err(StationError::Input(trouble).into()),
    };
    show(&house, &member, &cameras, entered, asked)
}

/// `POST /canvass/page`: another page of an answer, beside the form as it is.
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
                .ask(move |station| station.canvass_page(&caller, answer, first))
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
    asked: Result<VehiclesAt, Failure>,
) -> Result<Response, Failure> {
    let (status, answer, not) = asking::answered(asked.map(|found| answer(house, found)))?;
    let page = Page {
        answer,
        not,
        ..Page::of(house, member, cameras, entered)
    };
    Ok((status, Html(page.render()?)).into_response())
}

impl Page {
    fn of(house: &House, member: &Member, cameras: &[Camera], entered: Entered) -> Self {
        let scenes = (1..)
            .zip(entered.scenes())
            .map(|(number, scene)| SceneForm {
                number,
                cameras: asking::choices(cameras, scene.cameras),
                name: scene.name.to_owned(),
                area: scene.area.to_owned(),
                from: scene.from.to_owned(),
                until: scene.until.to_owned(),
                used: number == 1 || scene.is_used(),
            });
        Self {
            why: Why::of(&house.station, &entered.purpose),
            scenes: scenes.collect(),
            map: Map::of(
                &house.station,
                cameras,
                &[&entered.area1, &entered.area2, &entered.area3],
            ),
            frame: Frame::of(&house.station, member, "canvass"),
            entered,
            not: NotAnswered::default(),
            answer: None,
        }
    }
}

fn answer(house: &House, found: VehiclesAt) -> Answer {
    let zone = &house.station.about().time_zone;
    let (scenes, vehicles) = (found.scenes, found.vehicles.into_iter());
    Answer {
        vehicles: vehicles.map(|v| vehicle(v, &scenes, zone)).collect(),
        page: Place::of(
            found.answer,
            found.first,
            found.lines,
            found.count,
            found.gone,
        ),
        entry: found.entry,
        withheld: found.withheld,
        scenes: scenes
            .into_iter()
            .zip(found.coverage.unwrap_or_default())
            .map(|(name, coverage)| (name, asking::covered(coverage, zone)))
            .collect(),
    }
}

fn vehicle(vehicle: VehicleSeen, scenes: &[String], zone: &TimeZone) -> Vehicle {
    let asked = plate::Pattern::exactly(&vehicle.plate);
    let name = |scene: usize| scenes.get(scene).cloned().unwrap_or_default();
    let mut at: Vec<usize> = vehicle.sightings.iter().map(|(scene, _)| *scene).collect();
    at.sort_unstable();
    at.dedup();
    let names: Vec<String> = at.into_iter().map(name).collect();
    let reads: Vec<String> = vehicle
        .sightings
        .iter()
        .map(|(_, sighting)| sighting.read.to_string())
        .collect();
    let sightings = vehicle.sightings.into_iter().map(|(scene, sighting)| {
        let Card {
            best,
            exact,
            camera,
            seen_at,
            picture,
            close_up,
            ..
        } = card(&asked, sighting, zone);
        Seen {
            scene: name(scene),
            fits: exact,
            seen_at,
            camera,
            best,
            picture,
            close_up,
        }
    });
    Vehicle {
        plate: vehicle.plate.to_string(),
        scenes: names.join(" and "),
        several: vehicle.scenes > 1,
        probability: words::percent(vehicle.probability),
        sightings: sightings.collect(),
        reads: reads.join("+"),
    }
}
