//! Reports, and what the public reads.

use std::time::Duration;

use govern::{Action, SeeReport, VerifyReport};

use crate::pages::{reports, transparency};
use crate::route::{By, Many, Route, get, post};

/// How long counting may take.
const LONGEST: Duration = Duration::from_secs(120);
/// A report with every camera and list of a large department.
const LARGEST: usize = 1 << 20;

pub(super) fn routes() -> Vec<Route> {
    const ONE: &[(&str, &str)] = &[
        ("report", "monthly"),
        ("first", "2026-11-01"),
        ("last", "2026-11-24"),
    ];
    const FILE: &[(&str, &str)] = &[
        ("report", "monthly"),
        ("first", "2026-11-01"),
        ("last", "2026-11-24"),
        ("format", "csv"),
    ];
    vec![
        get("/reports", reports::page)
            .says("Which reports there are, and the form to ask for one.")
            .no_act("it tells no number"),
        get("/api/reports", reports::list)
            .says("Which reports there are.")
            .no_act("it tells no number")
            .json::<reports::Kind>(Many::List),
        get("/reports/show", reports::show)
            .says("A report, counted from the ledger, for people.")
            .act(SeeReport::NAME)
            .query::<reports::ReportQuery>(ONE)
            .longest(LONGEST),
        get("/reports/file", reports::file)
            .says("A report as a file.")
            .act(SeeReport::NAME)
            .query::<reports::ReportQuery>(FILE)
            .longest(LONGEST)
            .file(&["application/json", "text/csv", "application/pdf"]),
        get("/api/reports/file", reports::api_file)
            .says("The same, for programs.")
            .act(SeeReport::NAME)
            .query::<reports::ReportQuery>(FILE)
            .longest(LONGEST)
            .file(&["application/json", "text/csv", "application/pdf"]),
        post("/api/reports/verify", reports::verify)
            .says("Counts the numbers of a report again, and tells what is not what the ledger bears out.")
            .act(VerifyReport::NAME)
            .json_form::<reports::Told>(&[("report", "{told}")])
            .longest(LONGEST)
            .up_to(LARGEST)
            .json::<reports::Verified>(Many::One),
        // ---- for everybody ----
        get("/transparency", transparency::page)
            .says("What the station published: the numbers of the newest month.")
            .by(By::Anybody)
            .no_act("it was published, by an act of the station that stands in the ledger"),
        get("/transparency/{month}", transparency::month)
            .says("The numbers of a month.")
            .by(By::Anybody)
            .no_act("it was published, by an act of the station that stands in the ledger"),
        get("/transparency/{month}/report.json", transparency::file)
            .says("The same as JSON, as `lictor report verify` takes it.")
            .by(By::Anybody)
            .no_act("it was published, by an act of the station that stands in the ledger")
            .file(&["application/json"]),
    ]
}
