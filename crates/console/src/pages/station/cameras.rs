//! The cameras.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use govern::{AddCamera, Class, Position};
use serde::Deserialize;
use station::{Station, StationError};
use utoipa::ToSchema;

use super::authorisations::class_names;
use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::asked::{Answered, Asked, Done, Shown};
use crate::member::Member;
use crate::pages::{Frame, html};

#[derive(Template)]
#[template(path = "station/cameras.html")]
struct Page {
    frame: Frame,
    around: Around,
    cameras: Vec<Camera>,
    classes: Vec<(String, String)>,
}

struct Camera {
    name: String,
    place: String,
    class: Option<String>,
    /// Empty for none.
    class_id: String,
    /// Latitude and longitude; empty where nobody has entered them.
    position: String,
    removed: bool,
}

/// `GET /station/cameras`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let overview = house.ask(move |station| station.overview(&caller)).await?;
    let station = &house.station;
    let cameras = overview.cameras.into_iter().map(|camera| Camera {
        class_id: camera
            .class
            .as_ref()
            .map_or_else(String::new, |class| class.0.clone()),
        class: camera.class.map(|class| {
            let known = station.policy().class(&class);
            known.map_or(class.0, |known| known.says.clone())
        }),
        position: camera
            .position
            .map_or_else(String::new, |at| at.to_string()),
        name: camera.name,
        place: camera.place,
        removed: camera.removed,
    });
    html(&Page {
        cameras: cameras.collect(),
        classes: class_names(station),
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "cameras",
            done,
        },
    })
}

/// A camera to be added.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewCamera {
    name: String,
    place: String,
    /// The class of confidential data that its reads are; empty for none.
    #[serde(default)]
    class: String,
}

/// `POST /station/cameras`, `POST /api/cameras`.
pub(crate) async fn add(
    State(house): State<House>,
    asked: Asked<NewCamera>,
) -> Result<Response, Answered> {
    let add = |station: &Station, caller: &_, new: NewCamera| {
        let name = new.name.trim().to_owned();
        let act = AddCamera {
            name: name.clone(),
            place: new.place.trim().to_owned(),
            class: Some(new.class).filter(|c| !c.is_empty()).map(Class),
        };
        let key = station.add_camera(caller, act)?;
        Ok(Done {
            says: format!("The camera {name} is added."),
            shown_once: vec![Shown {
                name: "Its key",
                value: key.0,
            }],
        })
    };
    asked.answer(&house, Section::Cameras, add).await
}

/// A camera's class, as it is to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CameraClass {
    name: String,
    /// The class of confidential data that its reads are; empty for none.
    #[serde(default)]
    class: String,
    why: String,
}

/// `POST /station/cameras/class`, `POST /api/cameras/class`.
pub(crate) async fn classify(
    State(house): State<House>,
    asked: Asked<CameraClass>,
) -> Result<Response, Answered> {
    let classify = |station: &Station, caller: &_, asked: CameraClass| {
        let CameraClass { name, class, why } = asked;
        let class = Some(class).filter(|c| !c.is_empty()).map(Class);
        station.classify_camera(caller, &name, class, &why)?;
        Ok(Done::saying(format!(
            "The class of the camera {name} is changed, and with it who sees its reads. The keys of its pictures follow."
        )))
    };
    asked.answer(&house, Section::Cameras, classify).await
}

/// Where a camera stands.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CameraPosition {
    name: String,
    /// Latitude and longitude in degrees (WGS 84), such as `39.8017, -89.6437`; empty where nobody knows.
    #[serde(default)]
    position: String,
}

/// `POST /station/cameras/position`, `POST /api/cameras/position`.
pub(crate) async fn place(
    State(house): State<House>,
    asked: Asked<CameraPosition>,
) -> Result<Response, Answered> {
    let place = |station: &Station, caller: &_, asked: CameraPosition| {
        let CameraPosition { name, position } = asked;
        let position = Some(position.trim()).filter(|text| !text.is_empty());
        let position = position.map(str::parse::<Position>).transpose();
        let position = position.map_err(|e| StationError::Input(e.to_string()))?;
        station.place_camera(caller, &name, position)?;
        Ok(Done::saying(match position {
            Some(_) => format!("The camera {name} is on the map."),
            None => format!("The camera {name} is on the map no more."),
        }))
    };
    asked.answer(&house, Section::Cameras, place).await
}

/// A camera whose key is taken away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GoneCamera {
    name: String,
}

/// `POST /station/cameras/remove`, `POST /api/cameras/remove`.
pub(crate) async fn remove(
    State(house): State<House>,
    asked: Asked<GoneCamera>,
) -> Result<Response, Answered> {
    let remove = |station: &Station, caller: &_, GoneCamera { name }| {
        station.remove_camera(caller, &name)?;
        Ok(Done::saying(format!(
            "The camera {name} hands in nothing more."
        )))
    };
    asked.answer(&house, Section::Cameras, remove).await
}
