//! The hotlists: what they are, how old, how they came in.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use hotlist::{Rules, Terms};
use jiff::tz::TimeZone;
use serde::Deserialize;
use station::{AlertOutcome, ListShown, PastImport, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::asked::{Answered, Asked, Done};
use crate::member::{Member, Submitted};
use crate::pages::station::Section;
use crate::pages::{Frame, html};
use crate::words;

#[derive(Template)]
#[template(path = "hotlists.html")]
struct Page {
    frame: Frame,
    may_confirm: bool,
    sees_local: bool,
    sees_feeds: bool,
    may_set: bool,
    mappings: Vec<(String, String)>,
    lists: Vec<List>,
    done: Option<Done>,
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
    /// From which probability on an alert of it is one for now.
    alert_at: String,
    terms: Terms,
    /// Whether the terms are its own.
    are_set: bool,
    costs: Vec<Cost>,
    /// How many of its alerts were looked into whose state fitted.
    looked_into: usize,
    imports: Vec<Import>,
}

/// What it would mean if a false alert of the list cost so much.
struct Cost {
    false_cost: u32,
    alert_at: String,
    /// Of a hundred listed cars that pass, and false ones of a million reads, as they were measured.
    found: String,
    wrong: String,
    /// Of the department's own alerts for now: those that were that car, and those that were not.
    own_right: usize,
    own_wrong: usize,
    is_set: bool,
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
    show(&house, &member, None).await
}

pub(crate) async fn show(
    house: &House,
    member: &Member,
    done: Option<Done>,
) -> Result<Response, Failure> {
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
        may_set: member.holds(&["administrator", "deputy-chief"]),
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
                shown(list, purposes, station.policy().alerts(), zone)
            })
            .collect(),
        frame: Frame::of(station, member, "hotlists"),
        done,
    })
}

fn shown(shown: ListShown, purposes: String, rules: &Rules, zone: &TimeZone) -> List {
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
    let are_set = list.terms.is_some();
    let terms = list.terms.unwrap_or_else(|| rules.terms());
    List {
        costs: costs(rules, &terms, &list.outcomes),
        looked_into: list.outcomes.len(),
        alert_at: words::percent(terms.alert_at()),
        terms,
        are_set,
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

/// What each cost that was measured would mean, and the one that is set.
fn costs(rules: &Rules, terms: &Terms, outcomes: &[AlertOutcome]) -> Vec<Cost> {
    let measured = rules.measured().iter();
    let mut costs: Vec<u32> = measured.map(|one| one.false_cost).collect();
    costs.push(terms.false_cost);
    costs.sort_unstable();
    costs.dedup();
    let cost = |false_cost| {
        let at = Terms {
            false_cost,
            may_be_done: String::new(),
        }
        .alert_at();
        let measured = (rules.measured().iter()).find(|one| one.false_cost == false_cost);
        let own = |was_it| {
            let now = outcomes.iter().filter(|one| one.probability >= at);
            now.filter(|one| one.was_it == was_it).count()
        };
        Cost {
            false_cost,
            alert_at: words::percent(at),
            found: measured.map_or_else(String::new, |one| format!("{:.0}", one.found_of_100)),
            wrong: measured.map_or_else(String::new, |one| format!("{:.0}", one.false_per_million)),
            own_right: own(true),
            own_wrong: own(false),
            is_set: false_cost == terms.false_cost,
        }
    };
    costs.into_iter().map(cost).collect()
}

/// What is set for a list's alerts.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTerms {
    /// The list's name.
    list: String,
    /// What a false alert for now costs: as much as so many listed cars that are shown for review only,
    /// 1 to 99.
    false_cost: String,
    /// What may be done on an alert of it, in words.
    #[serde(default)]
    may_be_done: String,
}

/// `POST /hotlists/terms`, `POST /api/hotlists/terms`.
pub(crate) async fn set_terms(
    State(house): State<House>,
    asked: Asked<NewTerms>,
) -> Result<Response, Answered> {
    let set = |station: &Station, caller: &_, new: NewTerms| {
        let false_cost = new.false_cost.trim();
        let terms = Terms {
            false_cost: false_cost
                .parse()
                .map_err(|_| StationError::Input(format!("{false_cost:?} is no whole number")))?,
            may_be_done: new.may_be_done.trim().to_owned(),
        };
        let says = format!(
            "An alert of {} is one for now from {} on.",
            new.list.trim(),
            words::percent(terms.alert_at())
        );
        station.set_list_terms(caller, &new.list, terms)?;
        Ok(Done::saying(says))
    };
    asked.answer(&house, Section::Hotlists, set).await
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
