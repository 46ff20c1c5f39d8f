//! The console: the station's pages and its door for cameras.
//!
//! A page knows nothing that its member may not know: every handler asks the station, and the
//! station's gate decides. Pages work without scripts; the content policy forbids them.

mod answer;
mod api;
mod door;
mod pages;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use station::Station;
use tokio::sync::Semaphore;

/// What every handler is given.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) station: Arc<Station>,
    /// Whether the address is https: cookies are then sent over nothing else.
    pub(crate) secure: bool,
    /// Frames that may be held and decoded at once: as many as there are processors.
    pub(crate) frames: Arc<Semaphore>,
}

/// The station's pages. `secure` says whether they are served over TLS; the caller serves them
/// with the connection's address.
pub fn pages(station: Arc<Station>, secure: bool) -> Router {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    Router::new()
        .route("/", get(pages::front))
        .route("/login", get(pages::login::page).post(pages::login::enter))
        .route("/logout", post(pages::login::leave))
        .route("/training", get(pages::training::page))
        .route(
            "/search",
            get(pages::search::page).post(pages::search::find),
        )
        .route("/picture/{picture}", get(pages::search::picture))
        .route("/ledger", get(pages::ledger::page))
        .route("/station", get(pages::station::page))
        .route("/station/members", post(pages::station::enrol))
        .route("/station/training", post(pages::station::record_training))
        .route("/station/release", post(pages::station::release))
        .route("/station/cameras", post(pages::station::add_camera))
        .route("/assets/lictor.css", get(pages::style))
        .route("/assets/icon.svg", get(pages::icon))
        .route("/api/ledger", get(api::ledger))
        .route("/api/frames", post(api::frames))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .fallback(pages::nothing_here)
        .layer(middleware::from_fn(door::same_origin))
        .layer(middleware::from_fn_with_state(secure, door::headers))
        .with_state(House {
            station,
            secure,
            frames: Arc::new(Semaphore::new(at_once)),
        })
}
