//! Where something is, and where it is looked for: a street, a circle, a polygon.
//!
//! Positions are WGS 84, in whole millionths of a degree (11 cm of latitude), so that whether lines cross
//! is decided exactly. A polygon's edges are straight in latitude and longitude, which over a city is
//! straight on the ground.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Millionths in a degree.
const MILLION: f64 = 1e6;
/// Metres of the earth's mean radius (IUGG).
const EARTH: f64 = 6_371_008.8;
/// The radius of a circle, in metres.
const RADIUS: std::ops::RangeInclusive<f64> = 10.0..=50_000.0;
/// The most corners of a polygon, and letters of a street.
const MOST: usize = 100;

/// A place on the earth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Millionths of a degree north.
    latitude: i64,
    /// Millionths of a degree east.
    longitude: i64,
}

/// Where reads are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Area {
    /// At cameras whose place names this.
    Street(String),
    /// Not further than so many metres from a position.
    Circle(Position, u32),
    /// Inside of these corners, in their order, or on an edge.
    Polygon(Vec<Position>),
}

/// What is no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AreaError {
    /// Off the earth.
    #[error(
        "a position is a latitude from -90 to 90 and a longitude from -180 to 180, such as 39.8017, -89.6437"
    )]
    Position,
    /// Too small or too large.
    #[error(
        "a circle is a position and a radius from 10 to 50000 metres, such as 39.8017, -89.6437, 800"
    )]
    Radius,
    /// A line, or a point.
    #[error("a polygon has three corners at least, 100 at most, and something inside")]
    Corners,
    /// Edges that cross.
    #[error(
        "the polygon crosses itself: enter its corners in the order in which one would walk around it"
    )]
    Crosses,
    /// Around the earth.
    #[error("a polygon does not go around the earth")]
    TooWide,
    /// Too long, or empty.
    #[error("a street has 1 to 100 letters")]
    Street,
}

impl Position {
    /// In degrees.
    ///
    /// # Errors
    /// [`AreaError::Position`].
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, AreaError> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err(AreaError::Position);
        }
        Ok(Self {
            latitude: (latitude * MILLION).round() as i64,
            longitude: (longitude * MILLION).round() as i64,
        })
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude as f64 / MILLION
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude as f64 / MILLION
    }

    /// Metres to another place, along a great circle (haversine formula).
    pub fn metres_to(self, other: Self) -> f64 {
        let (a, b) = (self.latitude().to_radians(), other.latitude().to_radians());
        let east = (other.longitude() - self.longitude()).to_radians();
        let half = ((b - a) / 2.0).sin().powi(2) + a.cos() * b.cos() * (east / 2.0).sin().powi(2);
        2.0 * EARTH * half.sqrt().min(1.0).asin()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}, {:.6}", self.latitude(), self.longitude())
    }
}

impl FromStr for Position {
    type Err = AreaError;

    /// `39.8017, -89.6437`.
    fn from_str(text: &str) -> Result<Self, AreaError> {
        let degrees = |text: &str| text.trim().parse().map_err(|_| AreaError::Position);
        let (latitude, longitude) = text.split_once(',').ok_or(AreaError::Position)?;
        Self::new(degrees(latitude)?, degrees(longitude)?)
    }
}

impl Area {
    /// A circle.
    ///
    /// # Errors
    /// [`AreaError::Radius`].
    pub fn circle(centre: Position, metres: f64) -> Result<Self, AreaError> {
        if RADIUS.contains(&metres) {
            Ok(Self::Circle(centre, metres.round() as u32))
        } else {
            Err(AreaError::Radius)
        }
    }

    /// A polygon; its last corner may be its first once more.
    ///
    /// # Errors
    /// [`AreaError::Corners`], [`AreaError::TooWide`], [`AreaError::Crosses`].
    pub fn polygon(mut corners: Vec<Position>) -> Result<Self, AreaError> {
        corners.dedup();
        if corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        if !(3..=MOST).contains(&corners.len()) {
            return Err(AreaError::Corners);
        }
        let east = corners.iter().map(|corner| corner.longitude);
        let width = east.clone().max().zip(east.min()).map(|(a, b)| a - b);
        if width.is_none_or(|width| width > 180_000_000) {
            return Err(AreaError::TooWide);
        }
        let first = edge(&corners, 0);
        if (corners.iter()).all(|corner| turn(first.0, first.1, *corner) == 0) {
            return Err(AreaError::Corners);
        }
        let edges = corners.len();
        for a in 0..edges {
            for b in a + 1..edges {
                let next = b == a + 1 || (a == 0 && b == edges - 1);
                if crosses(edge(&corners, a), edge(&corners, b), next) {
                    return Err(AreaError::Crosses);
                }
            }
        }
        Ok(Self::Polygon(corners))
    }

    /// Whether a camera that stands here, at a place of this name, is in it. One whose position nobody
    /// has entered is in no circle and no polygon.
    pub fn has(&self, position: Option<Position>, place: &str) -> bool {
        match (self, position) {
            (Self::Street(street), _) => place.to_lowercase().contains(&street.to_lowercase()),
            (Self::Circle(centre, metres), Some(position)) => {
                centre.metres_to(position) <= f64::from(*metres)
            }
            (Self::Polygon(corners), Some(position)) => is_inside(corners, position),
            (_, None) => false,
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Street(street) => write!(f, "at {street}"),
            Self::Circle(centre, metres) => write!(f, "within {metres} m of {centre}"),
            Self::Polygon(corners) => {
                let corners: Vec<_> = corners.iter().map(ToString::to_string).collect();
                write!(f, "within {}", corners.join("; "))
            }
        }
    }
}

impl FromStr for Area {
    type Err = AreaError;

    /// A circle: `39.8017, -89.6437, 800`, in metres. A polygon: its corners with `;` between them. What
    /// is written in anything but numbers is a street.
    fn from_str(text: &str) -> Result<Self, AreaError> {
        let numbers = |part: &str| -> Option<Vec<f64>> {
            let parts = part.split([',', ' ']).filter(|part| !part.is_empty());
            parts.map(|part| part.parse().ok()).collect()
        };
        let text = text.trim();
        let Some(parts) = text
            .trim_end_matches(';')
            .split(';')
            .map(numbers)
            .collect::<Option<Vec<_>>>()
        else {
            return match text.chars().count() {
                1..=MOST if !text.chars().any(char::is_control) => {
                    Ok(Self::Street(text.to_owned()))
                }
                _ => Err(AreaError::Street),
            };
        };
        if let [numbers] = parts.as_slice() {
            return match numbers.as_slice() {
                [] => Err(AreaError::Street),
                [latitude, longitude, metres] => {
                    Self::circle(Position::new(*latitude, *longitude)?, *metres)
                }
                _ => Err(AreaError::Radius),
            };
        }
        let corner = |numbers: &Vec<f64>| match numbers.as_slice() {
            [latitude, longitude] => Position::new(*latitude, *longitude),
            _ => Err(AreaError::Position),
        };
        Self::polygon(parts.iter().map(corner).collect::<Result<_, _>>()?)
    }
}

type Edge = (Position, Position);

/// The edge from a corner to the next.
fn edge(corners: &[Position], n: usize) -> Edge {
    (corners[n], corners[(n + 1) % corners.len()])
}

/// Whether the way from `a` to `b` turns left (above 0), right (below) or not at all to get to `c`.
fn turn(a: Position, b: Position, c: Position) -> i64 {
    let cross = (b.longitude - a.longitude) * (c.latitude - a.latitude)
        - (b.latitude - a.latitude) * (c.longitude - a.longitude);
    cross.signum()
}

/// Whether a place that lies on the line through an edge lies on the edge.
fn is_between((a, b): Edge, c: Position) -> bool {
    let between = |a: i64, b: i64, c: i64| (a.min(b)..=a.max(b)).contains(&c);
    between(a.latitude, b.latitude, c.latitude) && between(a.longitude, b.longitude, c.longitude)
}

fn is_on(edge: Edge, place: Position) -> bool {
    turn(edge.0, edge.1, place) == 0 && is_between(edge, place)
}

/// Whether two edges of a polygon have a place in common; neighbours have their corner, and cross only
/// where one goes back along the other.
fn crosses(one: Edge, other: Edge, neighbours: bool) -> bool {
    if neighbours {
        let (corner, before, after) = if one.1 == other.0 {
            (one.1, one.0, other.1)
        } else {
            (one.0, one.1, other.0)
        };
        return is_on((corner, before), after) || is_on((corner, after), before);
    }
    let apart = |edge: Edge, a: Position, b: Position| {
        turn(edge.0, edge.1, a) * turn(edge.0, edge.1, b) < 0
    };
    (apart(one, other.0, other.1) && apart(other, one.0, one.1))
        || [other.0, other.1].iter().any(|place| is_on(one, *place))
        || [one.0, one.1].iter().any(|place| is_on(other, *place))
}

/// By how often a line to the east crosses the edges; on an edge is inside.
fn is_inside(corners: &[Position], place: Position) -> bool {
    let mut inside = false;
    for n in 0..corners.len() {
        let (a, b) = edge(corners, n);
        if is_on((a, b), place) {
            return true;
        }
        if (a.latitude > place.latitude) != (b.latitude > place.latitude) {
            let up = b.latitude > a.latitude;
            inside ^= (turn(a, b, place) > 0) == up;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Option<Position> {
        Position::new(latitude, longitude).ok()
    }

    #[test]
    fn an_area_is_a_street_a_circle_or_a_polygon_as_it_is_written() {
        let area = |text: &str| text.parse::<Area>();
        assert_eq!(area(" Elm & 3rd "), Ok(Area::Street("Elm & 3rd".into())));
        let centre = Position::new(39.8017, -89.6437).unwrap();
        let circle = Area::Circle(centre, 800);
        assert_eq!(area("39.8017, -89.6437, 800"), Ok(circle.clone()));
        assert_eq!(area("39.8017 -89.6437 800"), Ok(circle.clone()));
        assert_eq!(circle.to_string(), "within 800 m of 39.801700, -89.643700");
        let polygon = area("39.80,-89.65; 39.81,-89.65; 39.81,-89.64;");
        assert!(matches!(polygon, Ok(Area::Polygon(corners)) if corners.len() == 3));
        for (text, wrong) in [
            ("", AreaError::Street),
            ("91, 0, 800", AreaError::Position),
            ("39.8, -89.6", AreaError::Radius),
            ("39.8, -89.6, 5", AreaError::Radius),
            ("39.8, -89.6, inf", AreaError::Radius),
            ("NaN, -89.6, 800", AreaError::Position),
            ("39.80,-89.65; 39.81,-89.65", AreaError::Corners),
            (
                "39.80,-89.65; 39.81,-89.65; 39.82,-89.65",
                AreaError::Corners,
            ),
            ("0,-170; 1,0; 0,170", AreaError::TooWide),
        ] {
            assert_eq!(area(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn a_polygon_that_crosses_or_touches_itself_is_refused() {
        for text in [
            // A bow tie.
            "0,0; 1,1; 1,0; 0,1",
            // A corner on another edge.
            "0,0; 0,2; 1,1; 2,2; 2,0; 1,1",
            // A spike, out and back.
            "0,0; 0,1; 0,3; 0,1; 1,1",
            "0,0; 0,2; 0,1; 1,1",
        ] {
            assert_eq!(text.parse::<Area>(), Err(AreaError::Crosses), "{text}");
        }
        for text in ["0,0; 0,1; 1,1; 1,0", "1,0; 1,1; 0,1; 0,0; 1,0"] {
            assert!(text.parse::<Area>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_place_is_inside_on_an_edge_or_outside() {
        // An L: the corner that is cut out is outside.
        let area: Area = "0,0; 2,0; 2,1; 1,1; 1,2; 0,2".parse().unwrap();
        for inside in [
            (0.5, 0.5),
            (1.5, 0.5),
            (0.5, 1.5),
            (0.0, 1.0),
            (1.0, 1.5),
            (2.0, 1.0),
        ] {
            assert!(area.has(at(inside.0, inside.1), ""), "{inside:?}");
        }
        for outside in [
            (1.5, 1.5),
            (2.5, 0.5),
            (-0.1, 0.0),
            (0.5, 2.1),
            (1.0, -1.0),
            (1.0, 3.0),
        ] {
            assert!(!area.has(at(outside.0, outside.1), ""), "{outside:?}");
        }
        assert!(!area.has(None, "Elm Street"), "nobody knows where it is");
    }

    #[test]
    fn a_circle_is_measured_on_the_ground() {
        // A minute of latitude is a nautical mile.
        let metres = at(40.0, -89.0)
            .unwrap()
            .metres_to(at(40.0 + 1.0 / 60.0, -89.0).unwrap());
        assert!((metres - 1853.2).abs() < 1.0, "{metres}");
        let area: Area = "40, -89, 1000".parse().unwrap();
        assert!(area.has(at(40.0089, -89.0), ""));
        assert!(!area.has(at(40.0091, -89.0), ""));
        // Degrees of longitude are shorter there.
        assert!(area.has(at(40.0, -89.0116), ""));
        assert!(!area.has(at(40.0, -89.0119), ""));
    }

    #[test]
    fn a_street_is_found_by_the_names_of_places() {
        let area: Area = "elm".parse().unwrap();
        assert!(area.has(None, "Elm Street and 3rd"));
        assert!(!area.has(None, "Mill Bridge"));
    }
}
