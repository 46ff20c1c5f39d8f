//! The map under a search and a canvass: streets, cameras, and the area that was entered. A plain drawing,
//! which needs nothing from elsewhere; a script lets an area be drawn on it, and everything can be entered
//! without.

use std::fmt::Write;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use govern::{Area, Position};
use station::{Camera, Feature, FeatureKind, Station};

use crate::House;
use crate::answer::Failure;
use crate::member::Member;

/// Metres in a degree of latitude.
const DEGREE: f64 = 111_195.08;
/// What is left free around what is shown, as a share of its size, and in metres at least.
const MARGIN: f64 = 0.06;
const LEAST_MARGIN: f64 = 150.0;

/// Where on the drawing a place is: metres east and south of its corner. Over a city the earth is flat.
#[derive(Clone, Copy)]
struct Frame {
    north: f64,
    west: f64,
    /// How much shorter a degree of longitude is than one of latitude.
    narrow: f64,
    width: f64,
    height: f64,
}

/// A map, for a page.
pub(crate) struct Map {
    /// As the drawing's `viewBox`.
    pub(crate) view: String,
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) north: String,
    pub(crate) west: String,
    pub(crate) narrow: String,
    /// Metres across a camera's mark, so that it is as large on every map.
    pub(crate) mark: String,
    pub(crate) has_streets: bool,
    pub(crate) cameras: Vec<Mark>,
    /// Cameras whose position nobody has entered.
    pub(crate) elsewhere: usize,
    /// The areas that were entered, as paths.
    pub(crate) areas: Vec<String>,
}

/// A camera on it.
pub(crate) struct Mark {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) x: String,
    pub(crate) y: String,
}

/// The streets alone.
#[derive(Template)]
#[template(path = "streets.svg", escape = "html")]
struct Streets {
    view: String,
    green: Vec<String>,
    water: Vec<String>,
    streets: Vec<String>,
    /// A street's width in metres of the map.
    wide: String,
    size: String,
    names: Vec<Name>,
}

/// A street's name, where its longest stretch is.
struct Name {
    text: String,
    x: String,
    y: String,
    turned: String,
}

impl Frame {
    /// Around these places; none where there is none.
    fn around(places: impl Iterator<Item = Position> + Clone) -> Option<Self> {
        let north = places.clone().map(Position::latitude).reduce(f64::max)?;
        let south = places.clone().map(Position::latitude).reduce(f64::min)?;
        let east = places.clone().map(Position::longitude).reduce(f64::max)?;
        let west = places.map(Position::longitude).reduce(f64::min)?;
        let narrow = ((north + south) / 2.0).to_radians().cos().max(0.01);
        let (width, height) = ((east - west) * DEGREE * narrow, (north - south) * DEGREE);
        let margin = (MARGIN * width.max(height)).max(LEAST_MARGIN);
        Some(Self {
            north: north + margin / DEGREE,
            west: west - margin / DEGREE / narrow,
            narrow,
            width: width + 2.0 * margin,
            height: height + 2.0 * margin,
        })
    }

    fn place(&self, at: Position) -> (f64, f64) {
        (
            (at.longitude() - self.west) * DEGREE * self.narrow,
            (self.north - at.latitude()) * DEGREE,
        )
    }

    fn view(&self) -> String {
        format!("0 0 {:.0} {:.0}", self.width, self.height)
    }

    /// As a path takes it.
    fn path(&self, line: &[Position], closed: bool) -> String {
        let mut path = String::new();
        for (n, at) in line.iter().enumerate() {
            let (x, y) = self.place(*at);
            let _ = write!(path, "{}{x:.0} {y:.0}", if n == 0 { "M" } else { "L" });
        }
        if closed {
            path.push('Z');
        }
        path
    }

    fn area(&self, area: &Area) -> Option<String> {
        match area {
            Area::Street(_) => None,
            Area::Polygon(corners) => Some(self.path(corners, true)),
            Area::Circle(centre, metres) => {
                let (x, y) = self.place(*centre);
                let r = f64::from(*metres);
                Some(format!(
                    "M{:.0} {y:.0}a{r} {r} 0 1 0 {:.0} 0a{r} {r} 0 1 0 {:.0} 0Z",
                    x - r,
                    2.0 * r,
                    -2.0 * r
                ))
            }
        }
    }
}

fn streets_of(station: &Station) -> &[Feature] {
    station.town().map_or(&[], |town| &town.features)
}

/// The streets' frame, or, where there are none, the cameras'.
fn frame(features: &[Feature], cameras: &[Camera]) -> Option<Frame> {
    let streets = features.iter().flat_map(|feature| &feature.line).copied();
    Frame::around(streets)
        .or_else(|| Frame::around(cameras.iter().filter_map(|camera| camera.position)))
}

impl Map {
    /// With these cameras, and these areas; none where nothing could be shown.
    pub(crate) fn of(station: &Station, cameras: &[Camera], areas: &[&str]) -> Option<Self> {
        let features = streets_of(station);
        let frame = frame(features, cameras)?;
        let shown = cameras.iter().filter_map(|camera| {
            let (x, y) = frame.place(camera.position?);
            Some(Mark {
                name: camera.name.clone(),
                place: camera.place.clone(),
                x: format!("{x:.0}"),
                y: format!("{y:.0}"),
            })
        });
        let cameras_shown: Vec<_> = shown.collect();
        let areas = areas.iter().filter_map(|text| {
            let area: Area = text.parse().ok()?;
            frame.area(&area)
        });
        Some(Self {
            view: frame.view(),
            width: format!("{:.0}", frame.width),
            height: format!("{:.0}", frame.height),
            north: format!("{:.7}", frame.north),
            west: format!("{:.7}", frame.west),
            narrow: format!("{:.9}", frame.narrow),
            mark: format!("{:.0}", frame.width / 60.0),
            has_streets: !features.is_empty(),
            elsewhere: cameras.len() - cameras_shown.len(),
            cameras: cameras_shown,
            areas: areas.collect(),
        })
    }
}

/// The script that lets an area be drawn.
pub(crate) async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("../../assets/map.js"))
}

/// `GET /map.svg`: the town's streets.
pub(crate) async fn streets(
    State(house): State<House>,
    member: Member,
) -> Result<Response, Failure> {
    if !member.is_trained() {
        return Ok(Redirect::to("/training").into_response());
    }
    let features = streets_of(&house.station);
    // Without any it is empty: no page asks for it then.
    let frame = frame(features, &[]).unwrap_or(Frame {
        north: 0.0,
        west: 0.0,
        narrow: 1.0,
        width: 1.0,
        height: 1.0,
    });
    let of = |kind: FeatureKind| -> Vec<String> {
        let these = features.iter().filter(|feature| feature.kind == kind);
        these
            .map(|feature| frame.path(&feature.line, kind != FeatureKind::Street))
            .collect()
    };
    let size = frame.width / 55.0;
    let drawn = Streets {
        view: frame.view(),
        green: of(FeatureKind::Green),
        water: of(FeatureKind::Water),
        streets: of(FeatureKind::Street),
        wide: format!("{:.1}", frame.width / 250.0),
        size: format!("{size:.0}"),
        names: names(features, &frame, size),
    };
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn.render()?).into_response())
}

/// Each name once, along its longest stretch, where that is long enough for it.
fn names(features: &[Feature], frame: &Frame, size: f64) -> Vec<Name> {
    let mut longest: std::collections::BTreeMap<&str, (f64, Name)> = Default::default();
    for feature in features.iter().filter(|feature| !feature.name.is_empty()) {
        for two in feature.line.windows(2) {
            let ((ax, ay), (bx, by)) = (frame.place(two[0]), frame.place(two[1]));
            let length = (bx - ax).hypot(by - ay);
            let needed = 0.6 * size * feature.name.chars().count() as f64;
            let known = longest.get(&*feature.name).map_or(0.0, |known| known.0);
            if length <= known.max(needed) {
                continue;
            }
            // Never upside down.
            let (from, to) = if ax <= bx {
                ((ax, ay), (bx, by))
            } else {
                ((bx, by), (ax, ay))
            };
            let name = Name {
                text: feature.name.clone(),
                x: format!("{:.0}", (ax + bx) / 2.0),
                y: format!("{:.0}", (ay + by) / 2.0),
                turned: format!("{:.0}", (to.1 - from.1).atan2(to.0 - from.0).to_degrees()),
            };
            longest.insert(&feature.name, (length, name));
        }
    }
    longest.into_values().map(|(_, name)| name).collect()
}
