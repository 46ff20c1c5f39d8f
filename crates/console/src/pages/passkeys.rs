//! A member's own passkeys: made, and taken away.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;
use station::{PasskeyShown, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::Submitted;
use crate::pages::{Frame, account, html};
use crate::words;

#[derive(Template)]
#[template(path = "account_passkey.html")]
struct MakePage {
    frame: Frame,
    login: String,
    name: String,
    wanted: String,
}

/// A passkey on the account's page.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) added: String,
    pub(crate) used: String,
    pub(crate) copied: bool,
    pub(crate) stopped: bool,
}

impl Row {
    pub(crate) fn of(shown: PasskeyShown, zone: &TimeZone) -> Self {
        let used = shown.used_at.map(|at| words::time(at, zone));
        Self {
            id: shown.id.to_string(),
            name: shown.name,
            added: words::time(shown.added_at, zone),
            used: used.unwrap_or_else(|| "not yet".to_owned()),
            copied: shown.copied,
            stopped: shown.stopped,
        }
    }
}

/// A passkey that a member wants to make.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPasskey {
    /// What the member calls it.
    name: String,
    /// The member's password.
    current: String,
}

/// `POST /account/passkeys/new`: the page that has the browser make one.
pub(crate) async fn offer(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewPasskey>,
) -> Result<Response, Failure> {
    let frame = Frame::of(&house.station, &member, "account");
    let login = member.session.member.login.clone();
    let name = form.name.clone();
    let wanted = house
        .ask_at_the_door(move |station| {
            station.offer_passkey(&member.session, &form.name, &form.current, &member.address)
        })
        .await?;
    html(&MakePage {
        frame,
        login,
        name,
        wanted,
    })
}

/// A passkey that a browser made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MadePasskey {
    /// What the member calls it.
    name: String,
    /// The browser's answer: JSON with `id`, `clientDataJSON`, `attestationObject`, in base64url.
    passkey: String,
}

/// `POST /account/passkeys`.
pub(crate) async fn add(
    State(house): State<House>,
    Submitted { member, form }: Submitted<MadePasskey>,
) -> Result<Response, Failure> {
    let member = house
        .ask(move |station| {
            station.add_passkey(&member.session, &form.name, &form.passkey, &member.address)?;
            Ok(member)
        })
        .await?;
    let done = "Your passkey is added: at the next login it can stand in for the code.";
    account::show(&house, member, Some(done)).await
}

/// A passkey to be taken away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GonePasskey {
    /// SHA-256 of its id.
    id: String,
    /// The member's password.
    current: String,
}

/// `POST /account/passkeys/remove`.
pub(crate) async fn remove(
    State(house): State<House>,
    Submitted { member, form }: Submitted<GonePasskey>,
) -> Result<Response, Failure> {
    let id = form
        .id
        .parse()
        .map_err(|e: &str| StationError::Input(e.to_owned()))?;
    let member = house
        .ask_at_the_door(move |station| {
            station.remove_passkey(&member.session, id, &form.current, &member.address)?;
            Ok(member)
        })
        .await?;
    account::show(
        &house,
        member,
        Some("The passkey is taken off your account."),
    )
    .await
}

/// The script that has a browser make and use passkeys.
pub(crate) async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("../../assets/passkey.js"))
}
