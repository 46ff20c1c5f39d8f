//! What holds for every request: headers, origins, sessions.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use station::{Caller, Session, SessionKey, SessionStanding};

use crate::House;
use crate::answer::Failure;

/// The pages load nothing from elsewhere, run nothing, and stand in nobody's frame.
const CONTENT_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";

/// Sets the headers of every answer.
pub(crate) async fn headers(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &str); 6] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: browsers then hide the origin of the station's own forms too.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Nothing of the station's stays in a browser's cache; the style sheet says otherwise itself.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Refuses a change that a page of another site asks for.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && is_foreign(&request) {
        return (
            StatusCode::FORBIDDEN,
            "This request came from a page of another site.\n",
        )
            .into_response();
    }
    next.run(request).await
}

/// Browsers say where a form stood; programs that are no browsers say nothing. HTTP/2 names the host
/// in the request's address, HTTP/1 in a header.
fn is_foreign(request: &Request) -> bool {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let Some(origin) = header(header::ORIGIN) else {
        return false;
    };
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let here = authority.or_else(|| header(header::HOST));
    match (origin.split_once("://"), here) {
        (Some((_, there)), Some(here)) => there != here,
        _ => true,
    }
}

/// The cookie's name; with TLS, browsers bind the `__Host-` prefix to this host and path.
pub(crate) fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-lictor" } else { "lictor" }
}

pub(crate) fn set_cookie(secure: bool, value: &str) -> String {
    let over = if secure { "; Secure" } else { "" };
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Strict{over}{age}",
        cookie_name(secure)
    )
}

fn session_key(headers: &HeaderMap, secure: bool) -> Option<SessionKey> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(secure))
        .map(|(_, value)| SessionKey::from_text(value))
}

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

    /// A form's token must be this session's own.
    pub(crate) fn check_form(&self, token: &str) -> Result<(), Failure> {
        if token == self.session.form_token() {
            Ok(())
        } else {
            Err(Failure::ForeignForm)
        }
    }
}

impl FromRequestParts<House> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Failure> {
        let Ok(Address(address)) = Address::from_request_parts(parts, house).await;
        let key = session_key(&parts.headers, house.secure).ok_or(Failure::NotLoggedIn)?;
        let session = house.ask(move |station| station.session(&key)).await?;
        Ok(Self { session, address })
    }
}
