//! What a list says of one plate.

use jiff::civil::Date;
use plate::{Jurisdiction, PlateText};
use serde::{Deserialize, Serialize};

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The plate.
    pub plate: PlateText,
    /// Who issued it; `None` where the list does not say.
    pub jurisdiction: Option<Jurisdiction>,
    /// The file it stands in, as the source names it.
    pub file: String,
    /// Why the plate is listed, in words: `Stolen vehicle`.
    pub reason: String,
    /// Whether the file is a restricted one.
    pub restricted: bool,
    /// What the source warns of, in its own words; empty if nothing.
    pub caution: String,
    /// The vehicle, as far as the entry says.
    pub vehicle: Vehicle,
    /// When the source entered it.
    pub entered: Option<Date>,
    /// The source's number of the record.
    pub record: String,
    /// The agency that entered it.
    pub agency: String,
}

/// A vehicle as an entry describes it; empty where it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vehicle {
    /// The kind of plate.
    pub plate_kind: String,
    /// The year.
    pub year: String,
    /// The make.
    pub make: String,
    /// The model.
    pub model: String,
    /// The style: sedan, motorcycle.
    pub style: String,
    /// The colour.
    pub colour: String,
}

impl Entry {
    /// Names the plate and its state, O as 0: the same for every record of one plate.
    pub fn plate_key(&self) -> String {
        let state = self.jurisdiction.map_or("", Jurisdiction::code);
        format!("{}|{state}", self.plate.folded())
    }

    /// Names this record of the plate: another one when the source entered it anew.
    pub fn record_key(&self) -> String {
        let entered = self.entered.map(|day| day.to_string()).unwrap_or_default();
        format!("{}|{entered}|{}", self.plate_key(), self.record)
    }
}
