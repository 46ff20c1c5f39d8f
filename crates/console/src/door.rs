//! What holds for every request: headers, origins, time.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use station::Station;

use crate::answer::Failure;
use crate::member::session_key;

/// The pages load nothing from elsewhere, run nothing, and stand in nobody's frame.
const CONTENT_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";
/// The same for the pages that have the browser make or use a passkey, or on which an area is drawn: that takes the
/// station's script.
const WITH_SCRIPT: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const SCRIPTED: [&str; 8] = [
    "/login",
    "/unlock",
    "/account/passkeys/new",
    "/sign-on/back",
    "/search",
    "/search/page",
    "/canvass",
    "/canvass/page",
];
/// The same for the alerts, whose script also hears what comes in.
const LIVE: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page may load and run.
fn content_policy(path: &str) -> &'static str {
    let is_alert = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if SCRIPTED.contains(&path) {
        WITH_SCRIPT
    } else if path == "/alerts" || path.strip_prefix("/alerts/").is_some_and(is_alert) {
        LIVE
    } else {
        CONTENT_POLICY
    }
}

/// What the headers depend on.
#[derive(Clone)]
pub(crate) struct Headers {
    /// Knows which sessions lock.
    pub(crate) station: Arc<Station>,
    /// Whether the address is https.
    pub(crate) secure: bool,
    /// A session that is not used for so long locks.
    pub(crate) idle: Duration,
}

/// Sets the headers of every answer.
pub(crate) async fn headers(
    State(Headers {
        station,
        secure,
        idle,
    }): State<Headers>,
    request: Request,
    next: Next,
) -> Response {
    let in_session = session_key(request.headers(), secure)
        .is_some_and(|key| station.locks_when_left(&key))
        && !matches!(request.uri().path(), "/login" | "/unlock");
    let policy = content_policy(request.uri().path());
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // A page that is left alone puts itself away when its session locks (AC-11), without a script.
    if in_session && is_page {
        let away = format!("{}; url=/unlock", idle.as_secs() + 1);
        if let Ok(away) = HeaderValue::from_str(&away) {
            response.headers_mut().insert(header::REFRESH, away);
        }
    }
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &str); 6] = [
        (header::CONTENT_SECURITY_POLICY, policy),
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

/// Gives up a request that takes longer, its body included. What it asked of the station is finished
/// and entered there; only the answer is not waited for.
pub(crate) async fn in_time(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::TooSlow.into_response(),
    }
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

/// The name of the cookie that a terminal keeps its key in.
pub(crate) fn terminal_cookie(secure: bool) -> &'static str {
    if secure {
        "__Host-lictor-terminal"
    } else {
        "lictor-terminal"
    }
}

/// Has a terminal keep its key, for as long as browsers keep anything.
pub(crate) fn keep_cookie(secure: bool, key: &str) -> String {
    // Browsers forget a cookie after 400 days whatever it says.
    const AGE: u32 = 400 * 24 * 3600;
    let over = if secure { "; Secure" } else { "" };
    format!(
        "{}={key}; Path=/; HttpOnly; SameSite=Strict; Max-Age={AGE}{over}",
        terminal_cookie(secure)
    )
}

/// The name of the cookie that a browser keeps while it is at the provider of single sign-on.
pub(crate) fn sign_on_cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-lictor-sign-on"
    } else {
        "lictor-sign-on"
    }
}

/// Has a browser keep what shows that it is the one that was sent to the provider: sent along when it
/// comes back from another site, as a session's cookie is not.
pub(crate) fn sign_on_cookie(secure: bool, value: &str) -> String {
    let over = if secure { "; Secure" } else { "" };
    format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600{over}",
        sign_on_cookie_name(secure)
    )
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
