//! How a source's table is read: a file of `policy/hotlists/`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use plate::Jurisdiction;
use serde::Deserialize;
use thiserror::Error;

/// How a source's table is read.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// What it reads, for people.
    pub says: String,
    pub(crate) form: Form,
    date: String,
    columns: Columns,
    states: States,
    files: Vec<File>,
    pub(crate) changes: Option<Changes>,
}

/// How a row is divided into cells.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// By a character between them; the first line names the columns.
    Delimited(u8),
    /// Each stands at a place of its own in the line; no line names them.
    Fixed(Vec<Place>),
}

/// Where a cell of a line stands, in characters, the first of which is 1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) column: String,
    pub(crate) from: usize,
    pub(crate) length: usize,
}

impl Place {
    /// The character behind the cell's last, counted from 0.
    pub(crate) fn end(&self) -> usize {
        self.from + self.length - 1
    }
}

/// What a row does, in a table that tells what has changed since the last one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    /// The column that says it.
    pub(crate) column: String,
    /// The codes of rows that enter a record, or write it anew.
    pub(crate) enters: Vec<String>,
    /// The codes of rows that take a record away.
    pub(crate) removes: Vec<String>,
}

/// A mapping that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct MappingError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    says: String,
    delimiter: Option<char>,
    #[serde(default)]
    place: Vec<Place>,
    date: String,
    columns: Columns,
    states: States,
    file: Vec<File>,
    changes: Option<Changes>,
}

/// For each thing that is known of an entry, the column it stands in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    pub(crate) plate: String,
    pub(crate) state: String,
    pub(crate) file: String,
    pub(crate) entered: Option<String>,
    pub(crate) record: Option<String>,
    pub(crate) agency: Option<String>,
    pub(crate) caution: Option<String>,
    pub(crate) plate_kind: Option<String>,
    pub(crate) year: Option<String>,
    pub(crate) make: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) style: Option<String>,
    pub(crate) colour: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct States {
    prefix: String,
    codes: BTreeMap<String, String>,
}

/// A file of the source's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) code: String,
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) restricted: bool,
    /// Its rows are never stored, for this reason.
    pub(crate) drop: Option<String>,
}

impl Mapping {
    /// Reads the mapping's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let written: Written = toml::from_str(text).map_err(|e| MappingError(e.to_string()))?;
        let form = form(written.delimiter, written.place)?;
        if written.file.is_empty() {
            return Err(MappingError("it names no file of the source".to_owned()));
        }
        for code in written.states.codes.values().filter(|c| !c.is_empty()) {
            code.parse::<Jurisdiction>()
                .map_err(|e| MappingError(e.to_string()))?;
        }
        Ok(Self {
            says: written.says,
            form,
            date: written.date,
            columns: written.columns,
            states: written.states,
            files: written.file,
            changes: written.changes,
        })
    }

    /// Whether a table read by it tells what has changed, and not the whole list.
    pub fn tells_changes(&self) -> bool {
        self.changes.is_some()
    }

    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    pub(crate) fn file(&self, code: &str) -> Option<&File> {
        self.files
            .iter()
            .find(|file| file.code.eq_ignore_ascii_case(code))
    }

    /// The state of the source's code; `None` where the source does not know it.
    pub(crate) fn state(&self, code: &str) -> Result<Option<Jurisdiction>, String> {
        if code.is_empty() {
            return Ok(None);
        }
        let upper = code.to_ascii_uppercase();
        match self.states.codes.get(&upper) {
            Some(unknown) if unknown.is_empty() => Ok(None),
            Some(iso) => iso
                .parse()
                .map(Some)
                .map_err(|e: plate::NotAJurisdiction| e.to_string()),
            None => format!("{}{upper}", self.states.prefix)
                .parse()
                .map(Some)
                .map_err(|_| "the state's code is not known".to_owned()),
        }
    }

    pub(crate) fn date(&self, text: &str) -> Result<Option<Date>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Date::strptime(&self.date, text)
            .map(Some)
            .map_err(|_| format!("the date of entry is not written as {}", self.date))
    }
}

fn form(delimiter: Option<char>, places: Vec<Place>) -> Result<Form, MappingError> {
    let wrong = |why: &str| Err(MappingError(why.to_owned()));
    match delimiter {
        Some(_) if !places.is_empty() => {
            wrong("cells stand between delimiters or at places of their own: give one of the two")
        }
        Some(delimiter) => u8::try_from(delimiter).map_or_else(
            |_| wrong("the delimiter is no plain character"),
            |delimiter| Ok(Form::Delimited(delimiter)),
        ),
        None if places.is_empty() => wrong("it says neither a delimiter nor places"),
        None if places.iter().any(|p| !(1..=10_000).contains(&p.from)) => {
            wrong("a place begins at a character from 1 to 10,000")
        }
        None if places.iter().any(|p| !(1..=1_000).contains(&p.length)) => {
            wrong("a place has 1 to 1,000 characters")
        }
        None => Ok(Form::Fixed(places)),
    }
}
