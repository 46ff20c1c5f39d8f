//! Setting a machine up as a terminal: it brings its code, and is given its key as a cookie.

use askama::Template;
use axum::Form;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use station::{StationError, TerminalKey};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::door::{keep_cookie, terminal_cookie};
use crate::member::{Address, cookie};
use crate::pages::login;

#[derive(Template)]
#[template(path = "terminal.html")]
struct Page {
    agency: String,
    /// The terminal that this machine is.
    is: Option<String>,
    refused: Option<String>,
}

/// The key of the terminal that a request comes from, if it says that it comes from one; whether there is
/// such a terminal is not judged yet.
#[derive(Clone)]
pub(crate) struct At(pub(crate) Option<TerminalKey>);

impl FromRequestParts<House> for At {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Self::Rejection> {
        let key = cookie(&parts.headers, terminal_cookie(house.secure));
        Ok(Self(key.map(TerminalKey::from_text)))
    }
}

impl At {
    /// The terminal in words: its name and class.
    pub(crate) async fn says(self, house: &House) -> Result<Option<String>, Failure> {
        let Some(key) = self.0 else { return Ok(None) };
        let known = house.ask(move |station| station.terminal(&key)).await?;
        let policy = house.station.policy();
        Ok(known.map(|on| {
            let class = policy.device_class(&on.class);
            let class = class.map_or(on.class.as_str(), |class| class.says.as_str());
            format!("{} ({})", on.name, class.to_lowercase())
        }))
    }
}

/// `GET /terminal`.
pub(crate) async fn page(State(house): State<House>, at: At) -> Result<Response, Failure> {
    let page = Page {
        agency: house.station.about().agency.clone(),
        is: at.says(&house).await?,
        refused: None,
    };
    Ok(Html(page.render()?).into_response())
}

/// A terminal's code.
#[derive(Deserialize, ToSchema)]
#[schema(as = TerminalCode)]
pub(crate) struct Brought {
    code: String,
}

/// `POST /terminal`.
pub(crate) async fn set_up(
    State(house): State<House>,
    Address(address): Address,
    Form(Brought { code }): Form<Brought>,
) -> Result<Response, Failure> {
    let set_up = house
        .ask(move |station| station.set_up_terminal(&code, &address))
        .await;
    let agency = house.station.about().agency.clone();
    match set_up {
        Ok((key, terminal)) => {
            let page = Page {
                agency,
                is: Some(terminal.name),
                refused: None,
            };
            let kept = keep_cookie(house.secure, key.as_text());
            Ok(([(header::SET_COOKIE, kept)], Html(page.render()?)).into_response())
        }
        Err(Failure::Station(StationError::Login(refused))) => {
            let page = Page {
                agency,
                is: None,
                refused: Some(login::words(refused)),
            };
            Ok((login::status(refused), Html(page.render()?)).into_response())
        }
        Err(other) => Err(other),
    }
}
