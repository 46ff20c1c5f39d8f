//! What a bag says of itself, held against the ledger's entries in it.

use crypt::{Digest, Id};
use ledger::{
    Commitment, DecisionId, Entry, Event, Salt, VerifyingKey, check_proof, leaf_hash, read_leaf,
    root_of_leaves,
};
use serde::de::DeserializeOwned;

use super::files::Files;
use super::{Finding, found};
use crate::contents::{BOOKING, Beside, Booking, CONTENT, EVIDENCE, READS, ReadTold, batch_proof};

/// What was found to be so.
pub(super) struct Claims {
    pub(super) booking: Booking,
    /// How many reads are proved to have come in as they are.
    pub(super) proved: usize,
}

type Wrong = (String, String);

/// Checks all of it; what does not hold is found.
pub(super) fn check(
    files: &Files,
    key: &VerifyingKey,
    decision: DecisionId,
    findings: &mut Vec<Finding>,
) -> Option<Claims> {
    let checked = check_booking(files, key, decision).and_then(|booking| {
        let reads: Vec<ReadTold> = json(files, READS)?;
        if reads.len() != booking.reads {
            return Err(wrong(
                READS,
                "it does not have as many reads as were booked",
            ));
        }
        let mut proved = 0;
        for read in &reads {
            proved += usize::from(check_read(files, key, read)?);
        }
        Ok(Claims { booking, proved })
    });
    match checked {
        Ok(claims) => Some(claims),
        Err((file, says)) => {
            findings.push(found(&file, &says));
            None
        }
    }
}

fn wrong(file: &str, says: &str) -> Wrong {
    (format!("data/{file}"), says.to_owned())
}

fn text<'a>(files: &'a Files, file: &str) -> Result<&'a str, Wrong> {
    let bytes = files.get(&format!("data/{file}"));
    let bytes = bytes.ok_or_else(|| wrong(file, "it is missing"))?;
    std::str::from_utf8(bytes).map_err(|_| wrong(file, "it is no text"))
}

fn json<T: DeserializeOwned>(files: &Files, file: &str) -> Result<T, Wrong> {
    serde_json::from_str(text(files, file)?).map_err(|e| wrong(file, &e.to_string()))
}

/// The entry that a proof in the bag proves, and its number.
fn proved(files: &Files, key: &VerifyingKey, file: &str) -> Result<(u64, Event), Wrong> {
    let proved = check_proof(text(files, file)?, key).map_err(|e| wrong(file, &e))?;
    let entry: Entry =
        serde_json::from_str(&proved.entry).map_err(|e| wrong(file, &e.to_string()))?;
    Ok((proved.index, entry.event))
}

fn check_booking(
    files: &Files,
    key: &VerifyingKey,
    packed_by: DecisionId,
) -> Result<Booking, Wrong> {
    let booking: Booking = json(files, EVIDENCE)?;
    let (index, event) = proved(files, key, BOOKING)?;
    let Event::Decision(decision) = event else {
        return Err(wrong(BOOKING, "it proves something else than a decision"));
    };
    let says_so = decision.id.to_string() == booking.decision && index == booking.entry;
    if !says_so || decision.id != packed_by || decision.act != "book-evidence" {
        return Err(wrong(
            BOOKING,
            "it is not the decision that this bag was packed under",
        ));
    }
    let Beside { salt, content } = json(files, CONTENT)?;
    if Commitment::to(&Salt(salt.0), content.as_bytes()) != decision.content {
        return Err(wrong(
            CONTENT,
            "the booking's entry commits to something else",
        ));
    }
    Ok(booking)
}

/// Whether the read is proved to have come in as it is; one that says so and is not is wrong.
fn check_read(files: &Files, key: &VerifyingKey, read: &ReadTold) -> Result<bool, Wrong> {
    let picture = files.get(&format!("data/{}", read.picture));
    let picture = picture.ok_or_else(|| wrong(&read.picture, "it is missing"))?;
    let digest = crypt::sha256(picture);
    if digest != read.picture_sha256 {
        return Err(wrong(&read.picture, "it is not the picture as it came in"));
    }
    let Some(came_in) = &read.came_in else {
        return Ok(false);
    };
    let file = batch_proof(came_in.entry);
    let (index, event) = proved(files, key, &file)?;
    let Event::Batch(batch) = event else {
        return Err(wrong(
            &file,
            "it proves something else than a batch of reads",
        ));
    };
    let id: Id<()> = (read.id.parse()).map_err(|_| wrong(READS, "a read's name is none"))?;
    let leaf = leaf_hash(&read_leaf(
        id.as_bytes(),
        batch.pictures.then_some(&digest),
        &read.kept,
    ));
    let mut leaves: Vec<Digest> = came_in.leaves.clone();
    let own = leaves
        .get_mut(came_in.leaf)
        .ok_or_else(|| wrong(READS, "a read's batch has no such leaf"))?;
    *own = leaf;
    if index != came_in.entry || root_of_leaves(&leaves) != batch.root {
        return Err(wrong(READS, "a read is not the one that came in"));
    }
    Ok(true)
}
