//! The hotlists: what they are, how old, how they came in.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;
use station::{ListShown, PastImport, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::member::{Member, Submitted};
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "hotlists.html")]
struct Page {
    frame: Frame,
    may_confirm: bool,
    sees_local: bool,
    sees_feeds: bool,
    mappings: Vec<(String, String)>,
    lists: Vec<List>,
}

struct List {
    name: String,
    says: String,
    purposes: String,
    refresh: u32,
    overdue: bool,
    /// Since when it does not come by itself, and why.
    failing: String,
    /// When it was last found unchanged at its source.
    unchanged: String,
    suspended: u64,
    imports: Vec<Import>,
}

struct Import {
    id: String,
    when: String,
    by: String,
    entries: u64,
    stands: &'static str,
    waits: bool,
    rows: u64,
    dropped: Vec<(String, u64, String)>,
    bad_rows: u64,
    bad: Vec<(u64, String)>,
}

/// `GET /hotlists`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    let caller = member.caller();
    let lists = house.ask(move |station| station.lists(&caller)).await?;
    let station = &house.station;
    let zone = &station.about().time_zone;
    let purposes = |codes: &[String]| -> String {
        let says = |code: &String| station.policy().purpose(code).map(|p| p.says.clone());
        let says: Vec<String> = codes.iter().filter_map(says).collect();
        says.join(", ")
    };
    html(&Page {
        sees_local: member.is_trained()
            && (member.holds(&super::ANSWER_ALERTS) || member.holds(&["auditor"])),
        may_confirm: member.holds(&["administrator", "deputy-chief"]),
        sees_feeds: member.holds(&["administrator", "deputy-chief", "auditor"]),
        mappings: station
            .policy()
            .hotlists()
            .iter()
            .map(|(name, mapping)| (name.clone(), mapping.says.clone()))
            .collect(),
        lists: lists
            .into_iter()
            .map(|list| {
                let purposes = purposes(&list.list.about.purposes);
                shown(list, purposes, zone)
            })
            .collect(),
        frame: Frame::of(station, &member, "hotlists"),
    })
}

fn shown(shown: ListShown, purposes: String, zone: &TimeZone) -> List {
    let list = shown.list;
    let in_force = list.in_force;
    let unchanged = (list.imports.iter())
        .find(|import| Some(import.id) == in_force)
        .and_then(|import| Some(words::time(import.unchanged_at?, zone)))
        .unwrap_or_default();
    let import = |(import, by): (PastImport, String)| Import {
        when: words::time(import.imported_at, zone),
        by,
        entries: import.entries,
        stands: match (import.waits, Some(import.id) == in_force) {
            (true, _) => "waits for a second person",
            (false, true) => "in force",
            (false, false) => "past",
        },
        waits: import.waits,
        rows: import.report.rows,
        dropped: import
            .report
            .dropped
            .into_iter()
            .map(|d| (d.file, d.rows, d.why))
            .collect(),
        bad_rows: import.report.bad_rows,
        bad: import
            .report
            .bad
            .into_iter()
            .map(|b| (b.line, b.why))
            .collect(),
        id: import.id.to_string(),
    };
    List {
        says: format!(
            "{} list, from {}",
            list.about.class.says(),
            list.about.source
        ),
        name: list.about.name,
        purposes,
        refresh: list.about.refresh_hours,
        overdue: shown.overdue,
        failing: shown.failing.map_or_else(String::new, |(since, why)| {
            format!("since {}: {why}", words::time(since, zone))
        }),
        unchanged,
        suspended: list.suspended,
        imports: list.imports.into_iter().zip(shown.by).map(import).collect(),
    }
}

/// An import that a second person confirms.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Confirmation {
    import: String,
}

/// `POST /hotlists/confirm`.
pub(crate) async fn confirm(
    State(house): State<House>,
    Submitted { member, form }: Submitted<Confirmation>,
) -> Result<Response, Failure> {
    let caller = member.caller();
    house
        .ask(move |station| {
            let import = form
                .import
                .parse()
                .map_err(|_| StationError::Input("there is no such import".to_owned()))?;
            station.confirm_list(&caller, import)
        })
        .await?;
    Ok(Redirect::to("/hotlists").into_response())
}
