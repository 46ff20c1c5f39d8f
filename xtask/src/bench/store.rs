//! What a large store costs.

use super::search::{Place, data_set};
use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program};

/// As many as the searches are measured with, in one data set.
const READS: u64 = 10_000_000;

/// Fills a store of ten million reads, which takes a quarter of an hour, or goes on with the one that an
/// earlier run filled, and opens it.
pub(super) fn figures() -> Result<Vec<Figure>, Failure> {
    let bench = build("store", "opening", "")?;
    let folder = data_set(&Place::Sqlite, Some(READS));
    let printed = measured(program(&bench, &[]).arg(&folder).arg(READS.to_string()))?;
    let of = |name, unit, bar, printed_as| Figure::of(name, unit, bar, named(&printed, printed_as));
    Ok(vec![
        of(
            "store.open_1e7_s",
            "s",
            Bar::AtMost(1.0),
            "open_and_search_s",
        ),
        of("store.open_alone_1e7_s", "s", Bar::Limit, "open_s"),
    ])
}
