//! Canvassing scenes: which vehicles were there.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::{CameraFacts, Canvass, CaseStanding, PictureId, Scene};
use jiff::tz::TimeZone;
use serde::Deserialize;
use station::{StationError, VehicleSeen, VehiclesAt, Withheld};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::asking::{self, Choice, Covered, NotAnswered, Why};
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
    entered: Entered,
    not: NotAnswered,
    answer: Option<Answer>,
}

/// A scene of the form.
struct SceneForm {
    number: usize,
    name: String,
    cameras: Vec<Choice>,
    from: String,
    until: String,
    /// Whether something was entered: the first is always shown, the others once they are used.
    used: bool,
}

struct Answer {
    scenes: Vec<(String, Covered)>,
    vehicles: Vec<Vehicle>,
    count: usize,
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

/// A canvass, as it is entered: up to three scenes, each with its cameras and its time.
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
    from1: String,
    #[serde(default)]
    until1: String,
    #[serde(default)]
    scene2: String,
    #[serde(default)]
    camera2: Vec<String>,
    #[serde(default)]
    from2: String,
    #[serde(default)]
    until2: String,
    #[serde(default)]
    scene3: String,
    #[serde(default)]
    camera3: Vec<String>,
    #[serde(default)]
    from3: String,
    #[serde(default)]
    until3: String,
}

/// A scene, as it is entered: name, cameras, from, until.
type EnteredScene<'a> = (&'a str, &'a [String], &'a str, &'a str);

impl Entered {
    fn scenes(&self) -> [EnteredScene<'_>; 3] {
        [
            (&self.scene1, &self.camera1, &self.from1, &self.until1),
            (&self.scene2, &self.camera2, &self.from2, &self.until2),
            (&self.scene3, &self.camera3, &self.from3, &self.until3),
        ]
    }

    fn canvass(&self, zone: &TimeZone, cameras: &[CameraFacts]) -> Result<Canvass, String> {
        let used = (1..).zip(self.scenes()).filter(|(_, scene)| is_used(scene));
        let scenes = used.map(|(number, (name, names, from, until))| {
            let name = asking::given(name).unwrap_or_else(|| format!("Scene {number}"));
            let time = |text, what| {
                let wanted = || format!("{name}: enter {what}.");
                asking::time(text, zone)?.ok_or_else(wanted)
            };
            Ok(Scene {
                cameras: asking::chosen(cameras, names)?,
                from: time(from, "from when")?,
                until: time(until, "until when")?,
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

fn is_used((name, cameras, from, until): &EnteredScene<'_>) -> bool {
    !cameras.is_empty()
        || [name, from, until]
            .iter()
            .any(|text| !text.trim().is_empty())
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
            let scenes = canvass.scenes.iter().map(|s| s.name.clone()).collect();
            let caller = member.caller();
            let found = house.ask(move |station| station.canvass(&caller, canvass));
            found.await.map(|found| answer(&house, scenes, found))
        }
        Err(trouble) => Err(StationError::Input(trouble).into()),
    };
    let (status, answer, not) = asking::answered(asked)?;
    let page = Page {
        answer,
        not,
        ..Page::of(&house, &member, &cameras, entered)
    };
    Ok((status, Html(page.render()?)).into_response())
}

impl Page {
    fn of(house: &House, member: &Member, cameras: &[CameraFacts], entered: Entered) -> Self {
        let scenes = (1..).zip(entered.scenes()).map(|(number, scene)| {
            let (name, names, from, until) = scene;
            SceneForm {
                number,
                cameras: asking::choices(cameras, names),
                name: name.to_owned(),
                from: from.to_owned(),
                until: until.to_owned(),
                used: number == 1 || is_used(&scene),
            }
        });
        Self {
            why: Why::of(&house.station, &entered.purpose),
            scenes: scenes.collect(),
            frame: Frame::of(&house.station, member, "canvass"),
            entered,
            not: NotAnswered::default(),
            answer: None,
        }
    }
}

fn answer(house: &House, scenes: Vec<String>, found: VehiclesAt) -> Answer {
    let zone = &house.station.about().time_zone;
    let vehicles = found.vehicles.into_iter();
    Answer {
        vehicles: vehicles.map(|v| vehicle(v, &scenes, zone)).collect(),
        count: found.count,
        entry: found.entry,
        withheld: found.withheld,
        scenes: scenes
            .into_iter()
            .zip(found.coverage)
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
