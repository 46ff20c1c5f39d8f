//! `cargo xtask town`: the map of the invented town, `samples/ashford-falls.geojson`.
//!
//! Ashford Falls lies nowhere: its streets are drawn over fields.

use std::fs;

use serde_json::{Value, json};

use crate::command::{Failure, root};

/// The town's middle, in degrees, and metres in a degree of latitude and of longitude there.
const MIDDLE: (f64, f64) = (40.1, -88.9);
const DEGREE: (f64, f64) = (111_195.0, 85_055.0);

/// Metres east and north of the middle.
type Point = (f64, f64);

fn feature(name: &str, kind: &str, line: &[Point]) -> Value {
    let degree = |value: f64| (value * 1e6).round() / 1e6;
    let points: Vec<_> = line
        .iter()
        .map(|(east, north)| {
            let longitude = degree(MIDDLE.1 + east / DEGREE.1);
            let latitude = degree(MIDDLE.0 + north / DEGREE.0);
            json!([longitude, latitude])
        })
        .collect();
    let geometry = if kind == "street" {
        json!({ "type": "LineString", "coordinates": points })
    } else {
        json!({ "type": "Polygon", "coordinates": [points] })
    };
    json!({ "type": "Feature", "properties": { "name": name, "kind": kind }, "geometry": geometry })
}

fn features() -> Vec<Value> {
    let mut all = vec![
        feature(
            "Weir Park",
            "green",
            &[
                (440., 240.),
                (760., 240.),
                (760., 560.),
                (440., 560.),
                (440., 240.),
            ],
        ),
        feature(
            "Ash River",
            "water",
            &[
                (1060., 1000.),
                (1000., 560.),
                (1110., 240.),
                (1110., -40.),
                (1020., -420.),
                (1080., -1000.),
                (1170., -1000.),
                (1110., -420.),
                (1190., -40.),
                (1190., 240.),
                (1080., 560.),
                (1150., 1000.),
                (1060., 1000.),
            ],
        ),
    ];
    let numbered = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th"];
    for (n, name) in (0..).zip(numbered) {
        let north = -600. + 200. * f64::from(n);
        let street = format!("{name} Avenue");
        all.push(feature(&street, "street", &[(-900., north), (900., north)]));
    }
    let named = [
        "Oak Street",
        "Elm Street",
        "Main Street",
        "Maple Street",
        "Hollis Avenue",
    ];
    for (n, name) in (0..).zip(named) {
        let east = -800. + 400. * f64::from(n);
        all.push(feature(name, "street", &[(east, -700.), (east, 700.)]));
    }
    all.extend([
        feature(
            "Mill Road",
            "street",
            &[(800., 100.), (1150., 100.), (1600., 160.)],
        ),
        feature(
            "Depot Road",
            "street",
            &[(-800., -600.), (-1150., -760.), (-1600., -900.)],
        ),
    ]);
    all
}

/// Writes it.
pub(crate) fn write() -> Result<(), Failure> {
    let features: Vec<String> = features().iter().map(ToString::to_string).collect();
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
        features.join(",\n")
    );
    let path = root().join("samples/ashford-falls.geojson");
    fs::write(&path, text).map_err(Failure::file(&path))
}
