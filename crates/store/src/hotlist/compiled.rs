//! A list's entries and the index over them, in one order, sealed part by part.

use std::collections::{BTreeMap, btree_map};

use crypt::Sealed;
use govern::{BringsList, ImportId, KeepReads, Permit};
use hotlist::{Entry, Index, IndexError};

use crate::sql::{Connection, values};
use crate::{Store, StoreError};

/// Entries kept together: what is opened to tell one of them.
const TOGETHER: usize = 200;

/// A compiled list as it will be kept.
pub(super) struct Compiled {
    pub(super) index: Index,
    entries: Vec<Sealed>,
    parts: Vec<Sealed>,
}

impl Compiled {
    /// Writes it in the place of whatever was kept of this import.
    pub(super) fn write(
        &self,
        db: &mut dyn Connection,
        import: ImportId,
    ) -> Result<(), StoreError> {
        db.execute(
            "DELETE FROM hotlist_part WHERE import = ?1",
            values![import],
        )?;
        db.execute(
            "DELETE FROM hotlist_index WHERE import = ?1",
            values![import],
        )?;
        for (number, entries) in self.entries.iter().enumerate() {
            db.execute(
                "INSERT INTO hotlist_part (import, number, entries) VALUES (?1, ?2, ?3)",
                values![import, number as i64, entries],
            )?;
        }
        for (number, part) in self.parts.iter().enumerate() {
            db.execute(
                "INSERT INTO hotlist_index (import, number, part) VALUES (?1, ?2, ?3)",
                values![import, number as i64, part],
            )?;
        }
        Ok(())
    }
}

impl Store {
    /// Compiles and seals a list, before the database is touched: nobody waits for it there.
    pub(super) fn compile(
        &self,
        import: ImportId,
        mut entries: Vec<Entry>,
    ) -> Result<Compiled, StoreError> {
        let index = Index::compile(&mut entries);
        let mut sealed = Vec::with_capacity(entries.len().div_ceil(TOGETHER));
        // What has been sealed is let go: of a long list, not all stands in memory twice.
        let mut left = entries.into_iter();
        while left.len() > 0 {
            let part: Vec<Entry> = left.by_ref().take(TOGETHER).collect();
            sealed.push(self.seal_json(&entries_place(import, sealed.len()), &part)?);
        }
        let seal =
            |(number, part): (usize, Vec<u8>)| self.seal_bytes(&index_place(import, number), &part);
        let parts = index
            .parts()
            .enumerate()
            .map(seal)
            .collect::<Result<_, _>>()?;
        Ok(Compiled {
            index,
            entries: sealed,
            parts,
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
        let compiled = self.compile(import, self.all_entries(import)?)?;
        self.change(|db| compiled.write(db, import))?;
        Ok(compiled.index)
    }

    fn all_entries(&self, import: ImportId) -> Result<Vec<Entry>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT entries FROM hotlist_part WHERE import = ?1 ORDER BY number",
                values![import],
            )
        })?;
        let mut entries: Vec<Entry> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let sealed = row.get::<Sealed>(0)?;
            let part: Vec<Entry> = self.unseal_json(&entries_place(import, number), &sealed)?;
            entries.extend(part);
        }
        Ok(entries)
    }

    /// What is in force of the list that the permit brings changes of; `None` if it is not in force.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn entries_in_force<A: BringsList>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Option<Vec<Entry>>, StoreError> {
        permit.check(&*self.clock)?;
        let row = self.ask(|db| {
            db.row(
                "SELECT in_force FROM hotlist WHERE lower(name) = lower(?1) AND in_force IS NOT NULL",
                values![&permit.act().about().name],
            )
        })?;
        row.map(|row| self.all_entries(row.get(0)?)).transpose()
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
        let row = self.ask(|db| {
            db.row(
                "SELECT entries FROM hotlist_part WHERE import = ?1 AND number = ?2",
                values![import, number as i64],
            )
        })?;
        // A list that has been replaced since the read was taken.
        let row = row.ok_or(StoreError::NoSuch("such list in force any more"))?;
        self.unseal_json(&entries_place(import, number), &row.get::<Sealed>(0)?)
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
