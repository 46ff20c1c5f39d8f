//! The console: the station's pages and its door for cameras.
//!
//! A page knows nothing that its member may not know: every handler asks the station, and the
//! station's gate decides. Pages work without scripts, and the content policy forbids them; but for
//! passkeys, which browsers make and use by a script alone, and for alerts, which come by themselves and
//! take one key each.

mod alerts;
mod answer;
mod api;
mod asked;
mod backup;
mod conformity;
mod contract;
mod door;
mod evidence;
mod hotlists;
mod left_over;
mod member;
mod pages;
mod parcels;
mod route;
mod routes;
mod searching;
mod stream;
mod streamed;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use station::Station;
use tokio::sync::Semaphore;

pub use contract::contract;
pub use route::{Answers, By, Leaves, Many, Named, Query, Route, Sample, Takes};
pub use routes::routes;

/// What every handler is given.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) station: Arc<Station>,
    /// Whether the address is https: cookies are then sent over nothing else.
    pub(crate) secure: bool,
    /// Frames that may be held and decoded at once: as many as there are processors.
    pub(crate) frames: Arc<Semaphore>,
    /// Lists that may be held and read at once: one.
    pub(crate) lists: Arc<Semaphore>,
    /// Passwords that may be hashed at once: each takes a processor and 19 MiB for a while.
    pub(crate) hashing: Arc<Semaphore>,
}

/// The station's pages. `secure` says whether they are served over TLS; the caller serves them
/// with the connection's address.
pub fn pages(station: Arc<Station>, secure: bool) -> Router {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let headers = door::Headers {
        station: Arc::clone(&station),
        secure,
        idle: station.policy().security().session_idle(),
    };
    routes::router()
        .layer(DefaultBodyLimit::max(64 * 1024))
        .fallback(pages::nothing_here)
        .layer(middleware::from_fn(door::same_origin))
        .layer(middleware::from_fn_with_state(headers, door::headers))
        .layer(middleware::from_fn(left_over::read))
        .with_state(House {
            station,
            secure,
            frames: Arc::new(Semaphore::new(at_once)),
            lists: Arc::new(Semaphore::new(1)),
            hashing: Arc::new(Semaphore::new(at_once)),
        })
}
