//! How the dictionary is kept: in pages that are read as they are at a start, and a table of what was
//! added since, which becomes a page once it has grown.

use std::sync::PoisonError;

use plate::PlateText;

use super::{Dictionary, Word};
use crate::sql::{AT_A_TIME, Connection, Value, filled_up, values};
use crate::{Store, StoreError};

/// Words of a page.
const PAGE: usize = 8_192;

impl Dictionary {
    /// As it is kept.
    ///
    /// # Errors
    /// When the database fails or a page is damaged.
    fn load(db: &mut dyn Connection) -> Result<Self, StoreError> {
        let mut dictionary = Self::default();
        let last: i64 = db.one("SELECT coalesce(max(number), 0) FROM plate_page", values![])?;
        for number in 1..=last {
            let page = "SELECT words FROM plate_page WHERE number = ?1";
            let Some(row) = db.row(page, values![number])? else {
                continue;
            };
            let bytes: Vec<u8> = row.get(0)?;
            let (words, rest) = bytes.as_chunks::<8>();
            if !rest.is_empty() {
                return Err(StoreError::damaged(format!(
                    "page {number} of the dictionary breaks off"
                )));
            }
            for &word in words {
                dictionary.add_word(Word(u64::from_le_bytes(word)));
            }
        }
        for row in db.rows("SELECT plate FROM plate_new", values![])? {
            let plate: String = row.get(0)?;
            dictionary.add(plate.parse().map_err(StoreError::damaged)?);
            dictionary.new += 1;
        }
        Ok(dictionary)
    }
}

const TAKE_FROM_NEW: &str = "
    DELETE FROM plate_new
    WHERE plate IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
        ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)";

/// Enters a plate (O as 0) that no read was kept under before.
pub(crate) fn enter(db: &mut dyn Connection, plate: &str) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO plate_new (plate) VALUES (?1) ON CONFLICT DO NOTHING",
        values![plate],
    )?;
    Ok(())
}

impl Store {
    /// Takes the dictionary up as it is kept.
    pub(crate) fn load_dictionary(&mut self) -> Result<(), StoreError> {
        let dictionary = self.ask(Dictionary::load)?;
        let grown = dictionary.new >= PAGE;
        self.dictionary = dictionary.into();
        if grown { self.write_page() } else { Ok(()) }
    }

    /// Takes plates up that were entered; called once that is durable.
    pub(crate) fn know(&self, plates: Vec<PlateText>) -> Result<(), StoreError> {
        if plates.is_empty() {
            return Ok(());
        }
        let grown = {
            let mut dictionary = self
                .dictionary
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            dictionary.new += plates.len();
            plates.into_iter().for_each(|plate| dictionary.add(plate));
            dictionary.new >= PAGE
        };
        if grown {
            self.write_page()?;
        }
        Ok(())
    }

    /// Makes a page of what was added since the last one. What is too long for a word stays where it is.
    fn write_page(&self) -> Result<(), StoreError> {
        self.change(|db| {
            db.hold("dictionary")?;
            let rows = db.rows("SELECT plate FROM plate_new ORDER BY plate", values![])?;
            let (mut words, mut packed) = (Vec::new(), Vec::new());
            for row in rows {
                let text: String = row.get(0)?;
                let plate: PlateText = text.parse().map_err(StoreError::damaged)?;
                if let Some(word) = Word::pack(&plate) {
                    words.push(word.0);
                    packed.push(Value::from(text));
                }
            }
            for some in packed.chunks(AT_A_TIME) {
                db.execute(TAKE_FROM_NEW, &filled_up(some.to_vec()))?;
            }
            for page in words.chunks(PAGE) {
                let bytes: Vec<u8> = page.iter().flat_map(|word| word.to_le_bytes()).collect();
                db.execute(
                    "INSERT INTO plate_page (number, words)
                     SELECT coalesce(max(number), 0) + 1, ?1 FROM plate_page",
                    values![bytes],
                )?;
            }
            Ok(())
        })?;
        // What was entered meanwhile waits for the next page.
        self.dictionary
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .new = 0;
        Ok(())
    }
}
