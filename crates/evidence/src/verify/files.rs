//! The files of a folder, by their paths in the bag.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Finding, found};

/// The deepest that a bag's folders go, and more.
const DEEPEST: usize = 8;

pub(super) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Reads them; what is neither a file nor a folder is found.
    pub(super) fn of(folder: &Path, findings: &mut Vec<Finding>) -> Self {
        let mut files = Self(BTreeMap::new());
        files.read(folder, "", DEEPEST, findings);
        files
    }

    fn read(&mut self, folder: &Path, within: &str, depth: usize, findings: &mut Vec<Finding>) {
        let shown = |path: &str| {
            if path.is_empty() {
                ".".to_owned()
            } else {
                path.to_owned()
            }
        };
        let entries = match fs::read_dir(folder) {
            Ok(entries) if depth > 0 => entries,
            Ok(_) => return findings.push(found(&shown(within), "it is no folder of a bag")),
            Err(e) => return findings.push(found(&shown(within), &e.to_string())),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(e) => {
                    findings.push(found(&shown(within), &e.to_string()));
                    continue;
                }
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{within}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    self.read(&entry.path(), &format!("{path}/"), depth - 1, findings);
                }
                Ok(kind) if kind.is_file() => match fs::read(entry.path()) {
                    Ok(bytes) => {
                        self.0.insert(path, bytes);
                    }
                    Err(e) => findings.push(found(&path, &e.to_string())),
                },
                Ok(_) => findings.push(found(&path, "it is no file: a link, or something else")),
                Err(e) => findings.push(found(&path, &e.to_string())),
            }
        }
    }

    pub(super) fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// A file as text; one that is missing or no text is found.
    pub(super) fn text(&self, path: &str, findings: &mut Vec<Finding>) -> Option<&str> {
        let says = match self.get(path).map(std::str::from_utf8) {
            Some(Ok(text)) => return Some(text),
            Some(Err(_)) => "it is no text any more",
            None => "it is missing",
        };
        findings.push(found(path, says));
        None
    }

    pub(super) fn below<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.0
            .iter()
            .filter(move |(path, _)| path.starts_with(folder))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
