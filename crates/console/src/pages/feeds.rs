//! Lists that come by themselves: from where, and what became of what came.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use govern::FeedFrom;
use hotlist::About;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::{FeedAsked, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::asked::{Answered, Asked, Done};
use crate::member::Member;
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "feeds.html")]
struct Page {
    frame: Frame,
    done: Option<Done>,
    feeds: Vec<Line>,
    /// Whether the member sets and ends them.
    sets: bool,
    mappings: Vec<String>,
    purposes: Vec<(String, String)>,
}

/// A feed, for people.
struct Line {
    feed: Row,
    tried: String,
    next: String,
    failing: String,
    ended: String,
}

/// A list that comes by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = Feed)]
pub(crate) struct Row {
    /// Its name.
    name: String,
    /// The list that it brings.
    list: String,
    /// Where it comes from.
    from: String,
    /// After how many minutes it is looked at again.
    every_minutes: u32,
    /// Who set it, and when.
    set: String,
    /// When it was ended, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// When it was looked at last, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    tried_at: Option<Timestamp>,
    /// When it is looked at again, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// Since when nothing that comes can be taken, while that is so.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// What came of it the last time.
    last: Option<String>,
}

async fn rows(house: &House, member: &Member) -> Result<Vec<Row>, Failure> {
    let caller = member.caller();
    let shown = house.ask(move |station| station.feeds(&caller)).await?;
    let zone = &house.station.about().time_zone;
    let name = |wanted| {
        let found = shown.members.iter().find(|one| one.id == wanted);
        found.map_or("somebody who left", |one| &*one.name)
    };
    let rows = shown.feeds.iter().map(|one| Row {
        set: format!(
            "set by {}, {}",
            name(one.set_by),
            words::time(one.set_at, zone)
        ),
        name: one.name.clone(),
        list: one.about.name.clone(),
        from: one.from.says(),
        every_minutes: one.every_minutes,
        ended_at: one.ended_at,
        tried_at: one.tried_at,
        due_at: one.due_at,
        failing_since: one.failing_since,
        last: one.last.clone(),
    });
    Ok(rows.collect())
}

/// `GET /hotlists/feeds`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    show(&house, &member, None).await
}

/// `GET /api/hotlists/feeds`.
pub(crate) async fn list(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<Row>>, Refused> {
    Ok(Json(rows(&house, &member?).await?))
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
    let station = &house.station;
    let zone = &station.about().time_zone;
    let time =
        |time: Option<Timestamp>| time.map_or_else(String::new, |time| words::time(time, zone));
    let line = |feed: Row| Line {
        tried: time(feed.tried_at),
        next: time(feed.due_at),
        failing: time(feed.failing_since),
        ended: time(feed.ended_at),
        feed,
    };
    let policy = station.policy();
    html(&Page {
        feeds: rows(house, member).await?.into_iter().map(line).collect(),
        sets: member.holds(&["administrator", "deputy-chief"]),
        mappings: policy.hotlists().keys().cloned().collect(),
        purposes: (policy.purposes().iter())
            .map(|purpose| (purpose.code.clone(), purpose.says.clone()))
            .collect(),
        frame: Frame::of(station, member, "hotlists"),
        done,
    })
}

/// A list that is to come by itself.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewFeed {
    /// What the feed is called.
    name: String,
    /// The list's name in this department.
    list: String,
    /// Who makes the list.
    source: String,
    /// Whose data it holds: `department`, `state`, `federal`.
    class: String,
    /// The purposes it serves, codes of `policy/purposes.toml`, with spaces or commas between them.
    #[serde(default)]
    purposes: String,
    /// After how many hours it is to be refreshed.
    refresh_hours: String,
    /// How the files are read: a name in `policy/hotlists/`, without `.toml`.
    mapping: String,
    /// The folder that its files are put into; empty where it is asked for at an address.
    #[serde(default)]
    folder: String,
    /// The address that it is asked for at: https.
    #[serde(default)]
    address: String,
    /// A file on the station's machine: the authority of the address's certificate, where it is none
    /// that is widely known.
    #[serde(default)]
    authority: String,
    /// The value of the header `Authorization` that the address is asked with.
    #[serde(default)]
    secret: String,
    /// After how many minutes the address is asked again.
    #[serde(default)]
    every_minutes: String,
}

impl NewFeed {
    fn asked(self) -> Result<FeedAsked, StationError> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let from = match (given(&self.folder), given(&self.address)) {
            (Some(folder), None) => FeedFrom::Folder(folder),
            (None, Some(address)) => FeedFrom::Address {
                address,
                authority: given(&self.authority),
            },
            _ => return Err(input("enter a folder or an address: one of the two")),
        };
        let number = |text: &str| {
            (text.trim().parse())
                .map_err(|_| StationError::Input(format!("{text:?} is no whole number")))
        };
        let every_minutes = match &from {
            FeedFrom::Folder(_) => 0,
            FeedFrom::Address { .. } => number(&self.every_minutes)?,
        };
        let about = About {
            name: self.list.trim().to_owned(),
            source: self.source.trim().to_owned(),
            class: (self.class.parse())
                .map_err(|e: hotlist::AboutError| StationError::Input(e.to_string()))?,
            purposes: (self.purposes.split([',', ' ']))
                .filter(|code| !code.is_empty())
                .map(str::to_owned)
                .collect(),
            refresh_hours: number(&self.refresh_hours)?,
            mapping: self.mapping,
        };
        Ok(FeedAsked {
            name: self.name,
            about,
            from,
            every_minutes,
            secret: given(&self.secret),
        })
    }
}

fn input(words: &str) -> StationError {
    StationError::Input(words.to_owned())
}

/// `POST /hotlists/feeds`, `POST /api/hotlists/feeds`.
pub(crate) async fn set(
    State(house): State<House>,
    asked: Asked<NewFeed>,
) -> Result<Response, Answered> {
    let set = |station: &Station, caller: &_, new: NewFeed| {
        let asked = new.asked()?;
        let says = format!("{} comes by itself from now on.", asked.about.name);
        station.set_feed(caller, asked)?;
        Ok(Done::saying(says))
    };
    asked.answer(&house, Section::Feeds, set).await
}

/// A list that comes by itself no more.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EndedFeed {
    /// The feed.
    name: String,
}

/// `POST /hotlists/feeds/end`, `POST /api/hotlists/feeds/end`.
pub(crate) async fn end(
    State(house): State<House>,
    asked: Asked<EndedFeed>,
) -> Result<Response, Answered> {
    let end = |station: &Station, caller: &_, EndedFeed { name }| {
        station.end_feed(caller, &name)?;
        Ok(Done::saying(format!(
            "Nothing more is taken by {name}. The list that it brought stays in force."
        )))
    };
    asked.answer(&house, Section::Feeds, end).await
}
