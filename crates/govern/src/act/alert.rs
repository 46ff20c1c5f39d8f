//! Alerts: looked at, and led from raised to closed one step at a time.

use std::time::Duration;

use hotlist::{Check, Class, Disposition, Exception, PictureCheck, State, Step};
use ledger::{AlertId, HotlistId, MemberId};

use super::{Action, Facts, sealed};
use crate::content::{self, Principal};
use crate::policy::Policy;

/// Which alert, and where it stood when it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertName {
    /// Names it.
    pub id: AlertId,
    /// Its number, for people.
    pub number: u64,
    /// Where it stands.
    pub state: State,
    /// Whether its record is of a restricted file.
    pub restricted: bool,
    /// Whose data the list holds that speaks of it.
    pub class: Class,
    /// The list.
    pub list: HotlistId,
}

impl AlertName {
    /// What reports count a step as: its code, for all lists and for this one.
    fn counts_as(&self, code: &str) -> Vec<String> {
        vec![code.to_owned(), format!("{code}@{}", self.list)]
    }
}

/// Sees which alerts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeAlerts;

/// Is told of alerts as they come: a standing permit, asked for anew before each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchAlerts;

/// Opens an alert's card: the pictures, and the entry beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAlert {
    /// Which alert.
    pub alert: AlertName,
    /// The classes of the cameras that saw it, where none without a class did.
    pub seen_by: Vec<content::Class>,
}

/// Takes an alert, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcknowledgeAlert(pub AlertName);

/// Says of the picture whether plate, state and vehicle fit the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmPicture {
    /// Which alert.
    pub alert: AlertName,
    /// What was seen.
    pub check: PictureCheck,
}

/// Records what the law enforcement database answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordCheck {
    /// Which alert.
    pub alert: AlertName,
    /// The answer.
    pub check: Check,
}

/// Closes an alert with what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseAlert {
    /// Which alert.
    pub alert: AlertName,
    /// What was done.
    pub disposition: Disposition,
}

/// Reports that somebody acted on an alert before it was verified; a supervisor is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportException {
    /// Which alert.
    pub alert: AlertName,
    /// What was done, and why it could not wait.
    pub exception: Exception,
}

/// A supervisor signs what was done before an alert was verified, or refuses to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeException {
    /// Which alert.
    pub alert: AlertName,
    /// Who reported it.
    pub reported_by: MemberId,
    /// Whether it is signed.
    pub signs: bool,
    /// Why.
    pub why: String,
}

/// Sees the corrections that lists' owners are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeCorrections;

/// Takes the corrections out, for the lists' owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportCorrections;

/// Sees how alerts came out, by camera and by list; no plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeFigures;

/// An act that leads an alert on.
pub trait AlertStep: Action {
    /// Which alert.
    fn alert(&self) -> AlertName;
    /// The step.
    fn step(&self) -> Step;
}

impl sealed::Sealed for SeeAlerts {}
impl sealed::Sealed for WatchAlerts {}
impl sealed::Sealed for JudgeException {}
impl sealed::Sealed for SeeCorrections {}
impl sealed::Sealed for ExportCorrections {}
impl sealed::Sealed for SeeFigures {}
impl sealed::Sealed for OpenAlert {}
impl sealed::Sealed for AcknowledgeAlert {}
impl sealed::Sealed for ConfirmPicture {}
impl sealed::Sealed for RecordCheck {}
impl sealed::Sealed for CloseAlert {}
impl sealed::Sealed for ReportException {}

impl Action for SeeAlerts {
    const NAME: &'static str = "see-alerts";

    fn what(&self) -> String {
        "the alerts".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for WatchAlerts {
    const NAME: &'static str = "watch-alerts";
    const LIFETIME: Option<Duration> = None;

    fn what(&self) -> String {
        "alerts as they come".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for JudgeException {
    const NAME: &'static str = "judge-exception";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let judged = if self.signs { "signed" } else { "refused" };
        format!("alert {}: {judged}; {}", self.alert.number, self.why)
    }

    fn counts_as(&self) -> Vec<String> {
        let judged = if self.signs { "signed" } else { "refused" };
        self.alert.counts_as(judged)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let Principal::Member(member) = who else {
            return vec![("supervises", false), ("own", false)];
        };
        vec![
            ("supervises", policy.supervises(&member.roles)),
            ("own", member.id == self.reported_by),
        ]
    }
}

impl Action for SeeCorrections {
    const NAME: &'static str = "see-corrections";

    fn what(&self) -> String {
        "the corrections of lists".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for ExportCorrections {
    const NAME: &'static str = "export-corrections";

    fn what(&self) -> String {
        "the corrections of lists".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeFigures {
    const NAME: &'static str = "see-figures";

    fn what(&self) -> String {
        "how alerts came out, by camera and by list".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for OpenAlert {
    const NAME: &'static str = "open-alert";

    fn what(&self) -> String {
        format!("alert {}", self.alert.number)
    }

    /// What is restricted of it, the record or every sighting, takes an authorisation each.
    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let may = |class: &content::Class| matches!(who, Principal::Member(member) if member.authorised.contains(class));
        let record = policy.is_restricted(&self.alert);
        let sightings = !self.seen_by.is_empty();
        let list = may(&self.alert.class.into());
        let authorised = match sightings {
            true => self.seen_by.iter().any(may) && (list || !record),
            false => list,
        };
        vec![
            ("restricted", record || sightings),
            ("authorised", authorised),
        ]
    }
}

impl Action for AcknowledgeAlert {
    const NAME: &'static str = "acknowledge-alert";

    fn what(&self) -> String {
        format!("alert {}", self.0.number)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for ConfirmPicture {
    const NAME: &'static str = "confirm-picture";

    fn what(&self) -> String {
        let says = |fits| if fits { "fits" } else { "does not fit" };
        format!(
            "alert {}: the plate {}, the state {}, the vehicle {}",
            self.alert.number,
            says(self.check.plate),
            says(self.check.state),
            says(self.check.vehicle)
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for RecordCheck {
    const NAME: &'static str = "record-check";

    fn what(&self) -> String {
        let check = &self.check;
        format!(
            "alert {}: {} by {}, reference {}: {}",
            self.alert.number,
            check.result.code(),
            check.database,
            check.reference,
            check.returned
        )
    }

    fn counts_as(&self) -> Vec<String> {
        self.alert.counts_as(self.check.result.code())
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for CloseAlert {
    const NAME: &'static str = "close-alert";

    fn what(&self) -> String {
        let end = &self.disposition;
        format!(
            "alert {}: {}; {}",
            self.alert.number,
            end.action.says(),
            end.words
        )
    }

    fn counts_as(&self) -> Vec<String> {
        self.alert.counts_as(self.disposition.action.code())
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![
            ("enforces", self.disposition.action.enforces()),
            ("verified", self.alert.state == State::Verified),
        ]
    }
}

impl Action for ReportException {
    const NAME: &'static str = "report-exception";

    fn what(&self) -> String {
        let exception = &self.exception;
        format!(
            "alert {}: {} before it was verified; {}",
            self.alert.number,
            exception.action.says(),
            exception.why
        )
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl AlertStep for AcknowledgeAlert {
    fn alert(&self) -> AlertName {
        self.0
    }

    fn step(&self) -> Step {
        Step::Acknowledge
    }
}

impl AlertStep for ConfirmPicture {
    fn alert(&self) -> AlertName {
        self.alert
    }

    fn step(&self) -> Step {
        Step::Picture(self.check)
    }
}

impl AlertStep for RecordCheck {
    fn alert(&self) -> AlertName {
        self.alert
    }

    fn step(&self) -> Step {
        Step::Check(self.check.clone())
    }
}

impl AlertStep for CloseAlert {
    fn alert(&self) -> AlertName {
        self.alert
    }

    fn step(&self) -> Step {
        Step::Close(self.disposition.clone())
    }
}

impl AlertStep for ReportException {
    fn alert(&self) -> AlertName {
        self.alert
    }

    fn step(&self) -> Step {
        Step::Except(self.exception.clone())
    }
}
