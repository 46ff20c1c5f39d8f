//! A report as JSON, CSV and PDF: the same numbers.

use paper::{Level, Paper, PaperError, Table};
use thiserror::Error;

use crate::{FEW, Report};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs, and to be verified.
    Json,
    /// For spreadsheets.
    Csv,
    /// For people.
    Pdf,
}

/// Why a report could not be written.
#[derive(Debug, Error)]
pub enum FormatError {
    /// As JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// As CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// As PDF.
    #[error(transparent)]
    Pdf(#[from] PaperError),
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Pdf];

    /// What the file's name ends with.
    pub fn code(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Pdf => "pdf",
        }
    }

    /// As the web names it.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Pdf => "application/pdf",
        }
    }

    /// The format of this code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

impl Report {
    /// The report in a format.
    ///
    /// # Errors
    /// When it cannot be written, which does not happen in memory.
    pub fn write(&self, format: Format) -> Result<Vec<u8>, FormatError> {
        match format {
            Format::Json => {
                let mut bytes = serde_json::to_vec_pretty(self)?;
                bytes.push(b'\n');
                Ok(bytes)
            }
            Format::Csv => self.to_csv(),
            Format::Pdf => Ok(self.to_paper().to_pdf()?),
        }
    }

    fn to_csv(&self) -> Result<Vec<u8>, FormatError> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["first", "last", "section", "what", "number", "counts"])?;
        let (first, last) = (self.first.to_string(), self.last.to_string());
        for section in &self.sections {
            for row in &section.rows {
                let number = row
                    .number
                    .map_or_else(String::new, |number| number.to_string());
                let cells: [&str; 6] = [
                    &first,
                    &last,
                    &section.says,
                    &row.says,
                    &number,
                    &row.counts,
                ];
                table.write_record(cells)?;
            }
        }
        for kept in &self.kept {
            let cells: [&str; 6] = [&first, &last, KEPT, &kept.says, &kept.keep, &kept.class];
            table.write_record(cells)?;
        }
        let written = table.into_inner();
        Ok(written.map_err(|e| csv::Error::from(e.into_error()))?)
    }

    fn to_paper(&self) -> Paper {
        let foot = format!(
            "{} · {} · {} to {}",
            self.agency, self.says, self.first, self.last
        );
        let mut paper = Paper::new(&self.says, &foot);
        paper.text(&format!(
            "{}, from {} to {} ({}).\nAsked for by: {}.",
            self.agency, self.first, self.last, self.time_zone, self.source
        ));
        if self.public {
            paper.text(&left_out());
        }
        for note in &self.notes {
            paper.text(note);
        }
        for section in self
            .sections
            .iter()
            .filter(|section| !section.rows.is_empty())
        {
            paper.heading(Level::Section, &section.says);
            let rows = section
                .rows
                .iter()
                .map(|row| vec![row.says.clone(), row.told()]);
            paper.table(Table {
                head: vec![("What".to_owned(), 4.0), ("Number".to_owned(), 1.0)],
                rows: rows.collect(),
            });
        }
        if !self.kept.is_empty() {
            paper.heading(Level::Section, KEPT);
            let rows = self
                .kept
                .iter()
                .map(|kept| vec![kept.says.clone(), kept.keep.clone(), kept.entry.to_string()]);
            paper.table(Table {
                head: vec![
                    ("Data".to_owned(), 3.0),
                    ("At most".to_owned(), 1.0),
                    ("Confirmed in entry".to_owned(), 1.0),
                ],
                rows: rows.collect(),
            });
        }
        if !self.not_counted.is_empty() {
            paper.heading(Level::Section, "Not in this report");
            paper.text(&self.not_counted.join("\n"));
        }
        paper.heading(Level::Section, "How to check it");
        paper.text(&format!(
            "Every number is counted from the entries of the ledger {}, and from nothing else: its first {} entries, \
             whose head is {}. Whoever has a copy of the ledger and this report as JSON counts again: lictor report verify.",
            self.ledger.origin, self.ledger.entries, self.ledger.head
        ));
        paper
    }
}

/// The heading over how long data are kept.
const KEPT: &str = "How long data were kept at the end";

/// What the public is told of what is not told.
fn left_out() -> String {
    format!(
        "Numbers from 1 to {}, and what would give them away, are not told: they might tell of one person.",
        FEW - 1
    )
}
