//! Plates leave the dictionary with their last read.
//!
//! Page by page, in a purge: a plate that no read is found under any more is left out of its page. Which
//! those are is asked of the database anew, so that a run that was broken off loses nothing.

use std::collections::HashSet;
use std::sync::PoisonError;

use jiff::Timestamp;
use plate::PlateText;

use super::{Dictionary, Word};
use crate::sql::{Connection, values};
use crate::{Store, StoreError};

/// Plates that may have lost their last read.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    words: HashSet<u64>,
    /// Those too long for a word.
    long: bool,
}

impl Lost {
    pub(crate) fn add(&mut self, plates: &[String]) -> Result<(), StoreError> {
        for text in plates {
            let plate: PlateText = text.parse().map_err(StoreError::damaged)?;
            match Word::pack(&plate) {
                Some(word) => {
                    self.words.insert(word.0);
                }
                None => self.long = true,
            }
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.long
    }
}

/// After which page the next step goes on.
type Cursor = Option<(Timestamp, Vec<u8>)>;

impl Store {
    /// Compacts the next page after the cursor, and at the end the plates that stand on none yet.
    pub(crate) fn compact_dictionary(
        &self,
        after: Cursor,
        lost: Option<&Lost>,
    ) -> Result<Cursor, StoreError> {
        if lost.is_some_and(Lost::is_empty) {
            return Ok(None);
        }
        let last = after.and_then(|(_, bytes)| Some(i64::from_be_bytes(bytes.try_into().ok()?)));
        if last.is_none() {
            self.dictionary
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .begin_compaction();
        }
        let page = self.ask(|db| {
            db.row(
                "SELECT number, words FROM plate_page WHERE number > ?1 ORDER BY number LIMIT 1",
                values![last.unwrap_or(i64::MIN)],
            )
        })?;
        let Some(page) = page else {
            self.compact_new()?;
            self.dictionary
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .end_compaction();
            return Ok(None);
        };
        let number: i64 = page.get(0)?;
        let words = words(&page.get::<Vec<u8>>(1)?)?;
        // Looked up beside whoever writes; looked up again where it is changed.
        let may_be_gone: Vec<u64> = words
            .iter()
            .copied()
            .filter(|word| lost.is_none_or(|lost| lost.words.contains(word)))
            .collect();
        let gone = self.ask(|db| without_reads(db, &may_be_gone))?;
        if !gone.is_empty() {
            let gone = self.change(|db| {
                db.hold("plates")?;
                let gone = without_reads(db, &gone)?;
                let left: Vec<u8> = words
                    .iter()
                    .filter(|word| !gone.contains(word))
                    .flat_map(|word| word.to_le_bytes())
                    .collect();
                if left.is_empty() {
                    db.execute("DELETE FROM plate_page WHERE number = ?1", values![number])?;
                } else {
                    db.execute(
                        "UPDATE plate_page SET words = ?2 WHERE number = ?1",
                        values![number, left],
                    )?;
                }
                Ok(gone)
            })?;
            self.dictionary
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .gone
                .extend(gone);
        }
        Ok(Some((Timestamp::MIN, number.to_be_bytes().to_vec())))
    }

    fn compact_new(&self) -> Result<(), StoreError> {
        let gone = self.ask(|db| {
            let mut gone = Vec::new();
            for row in db.rows("SELECT plate FROM plate_new", values![])? {
                let text: String = row.get(0)?;
                if !is_read(db, &text)? {
                    gone.push(text);
                }
            }
            Ok(gone)
        })?;
        let gone = self.change(|db| {
            db.hold("plates")?;
            db.hold("dictionary")?;
            let mut left = Vec::new();
            for text in &gone {
                if !is_read(db, text)? {
                    db.execute("DELETE FROM plate_new WHERE plate = ?1", values![text])?;
                    left.push(text.parse::<PlateText>().map_err(StoreError::damaged)?);
                }
            }
            Ok(left)
        })?;
        let mut dictionary = self
            .dictionary
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for plate in gone {
            match Word::pack(&plate) {
                Some(word) => {
                    dictionary.gone.insert(word.0);
                }
                None if !dictionary.added_long.contains(&plate) => {
                    dictionary.long.remove(&plate);
                }
                None => {}
            }
        }
        Ok(())
    }
}

impl Dictionary {
    /// From here on, what is added is remembered: it is not to be taken out again.
    fn begin_compaction(&mut self) {
        self.gone.clear();
        self.added_long.clear();
        self.added = Some(HashSet::new());
    }

    /// Takes out what left its page, unless it was added anew meanwhile.
    fn end_compaction(&mut self) {
        let added = self.added.take().unwrap_or_default();
        let gone = std::mem::take(&mut self.gone);
        self.added_long.clear();
        if gone.is_empty() {
            return;
        }
        for words in &mut self.words {
            words.retain(|word| !gone.contains(word) || added.contains(word));
        }
    }
}

fn words(bytes: &[u8]) -> Result<Vec<u64>, StoreError> {
    let (words, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(StoreError::damaged("a page of the dictionary breaks off"));
    }
    Ok(words.iter().map(|&word| u64::from_le_bytes(word)).collect())
}

/// Those of the words that no read is found under.
fn without_reads(db: &mut dyn Connection, words: &[u64]) -> Result<Vec<u64>, StoreError> {
    let mut gone = Vec::new();
    for &word in words {
        let read = match Word(word).unpack() {
            Some(plate) => is_read(db, &plate.to_string())?,
            // No plate at all.
            None => false,
        };
        if !read {
            gone.push(word);
        }
    }
    Ok(gone)
}

fn is_read(db: &mut dyn Connection, plate: &str) -> Result<bool, StoreError> {
    let found = "SELECT 1 FROM read_plate WHERE plate = ?1 LIMIT 1";
    Ok(db.row(found, values![plate])?.is_some())
}
