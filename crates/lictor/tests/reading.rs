//! `lictor read`, as a person uses it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
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
        ("moving.jpg", b"GIF89a\x01\x00\x01\x00\x00\x00\x00"),
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
        "cut.jpg: is damaged: it was cut short",
        "moving.jpg: is a GIF picture, which is not read: convert it to JPEG or PNG",
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
    assert!(text(&output.stderr).contains("has neither JPEG or PNG pictures nor videos"));
}

/// Every object that the schema describes has the fields it must have, no others, and of its type.
fn fits(value: &Value, schema: &Value) {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => panic!("the schema has no type: {schema}"),
    };
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        _ => panic!("unknown type {kind}"),
    };
    assert!(
        types.iter().any(|kind| is(kind)),
        "{value} is not {types:?}"
    );
    if let Some(object) = value.as_object() {
        let properties = schema["properties"].as_object().unwrap();
        for name in schema["required"].as_array().unwrap() {
            assert!(
                object.contains_key(name.as_str().unwrap()),
                "no {name} in {value}"
            );
        }
        for (name, value) in object {
            fits(
                value,
                properties
                    .get(name)
                    .unwrap_or_else(|| panic!("{name} is not in the schema")),
            );
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        let prefix = schema["prefixItems"].get(index);
        fits(item, prefix.unwrap_or(&schema["items"]));
    }
}

#[test]
fn json_is_as_the_contract_says() {
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/contract/read.schema.json"
    );
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let output = lictor(&["read", "--json", SAMPLES]);
    for line in text(&output.stdout).lines() {
        fits(&serde_json::from_str(line).unwrap(), &schema);
    }
}

#[test]
fn a_pattern_that_no_shell_has_looked_at_stands_for_the_pictures_that_fit() {
    let reads = read(&[&format!("{SAMPLES}/elm-and-3rd-1[45]*.jpg")]);
    let mut names: Vec<&String> = reads.keys().collect();
    names.sort();
    assert_eq!(names, ["elm-and-3rd-1412.jpg", "elm-and-3rd-1516.jpg"]);
    let none = format!("{SAMPLES}/*.gif");
    let output = lictor(&["read", &none]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("*.gif: "),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn csv_has_a_row_a_plate() {
    let picture = format!("{SAMPLES}/elm-and-3rd-1412.jpg");
    let rows = text(&lictor(&["read", "--csv", &picture]).stdout);
    let mut rows = rows.lines();
    assert_eq!(
        rows.next().unwrap(),
        "file,plate,confidence,jurisdiction,jurisdiction_confidence,x,y,w,h,frame"
    );
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    let row = rows.iter().find(|row| row[1] == "DK48213").unwrap();
    assert_eq!((row.len(), row[0], row[9]), (10, picture.as_str(), ""));
}

#[test]
fn a_video_is_read_frame_by_frame_in_its_order() {
    let clip = format!("{SAMPLES}/clips/elm-and-3rd.mp4");
    let crops = tempfile::tempdir().unwrap();
    let folder = crops.path().display().to_string();
    let output = lictor(&["read", "--json", "--crops", &folder, &clip]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let lines: Vec<Value> = (lines.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let frames: Vec<_> = lines.iter().map(|line| line["frame"].as_u64()).collect();
    assert_eq!(frames, (0..20).map(Some).collect::<Vec<_>>());
    for line in &lines {
        let plates = line["plates"].as_array().unwrap();
        let right = plates.iter().any(|plate| plate["plate"] == "DK48213");
        assert!(right, "{line}");
    }
    assert!(
        crops
            .path()
            .join("elm-and-3rd-frame-000019-plate-1.png")
            .exists()
    );
}

#[test]
fn a_vehicle_that_drives_by_in_a_video_is_one_line_read_from_all_its_frames() {
    let clip = format!("{SAMPLES}/clips/elm-and-3rd.mp4");
    let output = lictor(&["read", "--json", "--passes", &clip]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines: Vec<Value> = (text(&output.stdout).lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of_it: Vec<&Value> = (lines.iter())
        .filter(|line| line["plates"][0]["plate"] == "DK48213")
        .collect();
    assert_eq!(of_it.len(), 1, "{lines:?}");
    // The other drives out of the picture on the way.
    let other = (lines.iter()).filter(|line| line["plates"][0]["plate"] == "AKT4823");
    assert_eq!((other.count(), lines.len()), (1, 2), "{lines:?}");
    let pass = &of_it[0]["pass"];
    assert_eq!(
        (&pass["first"], &pass["last"], &pass["frames"]),
        (&0.into(), &19.into(), &20.into())
    );

    let picture = format!("{SAMPLES}/elm-and-3rd-1412.jpg");
    let rows = text(&lictor(&["read", "--csv", "--passes", &clip, &picture]).stdout);
    let columns = |row: &str| row.split(',').count();
    assert!(rows.lines().all(|row| columns(row) == 12), "{rows}");
    assert!(rows.contains(",0,19\n"), "{rows}");
}

#[test]
fn a_video_that_cannot_be_decoded_is_named_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let clips = concat!(env!("CARGO_MANIFEST_DIR"), "/../capture/tests/videos");
    let whole = fs::read(format!("{clips}/motion-jpeg.avi")).unwrap();
    fs::write(dir.path().join("cut.avi"), &whole[..whole.len() / 2]).unwrap();
    fs::copy(format!("{clips}/h265.mp4"), dir.path().join("new.mp4")).unwrap();
    fs::copy(
        format!("{SAMPLES}/elm-and-3rd-1412.jpg"),
        dir.path().join("street.jpg"),
    )
    .unwrap();
    let output = lictor(&["read", "--csv", &dir.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("cut.avi: is damaged: it was cut short"),
        "{said}"
    );
    assert!(said.contains("new.mp4: is coded as H.265"), "{said}");
    assert!(text(&output.stdout).contains("DK48213"));
}

#[test]
fn copies_show_the_plates_and_leave_the_pictures_alone() {
    let dir = tempfile::tempdir().unwrap();
    let name = "elm-and-3rd-1412";
    let original = fs::read(format!("{SAMPLES}/{name}.jpg")).unwrap();
    let picture = dir.path().join(format!("{name}.jpg"));
    fs::write(&picture, &original).unwrap();
    let [whole, plates] = ["whole", "plates"].map(|f| dir.path().join(f).display().to_string());
    let picture_path = picture.display().to_string();
    let output = lictor(&[
        "read",
        "--annotate",
        &whole,
        "--crops",
        &plates,
        &picture_path,
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read(&picture).unwrap(), original);
    // The copy can be read like any picture, and the plate in it still is the plate.
    let reads = read(&[&format!("{whole}/{name}-read.jpg")]);
    let boxed = &reads[&format!("{name}-read.jpg")];
    assert!(boxed.iter().any(|p| p["plate"] == "DK48213"), "{boxed:?}");
    let alone = read(&["--cropped", &plates]);
    assert!(alone.values().flatten().any(|p| p["plate"] == "DK48213"));
}

#[test]
fn labelled_pictures_are_measured_and_the_misses_are_drawn() {
    let dir = tempfile::tempdir().unwrap();
    let sheet = dir.path().join("misses.png").display().to_string();
    let output = lictor(&["eval", SAMPLES, "--json", "--sheet", &sheet]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let figure = |name: &str| {
        let all = text(&output.stdout);
        let line = all
            .lines()
            .find(|line| line.contains(&format!("\"{name}\"")));
        serde_json::from_str::<Value>(line.unwrap()).unwrap()
    };
    let exact = figure("eval.samples.exact");
    let labelled = truth(SAMPLES, 7).len() as f64;
    assert_eq!(exact["n"], labelled as u64);
    assert!((exact["value"].as_f64().unwrap() - (1.0 - 1.0 / labelled)).abs() < 1e-9);
    assert!(exact["low"].as_f64() < exact["value"].as_f64());
    assert!(fs::metadata(&sheet).unwrap().len() > 1_000);
}

#[test]
fn labels_that_seem_wrong_are_scored_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let set = dir.path().join("gate");
    fs::create_dir(&set).unwrap();
    let rows = truth(&format!("{SAMPLES}/crops"), 2);
    let mut labels = "file,plate\n".to_owned();
    for (file, plate) in rows.iter().take(2) {
        fs::copy(format!("{SAMPLES}/crops/{file}"), set.join(file)).unwrap();
        labels += &format!("{file},{plate}\n");
    }
    let (file, plate) = &rows[0];
    fs::write(
        set.join("truth.csv"),
        labels.replace(plate.as_str(), "WRONG1"),
    )
    .unwrap();
    let doubts = dir.path().join("doubts.csv").display().to_string();
    let table = format!("set,file,label,seen,reason\ngate,{file},WRONG1,{plate},a slip\n");
    fs::write(&doubts, table).unwrap();
    let set = set.display().to_string();
    let output = lictor(&["eval", &set, "--json", "--doubts", &doubts]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let all = text(&output.stdout);
    let figure = |name: &str| {
        let line = all
            .lines()
            .find(|line| line.contains(&format!("\"{name}\"")));
        let figure: Value = serde_json::from_str(line.unwrap()).unwrap();
        (
            figure["value"].as_f64().unwrap(),
            figure["n"].as_u64().unwrap(),
        )
    };
    assert_eq!(figure("eval.gate.exact"), (0.5, 2));
    assert_eq!(figure("eval.gate.exact_as_seen"), (1.0, 2));
    assert_eq!(figure("eval.gate.exact_without_doubtful"), (1.0, 1));
    // Without the table nothing is doubted.
    let plain = text(&lictor(&["eval", &set, "--json"]).stdout);
    assert!(!plain.contains("as_seen"), "{plain}");
}

#[test]
fn labels_that_miss_a_column_are_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("truth.csv"), "file,text\na.jpg,AB12\n").unwrap();
    let output = lictor(&["eval", dir.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("truth.csv") && said.contains("plate"),
        "{said}"
    );
}
