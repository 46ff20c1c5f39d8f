//! What stands in a station's files: the database's pages decrypted one by one, and every other file as
//! it is.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests"
)]

use std::fs;
use std::path::Path;

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use crypt::WrappedMasterKey;

/// SQLCipher's: a page ends with its IV and its MAC; the first begins with the salt.
const PAGE: usize = 4096;
const RESERVED: usize = 80;
const SALT: usize = 16;

pub struct Opened {
    bytes: Vec<u8>,
    /// How many files the picture vault has.
    pub pictures: usize,
}

impl Opened {
    pub fn of(folder: &Path, passphrase: &str) -> Self {
        let key = key(folder, passphrase);
        let mut bytes = Vec::new();
        let mut pictures = 0;
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let file = fs::read(&path).unwrap();
                pictures +=
                    usize::from(path.components().any(|part| part.as_os_str() == "pictures"));
                match &*name {
                    "lictor.db" => pages(&file, 0, PAGE, &key, &mut bytes),
                    // The log's header, then a header of 24 bytes before each page.
                    "lictor.db-wal" if file.len() > 32 => {
                        pages(&file[32..], 24, PAGE + 24, &key, &mut bytes);
                    }
                    _ => bytes.extend_from_slice(&file),
                }
            }
        }
        Self { bytes, pictures }
    }

    pub fn holds(&self, wanted: &[u8]) -> bool {
        self.bytes
            .windows(wanted.len())
            .any(|bytes| bytes == wanted)
    }

    /// What a restore may have left of the backup's database beside the station's own.
    pub fn of_backup_before(folder: &Path) -> Option<std::path::PathBuf> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_str().unwrap().contains("spool"))
    }

    /// The names of the database's tables.
    pub fn tables(folder: &Path, passphrase: &str) -> Vec<String> {
        let text = Self::of(folder, passphrase);
        let text = String::from_utf8_lossy(&text.bytes).into_owned();
        let made = text.split("CREATE TABLE ").skip(1);
        let name = |rest: &str| {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '"'))
                .unwrap_or(0);
            rest[..end].trim_matches('"').to_owned()
        };
        made.map(name).filter(|name| !name.is_empty()).collect()
    }
}

/// A plate as the dictionary packs it.
pub fn packed(plate: &str) -> [u8; 8] {
    let index = |c: char| match c {
        'O' => 0,
        '0'..='9' => u64::from(c) - u64::from('0'),
        _ => u64::from(c) - u64::from('A') + 10,
    };
    let word = plate
        .chars()
        .enumerate()
        .fold((plate.len() as u64) << 60, |word, (place, c)| {
            word | index(c) << (6 * place)
        });
    word.to_le_bytes()
}

/// The bytes of an id.
pub fn id(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn key(folder: &Path, passphrase: &str) -> [u8; 32] {
    let keys = fs::read(folder.join("keys.json")).unwrap();
    let keys: WrappedMasterKey = serde_json::from_slice(&keys).unwrap();
    *keys
        .open(passphrase)
        .unwrap()
        .derive("database")
        .unwrap()
        .expose()
}

fn pages(file: &[u8], header: usize, each: usize, key: &[u8; 32], out: &mut Vec<u8>) {
    let decrypting = DecryptingKey::cbc(UnboundCipherKey::new(&AES_256, key).unwrap()).unwrap();
    for (n, page) in file.chunks_exact(each).enumerate() {
        let page = &page[header..];
        let (encrypted, reserved) = page.split_at(PAGE - RESERVED);
        let first = header == 0 && n == 0;
        let mut plain = encrypted[if first { SALT } else { 0 }..].to_vec();
        let iv: [u8; 16] = reserved[..16].try_into().unwrap();
        let context = DecryptionContext::Iv128(FixedLength::from(iv));
        if let Ok(plain) = decrypting.decrypt(&mut plain, context) {
            out.extend_from_slice(plain);
        }
    }
}
