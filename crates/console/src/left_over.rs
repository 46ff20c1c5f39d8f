//! What of a request nobody read. A connection that is closed with some of it unread is reset, and a
//! reset takes the end of the answer with it; so the little that a handler left is read before the
//! answer goes out.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};

/// More than this is not waited for: whoever sends a large thing that is refused is cut off.
const MOST: usize = 64 * 1024;
const LONGEST: Duration = Duration::from_secs(1);

/// A body that the handler reads and that is still there when the handler has let go of it.
#[derive(Clone)]
struct Kept(Arc<Mutex<Body>>);

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.size_hint()
    }
}

/// Reads what the handler left.
pub(crate) async fn read(request: Request, next: Next) -> Response {
    // Whoever asks before sending is told no, and sends nothing.
    if request.headers().contains_key(header::EXPECT) || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let mut kept = Kept(Arc::new(Mutex::new(body)));
    let request = Request::from_parts(head, Body::new(kept.clone()));
    let answer = next.run(request).await;
    let left = async {
        let mut read = 0;
        while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut kept).poll_frame(context)).await
        {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > MOST {
                break;
            }
        }
    };
    // What does not come in time is not waited for; the answer goes out all the same.
    let _ = tokio::time::timeout(LONGEST, left).await;
    answer
}
