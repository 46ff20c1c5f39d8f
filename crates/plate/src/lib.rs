//! What a read is: a distribution over plates, not a string.
//!
//! A [`Reading`] keeps, for every number of characters the plate may have, how probable that
//! number is and, for each position, how probable each character is; beside them, which
//! jurisdiction issued the plate. Everything the product says about a plate (the best text, the
//! doubtful characters, the probability that it is a given plate) is computed from it. No input or
//! output happens here.

mod character;
mod format;
mod fusion;
mod jurisdiction;
mod parts;
mod pattern;
mod reading;

pub use character::{Character, NotAPlateCharacter, PlateText, PlateTextError};
pub use format::{format_shares, serial_probability};
pub use fusion::fused;
pub use jurisdiction::{Jurisdiction, Jurisdictions, JurisdictionsError, NotAJurisdiction};
pub use pattern::{OneOf, Part, Pattern, PatternError};
pub use reading::{Candidate, Position, Reading, ReadingError};
