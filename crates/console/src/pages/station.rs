//! Running the station: members, training, cameras.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use govern::{AddCamera, EnrolMember, Role};
use jiff::civil::Date;
use serde::Deserialize;
use station::{Overview, StationError, Training};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "station.html")]
struct Page {
    frame: Frame,
    members: Vec<MemberRow>,
    cameras: Vec<(String, String, bool)>,
    roles: Vec<(String, String)>,
    today: Date,
    next_year: Date,
    /// What was just done, and what is shown only now.
    done: Option<Done>,
}

struct MemberRow {
    login: String,
    name: String,
    badge: String,
    roles: String,
    training: String,
    locked: bool,
}

struct Done {
    says: String,
    /// Name and value of what is shown once.
    shown_once: Vec<(&'static str, String)>,
}

/// `GET /station`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

async fn show(house: &House, member: &Member, done: Option<Done>) -> Result<Response, Failure> {
    let caller = member.caller();
    let Overview { members, cameras } = house.ask(move |station| station.overview(&caller)).await?;
    let station = &house.station;
    let members = members.into_iter().map(|(training, member)| MemberRow {
        roles: member
            .roles
            .iter()
            .map(|r| station.role_name(r))
            .collect::<Vec<_>>()
            .join(", "),
        training: training.first().map_or_else(
            || "none".to_owned(),
            |t| format!("{}, to {}", t.course, words::day(t.expires)),
        ),
        locked: member.locked_at.is_some(),
        login: member.login,
        name: member.name,
        badge: member.badge,
    });
    let today = station.today();
    html(&Page {
        members: members.collect(),
        cameras: cameras
            .into_iter()
            .map(|c| (c.name, c.place, c.removed))
            .collect(),
        roles: station
            .policy()
            .roles()
            .map(|(role, says)| (role.0, says.to_owned()))
            .collect(),
        today,
        next_year: today.saturating_add(jiff::Span::new().years(1)),
        done,
        frame: Frame::of(station, member, "station"),
    })
}

/// A member to be enrolled.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewMember {
    login: String,
    name: String,
    badge: String,
    role: String,
    password: String,
}

/// `POST /station/members`.
pub(crate) async fn enrol(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewMember>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let name = form.name.clone();
    let enrolled = house
        .ask(move |station| {
            let new = EnrolMember {
                login: form.login.trim().to_owned(),
                name: form.name.trim().to_owned(),
                badge: form.badge.trim().to_owned(),
                roles: vec![Role(form.role)],
            };
            station.enrol(&caller, new, &form.password)
        })
        .await?;
    let done = Done {
        says: format!("{name} is enrolled. Training is recorded separately."),
        shown_once: vec![
            ("Secret for the authenticator", enrolled.second_factor),
            ("The same as an address", enrolled.second_factor_address),
        ],
    };
    show(&house, &member, Some(done)).await
}

/// A completed course.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTraining {
    login: String,
    course: String,
    #[schema(value_type = String, format = Date)]
    completed: Date,
    #[schema(value_type = String, format = Date)]
    expires: Date,
}

/// `POST /station/training`.
pub(crate) async fn record_training(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewTraining>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let says = format!("Training of {} is recorded.", form.login);
    house
        .ask(move |station| {
            let training = Training {
                course: form.course,
                completed: form.completed,
                expires: form.expires,
            };
            station.record_training(&caller, &form.login, &training)
        })
        .await?;
    show(
        &house,
        &member,
        Some(Done {
            says,
            shown_once: vec![],
        }),
    )
    .await
}

/// Whose account is to be released.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Release {
    login: String,
}

/// `POST /station/release`.
pub(crate) async fn release(
    State(house): State<House>,
    Submitted { member, form }: Submitted<Release>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let says = format!("The account of {} is released.", form.login);
    house
        .ask(move |station| station.release(&caller, &form.login))
        .await?;
    show(
        &house,
        &member,
        Some(Done {
            says,
            shown_once: vec![],
        }),
    )
    .await
}

/// A camera to be added.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewCamera {
    name: String,
    place: String,
}

/// `POST /station/cameras`.
pub(crate) async fn add_camera(
    State(house): State<House>,
    Submitted { member, form }: Submitted<NewCamera>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let name = form.name.trim().to_owned();
    let new = AddCamera {
        name: name.clone(),
        place: form.place.trim().to_owned(),
    };
    let key = house
        .ask(move |station| -> Result<_, StationError> { station.add_camera(&caller, new) })
        .await?;
    let done = Done {
        says: format!("The camera {name} is added."),
        shown_once: vec![("Its key", key.0)],
    };
    show(&house, &member, Some(done)).await
}

/// A camera whose key is taken away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GoneCamera {
    name: String,
}

/// `POST /station/cameras/remove`.
pub(crate) async fn remove_camera(
    State(house): State<House>,
    Submitted { member, form }: Submitted<GoneCamera>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    let says = format!("The camera {} hands in nothing more.", form.name);
    house
        .ask(move |station| station.remove_camera(&caller, &form.name))
        .await?;
    let done = Done {
        says,
        shown_once: vec![],
    };
    show(&house, &member, Some(done)).await
}
