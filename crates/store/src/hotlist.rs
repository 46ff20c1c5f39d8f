//! Hotlists: which there are, how they came in, and what stands in them.

mod compiled;
mod terms;

use std::sync::Arc;

use crypt::{Digest, Id, Random, Sealed};
use govern::{BringsList, ConfirmList, HotlistId, ImportId, KeepReads, MemberId, Permit, SeeLists};
use hotlist::{About, BadRow, Dropped, Imported, Index, Terms};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::local::LOCAL_LIST;
use crate::sql::{Connection, Row, values};
use terms::{outcomes, terms};

use crate::{Store, StoreError};
pub use terms::AlertOutcome;

/// Past imports told of each list.
const PAST: i64 = 5;

/// What an import came to.
#[derive(Debug)]
pub struct Brought {
    /// The list.
    pub list: HotlistId,
    /// The import.
    pub import: ImportId,
    /// Entries in force before it.
    pub before: u64,
    /// Whether it waits for a second person: the list in force stays until then.
    pub waits: bool,
    /// What is set for the list's alerts, if anything is.
    pub terms: Option<Terms>,
    /// The index over its entries.
    pub index: Index,
}

/// A list whose entries reads are compared with.
#[derive(Debug)]
pub struct ListInForce {
    /// Which.
    pub id: HotlistId,
    /// What it is.
    pub about: About,
    /// When it came in, or was last found unchanged at its source.
    pub imported_at: Timestamp,
    /// The import in force.
    pub import: ImportId,
    /// What is set for its alerts, if anything is.
    pub terms: Option<Terms>,
    /// The index over its entries.
    pub index: Arc<Index>,
}

/// A list and its newest imports, without its entries.
#[derive(Debug)]
pub struct ListStanding {
    /// Which.
    pub id: HotlistId,
    /// What it is.
    pub about: About,
    /// The import in force.
    pub in_force: Option<ImportId>,
    /// What is set for its alerts, if anything is.
    pub terms: Option<Terms>,
    /// What its alerts turned out to be.
    pub outcomes: Vec<AlertOutcome>,
    /// Records that are suspended.
    pub suspended: u64,
    /// Newest first.
    pub imports: Vec<PastImport>,
}

/// An import.
#[derive(Debug)]
pub struct PastImport {
    /// Which.
    pub id: ImportId,
    /// Who brought it in, or set the feed that it came by.
    pub imported_by: MemberId,
    /// The feed's name, where it came by one.
    pub feed: Option<String>,
    /// When.
    pub imported_at: Timestamp,
    /// When it was last found unchanged at its source.
    pub unchanged_at: Option<Timestamp>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Its entries.
    pub entries: u64,
    /// What the file was like.
    pub report: ImportReport,
    /// Whether it waits for a second person.
    pub waits: bool,
}

/// What a file was like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Rows under the first line.
    pub rows: u64,
    /// Rows that are never stored, and why.
    pub dropped: Vec<Dropped>,
    /// Rows that were not understood.
    pub bad_rows: u64,
    /// The first of them.
    pub bad: Vec<BadRow>,
}

impl ImportReport {
    /// Of an import.
    pub fn of(imported: &Imported) -> Self {
        Self {
            rows: imported.rows,
            dropped: imported.dropped.clone(),
            bad_rows: imported.bad_rows,
            bad: imported.bad.clone(),
        }
    }
}

impl PastImport {
    /// Since when nothing newer is known of its source.
    pub fn refreshed_at(&self) -> Timestamp {
        self.unchanged_at.unwrap_or(self.imported_at)
    }
}

impl Store {
    /// Keeps what was read of the file that the permit names, and puts it in force in the place of
    /// what was, unless `waits`, asked with how many entries are in force, says that a second person
    /// must look first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn import_list<A: BringsList>(
        &self,
        permit: &Permit<A>,
        imported: Imported,
        waits: impl Fn(u64) -> bool,
        random: &dyn Random,
    ) -> Result<Brought, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let member = (act.answers_for_it(permit.who()))
            .ok_or(StoreError::NoSuch("member who answers for this"))?;
        let about = act.about();
        let written = serde_json::to_string(about).map_err(StoreError::damaged)?;
        let import = ImportId::random(random);
        let report = self.seal_json(&report_place(import), &ImportReport::of(&imported))?;
        let mut entries = imported.entries;
        let index = entries.compile();
        let now = self.clock.now();
        // What an import left that broke off.
        self.clear_past(permit)?;
        let list = self.change(|db| {
            db.hold("hotlist")?;
            let (list, _) = find_or_add(db, &about.name, &written, random)?;
            db.execute(
                "INSERT INTO hotlist_import (id, list, about, imported_by, feed, imported_at, sha256, entries, report, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'coming')",
                values![
                    import,
                    list,
                    &written,
                    member,
                    act.feed(),
                    now,
                    Digest::to_string(act.sha256()),
                    entries.len() as i64,
                    &report,
                ],
            )?;
            Ok(list)
        })?;
        self.keep_compiled(import, &entries, &index)?;
        let (before, waits, terms) = self.change(|db| {
            db.hold("hotlist")?;
            let (_, before) = find_or_add(db, &about.name, &written, random)?;
            let waits = waits(before);
            // An older one that waits is overtaken.
            let overtaken =
                "UPDATE hotlist_import SET state = 'past' WHERE list = ?1 AND state = 'waiting'";
            db.execute(overtaken, values![list])?;
            db.execute(
                "UPDATE hotlist_import SET state = 'waiting' WHERE id = ?1",
                values![import],
            )?;
            if !waits {
                put_in_force(db, list, import, &written)?;
            }
            let row = db.row("SELECT terms FROM hotlist WHERE id = ?1", values![list])?;
            let terms = row.map_or(Ok(None), |row| terms(&row, 0))?;
            Ok((before, waits, terms))
        })?;
        Ok(Brought {
            list,
            import,
            before,
            waits,
            terms,
            index,
        })
    }

    /// Puts the permit's import in force.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when it does not wait any more.
    pub fn confirm_list(&self, permit: &Permit<ConfirmList>) -> Result<ListInForce, StoreError> {
        permit.check(&*self.clock)?;
        let import = permit.act().import;
        let list = self.change(|db| {
            db.hold("hotlist")?;
            let row = db
                .row(
                    "SELECT list, about FROM hotlist_import WHERE id = ?1 AND state = 'waiting'",
                    values![import],
                )?
                .ok_or(StoreError::NoSuch("such import that waits"))?;
            let list: HotlistId = row.get(0)?;
            put_in_force(db, list, import, &row.get::<String>(1)?)?;
            Ok(list)
        })?;
        (self.in_force()?.into_iter())
            .find(|found| found.id == list)
            .ok_or(StoreError::NoSuch("such list"))
    }

    /// Every list in force with its index, for comparing a camera's reads with them.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn lists_in_force(
        &self,
        permit: &Permit<KeepReads>,
    ) -> Result<Vec<ListInForce>, StoreError> {
        permit.check(&*self.clock)?;
        self.in_force()
    }

    fn in_force(&self) -> Result<Vec<ListInForce>, StoreError> {
        let lists = self.ask(|db| {
            db.rows(
                "SELECT hotlist.id, hotlist.about,
                        coalesce(hotlist_import.unchanged_at, hotlist_import.imported_at), hotlist_import.id, hotlist.terms
                 FROM hotlist JOIN hotlist_import ON hotlist_import.id = hotlist.in_force
                 ORDER BY lower(hotlist.name)",
                values![],
            )
        })?;
        let in_force = |row: &Row| {
            let import: ImportId = row.get(3)?;
            Ok(ListInForce {
                id: row.get(0)?,
                about: about(&row.get::<String>(1)?)?,
                imported_at: row.get(2)?,
                import,
                terms: terms(row, 4)?,
                index: Arc::new(self.index(import)?),
            })
        };
        lists.iter().map(in_force).collect()
    }

    /// Which lists there are and how they came in, by name; none of what stands in them.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn lists(&self, permit: &Permit<SeeLists>) -> Result<Vec<ListStanding>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            let mut found = Vec::new();
            let lists =
                "SELECT id, about, in_force, terms FROM hotlist WHERE name <> ?1 ORDER BY lower(name)";
            for list in db.rows(lists, values![LOCAL_LIST])? {
                let id: HotlistId = list.get(0)?;
                let imports = db.rows(
                    "SELECT id, imported_by, imported_at, sha256, entries, report, state, unchanged_at,
                            (SELECT name FROM hotlist_feed WHERE hotlist_feed.id = hotlist_import.feed)
                     FROM hotlist_import WHERE list = ?1 AND state <> 'coming' ORDER BY imported_at DESC LIMIT ?2",
                    values![id, PAST],
                )?;
                let suspended: i64 = db.one(
                    "SELECT count(*) FROM hotlist_suspension WHERE list = ?1",
                    values![id],
                )?;
                found.push((id, list, suspended, outcomes(db, id)?, imports));
            }
            Ok(found)
        })?;
        rows.into_iter()
            .map(|(id, list, suspended, outcomes, imports)| {
                Ok(ListStanding {
                    id,
                    about: about(&list.get::<String>(1)?)?,
                    in_force: list.get(2)?,
                    terms: terms(&list, 3)?,
                    outcomes,
                    suspended: suspended.unsigned_abs(),
                    imports: imports
                        .iter()
                        .map(|row| self.past_import(row))
                        .collect::<Result<_, _>>()?,
                })
            })
            .collect()
    }

    /// Who brought in an import, and the name of its list; nothing of what stands in it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn import_name(&self, import: ImportId) -> Result<Option<(MemberId, String)>, StoreError> {
        let found = self.ask(|db| {
            db.row(
                "SELECT hotlist_import.imported_by, hotlist.name
                 FROM hotlist_import JOIN hotlist ON hotlist.id = hotlist_import.list
                 WHERE hotlist_import.id = ?1",
                values![import],
            )
        })?;
        found.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    fn past_import(&self, row: &Row) -> Result<PastImport, StoreError> {
        let id: ImportId = row.get(0)?;
        let report = self.unseal(&report_place(id), &row.get::<Sealed>(5)?)?;
        Ok(PastImport {
            id,
            imported_by: row.get(1)?,
            imported_at: row.get(2)?,
            sha256: row.get(3)?,
            entries: row.get(4)?,
            report: serde_json::from_str(&report).map_err(StoreError::damaged)?,
            waits: row.get::<String>(6)? == "waiting",
            unchanged_at: row.get(7)?,
            feed: row.get(8)?,
        })
    }
}

/// The list of this name, and how many of its entries are in force.
fn find_or_add(
    db: &mut dyn Connection,
    name: &str,
    about: &str,
    random: &dyn Random,
) -> Result<(HotlistId, u64), StoreError> {
    let found = db.row(
        "SELECT hotlist.id, coalesce(hotlist_import.entries, 0)
         FROM hotlist LEFT JOIN hotlist_import ON hotlist_import.id = hotlist.in_force
         WHERE lower(hotlist.name) = lower(?1)",
        values![name],
    )?;
    if let Some(row) = found {
        return Ok((row.get(0)?, row.get(1)?));
    }
    let id: HotlistId = Id::random(random);
    db.execute(
        "INSERT INTO hotlist (id, name, about) VALUES (?1, ?2, ?3)",
        values![id, name, about],
    )?;
    Ok((id, 0))
}

fn put_in_force(
    db: &mut dyn Connection,
    list: HotlistId,
    import: ImportId,
    about: &str,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE hotlist_import SET state = 'past' WHERE list = ?1 AND state = 'in-force'",
        values![list],
    )?;
    db.execute(
        "UPDATE hotlist_import SET state = 'in-force' WHERE id = ?1",
        values![import],
    )?;
    db.execute(
        "UPDATE hotlist SET in_force = ?2, about = ?3 WHERE id = ?1",
        values![list, import, about],
    )?;
    Ok(())
}

pub(crate) fn about(text: &str) -> Result<About, StoreError> {
    serde_json::from_str(text).map_err(StoreError::damaged)
}

fn report_place(import: ImportId) -> String {
    format!("hotlist_import {import} report")
}
