//! What a list is.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Whose data a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The department's own.
    Department,
    /// The state's.
    State,
    /// The federation's.
    Federal,
}

impl Class {
    /// In a word.
    pub fn says(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::State => "state",
            Self::Federal => "federal",
        }
    }
}

impl std::str::FromStr for Class {
    type Err = AboutError;

    fn from_str(text: &str) -> Result<Self, AboutError> {
        [Self::Department, Self::State, Self::Federal]
            .into_iter()
            .find(|class| class.says() == text)
            .ok_or(AboutError::Class)
    }
}

/// What a list says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name in this department.
    pub name: String,
    /// Who makes it.
    pub source: String,
    /// Whose data it holds.
    pub class: Class,
    /// The purposes it serves: codes of `policy/purposes.toml`.
    pub purposes: Vec<String>,
    /// After how many hours it is to be refreshed.
    pub refresh_hours: u32,
    /// The mapping it is read by: a file of `policy/hotlists/`.
    pub mapping: String,
}

/// What is wrong with a list's description.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AboutError {
    /// A text that must say something.
    #[error("a list's {0} has 1 to 80 characters")]
    Text(&'static str),
    /// No such class.
    #[error("a list's class is department, state or federal")]
    Class,
    /// No purpose.
    #[error("a list serves at least one purpose: say which")]
    NoPurpose,
    /// No interval, or one of more than a month.
    #[error("a list is refreshed every 1 to 744 hours")]
    Refresh,
}

impl About {
    /// The longest refresh interval, in hours.
    pub const LONGEST_REFRESH: u32 = 744;

    /// Whether it is a description at all.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), AboutError> {
        for (what, text) in [("name", &self.name), ("source", &self.source)] {
            let letters = text.trim().chars().count();
            if !(1..=80).contains(&letters) || text.chars().any(char::is_control) {
                return Err(AboutError::Text(what));
            }
        }
        if self.purposes.is_empty() {
            return Err(AboutError::NoPurpose);
        }
        if !(1..=Self::LONGEST_REFRESH).contains(&self.refresh_hours) {
            return Err(AboutError::Refresh);
        }
        Ok(())
    }

    /// Whether what was imported then should have been refreshed by now.
    pub fn is_overdue(&self, imported_at: Timestamp, now: Timestamp) -> bool {
        now.duration_since(imported_at) > SignedDuration::from_hours(self.refresh_hours.into())
    }
}
