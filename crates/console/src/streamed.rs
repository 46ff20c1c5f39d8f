//! Answers that are sent as they are made.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::Frame;
use station::{Station, StationError};
use tokio::sync::mpsc;

use crate::House;
use crate::answer::Failure;

/// Pieces made and not yet sent: as many MiB at most.
const WAITING: usize = 4;
/// The largest piece.
const PIECE: usize = 1 << 20;

impl House {
    /// Has the station make an answer piece by piece, and sends each when it is there. What fails
    /// before the first is told; what fails after it breaks the answer off, so that nobody takes it
    /// for whole.
    pub(crate) async fn stream(
        &self,
        make: impl FnOnce(&Station, &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), StationError>
        + Send
        + 'static,
    ) -> Result<Body, Failure> {
        let station = Arc::clone(&self.station);
        let (to, mut pieces) = mpsc::channel(WAITING);
        let made = tokio::task::spawn_blocking(move || {
            let mut send = |bytes: &[u8]| {
                bytes.chunks(PIECE).try_for_each(|piece| {
                    to.blocking_send(Ok(Bytes::copy_from_slice(piece)))
                        .map_err(io::Error::other)
                })
            };
            let made = make(&station, &mut send);
            if let Err(error) = &made {
                tracing::error!("an answer broke off: {error}");
                // Whoever asked may be gone; what came of it is in the ledger all the same.
                let _ = to.blocking_send(Err(io::Error::other("it broke off")));
            }
            made
        });
        match pieces.recv().await {
            Some(Ok(first)) => Ok(Body::new(Pieces {
                first: Some(first),
                rest: pieces,
            })),
            // It failed before anything was made: refused, or the disk.
            _ => match made.await {
                Ok(Err(error)) => Err(error.into()),
                _ => Err(Failure::BrokeOff),
            },
        }
    }
}

struct Pieces {
    first: Option<Bytes>,
    rest: mpsc::Receiver<io::Result<Bytes>>,
}

impl http_body::Body for Pieces {
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
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
