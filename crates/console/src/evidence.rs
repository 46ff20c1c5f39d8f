//! `POST /api/evidence`: books reads, and answers with the bag as it is packed.
//!
//! The answer is a row of parcels as a backup's ([`crate::parcels`]): `b` says in JSON which booking it is
//! and about how many files it will have, `f` begins a file by its path, `d` goes on with it; `e`, the
//! last, says in JSON what it came to. An answer without `e` is no evidence.

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
    let asked = asked.input.asked().map_err(|e| answered(e.into()))?;
    let body = house
        .stream(move |station, send| {
            let booked = station.book_evidence(&caller, asked, &mut |part| match part {
                EvidencePart::Begins { serial, files } => {
                    let begins = json!({ "serial": serial, "files": files });
                    send(&parcel(b'b', begins.to_string().as_bytes()))
                }
                EvidencePart::File { path, bytes } => {
                    send(&parcel(b'f', path.as_bytes()))?;
                    bytes
                        .chunks(LARGEST)
                        .try_for_each(|some| send(&parcel(b'd', some)))
                }
            })?;
            let end = serde_json::to_vec(&booked).map_err(std::io::Error::other);
            end.and_then(|end| send(&parcel(b'e', &end)))
                .map_err(StationError::Evidence)
        })
        .await
        .map_err(answered)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}
