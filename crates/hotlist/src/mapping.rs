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
    pub(crate) delimiter: u8,
    date: String,
    columns: Columns,
    states: States,
    files: Vec<File>,
}

/// A mapping that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct MappingError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    says: String,
    delimiter: char,
    date: String,
    columns: Columns,
    states: States,
    file: Vec<File>,
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
        let delimiter = u8::try_from(written.delimiter)
            .map_err(|_| MappingError("the delimiter is no plain character".to_owned()))?;
        if written.file.is_empty() {
            return Err(MappingError("it names no file of the source".to_owned()));
        }
        for code in written.states.codes.values().filter(|c| !c.is_empty()) {
            code.parse::<Jurisdiction>()
                .map_err(|e| MappingError(e.to_string()))?;
        }
        Ok(Self {
            says: written.says,
            delimiter,
            date: written.date,
            columns: written.columns,
            states: written.states,
            files: written.file,
        })
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
