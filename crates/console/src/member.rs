//! Who sends a request: the address, the member behind a session, the form that a member sends.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use station::{Caller, Session, SessionKey, SessionStanding};

use crate::House;
use crate::answer::Failure;
use crate::door::{cookie_name, sign_on_cookie_name};

/// Where a request came from, as it is written down.
pub(crate) struct Address(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(known.map_or_else(
            || "this machine".to_owned(),
            |ConnectInfo(address)| address.ip().to_canonical().to_string(),
        )))
    }
}

/// The key of the session that a browser shows; whether there is such a session is not judged yet.
pub(crate) struct Key(pub(crate) SessionKey);

impl FromRequestParts<House> for Key {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Failure> {
        session_key(&parts.headers, house.secure)
            .map(Self)
            .ok_or(Failure::NotLoggedIn)
    }
}

pub(crate) fn session_key(headers: &HeaderMap, secure: bool) -> Option<SessionKey> {
    cookie(headers, cookie_name(secure)).map(SessionKey::from_text)
}

/// What a browser kept while it was at the provider of single sign-on; empty where it kept nothing.
pub(crate) struct SignOnCookie(pub(crate) String);

impl FromRequestParts<House> for SignOnCookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Self::Rejection> {
        let kept = cookie(&parts.headers, sign_on_cookie_name(house.secure));
        Ok(Self(kept.unwrap_or_default().to_owned()))
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// A member who is logged in.
pub(crate) struct Member {
    pub(crate) session: Session,
    pub(crate) address: String,
}

impl Member {
    pub(crate) fn caller(&self) -> Caller {
        self.session.caller(&self.address)
    }

    pub(crate) fn is_trained(&self) -> bool {
        matches!(self.session.standing, SessionStanding::Trained(_))
    }

    /// Whether the member holds one of these roles: for showing ways, which ask again.
    pub(crate) fn holds(&self, roles: &[&str]) -> bool {
        let held = &self.session.member.roles;
        held.iter().any(|role| roles.contains(&role.0.as_str()))
    }
}

impl FromRequestParts<House> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Failure> {
        let Ok(Address(address)) = Address::from_request_parts(parts, house).await;
        let Key(key) = Key::from_request_parts(parts, house).await?;
        let session = house.ask(move |station| station.session(&key)).await?;
        Ok(Self { session, address })
    }
}

/// A form of a page of this member's own session. The body is taken first and the session judged
/// after it: what ended while a slow form came in has ended.
pub(crate) struct Submitted<T> {
    pub(crate) member: Member,
    pub(crate) form: T,
}

/// What every form of a member's pages carries: known to the session's pages, not to other sites.
#[derive(Deserialize)]
struct Token {
    token: String,
}

impl<T: DeserializeOwned> FromRequest<House> for Submitted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, house: &House) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(request, house)
            .await
            .map_err(|rejection| Failure::Unreadable(rejection.into_response().status()))?;
        let member = Member::from_request_parts(&mut parts, house).await?;
        let Token { token } = read(&body)?;
        if token != member.session.form_token() {
            return Err(Failure::ForeignForm);
        }
        Ok(Self {
            member,
            form: read(&body)?,
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_html_form::from_bytes(body)
        .map_err(|_| Failure::Unreadable(axum::http::StatusCode::UNPROCESSABLE_ENTITY))
}
