//! `POST /api/evidence`: books reads, and answers with the bag as it is packed.
//!
//! The answer is a row of parcels as a backup's ([`crate::parcels`]): `b` says in JSON which booking it is
//! and about how many files it will have. As a folder: `f` begins a file by its path, `d` goes on with it.
//! Sealed: `s` goes on with the one file. `e`, the last, says in JSON what it came to. An answer without `e`
//! is no evidence.

use std::io;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use station::{EvidencePart, StationError};

use crate::House;
use crate::asked::{Answered, Asked, Reader};
use crate::pages::evidence::NewEvidence;
use crate::parcels::{LARGEST, parcel};

pub(crate) async fn book(
    State(house): State<House>,
    asked: Asked<NewEvidence>,
) -> Result<Response, Answered> {
    let answered = |failure| Answered::to(Reader::Program, failure);
    let caller = asked.member.caller();
    let asked = asked
        .input
        .asked_by_program()
        .map_err(|e| answered(e.into()))?;
    let body = house
        .stream(move |station, send| {
            let booked = station.book_evidence(&caller, asked, &mut |part| match part {
                EvidencePart::Begins { serial, files } => {
                    let begins = json!({ "serial": serial, "files": files });
                    send(&parcel(b'b', begins.to_string().as_bytes()))
                }
                EvidencePart::File { path, bytes } => {
                    send(&parcel(b'f', path.as_bytes()))?;
                    in_parcels(b'd', bytes, send)
                }
                EvidencePart::Sealed(bytes) => in_parcels(b's', bytes, send),
            })?;
            let end = serde_json::to_vec(&booked).map_err(io::Error::other);
            end.and_then(|end| send(&parcel(b'e', &end)))
                .map_err(StationError::Evidence)
        })
        .await
        .map_err(answered)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}

fn in_parcels(
    letter: u8,
    bytes: &[u8],
    send: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut pieces = bytes.chunks(LARGEST);
    pieces.try_for_each(|piece| send(&parcel(letter, piece)))
}
