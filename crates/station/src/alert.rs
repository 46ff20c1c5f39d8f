//! Alerts: seen, opened, and led from raised to closed by name.

use govern::{
    AcknowledgeAlert, AlertName, AlertStep, CloseAlert, ConfirmPicture, OpenAlert, RecordCheck,
    ReportException, SeeAlerts,
};
use hotlist::{Check, Disposition, Exception, PictureCheck, State};
use jiff::{SignedDuration, Timestamp};
use store::{AlertSighting, AlertView, Earlier, FoundRead, Judged, Listed, Matched, StepTaken};

use crate::gate::Done;
use crate::{Caller, Sighting, Station, StationError, Withheld};

/// An alert's card.
#[derive(Debug)]
pub struct AlertCard {
    /// The alert.
    pub alert: AlertShown,
    /// Its sightings, newest first, with how each stands to the entry.
    pub sightings: Vec<(Sighting, Matched)>,
    /// Sightings that are not shown, for want of an authorisation.
    pub withheld: Vec<Withheld>,
    /// The steps taken, in order.
    pub steps: Vec<StepTaken>,
    /// Earlier alerts of this plate, newest first.
    pub earlier: Vec<Earlier>,
    /// What a supervisor said of what was done before it was verified.
    pub judged: Option<Judged>,
    /// The number in the ledger of the decision that opened this card.
    pub entry: u64,
}

/// An alert, as lists and cards show it.
#[derive(Debug)]
pub struct AlertShown {
    /// Which, and where it stands.
    pub name: AlertName,
    /// Whether it takes an authorisation to see its record, or any sighting of it.
    pub restricted: bool,
    /// Whom to ask then.
    pub ask: String,
    /// Whether somebody must look at it now.
    pub priority: bool,
    /// What it turned out to be, if it is known.
    pub finding: Option<State>,
    /// The role that it went to last, because nobody took it in time, by name.
    pub escalated_to: Option<String>,
    /// Whether a supervisor signed what was done before it was verified, once one has judged that.
    pub signed: Option<bool>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// The entry and the list, as they were.
    pub listed: Listed,
    /// Whether the list should have been refreshed by now.
    pub overdue: bool,
    /// How old what is known of the list is.
    pub list_age: SignedDuration,
    /// How many sightings there are.
    pub seen: u64,
}

/// An alert among others: with its newest sighting and who took the last step.
#[derive(Debug)]
pub struct AlertLine {
    /// The alert.
    pub alert: AlertShown,
    /// The newest sighting that may be shown.
    pub newest: Option<(Sighting, Matched)>,
    /// Sightings that may not, for want of an authorisation.
    pub withheld: Vec<Withheld>,
    /// Who took the last step, by name.
    pub last_by: Option<String>,
}

impl AlertLine {
    /// Whether every sighting is withheld: then there is a hit, and no more is told of it.
    pub fn is_withheld(&self) -> bool {
        self.newest.is_none() && !self.withheld.is_empty()
    }
}

impl Station {
    /// The newest alerts, those that are not over first.
    ///
    /// # Errors
    /// [`StationError::Refused`], and whatever keeps it from being done or written down.
    pub fn alerts(&self, caller: &Caller) -> Result<Vec<AlertLine>, StationError> {
        let (alerts, _permit) = self.perform(caller, SeeAlerts, |permit| {
            let alerts = self.store.alerts(permit)?;
            let ids = alerts
                .iter()
                .map(|alert| *alert.name.id.as_bytes())
                .collect();
            Ok(Done {
                value: alerts
                    .into_iter()
                    .map(|alert| self.alert_line(alert))
                    .collect(),
                ids,
            })
        })?;
        Ok(alerts)
    }

    pub(crate) fn alert_line(&self, mut alert: AlertView) -> AlertLine {
        let withheld = alert.withheld.iter();
        AlertLine {
            withheld: withheld
                .map(|(class, count)| self.withheld(class, *count))
                .collect(),
            newest: alert.sightings.pop().map(sighting),
            last_by: alert.steps.last().map(|step| step.name.clone()),
            alert: self.alert_shown(alert).0,
        }
    }

    /// Opens an alert's card. The card and the pictures on it are one disclosure.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is no such alert.
    pub fn open_alert(&self, caller: &Caller, number: u64) -> Result<AlertCard, StationError> {
        let alert = self.alert_name(number)?;
        let act = OpenAlert {
            seen_by: self.store.alert_seen_by(alert.id)?,
            alert,
        };
        let (mut alert, permit) = self.perform(caller, act, |permit| {
            let alert = self.store.alert(permit)?;
            if alert.is_withheld() {
                return Err(StationError::Input(
                    "the class of a camera that saw it was changed meanwhile: open it again"
                        .to_owned(),
                ));
            }
            let mut ids = vec![*alert.name.id.as_bytes()];
            ids.extend(alert.sightings.iter().map(|seen| *seen.read.id.as_bytes()));
            Ok(Done { value: alert, ids })
        })?;
        let entry = permit.entry();
        let withheld = self.withhold(caller, entry, std::mem::take(&mut alert.withheld))?;
        let pictures = alert
            .sightings
            .iter()
            .map(|seen| seen.read.picture)
            .collect();
        self.disclose(permit, pictures);
        let judged = alert.judged.take();
        let (alert, sightings, steps, earlier) = self.alert_shown(alert);
        Ok(AlertCard {
            alert,
            sightings: sightings.into_iter().map(sighting).collect(),
            withheld,
            steps,
            earlier,
            judged,
            entry,
        })
    }

    /// Takes an alert, by name.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when somebody has it already.
    pub fn acknowledge_alert(&self, caller: &Caller, number: u64) -> Result<State, StationError> {
        self.step(caller, AcknowledgeAlert(self.alert_name(number)?))
    }

    /// Says of the picture what fits the entry.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when it is not the time for it.
    pub fn confirm_picture(
        &self,
        caller: &Caller,
        number: u64,
        check: PictureCheck,
    ) -> Result<State, StationError> {
        let alert = self.alert_name(number)?;
        self.step(caller, ConfirmPicture { alert, check })
    }

    /// Records what the law enforcement database answered. What it does not bear out is suspended.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for an answer without database, reference
    /// or words, or when it is not the time for it.
    pub fn record_check(
        &self,
        caller: &Caller,
        number: u64,
        check: Check,
    ) -> Result<State, StationError> {
        said("the database's name", &check.database)?;
        said("the reference of the reply", &check.reference)?;
        said("what the database returned", &check.returned)?;
        if check.asked_at > self.clock.now() {
            return Err(StationError::Input(
                "the database was asked before now".to_owned(),
            ));
        }
        let alert = self.alert_name(number)?;
        self.step(caller, RecordCheck { alert, check })
    }

    /// Closes an alert with what was done. An enforcement action is refused before the alert is
    /// verified.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when it is not the time for it.
    pub fn close_alert(
        &self,
        caller: &Caller,
        number: u64,
        disposition: Disposition,
    ) -> Result<State, StationError> {
        said("what was done", &disposition.words)?;
        let alert = self.alert_name(number)?;
        self.step(caller, CloseAlert { alert, disposition })
    }

    /// Reports that somebody acted on an alert before it was verified.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when no exception is needed.
    pub fn report_exception(
        &self,
        caller: &Caller,
        number: u64,
        exception: Exception,
    ) -> Result<State, StationError> {
        said("why it could not wait", &exception.why)?;
        let alert = self.alert_name(number)?;
        self.step(caller, ReportException { alert, exception })
    }

    fn step<A: AlertStep>(&self, caller: &Caller, act: A) -> Result<State, StationError> {
        let alert = act.alert();
        let (state, _permit) = self.perform(caller, act, |permit| {
            let value = self.store.take_step(permit, &*self.random)?;
            Ok(Done {
                value,
                ids: vec![*alert.id.as_bytes()],
            })
        })?;
        self.no_longer_waits(alert.number);
        self.push(alert.id);
        Ok(state)
    }

    fn alert_shown(
        &self,
        alert: AlertView,
    ) -> (AlertShown, Vec<AlertSighting>, Vec<StepTaken>, Vec<Earlier>) {
        let now = self.clock.now();
        let withheld = alert.withheld.first().filter(|_| alert.is_withheld());
        let class = match withheld {
            Some((class, _)) => self.policy.class(class),
            None => self.policy.class(&alert.name.class.into()),
        };
        let restricted = withheld.is_some() || self.policy.is_restricted(&alert.name);
        let listed = alert.listed;
        let shown = AlertShown {
            restricted,
            ask: class.map_or_else(String::new, |class| class.ask.clone()),
            name: alert.name,
            priority: alert.priority,
            finding: alert.finding,
            escalated_to: alert
                .escalated_to
                .map(|role| self.role_name(&govern::Role(role))),
            signed: alert.signed,
            raised_at: alert.raised_at,
            overdue: listed.about.is_overdue(listed.imported_at, now),
            list_age: now.duration_since(listed.imported_at),
            listed,
            seen: alert.seen,
        };
        (shown, alert.sightings, alert.steps, alert.earlier)
    }

    pub(crate) fn alert_name(&self, number: u64) -> Result<AlertName, StationError> {
        let found = self.store.alert_name(number)?;
        found.ok_or_else(|| StationError::Input("there is no such alert".to_owned()))
    }
}

fn sighting(seen: AlertSighting) -> (Sighting, Matched) {
    let found = FoundRead {
        read: seen.read,
        probability: seen.matched.text_fit,
    };
    (crate::search::sighting(found), seen.matched)
}

fn said(what: &str, text: &str) -> Result<(), StationError> {
    let letters = text.trim().chars().count();
    if (1..=500).contains(&letters)
        && !text
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\r')
    {
        Ok(())
    } else {
        Err(StationError::Input(format!(
            "{what} has 1 to 500 characters"
        )))
    }
}
