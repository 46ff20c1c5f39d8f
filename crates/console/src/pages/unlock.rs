//! A locked session: nothing of it is shown, and it goes on once its member shows who they are.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use station::StationError;
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Address, Key};
use crate::pages::{html, login};

#[derive(Template)]
#[template(path = "unlock.html")]
struct Page {
    agency: String,
    login: String,
    refused: Option<String>,
    /// What the script must know to have a passkey sign.
    wanted: Option<String>,
}

/// `GET /unlock`: where a page that was left alone goes by itself. Looking at it is no activity.
pub(crate) async fn page(State(house): State<House>, Key(key): Key) -> Result<Response, Failure> {
    let locked = house
        .ask(move |station| station.locked_session(&key))
        .await?;
    match locked {
        Some(login) => html(&Page {
            agency: house.station.about().agency.clone(),
            login,
            refused: None,
            wanted: house.station.wanted_at_unlock(),
        }),
        // Used meanwhile in another window: there is nothing to unlock.
        None => Ok(Redirect::to("/").into_response()),
    }
}

/// What unlocks a session: one of them.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Shown {
    /// The member's password.
    #[serde(default)]
    password: String,
    /// A code of the second factor.
    #[serde(default)]
    code: String,
    /// A browser's answer that a passkey signed, as at the login.
    #[serde(default)]
    passkey: String,
}

/// `POST /unlock`: with the password, with a code or with a passkey.
pub(crate) async fn open(
    State(house): State<House>,
    Address(address): Address,
    Key(key): Key,
    Form(shown): Form<Shown>,
) -> Result<Response, Failure> {
    let asked = key.clone();
    let answer = house
        .ask_at_the_door(move |station| {
            let second = login::second_factor(&shown.passkey, &shown.code);
            station.unlock(&key, &shown.password, second, &address)
        })
        .await;
    match answer {
        Ok(()) => Ok(Redirect::to("/").into_response()),
        Err(Failure::Station(StationError::Login(refused))) => {
            let locked = house
                .ask(move |station| station.locked_session(&asked))
                .await?;
            let page = Page {
                agency: house.station.about().agency.clone(),
                login: locked.unwrap_or_default(),
                refused: Some(login::words(refused)),
                wanted: house.station.wanted_at_unlock(),
            };
            Ok((login::status(refused), Html(page.render()?)).into_response())
        }
        Err(other) => Err(other),
    }
}
