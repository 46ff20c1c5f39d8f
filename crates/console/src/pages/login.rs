//! Coming in and going out.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json, response::Html};
use serde::Deserialize;
use station::{DemonstrationLogin, LoginAttempt, LoginRefused, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::asked::{Answered, Asked, Done, Reader};
use crate::door::set_cookie;
use crate::member::Address;
use crate::pages::terminal::At;

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    agency: String,
    notice: Vec<String>,
    demonstration: Vec<DemonstrationLogin>,
    refused: Option<String>,
    login: String,
    /// The terminal that this machine is.
    terminal: Option<String>,
    /// What the script must know to have a passkey sign.
    wanted: Option<String>,
    /// What the agency's provider of single sign-on is called, where there is one.
    provider: Option<String>,
}

impl Page {
    async fn of(
        house: &House,
        at: At,
        refused: Option<String>,
        login: String,
    ) -> Result<String, Failure> {
        let terminal = at.says(house).await?;
        let demonstration = house.ask(station::Station::demonstration_logins).await?;
        let station = &house.station;
        let page = Self {
            agency: station.about().agency.clone(),
            notice: station.policy().security().notice().to_vec(),
            demonstration,
            refused,
            login,
            terminal,
            wanted: station.wanted_at_login(),
            provider: station.sign_on_name(),
        };
        Ok(page.render()?)
    }
}

/// `GET /login`.
pub(crate) async fn page(State(house): State<House>, at: At) -> Result<Response, Failure> {
    Ok(Html(Page::of(&house, at, None, String::new()).await?).into_response())
}

/// What somebody at the door enters.
#[derive(Deserialize, ToSchema)]
#[schema(as = Login)]
pub(crate) struct Entered {
    login: String,
    password: String,
    /// A code of the authenticator, or a recovery code.
    #[serde(default)]
    code: String,
    /// In its place, a browser's answer that a passkey signed: JSON with `id`, `clientDataJSON`,
    /// `authenticatorData`, `signature`, `userHandle`, in base64url.
    #[serde(default)]
    passkey: String,
    acknowledged: Option<String>,
}

/// `POST /login`.
pub(crate) async fn enter(
    State(house): State<House>,
    Address(address): Address,
    at: At,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    let login = entered.login.clone();
    let terminal = at.clone();
    let answer = house
        .ask_at_the_door(move |station| {
            let attempt = LoginAttempt {
                login: &entered.login,
                password: &entered.password,
                code: second_factor(&entered.passkey, &entered.code),
                acknowledged: entered.acknowledged.is_some(),
                address: &address,
            };
            station.login_on(&attempt, terminal.0.as_ref())
        })
        .await;
    match answer {
        Ok(key) => {
            let cookie = set_cookie(house.secure, key.as_text());
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
        }
        Err(failure) => refused(&house, at, failure, login).await,
    }
}

/// The login once more, with why somebody was refused; any other failure is passed on.
pub(crate) async fn refused(
    house: &House,
    at: At,
    failure: Failure,
    login: String,
) -> Result<Response, Failure> {
    match failure {
        Failure::Station(StationError::Login(refused)) => {
            let page = Page::of(house, at, Some(words(refused)), login).await?;
            Ok((status(refused), Html(page)).into_response())
        }
        other => Err(other),
    }
}

/// A passkey's answer, if there is one; else the code.
pub(crate) fn second_factor<'a>(passkey: &'a str, code: &'a str) -> &'a str {
    if passkey.is_empty() { code } else { passkey }
}

/// Too many failures from one address are told apart from a wrong password: programs heed it.
pub(crate) fn status(refused: LoginRefused) -> StatusCode {
    match refused {
        LoginRefused::AddressClosed { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNAUTHORIZED,
    }
}

/// As a sentence.
pub(crate) fn words(refused: LoginRefused) -> String {
    sentence(&refused.to_string())
}

/// With a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The form that ends a session.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Leaving {}

/// `POST /logout`, `POST /api/logout`.
pub(crate) async fn leave(
    State(house): State<House>,
    Asked { member, reader, .. }: Asked<Leaving>,
) -> Result<Response, Answered> {
    house
        .ask(move |station| station.logout(&member.session, &member.address))
        .await
        .map_err(|failure| Answered::to(reader, failure))?;
    let taken_back = [(header::SET_COOKIE, set_cookie(house.secure, ""))];
    Ok(match reader {
        Reader::Person => (taken_back, Redirect::to("/login")).into_response(),
        Reader::Program => {
            let done = Done::saying("You are logged out.".to_owned());
            (taken_back, Json(done)).into_response()
        }
    })
}
