//! Hotlists: what they say, how they are imported, and which entry a read may be.
//!
//! A list comes as a table and is read by a [`Mapping`], which is data under `policy/hotlists/`. Its
//! entries are compiled into an [`Index`]; a read is held against it as the distribution it is, and
//! what may be meant comes back as [`Match`]es with two numbers: how well the read fits the entry,
//! and how probable it is that the car is the listed one. What becomes of an alert is a [`State`]
//! that only the right [`Step`] leads on from. No input or output happens here.

mod alert;
mod entries;
mod entry;
mod import;
mod index;
mod list;
mod mapping;
mod matching;
mod numbers;
mod rules;
mod terms;
mod texts;

pub use alert::{
    Action, Check, CheckResult, Disposition, Exception, NotNow, PictureCheck, State, Step,
};
pub use entries::{Entries, PackedError};
pub use entry::{Entry, Vehicle};
pub use import::{BadRow, Change, Dropped, ImportError, Imported, MAX_BYTES};
pub use index::{Index, IndexError};
pub use list::{About, AboutError, Class};
pub use mapping::{Mapping, MappingError};
pub use matching::{Grade, Match, StateFit};
pub use rules::{Escalation, Measured, Prior, Rules, RulesError};
pub use terms::{Terms, TermsError};
