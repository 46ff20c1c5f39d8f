//! `lictor read`, as a person uses it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples");

fn lictor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lictor"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The best texts of each picture, by file name.
fn read(arguments: &[&str]) -> HashMap<String, Vec<Value>> {
    let output = lictor(&[&["read", "--json"], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let file = Path::new(line["file"].as_str().unwrap())
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (file, line["plates"].as_array().unwrap().clone())
        })
        .collect()
}

/// Rows of a truth table: the file, and the plate by its column.
fn truth(folder: &str, column: usize) -> Vec<(String, String)> {
    let table = fs::read_to_string(Path::new(folder).join("truth.csv")).unwrap();
    table
        .lines()
        .skip(1)
        .map(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|row| (row[0].clone(), row[column].clone()))
        .collect()
}

#[test]
fn the_sample_streets_are_read_right_but_for_one_muddy_character() {
    let reads = read(&[SAMPLES]);
    let wrong: Vec<String> = truth(SAMPLES, 7)
        .into_iter()
        .filter(|(file, plate)| !reads[file].iter().any(|p| p["plate"] == plate.as_str()))
        .map(|(file, plate)| format!("{file} {plate}"))
        .collect();
    assert_eq!(wrong, ["elm-and-3rd-2009.jpg GT53896"]);
    // And that one stands among the alternatives of what was read.
    let muddy = &reads["elm-and-3rd-2009.jpg"];
    assert!(muddy.iter().any(|p| {
        p["alternatives"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["plate"] == "GT53896")
    }));
}

#[test]
fn plates_edge_to_edge_are_read_right() {
    let crops = format!("{SAMPLES}/crops");
    let reads = read(&["--cropped", &crops]);
    for (file, plate) in truth(&crops, 2) {
        assert_eq!(reads[&file][0]["plate"], plate.as_str(), "{file}");
    }
}

#[test]
fn the_same_picture_gives_the_same_answer_every_time() {
    let picture = format!("{SAMPLES}/elm-and-3rd-1412.jpg");
    assert_eq!(
        lictor(&["read", "--json", &picture]).stdout,
        lictor(&["read", "--json", &picture]).stdout
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let good = fs::read(format!("{SAMPLES}/elm-and-3rd-1412.jpg")).unwrap();
    for (name, bytes) in [
        ("empty.jpg", &[][..]),
        ("cut.jpg", &good[..good.len() / 3]),
        ("noise.png", b"this is a letter to the editor"),
        ("good.jpg", &good),
    ] {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let output = lictor(&["read", dir.path().to_str().unwrap(), "no-such-file.jpg"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    for reason in [
        "empty.jpg: is empty",
        "noise.png: is not a JPEG or PNG picture",
        "no-such-file.jpg: ",
    ] {
        assert!(said.contains(reason), "{reason:?} is not in {said}");
    }
    assert!(text(&output.stdout).contains("DK48213"));
}

#[test]
fn a_folder_without_pictures_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let output = lictor(&["read", dir.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("has no JPEG or PNG pictures"));
}
