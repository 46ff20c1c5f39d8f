//! The agency's list of cases (5(b)).

use std::collections::BTreeMap;

use crypt::sha256;
use govern::{Case, ImportCases, SeeCases};

use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// The longest case number.
const LONGEST: usize = 40;

impl Station {
    /// Puts the list in a CSV file in the place of the one before. Its first row names the columns:
    /// `number`, and `state` with `open` or `closed` (without it, every case is open); others are not
    /// kept. From then on a search's case must be on the list, and open.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] names the first line that does not serve.
    /// Then nothing is changed.
    pub fn import_cases(&self, caller: &Caller, file: &[u8]) -> Result<usize, StationError> {
        let cases = read_cases(file)?;
        let count = cases.len();
        let act = ImportCases {
            cases,
            file: sha256(file),
        };
        self.perform(caller, act, |permit| {
            self.store.import_cases(permit, &*self.random)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(count)
    }

    /// The list, by number.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn cases(&self, caller: &Caller) -> Result<Vec<Case>, StationError> {
        let (cases, _permit) = self.perform(caller, SeeCases, |permit| {
            Ok(Done {
                value: self.store.cases(permit)?,
                ids: vec![],
            })
        })?;
        Ok(cases)
    }
}

fn read_cases(file: &[u8]) -> Result<Vec<Case>, StationError> {
    let wrong = |line: u64, what: &dyn std::fmt::Display| {
        StationError::Input(format!("the case list, line {line}: {what}"))
    };
    // Spreadsheets begin a file with the mark of its encoding.
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut rows = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let heads = rows.headers().map_err(|e| wrong(1, &e))?.clone();
    let column = |name: &str| {
        heads
            .iter()
            .position(|head| head.eq_ignore_ascii_case(name))
    };
    let number = column("number").ok_or_else(|| wrong(1, &"there is no column `number`"))?;
    let state = column("state");
    let mut cases = BTreeMap::new();
    for row in rows.records() {
        let row = row.map_err(|e| wrong(e.position().map_or(1, csv::Position::line), &e))?;
        let line = row.position().map_or(1, csv::Position::line);
        let number = row.get(number).unwrap_or_default().to_uppercase();
        if number.is_empty() || number.len() > LONGEST || number.chars().any(char::is_control) {
            return Err(wrong(line, &"a case number has 1 to 40 characters"));
        }
        let open = match state.and_then(|state| row.get(state)) {
            None => true,
            Some(state) if state.eq_ignore_ascii_case("open") => true,
            Some(state) if state.eq_ignore_ascii_case("closed") => false,
            Some(_) => return Err(wrong(line, &"a case is `open` or `closed`")),
        };
        if cases.insert(number, open).is_some() {
            return Err(wrong(line, &"this number stands on the list already"));
        }
    }
    let case = |(number, open)| Case { number, open };
    Ok(cases.into_iter().map(case).collect())
}
