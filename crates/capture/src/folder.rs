//! Pictures and videos in folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::video::{begins_as_video, is_video};

/// A file or folder that could not be looked into.
#[derive(Debug, Error)]
#[error("{}: {source}", path.display())]
pub struct FolderError {
    /// Which one.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// What a path holds.
#[derive(Debug, Default)]
pub struct Found {
    /// The pictures, in the order of their paths.
    pub pictures: Vec<PathBuf>,
    /// The videos, in the order of their paths.
    pub videos: Vec<PathBuf>,
    /// The folders that could not be looked into.
    pub problems: Vec<FolderError>,
}

/// Whether a file's name is that of a picture this product reads.
pub fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| ["jpg", "jpeg", "png"].contains(&e.to_ascii_lowercase().as_str()))
}

/// The files to read for a path as a person gives it: a file is itself, whatever its name; a
/// folder is every picture and video in it and below. A folder reached twice (a loop of links) is looked
/// into once; one that cannot be looked into is named, and the rest is found all the same.
pub fn pictures_under(path: &Path) -> Found {
    let mut found = Found::default();
    let problem = |path: &Path, source| FolderError {
        path: path.to_owned(),
        source,
    };
    match fs::metadata(path) {
        Ok(kind) if kind.is_dir() => {}
        Ok(_) => {
            let to = if begins_as_video(path) {
                &mut found.videos
            } else {
                &mut found.pictures
            };
            to.push(path.to_owned());
            return found;
        }
        Err(error) => {
            found.problems.push(problem(path, error));
            return found;
        }
    }
    let mut seen = BTreeSet::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::canonicalize(&folder).and_then(|real| {
            if seen.insert(real) {
                fs::read_dir(&folder)?.collect()
            } else {
                Ok(Vec::new())
            }
        });
        match entries {
            Ok(entries) => {
                for path in entries.iter().map(fs::DirEntry::path) {
                    match fs::metadata(&path) {
                        Ok(kind) if kind.is_dir() => folders.push(path),
                        // What bears a picture's name and is none (a link to itself, a pipe) is
                        // kept: whoever opens it says why it cannot be read.
                        _ if is_picture(&path) => found.pictures.push(path),
                        _ if is_video(&path) => found.videos.push(path),
                        _ => {}
                    }
                }
            }
            Err(error) => found.problems.push(problem(&folder, error)),
        }
    }
    found.pictures.sort();
    found.videos.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(dir: &Path, found: &Found) -> Vec<String> {
        let name = |p: &PathBuf| p.strip_prefix(dir).unwrap().display().to_string();
        found.pictures.iter().map(name).collect()
    }

    #[test]
    fn a_folder_gives_its_pictures_in_order_and_survives_a_loop_of_links() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("b");
        fs::create_dir(&below).unwrap();
        for name in ["z.JPG", "a.png", "notes.txt", "b/m.jpeg"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        symlink(dir.path(), below.join("loop")).unwrap();
        let found = pictures_under(dir.path());
        assert_eq!(names(dir.path(), &found), ["a.png", "b/m.jpeg", "z.JPG"]);
        assert!(found.problems.is_empty());
    }

    #[test]
    fn a_picture_that_links_to_itself_is_kept_so_that_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        symlink("me.jpg", dir.path().join("me.jpg")).unwrap();
        let found = pictures_under(dir.path());
        assert_eq!(names(dir.path(), &found), ["me.jpg"]);
        assert!(matches!(
            crate::load(&found.pictures[0]),
            Err(crate::PictureError::Open(_))
        ));
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let found = pictures_under(Path::new("no/such/folder"));
        let said = found.problems[0].to_string();
        assert!(said.starts_with("no/such/folder: "), "{said}");
        assert!(found.pictures.is_empty());
    }
}
