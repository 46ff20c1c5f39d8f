//! From the station's answers to HTTP's.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use govern::Refusal;
use station::{Station, StationError};

use crate::House;
use crate::pages::{self, Message};

/// Why a request got no answer.
pub(crate) enum Failure {
    /// There is no session, or it is over.
    NotLoggedIn,
    /// The session is locked.
    Locked,
    /// A form of another session, or of none.
    ForeignForm,
    /// A form that is too large or is none.
    Unreadable(StatusCode),
    /// The request took too long.
    TooSlow,
    /// Too many are at the door at once.
    Busy,
    /// The station's own word.
    Station(StationError),
    /// The page could not be written.
    Page(askama::Error),
    /// The station broke off.
    BrokeOff,
}

impl From<StationError> for Failure {
    fn from(error: StationError) -> Self {
        match error {
            StationError::NoSession => Self::NotLoggedIn,
            StationError::SessionLocked => Self::Locked,
            other => Self::Station(other),
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::Page(error)
    }
}

/// Who waits longer at the door is asked to come back.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

impl House {
    /// Asks the station, which reads and writes disks, away from the threads that serve.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Station) -> Result<T, StationError> + Send + 'static,
    ) -> Result<T, Failure> {
        let station = std::sync::Arc::clone(&self.station);
        let answer = tokio::task::spawn_blocking(move || question(&station)).await;
        Ok(answer.map_err(|_| Failure::BrokeOff)??)
    }

    /// Asks what takes the hashing of a password: a few at once, the others wait a while.
    pub(crate) async fn ask_at_the_door<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Station) -> Result<T, StationError> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = std::sync::Arc::clone(&self.hashing).acquire_owned();
        let turn = tokio::time::timeout(LONGEST_WAIT, turn)
            .await
            .map_err(|_| Failure::Busy)?
            .map_err(|_| Failure::BrokeOff)?;
        // The turn goes with the work: a request that is given up does not make room for the next.
        self.ask(move |station| {
            let _turn = turn;
            question(station)
        })
        .await
    }
}

impl Failure {
    /// Status and words: what a person at the other end may know. The rest goes to the operator.
    pub(crate) fn status_and_words(&self) -> (StatusCode, String, &[Refusal]) {
        let operator = |error: &dyn std::fmt::Display| tracing::error!("a request failed: {error}");
        match self {
            Self::NotLoggedIn => (
                StatusCode::UNAUTHORIZED,
                StationError::NoSession.to_string(),
                &[],
            ),
            Self::ForeignForm => (
                StatusCode::FORBIDDEN,
                "This form belongs to another session: open the page again.".to_owned(),
                &[],
            ),
            Self::Locked => (
                StatusCode::UNAUTHORIZED,
                StationError::SessionLocked.to_string(),
                &[],
            ),
            Self::Unreadable(status) => (
                *status,
                "This form could not be read: open its page again.".to_owned(),
                &[],
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "The request took too long, and was given up.".to_owned(),
                &[],
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many are at the door at once. Try again in a moment.".to_owned(),
                &[],
            ),
            Self::Station(StationError::Refused(reasons)) => (
                StatusCode::FORBIDDEN,
                "This was refused, and the refusal is recorded.".to_owned(),
                reasons,
            ),
            Self::Station(error @ StationError::Login(refused)) => {
                (pages::login::status(*refused), error.to_string(), &[])
            }
            Self::Station(error @ StationError::UnknownCamera) => {
                (StatusCode::UNAUTHORIZED, error.to_string(), &[])
            }
            Self::Station(error @ (StationError::Input(_) | StationError::Picture(_))) => {
                (StatusCode::UNPROCESSABLE_ENTITY, error.to_string(), &[])
            }
            Self::Station(error @ StationError::Permit(_)) => {
                (StatusCode::FORBIDDEN, error.to_string(), &[])
            }
            Self::Station(error @ (StationError::Ledger(_) | StationError::Store(_))) => {
                operator(error);
                let words = "Nothing was permitted: the station cannot write its record. Tell the administrator.";
                (StatusCode::SERVICE_UNAVAILABLE, words.to_owned(), &[])
            }
            Self::Station(error) => {
                operator(error);
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The station failed. Tell the administrator.".to_owned(),
                    &[],
                )
            }
            Self::Page(error) => {
                operator(error);
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The page could not be written.".to_owned(),
                    &[],
                )
            }
            Self::BrokeOff => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The station broke off.".to_owned(),
                &[],
            ),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if matches!(self, Self::NotLoggedIn) {
            return Redirect::to("/login").into_response();
        }
        if matches!(self, Self::Locked) {
            return Redirect::to("/unlock").into_response();
        }
        let (status, words, reasons) = self.status_and_words();
        let page = askama::Template::render(&Message {
            title: words,
            reasons,
        });
        match page {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => (status, status.to_string()).into_response(),
        }
    }
}
