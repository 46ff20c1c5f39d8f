//! `POST /api/backup`: a backup, as it is made.
//!
//! The answer is a row of parcels: one letter, the length in four bytes (big-endian), the bytes. `s`
//! goes on with the file of the station, `k` with the file of what opens the pictures; `e`, the last,
//! says in JSON what the backup came to. An answer without `e` is no backup.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body::Frame;
use station::BackupPart;
use tokio::sync::mpsc;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;

/// Parcels made and not yet sent: as many MiB at most.
const WAITING: usize = 4;

pub(crate) async fn make(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Response, Refused> {
    let caller = member?.caller();
    let station = std::sync::Arc::clone(&house.station);
    let (to, mut parcels) = mpsc::channel(WAITING);
    let made = tokio::task::spawn_blocking(move || {
        let send = |parcel| to.blocking_send(parcel).map_err(io::Error::other);
        let done = station.back_up(&caller, &mut |part, bytes| {
            let letter = match part {
                BackupPart::Station => b's',
                BackupPart::PictureKeys => b'k',
            };
            bytes
                .chunks(1 << 20)
                .try_for_each(|bytes| send(Ok(parcel(letter, bytes))))
        });
        let end = match &done {
            Ok(done) => serde_json::to_vec(done)
                .map(|end| parcel(b'e', &end))
                .map_err(io::Error::other),
            Err(_) => Err(io::Error::other("the backup broke off")),
        };
        // Whoever asked may be gone; what came of it is in the ledger all the same.
        let _ = send(end);
        done
    });
    match parcels.recv().await {
        Some(Ok(first)) => {
            let body = Body::new(Parcels {
                first: Some(first),
                rest: parcels,
            });
            Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
        }
        // It failed before anything was made: refused, or the disk.
        _ => match made.await {
            Ok(Err(error)) => Err(Failure::from(error).into()),
            _ => Err(Failure::BrokeOff.into()),
        },
    }
}

fn parcel(letter: u8, bytes: &[u8]) -> Bytes {
    let length = bytes.len() as u32;
    [&[letter], length.to_be_bytes().as_slice(), bytes]
        .concat()
        .into()
}

struct Parcels {
    first: Option<Bytes>,
    rest: mpsc::Receiver<io::Result<Bytes>>,
}

impl http_body::Body for Parcels {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        self.rest
            .poll_recv(context)
            .map(|parcel| parcel.map(|parcel| parcel.map(Frame::data)))
    }
}
