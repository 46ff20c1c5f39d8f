//! Reports: read and taken out by members, published by the station.

use jiff::civil::Date;

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Reads a report, or takes it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeeReport {
    /// Which, by its id in `policy/reports.toml`.
    pub report: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How: `page`, or as a file of this kind.
    pub form: String,
}

/// Has the ledger's numbers counted again and compared with a report's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Which report.
    pub report: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// Publishes the numbers of a month that is over: the station's own act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishReport {
    /// Which report.
    pub report: String,
    /// The month's first day.
    pub month: Date,
}

impl sealed::Sealed for SeeReport {}
impl sealed::Sealed for VerifyReport {}
impl sealed::Sealed for PublishReport {}

impl Action for SeeReport {
    const NAME: &'static str = "see-report";

    fn what(&self) -> String {
        let Self {
            report,
            first,
            last,
            form,
        } = self;
        format!("the report {report}, {first} to {last}, as {form}")
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for VerifyReport {
    const NAME: &'static str = "verify-report";

    fn what(&self) -> String {
        let Self {
            report,
            first,
            last,
        } = self;
        format!("the report {report}, {first} to {last}")
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for PublishReport {
    const NAME: &'static str = "publish-report";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        format!(
            "the report {} of {}",
            self.report,
            self.month.strftime("%B %Y")
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
