//! Hotlists, for programs: brought in, and told of without their entries.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::{StatusCode, header};
use hotlist::{About, Rules};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use station::{ImportReport, ListShown, StationError};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;

/// The largest list that comes over HTTP.
const LARGEST: usize = 512 * 1024 * 1024;

/// What a list is.
#[derive(Deserialize, IntoParams)]
pub(crate) struct ListQuery {
    /// Its name in this department.
    name: String,
    /// Who makes it.
    source: String,
    /// Whose data it holds: `department`, `state`, `federal`.
    class: String,
    /// The purposes it serves, codes of `policy/purposes.toml`, with commas between them.
    purposes: String,
    /// After how many hours it is to be refreshed.
    refresh_hours: u32,
    /// How the file is read: a name in `policy/hotlists/`, without `.toml`.
    mapping: String,
}

/// What an import came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Brought {
    /// The list.
    name: String,
    /// The import: 32 hexadecimal digits.
    import: String,
    /// Its entries.
    entries: u64,
    /// Entries in force before it.
    before: u64,
    /// Whether it waits for a second person: the list in force stays until then.
    waits: bool,
    /// What the file was like.
    report: Report,
}

/// What a file was like.
#[derive(Serialize, ToSchema)]
pub(crate) struct Report {
    /// Rows under the first line.
    rows: u64,
    /// Rows that are never stored, and why.
    dropped: Vec<Dropped>,
    /// Rows that were not understood.
    bad_rows: u64,
    /// The first of them.
    bad: Vec<Bad>,
}

/// Rows that were counted and not stored.
#[derive(Serialize, ToSchema)]
struct Dropped {
    /// The file they stand in.
    file: String,
    /// How many.
    rows: u64,
    /// Why.
    why: String,
}

/// A row that was not understood.
#[derive(Serialize, ToSchema)]
struct Bad {
    /// Its line in the file, from 1.
    line: u64,
    /// What is wrong with it.
    why: String,
}

impl From<ImportReport> for Report {
    fn from(report: ImportReport) -> Self {
        let dropped = report.dropped.into_iter();
        let bad = report.bad.into_iter();
        Self {
            rows: report.rows,
            dropped: dropped
                .map(|d| Dropped {
                    file: d.file,
                    rows: d.rows,
                    why: d.why,
                })
                .collect(),
            bad_rows: report.bad_rows,
            bad: bad
                .map(|b| Bad {
                    line: b.line,
                    why: b.why,
                })
                .collect(),
        }
    }
}

/// `POST /api/hotlists`: the file is the body, as `text/csv`.
pub(crate) async fn import(
    State(house): State<House>,
    Query(query): Query<ListQuery>,
    request: Request,
) -> Result<Json<Brought>, Refused> {
    let (mut parts, body) = request.into_parts();
    // First who it is, then what it sends: nobody without a session has the station hold a list.
    Member::from_request_parts(&mut parts, &house).await?;
    // A form of another site cannot say this.
    let kind = parts.headers.get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| !kind.as_bytes().starts_with(b"text/csv")) {
        return Err(Failure::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE).into());
    }
    let _turn = house.lists.acquire().await.map_err(|_| Failure::BrokeOff)?;
    let file = to_bytes(body, LARGEST)
        .await
        .map_err(|_| input("the list is larger than 512 MiB, or broke off on its way"))?;
    // Judged after the body: what ended while it came in has ended.
    let caller = Member::from_request_parts(&mut parts, &house)
        .await?
        .caller();
    let brought = house
        .ask(move |station| {
            let purposes = query.purposes.split(',').map(str::trim);
            let about = About {
                name: query.name.trim().to_owned(),
                source: query.source.trim().to_owned(),
                class: query
                    .class
                    .parse()
                    .map_err(|e: hotlist::AboutError| StationError::Input(e.to_string()))?,
                purposes: purposes
                    .filter(|p| !p.is_empty())
                    .map(str::to_owned)
                    .collect(),
                refresh_hours: query.refresh_hours,
                mapping: query.mapping,
            };
            station.import_list(&caller, about, &file)
        })
        .await?;
    Ok(Json(Brought {
        name: brought.name,
        import: brought.import.to_string(),
        entries: brought.entries,
        before: brought.before,
        waits: brought.waits,
        report: brought.report.into(),
    }))
}

fn input(words: &str) -> StationError {
    StationError::Input(words.to_owned())
}

/// A list, without its entries.
#[derive(Serialize, ToSchema)]
pub(crate) struct List {
    /// Its name.
    name: String,
    /// Who makes it.
    source: String,
    /// Whose data it holds.
    class: String,
    /// The purposes it serves.
    purposes: Vec<String>,
    /// After how many hours it is to be refreshed.
    refresh_hours: u32,
    /// Whether it should have been refreshed by now.
    overdue: bool,
    /// Why it does not come by itself as it should, while it does not.
    failing: Option<String>,
    /// From which probability of a true hit on an alert of it is one for now, where the state fits.
    alert_at: f64,
    /// What may be done on an alert of it, if that is set.
    may_be_done: String,
    /// Records that raise nothing, for the database did not bear them out.
    suspended: u64,
    /// Its newest imports, newest first.
    imports: Vec<Import>,
}

/// An import of a list.
#[derive(Serialize, ToSchema)]
struct Import {
    /// 32 hexadecimal digits.
    id: String,
    /// When, UTC.
    #[schema(value_type = String, format = DateTime)]
    imported_at: Timestamp,
    /// By whom, or by which feed.
    imported_by: String,
    /// SHA-256 of the file.
    sha256: String,
    /// Its entries.
    entries: u64,
    /// Whether reads are compared with it.
    in_force: bool,
    /// Whether it waits for a second person.
    waits: bool,
    /// What the file was like.
    report: Report,
}

impl List {
    fn of(shown: ListShown, rules: &Rules) -> Self {
        let list = shown.list;
        let terms = list.terms.unwrap_or_else(|| rules.terms());
        let in_force = list.in_force;
        let import = |(import, by): (station::PastImport, String)| Import {
            id: import.id.to_string(),
            imported_at: import.imported_at,
            imported_by: by,
            sha256: import.sha256,
            entries: import.entries,
            in_force: Some(import.id) == in_force,
            waits: import.waits,
            report: import.report.into(),
        };
        Self {
            name: list.about.name,
            source: list.about.source,
            class: list.about.class.says().to_owned(),
            purposes: list.about.purposes,
            refresh_hours: list.about.refresh_hours,
            overdue: shown.overdue,
            failing: shown.failing.map(|(_, why)| why),
            alert_at: terms.alert_at(),
            may_be_done: terms.may_be_done,
            suspended: list.suspended,
            imports: list.imports.into_iter().zip(shown.by).map(import).collect(),
        }
    }
}

/// `GET /api/hotlists`.
pub(crate) async fn lists(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Vec<List>>, Refused> {
    let caller = member?.caller();
    let lists = house.ask(move |station| station.lists(&caller)).await?;
    let rules = house.station.policy().alerts();
    let lists = lists.into_iter().map(|list| List::of(list, rules));
    Ok(Json(lists.collect()))
}
