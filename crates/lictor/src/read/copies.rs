//! Pictures that are kept beside the answer: whole ones with boxes, and the plates alone.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use vision::{Plate, straighten};

use super::json::pixels;
use crate::drawing;
use crate::pictures::Place;

/// Where copies go, and under which names.
pub(super) struct Copies<'a> {
    annotated: Option<&'a Path>,
    crops: Option<&'a Path>,
    /// For each file, a name that no other file of this run has.
    names: Vec<String>,
}

impl<'a> Copies<'a> {
    /// Makes the folders that are asked for.
    pub(super) fn new(
        files: &[PathBuf],
        annotated: Option<&'a Path>,
        crops: Option<&'a Path>,
    ) -> io::Result<Self> {
        for folder in [annotated, crops].into_iter().flatten() {
            fs::create_dir_all(folder)
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", folder.display())))?;
        }
        Ok(Self {
            annotated,
            crops,
            names: names(files),
        })
    }

    /// Keeps what is asked for of one picture.
    pub(super) fn keep(
        &self,
        place: Place,
        mut picture: RgbImage,
        plates: &[Plate],
    ) -> Result<(), String> {
        let mut name = self.names[place.file].clone();
        if let Some(frame) = place.frame {
            name.push_str(&format!("-frame-{frame:06}"));
        }
        if let Some(folder) = self.crops {
            for (number, plate) in (1..).zip(plates) {
                let path = folder.join(format!("{name}-plate-{number}.png"));
                save(&straighten(&picture, &plate.corners), &path)?;
            }
        }
        if let Some(folder) = self.annotated {
            for plate in plates.iter().rev() {
                annotate(&mut picture, plate);
            }
            save(&picture, &folder.join(format!("{name}-read.jpg")))?;
        }
        Ok(())
    }
}

/// The files' names without their extensions; the second of one name gets a number.
fn names(files: &[PathBuf]) -> Vec<String> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    files
        .iter()
        .map(|file| {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let count = taken.entry(stem.to_string()).or_default();
            *count += 1;
            match *count {
                1 => stem.to_string(),
                // Two points do not occur in the name of a first one twice.
                n => format!("{stem}..{n}"),
            }
        })
        .collect()
}

fn annotate(picture: &mut RgbImage, plate: &Plate) {
    let [x, y, width, height] = pixels(plate);
    let scale = (picture.height() / 360).clamp(1, 8);
    let line = 2 * scale as i32;
    let around = [x - line, y - line, width + 2 * line, height + 2 * line];
    drawing::rectangle(picture, around, line, Rgb([255, 176, 0]));
    let state = plate.reading.jurisdictions().most_likely();
    let words = format!(
        "{} {:.0} %{}",
        plate.reading.most_likely().text,
        100.0 * plate.confidence,
        state.map_or_else(String::new, |(state, p)| format!(
            "  {state} {:.0} %",
            100.0 * p
        ))
    );
    let (_, high) = drawing::size(&words, scale);
    let above = y - 2 * line - high as i32 - 4 * scale as i32;
    drawing::label(picture, &words, (x - line, above), scale);
}

fn save(picture: &RgbImage, path: &Path) -> Result<(), String> {
    picture
        .save(path)
        .map_err(|e| format!("its copy {} could not be kept: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_copy_takes_the_name_of_another() {
        let files = ["a/gate.jpg", "b/gate.jpg", "gate.png", "c/yard.jpg"].map(PathBuf::from);
        assert_eq!(names(&files), ["gate", "gate..2", "gate..3", "yard"]);
    }
}
