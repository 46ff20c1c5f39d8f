//! The first login: a member brings the code that they were handed, and sets a password and an
//! authenticator that nobody else knows.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use qrcode::{Color, QrCode};
use serde::Deserialize;
use station::{FirstLogin, OfferedFactor, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::Address;
use crate::pages::{html, login};

#[derive(Template)]
#[template(path = "first_login.html")]
struct CodePage {
    agency: String,
    refused: Option<String>,
}

#[derive(Template)]
#[template(path = "first_login_set.html")]
struct SetPage {
    agency: String,
    /// Typed once; the page carries it on.
    code: String,
    offered: OfferedFactor,
    picture: Option<Picture>,
    shortest: usize,
    refused: Option<String>,
}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
pub(crate) struct Codes {
    pub(crate) agency: String,
    pub(crate) codes: Vec<String>,
    /// Where the way goes on, and what it is called.
    pub(crate) onward: (&'static str, &'static str),
}

/// The authenticator's address as a picture that its camera takes.
pub(crate) struct Picture {
    /// Modules along one side, the quiet zone included.
    pub(crate) side: usize,
    /// The dark ones, as an SVG path.
    pub(crate) dark: String,
}

impl Picture {
    /// Modules that stay light around the picture, as its standard asks.
    const QUIET: usize = 4;

    /// None for an address that is too long.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let code = QrCode::new(address).ok()?;
        let width = code.width();
        let dark = code
            .to_colors()
            .iter()
            .enumerate()
            .filter(|(_, color)| **color == Color::Dark)
            .map(|(n, _)| {
                format!(
                    "M{} {}h1v1h-1z",
                    n % width + Self::QUIET,
                    n / width + Self::QUIET
                )
            })
            .collect();
        Some(Self {
            side: width + 2 * Self::QUIET,
            dark,
        })
    }
}

/// `GET /first-login`.
pub(crate) async fn page(State(house): State<House>) -> Result<Response, Failure> {
    html(&CodePage {
        agency: house.station.about().agency.clone(),
        refused: None,
    })
}

/// An enrolment code, and, once its page was shown, what the member chose.
#[derive(Deserialize, ToSchema)]
#[schema(as = FirstLogin)]
pub(crate) struct Brought {
    code: String,
    #[serde(default)]
    password: String,
    /// The password again: nobody could help with a slip.
    #[serde(default)]
    again: String,
    /// What the authenticator shows.
    #[serde(default)]
    shown: String,
}

/// `POST /first-login`: with the code alone, shows what is to be set; with the rest, sets it.
pub(crate) async fn set(
    State(house): State<House>,
    Address(address): Address,
    Form(brought): Form<Brought>,
) -> Result<Response, Failure> {
    let agency = house.station.about().agency.clone();
    let (code, from) = (brought.code.clone(), address.clone());
    let offered = house
        .ask(move |station| station.begin_enrolment(&code, &from))
        .await;
    let offered = match offered {
        Ok(offered) => offered,
        Err(Failure::Station(StationError::Login(refused))) => {
            let page = CodePage {
                agency,
                refused: Some(login::words(refused)),
            };
            return Ok((login::status(refused), Html(page.render()?)).into_response());
        }
        Err(other) => return Err(other),
    };
    let code = brought.code.clone();
    let refused = if brought.password.is_empty() && brought.shown.is_empty() {
        None
    } else if brought.password != brought.again {
        Some("The two passwords differ.".to_owned())
    } else {
        let set = house
            .ask_at_the_door(move |station| {
                station.finish_enrolment(&FirstLogin {
                    code: &brought.code,
                    password: &brought.password,
                    shown: &brought.shown,
                    address: &address,
                })
            })
            .await;
        match set {
            Ok(codes) => {
                return html(&Codes {
                    agency,
                    codes: codes.iter().map(|code| code.text()).collect(),
                    onward: ("/login", "Log in, with your next code"),
                });
            }
            Err(Failure::Station(StationError::Login(refused))) => Some(login::words(refused)),
            Err(Failure::Station(StationError::Input(words))) => Some(login::sentence(&words)),
            Err(other) => return Err(other),
        }
    };
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = SetPage {
        agency,
        code,
        picture: Picture::of(&offered.address),
        offered,
        shortest: house.station.policy().passwords().shortest,
        refused,
    };
    Ok((status, Html(page.render()?)).into_response())
}
