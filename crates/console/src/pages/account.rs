//! A member's own way in: password, authenticator, passkeys, recovery codes, and where they are logged
//! in.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use station::{OfferedFactor, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::first_login::{Codes, Picture};
use crate::pages::passkeys::Row;
use crate::pages::{Frame, html};

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    frame: Frame,
    recovery_codes: u64,
    passkeys: Vec<Row>,
    shortest: usize,
    sessions: Vec<Open>,
    done: Option<&'static str>,
}

struct Open {
    id: String,
    address: String,
    age: String,
    idle: String,
    this: bool,
}

#[derive(Template)]
#[template(path = "account_authenticator.html")]
struct AuthenticatorPage {
    frame: Frame,
    offered: OfferedFactor,
    picture: Option<Picture>,
}

/// `GET /account`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, member, None).await
}

pub(crate) async fn show(
    house: &House,
    member: Member,
    done: Option<&'static str>,
) -> Result<Response, Failure> {
    let frame = Frame::of(&house.station, &member, "account");
    let account = house
        .ask(move |station| station.account(&member.session))
        .await?;
    let sessions = account.sessions.into_iter().map(|open| Open {
        id: open.id.to_string(),
        address: open.address,
        age: ago(open.age),
        idle: ago(open.idle),
        this: open.this,
    });
    html(&Page {
        frame,
        passkeys: account
            .passkeys
            .into_iter()
            .map(|shown| Row::of(shown, &house.station.about().time_zone))
            .collect(),
        recovery_codes: account.recovery_codes,
        shortest: house.station.policy().passwords().shortest,
        sessions: sessions.collect(),
        done,
    })
}

/// `2 h 5 min`.
fn ago(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Another password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPassword {
    current: String,
    new: String,
    again: String,
}

/// `POST /account/password`.
pub(crate) async fn password(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewPassword>,
) -> Result<Response, Failure> {
    if form.new != form.again {
        return Err(StationError::Input("the two new passwords differ".to_owned()).into());
    }
    let member = house
        .ask_at_the_door(move |station| {
            station.change_password(&member.session, &form.current, &form.new, &member.address)?;
            Ok(member)
        })
        .await?;
    let done = "Your password is changed; your other sessions are over.";
    show(&house, member, Some(done)).await
}

/// Another authenticator: first the password, then the code that the new one shows.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewAuthenticator {
    #[serde(default)]
    current: String,
    #[serde(default)]
    shown: String,
}

/// `POST /account/authenticator`.
pub(crate) async fn authenticator(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewAuthenticator>,
) -> Result<Response, Failure> {
    if form.shown.is_empty() {
        let frame = Frame::of(&house.station, &member, "account");
        let offered = house
            .ask_at_the_door(move |station| {
                station.offer_authenticator(&member.session, &form.current, &member.address)
            })
            .await?;
        return html(&AuthenticatorPage {
            frame,
            picture: Picture::of(&offered.address),
            offered,
        });
    }
    let member = house
        .ask(move |station| {
            station.change_authenticator(&member.session, &form.shown, &member.address)?;
            Ok(member)
        })
        .await?;
    let done = "Your new authenticator is in force; your other sessions are over.";
    show(&house, member, Some(done)).await
}

/// New recovery codes.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewRecoveryCodes {
    current: String,
}

/// `POST /account/recovery-codes`.
pub(crate) async fn recovery_codes(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewRecoveryCodes>,
) -> Result<Response, Failure> {
    let codes = house
        .ask_at_the_door(move |station| {
            station.renew_recovery_codes(&member.session, &form.current, &member.address)
        })
        .await?;
    html(&Codes {
        agency: house.station.about().agency.clone(),
        codes: codes.iter().map(|code| code.text()).collect(),
        onward: ("/account", "Back to your account"),
    })
}

/// Which of the member's sessions: its id, or `others` for all but this one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Ended {
    session: String,
}

/// `POST /account/sessions`.
pub(crate) async fn end_sessions(
    State(house): State<House>,
    Submitted { member, form }: Submitted<Ended>,
) -> Result<Response, Failure> {
    let which = match form.session.as_str() {
        "others" => None,
        id => Some(
            id.parse()
                .map_err(|e: &str| StationError::Input(e.to_owned()))?,
        ),
    };
    house
        .ask(move |station| station.end_own_sessions(&member.session, which, &member.address))
        .await?;
    Ok(Redirect::to("/account").into_response())
}
