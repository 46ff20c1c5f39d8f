//! What the rules know of lawful demands: subpoenas, court orders, warrants, discovery. They are the third
//! way out, beside requests of this state's agencies and of other states' (6).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A lawful demand, as it was served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// What it is: the id of an instrument of `policy/release.toml`.
    pub instrument: String,
    /// What kind of court or authority issued it: the id of an issuer there.
    pub issuer: String,
    /// That court or authority, by its name.
    pub authority: String,
    /// The number that it gave the matter.
    pub docket: String,
    /// The day on which it is to be answered.
    pub return_on: Option<Date>,
}

/// What a demand is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub says: String,
}

/// Who issues demands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub says: String,
    /// Whether the statute's prohibited purposes bind what is given to it: words that speak of one are
    /// then never cleared.
    pub statute_binds: bool,
    /// Whether an agency of another state needs its declaration all the same.
    #[serde(default)]
    pub declaration: bool,
    /// Whether a federal agency may come by it.
    #[serde(default)]
    pub federal: bool,
}

impl Demand {
    /// What a demand still lacks, in words.
    pub fn missing(&self) -> Vec<&'static str> {
        let lacks = [
            (self.authority.trim().is_empty(), "the court or authority"),
            (
                self.return_on.is_none(),
                "the day on which it is to be answered",
            ),
        ];
        let lacks = lacks.into_iter();
        lacks
            .filter_map(|(lacks, what)| lacks.then_some(what))
            .collect()
    }
}
