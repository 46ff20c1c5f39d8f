//! A source's table, read into entries. What is wrong with a row is said by line; what is wrong with
//! the table as a whole refuses it, and the list in force stays.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};
use plate::{Jurisdiction, PlateText};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::entries::{Entries, Fields, Row};
use crate::entry::Entry;
use crate::mapping::{Changes, Form, Mapping, Place};

/// The largest table that is read.
pub const MAX_BYTES: usize = 1 << 30;
/// Bad rows named one by one; of the rest, the number is said.
const NAMED: usize = 100;
/// The longest cell that is kept.
const LONGEST: usize = 200;
/// The most rows of a table of changes.
const MOST_CHANGES: usize = if cfg!(test) { 1_000 } else { 500_000 };

/// What a table came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The entries.
    pub entries: Entries,
    /// Of a table that tells what has changed, the changes in their order; it has no entries.
    pub changes: Vec<Change>,
    /// Its rows, without a first line that names the columns.
    pub rows: u64,
    /// Rows of files that are never stored, by file.
    pub dropped: Vec<Dropped>,
    /// Rows that were not understood; the first hundred.
    pub bad: Vec<BadRow>,
    /// How many such rows there are.
    pub bad_rows: u64,
}

/// What a row changes in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A record is entered, or written anew.
    Enters(Entry),
    /// A record is taken away.
    Removes {
        /// The record.
        entry: Entry,
        /// The row's line.
        line: u64,
    },
}

/// Rows that were counted and not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The file they stand in, in words.
    pub file: String,
    /// How many.
    pub rows: u64,
    /// Why.
    pub why: String,
}

/// A row that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// A table that is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Too large.
    #[error("the file is larger than a gibibyte: this is no list")]
    TooLarge,
    /// Nothing in it.
    #[error("the file holds no row: a list that is empty is withdrawn, not imported")]
    Empty,
    /// UTF-16, as some spreadsheets save.
    #[error("the file is encoded in UTF-16: save it as CSV in UTF-8")]
    Utf16,
    /// Not UTF-8.
    #[error("line {0} is not UTF-8: save the file as CSV in UTF-8")]
    NotUtf8(u64),
    /// A byte that no text has.
    #[error("line {0} holds a control character: this is no CSV")]
    Control(u64),
    /// A column that the mapping needs.
    #[error("there is no column {0}: is this the file that the mapping is for?")]
    NoColumn(String),
    /// A spreadsheet's formula.
    #[error("line {line}, column {column}: the cell begins as a formula does; a list holds none")]
    Formula {
        /// Its line.
        line: u64,
        /// Its column's name.
        column: String,
    },
    /// It ends in the middle of a row.
    #[error("the file ends in the middle of line {0}: it was cut off on its way; get it again")]
    CutOff(u64),
    /// Changes to more than a list of changes is for.
    #[error("the file changes more than {MOST_CHANGES} records: bring the whole list in")]
    TooManyChanges,
    /// Not one row was understood.
    #[error("not one row was understood; the first, in line {line}: {why}")]
    NothingUnderstood {
        /// Its line.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

impl Imported {
    fn bad(&mut self, line: u64, why: String) {
        self.bad_rows += 1;
        if self.bad.len() < NAMED {
            self.bad.push(BadRow { line, why });
        }
    }

    /// The list as it is after these changes to what was in force, which comes part by part: records
    /// are taken away, written anew, or added. A record is known by the source's number, or by plate
    /// and state where it has none. One to be taken away that is not there is told as a bad row.
    ///
    /// # Errors
    /// That of the first part that cannot be had.
    pub fn applied_to<E>(
        mut self,
        in_force: impl IntoIterator<Item = Result<Vec<Entry>, E>>,
    ) -> Result<Self, E> {
        let mut changes: BTreeMap<Known, Changed> = BTreeMap::new();
        for change in std::mem::take(&mut self.changes) {
            let (Change::Enters(entry) | Change::Removes { entry, .. }) = &change;
            let known = known_by(entry);
            changes.entry(known).or_default().changes.push(change);
        }
        for part in in_force {
            for entry in part? {
                match changes.get_mut(&known_by(&entry)) {
                    // Whatever is done with it first, this is not what stands there afterwards.
                    Some(changed) => changed.was_there = true,
                    None => self.entries.push(&entry),
                }
            }
        }
        for changed in changes.into_values() {
            let mut stands = None;
            let mut is_there = changed.was_there;
            for change in changed.changes {
                match change {
                    Change::Enters(entry) => {
                        stands = Some(entry);
                        is_there = true;
                    }
                    Change::Removes { line, .. } if !is_there => {
                        let why = "the record to be taken away is not on the list";
                        self.bad(line, why.to_owned());
                    }
                    Change::Removes { .. } => {
                        stands = None;
                        is_there = false;
                    }
                }
            }
            if let Some(entry) = stands {
                self.entries.push(&entry);
            }
        }
        self.bad.sort_by_key(|bad| bad.line);
        Ok(self)
    }
}

/// By what a record is known: its file, and the source's number or the plate.
type Known = (String, String);

/// What is done with one record.
#[derive(Default)]
struct Changed {
    was_there: bool,
    changes: Vec<Change>,
}

fn known_by(entry: &Entry) -> Known {
    let number = if entry.record.is_empty() {
        entry.plate_key()
    } else {
        entry.record.clone()
    };
    (entry.file.clone(), number)
}

impl Mapping {
    /// Reads a table.
    ///
    /// # Errors
    /// [`ImportError`], for what is wrong with the table as a whole.
    pub fn import(&self, table: &[u8]) -> Result<Imported, ImportError> {
        let text = text(table)?;
        match &self.form {
            Form::Delimited(delimiter) => self.import_delimited(text, *delimiter),
            Form::Fixed(places) => self.import_fixed(text, places),
        }
    }

    fn import_delimited(&self, text: &str, delimiter: u8) -> Result<Imported, ImportError> {
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text.as_bytes());
        // The text is UTF-8: what the reader could still complain of does not occur.
        let mut names = reader.headers().cloned().unwrap_or_default();
        names.trim();
        let mut import = Import::begin(self, &names)?;
        let mut row = StringRecord::new();
        let mut last = 1;
        while reader.read_record(&mut row).unwrap_or(false) {
            last = row.position().map_or(last, csv::Position::line);
            import.row(last, &row)?;
        }
        // Half a row at the end of a file without an end of line, or a quote that never closes.
        let cut = !text.ends_with('\n') && row_is_short(text, &names, delimiter);
        let quotes = text.bytes().filter(|b| *b == b'"').count();
        if cut || !quotes.is_multiple_of(2) {
            return Err(ImportError::CutOff(last));
        }
        import.finish()
    }

    fn import_fixed(&self, text: &str, places: &[Place]) -> Result<Imported, ImportError> {
        let names: StringRecord = places.iter().map(|place| place.column.as_str()).collect();
        let width = places.iter().map(Place::end).max().unwrap_or_default();
        let lines = text.lines().count() as u64;
        let mut import = Import::begin(self, &names)?;
        for (number, line) in (1..).zip(text.lines()) {
            let length = line.chars().count();
            let is_last = number == lines;
            if is_last && !text.ends_with('\n') && length < width {
                return Err(ImportError::CutOff(number));
            }
            if line.trim().is_empty() {
                continue;
            }
            // Some programs leave out the spaces at a line's end: a cell behind it is empty.
            let cell = |place: &Place| {
                let cell: String = line
                    .chars()
                    .skip(place.from - 1)
                    .take(place.length)
                    .collect();
                cell.trim().to_owned()
            };
            import.row(number, &places.iter().map(cell).collect())?;
        }
        import.finish()
    }
}

/// The table as text, without the mark that some programs put before it.
fn text(table: &[u8]) -> Result<&str, ImportError> {
    if table.len() > MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    if table.starts_with(&[0xFF, 0xFE]) || table.starts_with(&[0xFE, 0xFF]) {
        return Err(ImportError::Utf16);
    }
    let line = |end: usize| 1 + table[..end].iter().filter(|b| **b == b'\n').count() as u64;
    let text =
        std::str::from_utf8(table).map_err(|e| ImportError::NotUtf8(line(e.valid_up_to())))?;
    let control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\n' | b'\r' | b'\t');
    if let Some(at) = table.iter().position(control) {
        return Err(ImportError::Control(line(at)));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn row_is_short(text: &str, names: &StringRecord, delimiter: u8) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let cells = 1 + last.bytes().filter(|b| *b == delimiter).count();
    !last.is_empty() && cells < names.len()
}

/// In which of a row's cells each thing stands.
struct Columns {
    plate: usize,
    state: usize,
    file: usize,
    entered: Option<usize>,
    record: Option<usize>,
    agency: Option<usize>,
    caution: Option<usize>,
    plate_kind: Option<usize>,
    year: Option<usize>,
    make: Option<usize>,
    model: Option<usize>,
    style: Option<usize>,
    colour: Option<usize>,
}

impl Columns {
    fn of(mapping: &Mapping, names: &StringRecord) -> Result<Self, ImportError> {
        let find = |name: &str| find(names, name);
        let needed = |name: &String| find(name).ok_or_else(|| ImportError::NoColumn(name.clone()));
        let wanted = |name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => match name.strip_suffix('?') {
                Some(name) => Ok(find(name)),
                None => needed(name).map(Some),
            },
        };
        let columns = mapping.columns();
        Ok(Self {
            plate: needed(&columns.plate)?,
            state: needed(&columns.state)?,
            file: needed(&columns.file)?,
            entered: wanted(&columns.entered)?,
            record: wanted(&columns.record)?,
            agency: wanted(&columns.agency)?,
            caution: wanted(&columns.caution)?,
            plate_kind: wanted(&columns.plate_kind)?,
            year: wanted(&columns.year)?,
            make: wanted(&columns.make)?,
            model: wanted(&columns.model)?,
            style: wanted(&columns.style)?,
            colour: wanted(&columns.colour)?,
        })
    }
}

/// What is wrong: with a row, or with the whole table.
enum Wrong {
    Row(String),
    Table(ImportError),
}

impl From<String> for Wrong {
    fn from(why: String) -> Self {
        Self::Row(why)
    }
}

impl From<&str> for Wrong {
    fn from(why: &str) -> Self {
        Self::Row(why.to_owned())
    }
}

struct Import<'a> {
    mapping: &'a Mapping,
    names: &'a StringRecord,
    places: Columns,
    /// Where it says what a row does, and by which codes.
    changes: Option<(usize, &'a Changes)>,
    /// File to rows and reason.
    dropped: BTreeMap<String, (u64, String)>,
    done: Imported,
}

fn find(names: &StringRecord, name: &str) -> Option<usize> {
    names
        .iter()
        .position(|known| known.eq_ignore_ascii_case(name))
}

impl<'a> Import<'a> {
    fn begin(mapping: &'a Mapping, names: &'a StringRecord) -> Result<Self, ImportError> {
        let changes = (mapping.changes.as_ref())
            .map(|changes| {
                let column = find(names, &changes.column);
                let column = column.ok_or_else(|| ImportError::NoColumn(changes.column.clone()))?;
                Ok((column, changes))
            })
            .transpose()?;
        Ok(Self {
            mapping,
            names,
            places: Columns::of(mapping, names)?,
            changes,
            dropped: BTreeMap::new(),
            done: Imported {
                entries: Entries::default(),
                changes: vec![],
                rows: 0,
                dropped: vec![],
                bad: vec![],
                bad_rows: 0,
            },
        })
    }

    fn row(&mut self, line: u64, row: &StringRecord) -> Result<(), ImportError> {
        self.done.rows += 1;
        let formula = |cell: &str| {
            let mut letters = cell.trim().chars();
            matches!(letters.next(), Some('=' | '@' | '+' | '-')) && letters.next().is_some()
        };
        if let Some(column) = row.iter().position(formula) {
            let name = self.names.get(column).unwrap_or("beyond the last");
            return Err(ImportError::Formula {
                line,
                column: name.chars().take(40).collect(),
            });
        }
        match self.entry(line, row) {
            // Its file may be one that is never stored.
            Ok(()) => Ok(()),
            Err(Wrong::Row(why)) => {
                self.bad(line, why);
                Ok(())
            }
            Err(Wrong::Table(error)) => Err(error),
        }
    }

    fn take(&mut self, line: u64, row: &StringRecord, entry: &Row<'_>) -> Result<(), Wrong> {
        let Some((column, changes)) = self.changes else {
            self.done.entries.push_row(line, entry);
            return Ok(());
        };
        if self.done.changes.len() >= MOST_CHANGES {
            return Err(Wrong::Table(ImportError::TooManyChanges));
        }
        let code = row.get(column).unwrap_or_default().trim();
        let is = |codes: &[String]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        let (enters, removes) = (is(&changes.enters), is(&changes.removes));
        let entry = entry.fields.entry().filter(|_| enters || removes);
        let entry = entry.ok_or("the mapping does not know what the row does")?;
        self.done.changes.push(if enters {
            Change::Enters(entry)
        } else {
            Change::Removes { entry, line }
        });
        Ok(())
    }

    fn bad(&mut self, line: u64, why: String) {
        self.done.bad(line, why);
    }

    /// Takes a row's entry in, unless its file is never stored.
    fn entry(&mut self, line: u64, row: &StringRecord) -> Result<(), Wrong> {
        if row.len() != self.names.len() {
            let (cells, names) = (row.len(), self.names.len());
            return Err(Wrong::Row(format!(
                "it has {cells} cells, and the first line has {names}"
            )));
        }
        let cell = |place: usize| row.get(place).unwrap_or_default().trim();
        let mapping = self.mapping;
        let file = mapping
            .file(cell(self.places.file))
            .ok_or("the mapping does not know its file")?;
        if let Some(why) = &file.drop {
            let dropped = self.dropped.entry(file.says.clone());
            dropped.or_insert_with(|| (0, why.clone())).0 += 1;
            return Ok(());
        }
        let plate = cell(self.places.plate);
        if plate.contains(['?', '*', '[']) {
            return Err("a part of a plate is entered for a case, not imported".into());
        }
        let known = |place: Option<usize>| {
            let text = place.map_or("", cell);
            if text.len() > LONGEST && text.chars().count() > LONGEST {
                return Err(format!("a cell has more than {LONGEST} characters"));
            }
            Ok(text)
        };
        let places = &self.places;
        let plate: PlateText = plate
            .parse()
            .map_err(|e: plate::PlateTextError| e.to_string())?;
        let state = mapping.state(cell(places.state))?;
        let entered = mapping.date(places.entered.map_or("", cell))?;
        let entered = entered.map(|day| day.to_string()).unwrap_or_default();
        let fields = Fields {
            texts: [
                &plate.to_string(),
                state.map_or("", Jurisdiction::code),
                &file.code,
                &file.says,
                known(places.caution)?,
                known(places.plate_kind)?,
                known(places.year)?,
                known(places.make)?,
                known(places.model)?,
                known(places.style)?,
                known(places.colour)?,
                &entered,
                known(places.record)?,
                known(places.agency)?,
            ],
            restricted: file.restricted,
        };
        let entry = Row {
            plate: &plate,
            state,
            fields,
        };
        self.take(line, row, &entry)
    }

    fn finish(mut self) -> Result<Imported, ImportError> {
        let dropped = self.dropped.into_iter();
        self.done.dropped = dropped
            .map(|(file, (rows, why))| Dropped { file, rows, why })
            .collect();
        if self.done.rows == 0 {
            return Err(ImportError::Empty);
        }
        for (line, first) in self.done.entries.take_out_doubles() {
            self.done.bad_rows += 1;
            // Those that were found before are the first of their kind, and these of theirs.
            if self.done.bad.len() < 2 * NAMED {
                let why = format!("the same record stands in line {first}");
                self.done.bad.push(BadRow { line, why });
            }
        }
        self.done.bad.sort_by_key(|bad| bad.line);
        self.done.bad.truncate(NAMED);
        match self.done.bad.first() {
            Some(bad) if self.done.bad_rows == self.done.rows => {
                Err(ImportError::NothingUnderstood {
                    line: bad.line,
                    why: bad.why.clone(),
                })
            }
            _ => Ok(self.done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn illinois() -> Mapping {
        Mapping::from_toml(include_str!(
            "../../../policy/hotlists/illinois-extract.toml"
        ))
        .unwrap()
    }

    const HEAD: &str = "FILE,LIC,LIS,LIT,VYR,VMA,VMO,VST,VCO,DOE,NIC,ORI,MIS\n";

    fn import(rows: &str) -> Result<Imported, ImportError> {
        illinois().import(format!("{HEAD}{rows}").as_bytes())
    }

    /// By plate.
    fn entries(done: &Imported) -> Vec<Entry> {
        let mut entries: Vec<Entry> = done.entries.iter().collect();
        entries.sort_by_key(|entry| entry.plate.to_string());
        entries
    }

    #[test]
    fn a_row_becomes_an_entry_with_everything_the_mapping_knows() {
        let done =
            import("VEHICLE,DK 48213,IL,PC,2019,HOND,CRV,4D,TEA,20261121,V412209377,IL0160000,\n")
                .unwrap();
        let entry = &entries(&done)[0];
        assert_eq!(entry.plate.to_string(), "DK48213");
        assert_eq!(entry.jurisdiction.unwrap().code(), "US-IL");
        assert_eq!(entry.reason, "Stolen vehicle");
        assert_eq!(entry.vehicle.colour, "TEA");
        assert_eq!(entry.entered.unwrap().to_string(), "2026-11-21");
        assert_eq!(entry.record, "V412209377");
        assert!(!entry.restricted);
    }

    #[test]
    fn nebraska_is_nb_and_an_unknown_state_is_no_state() {
        let done = import("PLATE,12A345,NB,,,,,,,20261121,1,IL0160000,\nPLATE,12A346,,,,,,,,20261121,2,IL0160000,\n").unwrap();
        let entries = entries(&done);
        assert_eq!(entries[0].jurisdiction.unwrap().code(), "US-NE");
        assert_eq!(entries[1].jurisdiction, None);
    }

    #[test]
    fn rows_about_immigration_are_counted_and_never_become_entries() {
        let row = "IMMIGRATION,KR90412,IL,,,,,,,20261121,3,IL0160000,\n";
        let done = import(&format!(
            "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n{row}{row}"
        ))
        .unwrap();
        assert_eq!(done.entries.len(), 1);
        assert_eq!(done.dropped[0].rows, 2);
        assert!(done.dropped[0].why.contains("5/2-130"));
        assert_eq!(done.bad_rows, 0);
    }

    #[test]
    fn a_bad_row_is_named_by_line_and_reason_and_the_rest_is_read() {
        let done = import(
            "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n\
             VEHICLE,DK4?213,IL,,,,,,,20261121,2,IL0160000,\n\
             VEHICLE,DK48214,ZZ,,,,,,,20261121,3,IL0160000,\n\
             VEHICLE,DK48215,IL,,,,,,,21 Nov,4,IL0160000,\n\
             TRUCKS,DK48216,IL,,,,,,,20261121,5,IL0160000,\n\
             VEHICLE,DK48217,IL\n\
             VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n",
        )
        .unwrap();
        assert_eq!(done.entries.len(), 1);
        assert_eq!(done.rows, 7);
        let lines: Vec<u64> = done.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7, 8], "{:?}", done.bad);
        assert!(done.bad[5].why.contains("line 2"));
    }

    #[test]
    fn of_more_bad_rows_than_are_named_the_first_are_and_all_are_counted() {
        let row = "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n";
        let bad = "VEHICLE,DK4?213,IL,,,,,,,20261121,2,IL0160000,\n";
        let done = import(&format!("{row}{}{}", row.repeat(60), bad.repeat(150))).unwrap();
        let lines: Vec<u64> = done.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, (3..103).collect::<Vec<_>>());
        assert_eq!((done.bad_rows, done.entries.len()), (210, 1));
    }

    #[test]
    fn a_table_of_changes_has_its_limit() {
        let head = HEAD.replace('\n', ",ACT\n");
        let rows = "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,,E\n".repeat(MOST_CHANGES + 1);
        let mapping = Mapping::from_toml(CHANGES).unwrap();
        let refused = mapping.import(format!("{head}{rows}").as_bytes());
        assert_eq!(refused.unwrap_err(), ImportError::TooManyChanges);
    }

    #[test]
    fn a_table_that_is_wrong_as_a_whole_is_refused_and_says_where() {
        let good = "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n";
        let refused = |rows: &str| import(rows).unwrap_err();
        assert_eq!(refused(""), ImportError::Empty);
        assert_eq!(
            refused("VEHICLE,DK48213,IL,,,=HYPERLINK(1),,,,20261121,1,IL0160000,\n"),
            ImportError::Formula {
                line: 2,
                column: "VMA".into()
            }
        );
        assert_eq!(
            refused(&format!("{good}VEHICLE,DK4821")),
            ImportError::CutOff(3)
        );
        assert_eq!(
            refused(&format!("{good}VEHICLE,\"DK4821")),
            ImportError::CutOff(3)
        );
        assert_eq!(
            refused("VEHICLE,DK\u{0}48213,IL\n"),
            ImportError::Control(2)
        );
        assert!(matches!(
            refused("no,row\n"),
            ImportError::NothingUnderstood { line: 2, .. }
        ));
        let mapping = illinois();
        assert_eq!(
            mapping.import(b"LIC,LIS\n").unwrap_err(),
            ImportError::NoColumn("FILE".into())
        );
        assert_eq!(
            mapping.import(b"\xFF\xFEL\0").unwrap_err(),
            ImportError::Utf16
        );
        assert_eq!(
            mapping.import(b"a,b\nc,\xC4\n").unwrap_err(),
            ImportError::NotUtf8(2)
        );
    }

    const FIXED: &str = include_str!("../../../policy/hotlists/fixed-width.toml");
    const CHANGES: &str = include_str!("../../../policy/hotlists/illinois-changes.toml");

    #[test]
    fn a_table_of_fixed_width_is_read_by_the_places_of_its_cells() {
        let mapping = Mapping::from_toml(FIXED).unwrap();
        let table = "VEHICLE   DK48213   IL20261121V412209377IL0160000\n\
                     MISSING   ZQ9042    WI20261120\n\
                     \n\
                     VEHICLE   D?48214   IL20261121V412209378IL0160000\n";
        let done = mapping.import(table.as_bytes()).unwrap();
        let entries = entries(&done);
        let plates: Vec<_> = entries.iter().map(|e| e.plate.to_string()).collect();
        assert_eq!(plates, ["DK48213", "ZQ9042"]);
        assert_eq!(entries[0].agency, "IL0160000");
        assert_eq!(entries[1].record, "");
        assert_eq!((done.rows, done.bad_rows, done.bad[0].line), (3, 1, 4));
        let cut = mapping.import(&table.as_bytes()[..table.len() - 12]);
        assert_eq!(cut.unwrap_err(), ImportError::CutOff(4));
    }

    #[test]
    fn a_mapping_says_either_a_delimiter_or_places() {
        let why = |text: String| Mapping::from_toml(&text).unwrap_err().to_string();
        assert!(why(format!("delimiter = ','\n{FIXED}")).contains("one of the two"));
        assert!(why(FIXED.replace("from = 11", "from = 0")).contains("from 1 to"));
        assert!(why(FIXED.replace("length = 2", "length = 0")).contains("1 to 1,000"));
        let neither = include_str!("../../../policy/hotlists/illinois-extract.toml");
        assert!(why(neither.replace("delimiter =", "# ")).contains("neither"));
    }

    #[test]
    fn changes_are_applied_in_their_order_to_the_list_in_force() {
        let in_force = import(
            "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n\
             VEHICLE,DK48214,IL,,,,,,,20261121,2,IL0160000,\n\
             PLATE,DK48215,IL,,,,,,,20261121,3,IL0160000,\n",
        )
        .unwrap();
        let head = HEAD.replace('\n', ",ACT\n");
        let rows = "VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,,C\n\
             PLATE,DK48299,IL,,,,,,,20261122,3,IL0160000,,M\n\
             VEHICLE,AB12345,IL,,,,,,,20261122,4,IL0160000,,E\n\
             VEHICLE,AB12346,IL,,,,,,,20261122,5,IL0160000,,E\n\
             VEHICLE,AB12346,IL,,,,,,,20261122,5,IL0160000,,X\n\
             VEHICLE,AB12347,IL,,,,,,,20261122,6,IL0160000,,X\n\
             VEHICLE,AB12348,IL,,,,,,,20261122,7,IL0160000,,?\n";
        let mapping = Mapping::from_toml(CHANGES).unwrap();
        assert!(mapping.tells_changes());
        let table = format!("{head}{rows}");
        let done = mapping
            .import(table.as_bytes())
            .unwrap()
            .applied_to(
                entries(&in_force)
                    .chunks(2)
                    .map(|part| Ok::<_, ImportError>(part.into())),
            )
            .unwrap();
        let mut plates: Vec<_> = done.entries.iter().map(|e| e.plate.to_string()).collect();
        plates.sort();
        assert_eq!(plates, ["AB12345", "DK48214", "DK48299"]);
        let bad: Vec<_> = done.bad.iter().map(|bad| bad.line).collect();
        assert_eq!((done.rows, bad), (7, vec![7, 8]), "{:?}", done.bad);
        let whole = mapping.import(HEAD.as_bytes()).unwrap_err();
        assert_eq!(whole, ImportError::NoColumn("ACT".into()));
    }

    #[test]
    fn no_bytes_whatever_bring_an_import_down() {
        let table = format!("{HEAD}VEHICLE,DK48213,IL,,,,,,,20261121,1,IL0160000,\n");
        for mapping in [illinois(), Mapping::from_toml(FIXED).unwrap()] {
            for cut in 0..table.len() {
                let _ = mapping.import(&table.as_bytes()[..cut]);
                let mut broken = table.clone().into_bytes();
                broken[cut] ^= 0x82;
                let _ = mapping.import(&broken);
            }
        }
    }
}
