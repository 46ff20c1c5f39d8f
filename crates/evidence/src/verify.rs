//! Verifying a bag, on a machine with nothing else.

mod claims;
mod files;

use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use ledger::{Entry, Event, VerifyingKey, check_proof};

use crate::Trust;
use crate::bag::{ALGORITHMS, DECLARATION, Manifests, digest_of, manifest, tag_manifest};
use crate::contents::{LEDGER_KEY, WITNESSED};
use files::Files;

/// The proof that the ledger has this bag's digest.
pub const SEAL: &str = "seal.txt";
/// Stands in a folder until all of the bag is on the medium.
pub const INCOMPLETE: &str = "INCOMPLETE.txt";

const CHANGED: &str = "it was changed after it was packed";

/// Something that is not as it was packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, by its path in the bag.
    pub file: String,
    /// What is wrong with it.
    pub says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.says)
    }
}

/// A bag in which every file and every proof is right.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The evidence number.
    pub number: String,
    /// The case.
    pub case: String,
    /// Who packed it.
    pub agency: String,
    /// How many files.
    pub files: usize,
    /// How many reads.
    pub reads: usize,
    /// How many of them are proved to have come in so.
    pub proved_reads: usize,
    /// The ledger's key, as it lies in the bag.
    pub key: VerifyingKey,
    /// Whether that key is one that whoever verifies has from elsewhere.
    pub signer: Signer,
    /// Heads of the ledger that trusted witnesses cosigned: by whom, when, over how many entries.
    pub witnessed: Vec<(String, Timestamp)>,
    /// How many heads lie in the bag that a witness cosigned whose key was not given.
    pub witnesses_not_checked: usize,
}

/// Whether the signer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// No key was given to compare with.
    NotChecked,
    /// It is one of the keys that were given.
    Trusted,
}

/// Verifies the bag in a folder.
///
/// # Errors
/// Everything that is not as it was packed, by file.
pub fn verify(folder: &Path, trust: &Trust) -> Result<Verified, Vec<Finding>> {
    let mut findings = Vec::new();
    let files = Files::of(folder, &mut findings);
    if files.get(INCOMPLETE).is_some() {
        let says =
            "the medium filled up or was taken out while the bag was written: it is no evidence";
        return Err(vec![found(INCOMPLETE, says)]);
    }
    let key = ledger_key(&files, trust, &mut findings);
    let packed = key
        .as_ref()
        .and_then(|key| seal(&files, key, &mut findings));
    check_manifests(&files, packed.as_ref().map(|p| p.package), &mut findings);
    let claims = match (&key, &packed) {
        (Some(key), Some(packed)) if findings.is_empty() => {
            claims::check(&files, key, packed.decision, &mut findings)
        }
        _ => None,
    };
    let (Some(key), Some(claims), true) = (key, claims, findings.is_empty()) else {
        findings.sort_by(|a, b| a.file.cmp(&b.file));
        findings.dedup();
        return Err(findings);
    };
    let (witnessed, witnesses_not_checked) = witnessed(&files, &key, trust, &mut findings);
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(Verified {
        number: claims.booking.number,
        case: claims.booking.case,
        agency: claims.booking.agency,
        files: files.len(),
        reads: claims.booking.reads,
        proved_reads: claims.proved,
        signer: if trust.ledgers.is_empty() {
            Signer::NotChecked
        } else {
            Signer::Trusted
        },
        key,
        witnessed,
        witnesses_not_checked,
    })
}

/// What the ledger says was packed.
struct Packed {
    decision: ledger::DecisionId,
    package: crypt::Digest,
}

fn found(file: &str, says: &str) -> Finding {
    Finding {
        file: file.to_owned(),
        says: says.to_owned(),
    }
}

/// The ledger's key in the bag, if it is not refused.
fn ledger_key(files: &Files, trust: &Trust, findings: &mut Vec<Finding>) -> Option<VerifyingKey> {
    let path = format!("data/{LEDGER_KEY}");
    let text = files.text(&path, findings)?;
    match VerifyingKey::from_text(text) {
        Ok(key) => {
            let known = |trusted: &VerifyingKey| trusted.as_text() == key.as_text();
            if !trust.ledgers.is_empty() && !trust.ledgers.iter().any(known) {
                findings.push(found(
                    &path,
                    "the bag is signed by another key than those given",
                ));
            }
            Some(key)
        }
        Err(error) => {
            findings.push(found(&path, &error.to_string()));
            None
        }
    }
}

fn seal(files: &Files, key: &VerifyingKey, findings: &mut Vec<Finding>) -> Option<Packed> {
    let text = files.text(SEAL, findings)?;
    let entry = check_proof(text, key)
        .and_then(|proved| serde_json::from_str::<Entry>(&proved.entry).map_err(|e| e.to_string()));
    match entry.map(|entry| entry.event) {
        Ok(Event::Packed { decision, package }) => Some(Packed { decision, package }),
        Ok(_) => {
            findings.push(found(SEAL, "it proves another entry than that of a bag"));
            None
        }
        Err(error) => {
            findings.push(found(SEAL, &error));
            None
        }
    }
}

/// Compares the lists with the ledger, then every file with the lists that are as they were packed.
fn check_manifests(files: &Files, package: Option<crypt::Digest>, findings: &mut Vec<Finding>) {
    let mut tags = vec!["bagit.txt".to_owned(), "bag-info.txt".to_owned()];
    tags.extend(ALGORITHMS.map(manifest));
    let tag_manifests = ALGORITHMS.map(tag_manifest);
    let mut listed = Manifests::default();
    for path in &tags {
        match files.get(path) {
            Some(bytes) => listed.add(path, bytes),
            None => findings.push(found(path, "it is missing")),
        }
    }
    let listed = listed.texts();
    let there = [0, 1].map(|n| files.get(&tag_manifests[n]).unwrap_or_default());
    let before = findings.len();
    if package.is_none_or(|package| digest_of(&there) == package) {
        // The tag manifests are as packed, as far as can be told: a difference is their files'.
        for (path, lines) in tag_manifests.iter().zip(&listed) {
            compare(files, path, lines, findings);
        }
    } else {
        // Their files are, if what lists them would be what the ledger has.
        let whole = package == Some(digest_of(&listed));
        for (path, lines) in tag_manifests.iter().zip(&listed) {
            if !whole || files.get(path) != Some(lines.as_bytes()) {
                findings.push(found(path, CHANGED));
            }
        }
    }
    let changed: Vec<String> = findings[before..].iter().map(|f| f.file.clone()).collect();
    let mut payload = Manifests::default();
    for (path, bytes) in files.below("data/") {
        payload.add(path, bytes);
    }
    for (algorithm, lines) in ALGORITHMS.iter().zip(&payload.texts()) {
        let list = manifest(algorithm);
        if !changed.contains(&list) {
            compare(files, &list, lines, findings);
        }
    }
    if files
        .get("bagit.txt")
        .is_some_and(|text| text != DECLARATION.as_bytes())
    {
        findings.push(found("bagit.txt", CHANGED));
    }
    let known = |path: &str| {
        path.starts_with("data/")
            || path == SEAL
            || tags.iter().chain(&tag_manifests).any(|known| known == path)
    };
    for path in files.paths().filter(|path| !known(path)) {
        findings.push(found(path, "it does not belong to the bag"));
    }
}

/// Compares a list as it lies in the bag with what it must be, and names the files that differ.
fn compare(files: &Files, list: &str, expected: &str, findings: &mut Vec<Finding>) {
    let Some(text) = files.text(list, findings) else {
        return;
    };
    if text == expected {
        return;
    }
    let (there, here) = (lines(text), lines(expected));
    let before = findings.len();
    for (path, digest) in &there {
        match here.get(path) {
            None if files.get(path).is_none() => {
                findings.push(found(path, "it is missing"));
            }
            Some(now) if now != digest => {
                findings.push(found(path, CHANGED));
            }
            _ => {}
        }
    }
    for path in here.keys().filter(|path| !there.contains_key(*path)) {
        findings.push(found(path, "it was not packed"));
    }
    if findings.len() == before {
        findings.push(found(list, CHANGED));
    }
}

fn lines(text: &str) -> std::collections::BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(digest, path)| (path, digest))
        .collect()
}

fn witnessed(
    files: &Files,
    key: &VerifyingKey,
    trust: &Trust,
    findings: &mut Vec<Finding>,
) -> (Vec<(String, Timestamp)>, usize) {
    let (mut cosigned, mut not_checked) = (Vec::new(), 0);
    for (path, note) in files.below(&format!("data/{WITNESSED}")) {
        if let Err(error) = ledger::Head::read(note, key) {
            findings.push(found(path, &error));
            continue;
        }
        let mut by = trust
            .witnesses
            .iter()
            .filter_map(|witness| Some((witness.name().to_owned(), witness.cosigned_at(note)?)))
            .peekable();
        not_checked += usize::from(by.peek().is_none());
        cosigned.extend(by);
    }
    (cosigned, not_checked)
}
