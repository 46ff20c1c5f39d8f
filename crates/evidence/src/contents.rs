//! What stands in a bag's own files.

use crypt::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was booked.
pub const EVIDENCE: &str = "evidence.json";
/// The reads.
pub const READS: &str = "reads.json";
/// The booking's decision, proved.
pub const BOOKING: &str = "ledger/booking.proof";
/// What is kept beside it.
pub const CONTENT: &str = "ledger/content.json";
/// The ledger's signed head.
pub const CHECKPOINT: &str = "ledger/checkpoint";
/// Heads that witnesses cosigned lie below.
pub const WITNESSED: &str = "ledger/witnessed/";
/// The ledger's public key.
pub const LEDGER_KEY: &str = "keys/ledger.pub";

/// Where the proof of a batch lies.
pub fn batch_proof(entry: u64) -> String {
    format!("ledger/{entry:06}.proof")
}

/// `evidence.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// Of these files: 1.
    pub format: u32,
    /// The evidence number.
    pub number: String,
    /// Names the booking.
    pub booking: String,
    /// The agency.
    pub agency: String,
    /// The case.
    pub case: String,
    /// The purpose, in words.
    pub purpose: String,
    /// The member's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// By whom.
    pub booked_by: Person,
    /// When.
    pub booked_at: Timestamp,
    /// The decision under which it was booked.
    pub decision: String,
    /// Its number in the ledger.
    pub entry: u64,
    /// The ledger's name.
    pub ledger: String,
    /// The agency's time zone.
    pub time_zone: String,
    /// Whether the station's clock was in doubt.
    pub clock_in_doubt: bool,
    /// The program's version.
    pub version: String,
    /// SHA-256 over the rules in force.
    pub rules: Digest,
    /// What reads plates.
    pub reader: Vec<Model>,
    /// How many reads.
    pub reads: usize,
    /// How many pictures.
    pub pictures: usize,
}

/// A member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The badge.
    pub badge: String,
}

/// A network of the reader.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: Digest,
}

/// A read of `reads.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadTold {
    /// Names it.
    pub id: String,
    /// When, UTC.
    pub seen_at: Timestamp,
    /// The same in the agency's time.
    pub local_time: String,
    /// The camera's name.
    pub camera: String,
    /// Where it stands.
    pub place: String,
    /// The most probable text.
    pub plate: String,
    /// How sure the reader is of the plate and its text, 0 to 1.
    pub confidence: f64,
    /// What else it may be, none left out that the read is found under; most probable first.
    pub alternatives: Vec<(String, f64)>,
    /// The states it may be of, most probable first; none where none was read.
    pub states: Vec<(String, f64)>,
    /// Where in the picture.
    pub at: Plate,
    /// The picture's file, below `data/`.
    pub picture: String,
    /// Its SHA-256, noted when it came in.
    pub picture_sha256: Digest,
    /// The distribution over what the plate says, word for word as it is kept.
    pub kept: String,
    /// Where it stands in the ledger that it came in so; nothing for a read of a time when that was
    /// not noted, or of a ledger before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_in: Option<Batch>,
}

/// A plate's place, in pixels from the top left.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plate {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A read's place in its batch: the batch's root in the ledger is over these leaves, of which the read's
/// own is left to be worked out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The batch's entry.
    pub entry: u64,
    /// Which leaf is this read's.
    pub leaf: usize,
    /// Every leaf's hash.
    pub leaves: Vec<Digest>,
}

/// `ledger/content.json`: what the booking's entry commits to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The salt, in hexadecimal digits.
    pub salt: Digest,
    /// The content, word for word.
    pub content: String,
}
