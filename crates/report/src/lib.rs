//! Reports (5(c)): numbers counted from the ledger's entries and from nothing else, so that whoever has the
//! ledger counts them again ([`Report::differs`]).
//!
//! Nothing personal stands in the ledger, and no plate: what is counted stays the same after data are
//! purged, and the same report is the same bytes whenever it is made, but for its notes. What a report has
//! stands in `policy/reports.toml`.

mod count;
mod few;
mod fill;
mod formats;

use crypt::Digest;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use count::Counts;
pub use few::FEW;
pub use fill::{About, Known, Variables};
pub use formats::{Format, FormatError};

/// The form of reports that this program makes and reads.
pub const FORM: u32 = 1;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`FORM`].
    pub form: u32,
    /// Which, by its id in `policy/reports.toml`.
    pub report: String,
    /// What it is called.
    pub says: String,
    /// What asks for it.
    pub source: String,
    /// The agency.
    pub agency: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// The zone of its days.
    pub time_zone: String,
    /// What it was counted from.
    pub ledger: Counted,
    /// Whether it is for the public: small numbers are left out.
    pub public: bool,
    /// What the reader must know of what was counted.
    pub notes: Vec<String>,
    /// The numbers.
    pub sections: Vec<Section>,
    /// For how long data were kept at the end of the last day.
    pub kept: Vec<KeptFor>,
    /// What the report asks for that stands in no ledger of this station.
    pub not_counted: Vec<String>,
}

/// The part of a ledger that a report was counted from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The ledger's name.
    pub origin: String,
    /// How many entries it had.
    pub entries: u64,
    /// Its head over them: the tree's hash (RFC 6962).
    pub head: Digest,
}

/// Numbers that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Their heading.
    pub says: String,
    /// Whether the first is the sum of the others.
    pub first_is_sum: bool,
    /// The numbers.
    pub rows: Vec<Row>,
}

/// A number of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What is counted, as [`Counts::of`] takes it.
    pub counts: String,
    /// For people.
    pub says: String,
    /// How many; none where it is left out of a report for the public.
    pub number: Option<u64>,
}

/// For how long a class of data was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptFor {
    /// Which, by its id.
    pub class: String,
    /// For people.
    pub says: String,
    /// How long at most, as two people confirmed it.
    pub keep: String,
    /// The entry of the ledger with the confirmation.
    pub entry: u64,
}

impl Row {
    /// The number in words.
    pub fn told(&self) -> String {
        self.number
            .map_or_else(|| "not told".to_owned(), |number| number.to_string())
    }
}

/// Something of a report that is not what the ledger bears out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What, for people.
    pub what: String,
    /// What the report says.
    pub told: String,
    /// What the ledger bears out.
    pub counted: String,
}

/// Why a text is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// It is not JSON of a report.
    #[error("it is no report as JSON: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It has another form.
    #[error("it is a report of form {0}, and this program knows form {FORM}")]
    Form(u32),
    /// Its days are none.
    #[error("its days: {0}")]
    Days(#[from] jiff::Error),
}

/// From when until when a report counts: from the first day's begin until the last day is over.
///
/// # Errors
/// For days that the calendar of the zone does not have.
pub fn period(
    first: Date,
    last: Date,
    zone: &TimeZone,
) -> Result<(Timestamp, Timestamp), jiff::Error> {
    let begins = |day: Date| Ok::<_, jiff::Error>(day.to_zoned_datetime(zone.clone())?.timestamp());
    Ok((begins(first)?, begins(last.tomorrow()?)?))
}

impl Report {
    /// Reads a report as JSON.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReportError> {
        let report: Self = serde_json::from_slice(bytes)?;
        match report.form {
            FORM => Ok(report),
            other => Err(ReportError::Form(other)),
        }
    }

    /// From when until when it counts.
    ///
    /// # Errors
    /// [`ReportError::Days`].
    pub fn period(&self) -> Result<(Timestamp, Timestamp), ReportError> {
        Ok(period(
            self.first,
            self.last,
            &TimeZone::get(&self.time_zone)?,
        )?)
    }

    /// Whether the ledger has another head over the entries that it was counted from.
    pub fn head_differs(&self, head: &Digest) -> Option<Difference> {
        (self.ledger.head != *head).then(|| Difference {
            what: format!(
                "the ledger's head over its first {} entries",
                self.ledger.entries
            ),
            told: self.ledger.head.to_string(),
            counted: head.to_string(),
        })
    }

    /// What of it is not what the ledger bears out: the numbers, and for how long data were kept.
    pub fn differs(&self, counts: &Counts) -> Vec<Difference> {
        let mut again = self.sections.clone();
        for section in &mut again {
            section.recount(counts);
        }
        if self.public {
            again.iter_mut().for_each(few::leave_out);
        }
        let rows = |sections: &[Section]| -> Vec<Row> {
            sections
                .iter()
                .flat_map(|section| section.rows.clone())
                .collect()
        };
        let numbers = rows(&self.sections).into_iter().zip(rows(&again));
        let mut differs: Vec<_> = numbers
            .filter(|(told, counted)| told.number != counted.number)
            .map(|(told, counted)| Difference {
                what: format!("{} ({})", told.says, told.counts),
                told: told.told(),
                counted: counted.told(),
            })
            .collect();
        for kept in &self.kept {
            let counted = counts.kept(&kept.class);
            if counted != Some((kept.keep.as_str(), kept.entry)) {
                differs.push(Difference {
                    what: format!("how long is kept: {}", kept.says),
                    told: format!("{} (entry {})", kept.keep, kept.entry),
                    counted: counted.map_or_else(
                        || "nothing was confirmed".to_owned(),
                        |(keep, entry)| format!("{keep} (entry {entry})"),
                    ),
                });
            }
        }
        differs
    }
}

impl Section {
    fn recount(&mut self, counts: &Counts) {
        for row in &mut self.rows {
            row.number = Some(counts.of(&row.counts));
        }
    }
}
