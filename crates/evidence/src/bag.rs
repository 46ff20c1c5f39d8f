//! Packing a bag, file by file, to wherever it goes.

use std::collections::BTreeMap;

use crypt::{Digest, sha256, sha256_of, sha512_text};

/// The declaration that a folder is a bag.
pub(crate) const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
pub(crate) const ALGORITHMS: [&str; 2] = ["sha256", "sha512"];

/// Takes a file, by its path in the bag.
type Put<'a, E> = dyn FnMut(&str, &[u8]) -> Result<(), E> + 'a;

/// A bag that is being packed. Each file goes where `put` takes it, by its path in the bag.
pub struct Bag<'a, E> {
    put: &'a mut Put<'a, E>,
    payload: Manifests,
    files: u64,
    octets: u64,
}

/// What is listed of files, by their paths.
#[derive(Default)]
pub(crate) struct Manifests(BTreeMap<String, [String; 2]>);

impl Manifests {
    pub(crate) fn add(&mut self, path: &str, bytes: &[u8]) {
        let digests = [sha256(bytes).to_string(), sha512_text(bytes)];
        self.0.insert(path.to_owned(), digests);
    }

    /// One manifest for each algorithm, in the order of the paths.
    pub(crate) fn texts(&self) -> [String; 2] {
        [0, 1].map(|n| {
            let lines = self.0.iter();
            lines
                .map(|(path, digests)| format!("{}  {path}\n", digests[n]))
                .collect()
        })
    }
}

/// The name of a manifest.
pub(crate) fn manifest(algorithm: &str) -> String {
    format!("manifest-{algorithm}.txt")
}

/// The name of a tag manifest.
pub(crate) fn tag_manifest(algorithm: &str) -> String {
    format!("tagmanifest-{algorithm}.txt")
}

/// What the ledger has of a bag.
pub(crate) fn digest_of(tag_manifests: &[impl AsRef<[u8]>; 2]) -> Digest {
    let [one, other] = tag_manifests;
    sha256_of(&[one.as_ref(), other.as_ref()])
}

impl<'a, E> Bag<'a, E> {
    /// An empty bag.
    pub fn new(put: &'a mut Put<'a, E>) -> Self {
        Self {
            put,
            payload: Manifests::default(),
            files: 0,
            octets: 0,
        }
    }

    /// Puts a file in, by its path below `data/`.
    ///
    /// # Errors
    /// What `put` says.
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), E> {
        let path = format!("data/{path}");
        self.payload.add(&path, bytes);
        self.files += 1;
        self.octets += bytes.len() as u64;
        (self.put)(&path, bytes)
    }

    /// Closes it with what is told about it, a name and a value each. Returns what stands for all of it:
    /// the digest that the ledger gets.
    ///
    /// # Errors
    /// What `put` says.
    pub fn close(self, about: &[(&str, String)]) -> Result<Digest, E> {
        let Self {
            put,
            payload,
            files,
            octets,
        } = self;
        let mut info = String::new();
        for (name, value) in about {
            info += &format!("{name}: {}\n", one_line(value));
        }
        info += &format!("Payload-Oxum: {octets}.{files}\n");
        let mut tags = vec![
            ("bagit.txt".to_owned(), DECLARATION.to_owned()),
            ("bag-info.txt".to_owned(), info),
        ];
        for (algorithm, lines) in ALGORITHMS.into_iter().zip(payload.texts()) {
            tags.push((manifest(algorithm), lines));
        }
        let mut listed = Manifests::default();
        for (path, text) in &tags {
            listed.add(path, text.as_bytes());
            put(path, text.as_bytes())?;
        }
        let listed = listed.texts();
        for (algorithm, lines) in ALGORITHMS.iter().zip(&listed) {
            put(&tag_manifest(algorithm), lines.as_bytes())?;
        }
        Ok(digest_of(&listed))
    }
}

/// A value of `bag-info.txt` is a line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
