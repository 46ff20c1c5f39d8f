//! `POST /api/backup`: a backup, as it is made.
//!
//! The answer is a row of parcels ([`crate::parcels`]). `s` goes on with the file of the station, `k`
//! with the file of what opens the pictures; `e`, the last, says in JSON what the backup came to. An answer without `e` is no backup.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use station::{BackupPart, StationError};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;
use crate::parcels::{LARGEST, parcel};

pub(crate) async fn make(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Response, Refused> {
    let caller = member?.caller();
    let body = house
        .stream(move |station, send| {
            let done = station.back_up(&caller, &mut |part, bytes| {
                let letter = match part {
                    BackupPart::Station => b's',
                    BackupPart::PictureKeys => b'k',
                };
                bytes
                    .chunks(LARGEST)
                    .try_for_each(|bytes| send(&parcel(letter, bytes)))
            })?;
            let end = serde_json::to_vec(&done).map_err(std::io::Error::other);
            end.and_then(|end| send(&parcel(b'e', &end)))
                .map_err(StationError::Backup)
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}
