//! Lists that are put into a folder, by hand or by SFTP.
//!
//! A file is taken once it has lain there unchanged for a while, so that none is taken half written. It is
//! moved to a name of its own first: what cannot be moved would be taken again and again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;
use station::{DueFeed, Seen, Station, Taken};

use super::LARGEST;
use crate::Complaint;

/// A file that has not grown for so long is whole.
const SETTLED: Duration = Duration::from_secs(20);
/// What a file is called while it is taken in, and once it was refused.
const TAKING: &str = "taking";
const REFUSED: &str = "refused";
/// What programs call a file that they have not written to its end.
const UNFINISHED: [&str; 5] = ["part", "partial", "filepart", "tmp", "crdownload"];

/// What lay in the folders when they were looked at last.
#[derive(Default)]
pub(crate) struct Folders {
    lying: BTreeMap<PathBuf, Lying>,
}

/// A file that lies there, and since when as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Lying {
    length: u64,
    modified: Option<SystemTime>,
    since: Duration,
}

impl Folders {
    /// Takes the files of a feed's folder, by name.
    pub(super) fn take(
        &mut self,
        station: &Station,
        feed: &DueFeed,
        folder: &Path,
    ) -> Result<(), Complaint> {
        let whole = match self.whole(folder, station.uptime()) {
            Ok(whole) => whole,
            Err(error) => {
                let why = format!("the folder cannot be read: {error}");
                station.take(feed, Taken::Failed(why))?;
                return Ok(());
            }
        };
        let Some(path) = whole.first() else {
            station.take(feed, Taken::Nothing)?;
            return Ok(());
        };
        let moved = with_ending(path, TAKING);
        if let Err(error) = durable::rename(path, &moved) {
            let why = format!("a file cannot be moved, and so is not taken: {error}");
            station.take(feed, Taken::Failed(why))?;
            return Ok(());
        }
        let taken = match read(&moved) {
            Ok(file) => Taken::File(file, Seen::default()),
            Err(error) => Taken::Failed(format!("a file cannot be read: {error}")),
        };
        // The next file's turn comes with the next look: each is an act of its own.
        if station.take(feed, taken)? {
            durable::remove(&moved)?;
        } else {
            durable::rename(&moved, &with_ending(path, REFUSED))?;
        }
        Ok(())
    }

    /// The files that are whole, by name; what another start had begun to take is, too.
    fn whole(&mut self, folder: &Path, now: Duration) -> io::Result<Vec<PathBuf>> {
        let mut lying = BTreeMap::new();
        let mut whole = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let about = fs::symlink_metadata(&path)?;
            if !about.is_file() || !is_wanted(&path) {
                continue;
            }
            let seen = Lying {
                length: about.len(),
                modified: about.modified().ok(),
                since: now,
            };
            let before = self.lying.get(&path).copied();
            let before = before
                .filter(|before| (before.length, before.modified) == (seen.length, seen.modified));
            let seen = before.unwrap_or(seen);
            if now.saturating_sub(seen.since) >= SETTLED {
                whole.push(path.clone());
            }
            lying.insert(path, seen);
        }
        // Of other folders what is known stays.
        self.lying.retain(|path, _| path.parent() != Some(folder));
        self.lying.extend(lying);
        whole.sort();
        Ok(whole)
    }
}

fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let ending = path.extension().and_then(|ending| ending.to_str());
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    name.is_some_and(|name| !name.starts_with('.'))
        && ending != REFUSED
        && !UNFINISHED.contains(&&*ending)
}

/// `list.csv` as `list.csv.taking`; one that is called so already as it is.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if ending == TAKING && path.extension().is_some_and(|known| known == TAKING) {
        return name.into();
    }
    name.push(".");
    name.push(ending);
    name.into()
}

/// Neither through a link that was put in its place, nor waiting at a pipe.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if about.len() > LARGEST {
        return Err(io::Error::other("it is larger than 512 MiB"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: io::Result<Vec<PathBuf>>) -> Vec<String> {
        let files = files.unwrap();
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        files.iter().map(name).collect()
    }

    #[test]
    fn a_file_is_whole_once_it_has_not_grown_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let mut folders = Folders::default();
        let at = Duration::from_secs;
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        put("b.csv", "whole");
        put("a.csv", "half");
        for not_wanted in [".hidden", "c.csv.part", "d.filepart", "e.csv.refused"] {
            put(not_wanted, "whole");
        }
        fs::create_dir(folder.path().join("f.csv")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("g.csv")).unwrap();
        let mut look = |second| names(folders.whole(folder.path(), at(second)));
        assert!(look(100).is_empty(), "nobody knows yet whether they grow");
        put("a.csv", "half, and more");
        assert!(look(110).is_empty());
        assert_eq!(look(120), ["b.csv"]);
        assert_eq!(look(130), ["a.csv", "b.csv"], "by name");
    }

    #[test]
    fn a_link_is_not_followed_and_a_pipe_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert!(read(&link).is_err());
        assert!(read(folder.path()).is_err());
    }
}
