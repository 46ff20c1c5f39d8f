//! Pictures in folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file or folder that could not be looked into.
#[derive(Debug, Error)]
#[error("{}: {source}", path.display())]
pub struct FolderError {
    /// Which one.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// Whether a file's name is that of a picture this product reads.
pub fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| ["jpg", "jpeg", "png"].contains(&e.to_ascii_lowercase().as_str()))
}

/// The files to read for a path as a person gives it: a file is itself, whatever its name; a
/// folder is every picture in it and below, in the order of their paths. A folder reached twice
/// (a loop of links) is looked into once.
///
/// # Errors
/// When the path, or a folder below it, cannot be looked into.
pub fn pictures_under(path: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError { path, source }
    };
    if !fs::metadata(path).map_err(failed(path))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut pictures = Vec::new();
    let mut seen = BTreeSet::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        if !seen.insert(fs::canonicalize(&folder).map_err(failed(&folder))?) {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
            let path = entry.map_err(failed(&folder))?.path();
            // A link that leads nowhere is no picture.
            match fs::metadata(&path) {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && is_picture(&path) => pictures.push(path),
                _ => {}
            }
        }
    }
    pictures.sort();
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_pictures_in_order_and_survives_a_loop_of_links() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("b");
        fs::create_dir(&below).unwrap();
        for name in ["z.JPG", "a.png", "notes.txt", "b/m.jpeg"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), below.join("loop")).unwrap();
        let names: Vec<_> = pictures_under(dir.path())
            .unwrap()
            .iter()
            .map(|p| p.strip_prefix(dir.path()).unwrap().display().to_string())
            .collect();
        assert_eq!(names, ["a.png", "b/m.jpeg", "z.JPG"]);
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let error = pictures_under(Path::new("no/such/folder")).unwrap_err();
        assert!(error.to_string().starts_with("no/such/folder: "), "{error}");
    }
}
