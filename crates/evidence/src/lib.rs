//! Evidence as a BagIt bag (RFC 8493): packed by the station, verified anywhere.
//!
//! ```text
//! bagit.txt  bag-info.txt  manifest-sha256.txt  manifest-sha512.txt  tagmanifest-sha256.txt …
//! seal.txt                     the proof of the ledger's entry that has the tag manifests' digest
//! data/evidence.json           what was booked, by whom, for which case, read by which networks
//! data/reads.json              the reads, as they are kept
//! data/reads.pdf               the same for people
//! data/pictures/0001.jpg …     as captured
//! data/ledger/booking.proof    the booking's decision, and that it stands in the ledger
//! data/ledger/content.json     what is kept beside that entry, and its salt
//! data/ledger/000123.proof     the batch in which a read came in
//! data/ledger/checkpoint       the ledger's signed head at the booking
//! data/ledger/witnessed/…      heads that witnesses cosigned
//! data/keys/ledger.pub         the ledger's public key: compare it with the one that was published
//! data/certificates/…          texts to be signed by whoever certifies the records
//! ```
//!
//! Every file is in both manifests, every manifest in both tag manifests, and the digest of those two is
//! in the ledger: one changed byte is found, and its file named.

mod bag;
mod contents;
mod trust;
mod verify;

pub use bag::Bag;
pub use contents::{
    BOOKING, Batch, Beside, Booking, CHECKPOINT, CONTENT, EVIDENCE, LEDGER_KEY, Model, Person,
    Plate, READS, ReadTold, WITNESSED, batch_proof,
};
pub use trust::{Trust, fingerprint};
pub use verify::{Finding, INCOMPLETE, SEAL, Signer, Verified, verify};
