//! A list's entries and the index over them, in one order, sealed part by part.

use std::collections::{BTreeMap, btree_map};

use crypt::Sealed;
use govern::{Action, BringsList, ImportId, KeepReads, Permit};
use hotlist::{Entries, Entry, Index, IndexError};

use crate::sql::{Connection, values};
use crate::{Store, StoreError};

/// Entries kept together: what is opened to tell one of them.
const TOGETHER: usize = 200;

/// Parts that are written in one transaction: some megabytes, so that whoever keeps a read meanwhile
/// waits no longer than for a camera.
const AT_ONCE: usize = 400;

const ENTRIES: &str = "INSERT INTO hotlist_part (import, number, entries) VALUES (?1, ?2, ?3)";
const INDEX: &str = "INSERT INTO hotlist_index (import, number, part) VALUES (?1, ?2, ?3)";

/// A part, sealed: the statement that keeps it, and its number.
struct Written(&'static str, usize, Sealed);

impl Written {
    fn insert(&self, db: &mut dyn Connection, import: ImportId) -> Result<(), StoreError> {
        let Self(statement, number, sealed) = self;
        db.execute(statement, values![import, *number as i64, sealed])?;
        Ok(())
    }
}

impl Store {
    /// Keeps a list's entries and its index, before anybody asks for them. Nobody waits for the whole:
    /// what is sealed is written, some parts at a time.
    pub(super) fn keep_compiled(
        &self,
        import: ImportId,
        entries: &Entries,
        index: &Index,
    ) -> Result<(), StoreError> {
        let mut written = self.written(import, entries, index);
        loop {
            let some: Vec<Written> = written.by_ref().take(AT_ONCE).collect::<Result<_, _>>()?;
            if some.is_empty() {
                return Ok(());
            }
            self.change(|db| some.iter().try_for_each(|part| part.insert(db, import)))?;
        }
    }

    /// What is written of a compiled list, sealed.
    fn written<'a>(
        &'a self,
        import: ImportId,
        entries: &'a Entries,
        index: &'a Index,
    ) -> impl Iterator<Item = Result<Written, StoreError>> + 'a {
        let entries = (entries.parts(TOGETHER).enumerate()).map(move |(number, part)| {
            let sealed = self.seal_bytes(&entries_place(import, number), &part)?;
            Ok(Written(ENTRIES, number, sealed))
        });
        let index = (index.parts().enumerate()).map(move |(number, part)| {
            let sealed = self.seal_bytes(&index_place(import, number), &part)?;
            Ok(Written(INDEX, number, sealed))
        });
        entries.chain(index)
    }

    /// Lets go of what is kept of imports that are neither in force nor wait, some parts at a time. For
    /// whoever has put another in force, once nothing asks for the one before any more; their permit may
    /// have expired meanwhile, for a long list takes its time.
    ///
    /// # Errors
    /// When the database fails.
    pub fn clear_past<A: Action>(&self, _permit: &Permit<A>) -> Result<(), StoreError> {
        let past: Vec<ImportId> = self.ask(|db| {
            let rows = db.rows(
                "SELECT id FROM hotlist_import WHERE state IN ('past', 'coming') AND
                     (EXISTS (SELECT 1 FROM hotlist_part WHERE import = hotlist_import.id)
                      OR EXISTS (SELECT 1 FROM hotlist_index WHERE import = hotlist_import.id))",
                values![],
            )?;
            rows.iter().map(|row| row.get(0)).collect()
        })?;
        for import in past {
            while self.change(|db| {
                let last: i64 = db.one(
                    "SELECT coalesce(max(number), -1) FROM hotlist_part WHERE import = ?1",
                    values![import],
                )?;
                db.execute(
                    "DELETE FROM hotlist_part WHERE import = ?1 AND number > ?2",
                    values![import, last - AT_ONCE as i64],
                )?;
                Ok(last >= AT_ONCE as i64)
            })? {}
            self.change(|db| {
                db.execute(
                    "DELETE FROM hotlist_index WHERE import = ?1",
                    values![import],
                )?;
                Ok(())
            })?;
        }
        self.change(|db| {
            db.execute(
                "DELETE FROM hotlist_import WHERE state = 'coming'",
                values![],
            )?;
            Ok(())
        })
    }

    /// The index of an import, as it is kept.
    pub(super) fn index(&self, import: ImportId) -> Result<Index, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT part FROM hotlist_index WHERE import = ?1 ORDER BY number",
                values![import],
            )
        })?;
        if rows.is_empty() {
            return self.compile_kept(import);
        }
        Index::from_parts(rows.iter().enumerate().map(|(number, row)| {
            self.unseal_bytes(&index_place(import, number), &row.get::<Sealed>(0)?)
        }))
    }

    /// Compiles an import that was kept without an index.
    fn compile_kept(&self, import: ImportId) -> Result<Index, StoreError> {
        let mut entries = Entries::default();
        for part in self.parts_kept(import) {
            part?.iter().for_each(|entry| entries.push(entry));
        }
        let index = entries.compile();
        // In one go: what is kept now is all there is of it.
        self.change(|db| {
            db.execute(
                "DELETE FROM hotlist_part WHERE import = ?1",
                values![import],
            )?;
            (self.written(import, &entries, &index)).try_for_each(|part| part?.insert(db, import))
        })?;
        Ok(index)
    }

    /// The entries of an import, part by part.
    fn parts_kept(
        &self,
        import: ImportId,
    ) -> impl Iterator<Item = Result<Vec<Entry>, StoreError>> + '_ {
        (0..).map_while(move |number| self.part_kept(import, number).transpose())
    }

    /// What is in force of the list that the permit brings changes of, part by part; `None` if it is
    /// not in force.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn entries_in_force<A: BringsList>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Option<impl Iterator<Item = Result<Vec<Entry>, StoreError>> + '_>, StoreError> {
        permit.check(&*self.clock)?;
        let row = self.ask(|db| {
            db.row(
                "SELECT in_force FROM hotlist WHERE lower(name) = lower(?1) AND in_force IS NOT NULL",
                values![&permit.act().about().name],
            )
        })?;
        let import: Option<ImportId> = row.map(|row| row.get(0)).transpose()?;
        Ok(import.map(|import| self.parts_kept(import)))
    }

    /// What stands in a list at these places of its index, in the order asked.
    ///
    /// # Errors
    /// When the permit has expired, the database fails, or there is no such entry.
    pub fn list_entries(
        &self,
        permit: &Permit<KeepReads>,
        import: ImportId,
        places: &[usize],
    ) -> Result<Vec<Entry>, StoreError> {
        permit.check(&*self.clock)?;
        let mut opened: BTreeMap<usize, Vec<Entry>> = BTreeMap::new();
        let entry = |&place: &usize| {
            let number = place / TOGETHER;
            let part = match opened.entry(number) {
                btree_map::Entry::Occupied(part) => part.into_mut(),
                btree_map::Entry::Vacant(place) => place.insert(self.entries_kept(import, number)?),
            };
            (part.get(place % TOGETHER).cloned())
                .ok_or(StoreError::NoSuch("such entry of the list"))
        };
        places.iter().map(entry).collect()
    }

    fn entries_kept(&self, import: ImportId, number: usize) -> Result<Vec<Entry>, StoreError> {
        // A list that has been replaced since the read was taken.
        (self.part_kept(import, number)?).ok_or(StoreError::NoSuch("such list in force any more"))
    }

    fn part_kept(&self, import: ImportId, number: usize) -> Result<Option<Vec<Entry>>, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT entries FROM hotlist_part WHERE import = ?1 AND number = ?2",
                values![import, number as i64],
            )
        })?;
        let Some(row) = row else { return Ok(None) };
        let part = self.unseal_bytes(&entries_place(import, number), &row.get::<Sealed>(0)?)?;
        unpacked(&part).map(Some)
    }
}

/// Parts were kept as JSON once.
fn unpacked(part: &[u8]) -> Result<Vec<Entry>, StoreError> {
    if part.starts_with(b"[") {
        serde_json::from_slice(part).map_err(StoreError::damaged)
    } else {
        Entry::unpack(part).map_err(StoreError::damaged)
    }
}

impl From<IndexError> for StoreError {
    fn from(error: IndexError) -> Self {
        Self::damaged(error)
    }
}

fn entries_place(import: ImportId, number: usize) -> String {
    format!("hotlist_part {import} {number} entries")
}

fn index_place(import: ImportId, number: usize) -> String {
    format!("hotlist_index {import} {number} part")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_was_kept_as_json_is_read() {
        let json = r#"[{"plate":"DK48213","jurisdiction":"US-IL","file":"VEHICLE","reason":"Stolen vehicle",
            "restricted":false,"caution":"","vehicle":{"plate_kind":"","year":"","make":"","model":"","style":"",
            "colour":""},"entered":"2026-11-21","record":"V1","agency":""}]"#;
        let read = unpacked(json.as_bytes()).unwrap();
        let mut packed = Entries::default();
        packed.push(&read[0]);
        let part = packed.parts(1).next().unwrap();
        assert_eq!(unpacked(&part).unwrap(), read);
    }
}
