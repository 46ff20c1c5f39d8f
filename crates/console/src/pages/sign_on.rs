//! Single sign-on: to the provider, back from it, and the second factor.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use station::{Brought, CameBack, LoginAttempt, SentOn};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::door::{set_cookie, sign_on_cookie};
use crate::member::{Address, SignOnCookie};
use crate::pages::login::{refused, second_factor};
use crate::pages::terminal::At;

#[derive(Template)]
#[template(path = "sign_on.html")]
struct Page {
    agency: String,
    notice: Vec<String>,
    login: String,
    ticket: String,
    /// What the script must know to have a passkey sign.
    wanted: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_on_begin.html")]
struct SendOn {
    agency: String,
    provider: String,
    url: String,
}

/// The form that sends somebody to the provider.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Beginning {}

/// `POST /sign-on`. The way on is a link and a refresh, as no form of the station's may lead elsewhere.
pub(crate) async fn begin(
    State(house): State<House>,
    Form(Beginning {}): Form<Beginning>,
) -> Result<Response, Failure> {
    let SentOn { url, browser } = house
        .ask_at_the_door(station::Station::begin_sign_on)
        .await?;
    let page = SendOn {
        agency: house.station.about().agency.clone(),
        provider: house.station.sign_on_name().unwrap_or_default(),
        url: url.clone(),
    };
    let headers = [
        (header::SET_COOKIE, sign_on_cookie(house.secure, &browser)),
        (header::REFRESH, format!("0; url={url}")),
    ];
    Ok((headers, Html(page.render()?)).into_response())
}

/// What a browser brings back from the provider.
#[derive(Deserialize, IntoParams)]
pub(crate) struct BroughtBack {
    /// As it was sent.
    #[serde(default)]
    state: String,
    /// What the provider's word is fetched with; empty where it says no.
    #[serde(default)]
    code: String,
}

/// `GET /sign-on/back`.
pub(crate) async fn back(
    State(house): State<House>,
    Address(address): Address,
    SignOnCookie(browser): SignOnCookie,
    at: At,
    Query(brought): Query<BroughtBack>,
) -> Result<Response, Failure> {
    let came = house
        .ask_at_the_door(move |station| {
            station.come_back(&Brought {
                state: &brought.state,
                code: &brought.code,
                browser: &browser,
                address: &address,
            })
        })
        .await;
    let CameBack { ticket, login } = match came {
        Ok(came) => came,
        Err(failure) => return refused(&house, at, failure, String::new()).await,
    };
    let station = &house.station;
    let page = Page {
        agency: station.about().agency.clone(),
        notice: station.policy().security().notice().to_vec(),
        login,
        ticket,
        wanted: station.wanted_at_login(),
    };
    Ok(Html(page.render()?).into_response())
}

/// What somebody enters of whom the provider has spoken.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignedOn)]
pub(crate) struct SignedOn {
    ticket: String,
    /// A code of the authenticator, or a recovery code.
    #[serde(default)]
    code: String,
    /// In its place, a browser's answer that a passkey signed.
    #[serde(default)]
    passkey: String,
    acknowledged: Option<String>,
}

/// `POST /sign-on/enter`.
pub(crate) async fn enter(
    State(house): State<House>,
    Address(address): Address,
    at: At,
    Form(entered): Form<SignedOn>,
) -> Result<Response, Failure> {
    let terminal = at.clone();
    let answer = house
        .ask_at_the_door(move |station| {
            let attempt = LoginAttempt {
                login: "",
                password: "",
                code: second_factor(&entered.passkey, &entered.code),
                acknowledged: entered.acknowledged.is_some(),
                address: &address,
            };
            station.login_signed_on(&entered.ticket, &attempt, terminal.0.as_ref())
        })
        .await;
    match answer {
        Ok(key) => {
            let cookie = set_cookie(house.secure, key.as_text());
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
        }
        Err(failure) => refused(&house, at, failure, String::new()).await,
    }
}
