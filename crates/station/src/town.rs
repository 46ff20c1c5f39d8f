//! The town's streets, as a map shows them: a GeoJSON file that an administrator puts into the station's
//! folder. Nothing of it is anybody's data.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use govern::Position;
use serde::Deserialize;

/// The largest file, and the most points, that are shown.
const LARGEST: u64 = 8 << 20;
const MOST_POINTS: usize = 100_000;

/// What a map shows under the cameras.
#[derive(Debug, Default)]
pub struct Town {
    /// Its streets, waters and parks, in the order of the file.
    pub features: Vec<Feature>,
}

/// A street, a water, a park.
#[derive(Debug)]
pub struct Feature {
    /// Its name; empty where it has none.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its points, in order.
    pub line: Vec<Position>,
}

/// What is drawn in which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A street.
    Street,
    /// A river, a lake.
    Water,
    /// A park, a wood.
    Green,
}

#[derive(Deserialize)]
struct Written {
    features: Vec<WrittenFeature>,
}

#[derive(Deserialize)]
struct WrittenFeature {
    geometry: Option<Geometry>,
    #[serde(default)]
    properties: Option<Properties>,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(default)]
    name: Option<String>,
    /// `water` or `green`; anything else is a street.
    #[serde(default)]
    kind: Option<String>,
}

/// Longitude and latitude, and perhaps a height.
type Point = Vec<f64>;

/// Of any kind; points and whatever else is no line are left out.
#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    coordinates: serde_json::Value,
}

impl Geometry {
    fn lines(self) -> Result<Vec<Vec<Point>>, serde_json::Error> {
        match self.kind.as_str() {
            "LineString" => Ok(vec![serde_json::from_value(self.coordinates)?]),
            "MultiLineString" | "Polygon" => serde_json::from_value(self.coordinates),
            _ => Ok(vec![]),
        }
    }
}

impl Town {
    /// Reads the file; `None` where there is none.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, String> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let mut text = String::new();
        let read = file.take(LARGEST + 1).read_to_string(&mut text);
        read.map_err(|error| error.to_string())?;
        if text.len() as u64 > LARGEST {
            return Err("it is larger than 8 MiB".to_owned());
        }
        Self::from_geojson(&text).map(Some)
    }

    fn from_geojson(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut town = Self::default();
        let mut points = 0;
        for feature in written.features {
            let properties = feature.properties.unwrap_or_default();
            let lines = feature.geometry.map(Geometry::lines).transpose();
            let lines = lines
                .map_err(|error| error.to_string())?
                .unwrap_or_default();
            let kind = match properties.kind.as_deref() {
                Some("water") => Kind::Water,
                Some("green") => Kind::Green,
                _ => Kind::Street,
            };
            let name = properties.name.unwrap_or_default();
            for line in lines {
                points += line.len();
                if points > MOST_POINTS {
                    return Err(format!("it has more than {MOST_POINTS} points"));
                }
                town.features.push(Feature {
                    name: name.chars().take(60).collect(),
                    kind,
                    line: line.iter().map(position).collect::<Result<_, _>>()?,
                });
            }
        }
        Ok(town)
    }
}

fn position(point: &Point) -> Result<Position, String> {
    let [longitude, latitude, ..] = point.as_slice() else {
        return Err("a point has a longitude and a latitude".to_owned());
    };
    Position::new(*latitude, *longitude).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_and_waters_are_read_and_what_is_neither_is_left_out() {
        let town = Town::from_geojson(
            r#"{"type": "FeatureCollection", "features": [
                {"type": "Feature", "properties": {"name": "Elm Street"},
                 "geometry": {"type": "LineString", "coordinates": [[-89.65, 39.8], [-89.64, 39.8, 180]]}},
                {"type": "Feature", "properties": {"kind": "water"},
                 "geometry": {"type": "Polygon", "coordinates": [[[-89.65, 39.8], [-89.64, 39.8], [-89.64, 39.81]]]}},
                {"type": "Feature", "properties": null,
                 "geometry": {"type": "Point", "coordinates": [-89.65, 39.8]}},
                {"type": "Feature", "properties": {}, "geometry": null}]}"#,
        );
        let features = town.unwrap().features;
        assert_eq!(features.len(), 2);
        assert_eq!(features[0].name, "Elm Street");
        assert_eq!(features[1].kind, Kind::Water);
        assert_eq!(features[0].line.len(), 2);
    }

    #[test]
    fn what_is_no_map_is_said_to_be_none() {
        for text in [
            "",
            "{}",
            r#"{"features": [{"geometry": {"type": "LineString", "coordinates": [[999, 0]]}}]}"#,
            r#"{"features": [{"geometry": {"type": "LineString", "coordinates": [[1]]}}]}"#,
        ] {
            assert!(Town::from_geojson(text).is_err(), "{text}");
        }
    }
}
