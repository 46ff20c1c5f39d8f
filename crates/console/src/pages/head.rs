//! What members do about what stands at the head of every page: an alarm, a clock in doubt.

use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::Submitted;

/// An alarm that was seen to.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Alarm {
    /// The entry that it is about.
    entry: u64,
}

/// `POST /alarm`.
pub(crate) async fn see_to_alarm(
    State(house): State<House>,
    Submitted { member, form }: Submitted<Alarm>,
) -> Result<Redirect, Failure> {
    let caller = member.caller();
    house
        .ask(move |station| station.see_to_alarm(&caller, form.entry))
        .await?;
    Ok(Redirect::to("/"))
}

/// Nothing but the session's token.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Confirming {}

/// `POST /time`.
pub(crate) async fn confirm_time(
    State(house): State<House>,
    Submitted { member, form: _ }: Submitted<Confirming>,
) -> Result<Redirect, Failure> {
    let caller = member.caller();
    house
        .ask(move |station| station.confirm_time(&caller))
        .await?;
    Ok(Redirect::to("/"))
}
