//! The terminals.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use govern::EnrolTerminal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::Station;
use utoipa::ToSchema;

use super::{Around, Section};
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done, Shown};
use crate::member::Member;
use crate::pages::{Frame, html};

#[derive(Template)]
#[template(path = "station/terminals.html")]
struct Page {
    frame: Frame,
    around: Around,
    terminals: Vec<Row>,
    classes: Vec<(String, String)>,
}

/// A terminal.
#[derive(Serialize, ToSchema)]
#[schema(as = Terminal)]
pub(crate) struct Row {
    /// Its name.
    name: String,
    /// Where it is.
    place: String,
    /// Its class, in words.
    class: String,
    /// Whether sessions on it lock when they are left alone.
    locks: bool,
    /// When the machine was given its key, UTC; none before that.
    #[schema(value_type = Option<String>, format = DateTime)]
    set_up_at: Option<Timestamp>,
    /// Whether its key was taken away.
    removed: bool,
}

impl Row {
    fn of(terminal: station::Terminal, station: &Station) -> Self {
        let class = station.policy().device_class(&terminal.class);
        Self {
            locks: class.is_none_or(|class| class.locks),
            class: class.map_or(terminal.class, |class| class.says.clone()),
            name: terminal.name,
            place: terminal.place,
            set_up_at: terminal.set_up_at,
            removed: terminal.removed,
        }
    }
}

async fn rows(house: &House, member: &Member) -> Result<Vec<Row>, Failure> {
    let caller = member.caller();
    let terminals = house.ask(move |station| station.terminals(&caller)).await?;
    let rows = terminals
        .into_iter()
        .map(|one| Row::of(one, &house.station));
    Ok(rows.collect())
}

/// `GET /station/terminals`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/terminals`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    Ok(Json(rows(&house, &member?).await?))
}

pub(super) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let classes = house.station.policy().device_classes().iter();
    html(&Page {
        terminals: rows(house, member).await?,
        classes: classes
            .map(|class| (class.id.clone(), class.says.clone()))
            .collect(),
        frame: Frame::of(&house.station, member, "station"),
        around: Around {
            section: "terminals",
            done,
        },
    })
}

/// A terminal to be enrolled.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTerminal {
    /// Its name, such as that of the car.
    name: String,
    /// Where it is.
    place: String,
    /// Its class, of `policy/device-classes.toml`.
    class: String,
}

/// `POST /station/terminals`, `POST /api/terminals`.
pub(crate) async fn enrol(
    State(house): State<House>,
    asked: Asked<NewTerminal>,
) -> Result<Response, Answered> {
    let enrol = |station: &Station, caller: &_, new: NewTerminal| {
        let name = new.name.trim().to_owned();
        let act = EnrolTerminal {
            name: name.clone(),
            place: new.place.trim().to_owned(),
            class: new.class,
        };
        let issued = station.enrol_terminal(caller, act)?;
        Ok(Done {
            says: format!(
                "The terminal {name} is enrolled. Open /terminal on it, and enter its code."
            ),
            shown_once: vec![Shown {
                name: "Its code",
                value: issued.code.text(),
            }],
        })
    };
    asked.answer(&house, Section::Terminals, enrol).await
}

/// A terminal whose key is taken away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GoneTerminal {
    name: String,
}

/// `POST /station/terminals/remove`, `POST /api/terminals/remove`.
pub(crate) async fn remove(
    State(house): State<House>,
    asked: Asked<GoneTerminal>,
) -> Result<Response, Answered> {
    let remove = |station: &Station, caller: &_, GoneTerminal { name }| {
        station.remove_terminal(caller, &name)?;
        Ok(Done::saying(format!(
            "{name} is a machine like any other now; sessions on it lock when they are left alone."
        )))
    };
    asked.answer(&house, Section::Terminals, remove).await
}
