//! Corrections for the owners of lists, and how often cameras and lists were wrong.

use std::collections::BTreeMap;

use govern::{Class, ExportCorrections, Principal, SeeCorrections, SeeFigures};
use hotlist::State;
use jiff::{SignedDuration, Timestamp};
use store::{AlertCameTo, KeptCorrection};

use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// How far back figures go.
const DAYS: i64 = 90;

/// The corrections that a member may see.
#[derive(Debug)]
pub struct Corrections {
    /// Newest first.
    pub corrections: Vec<KeptCorrection>,
    /// How many more are of records that the member has no authorisation for.
    pub withheld: usize,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

/// How the alerts of a camera or a list came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Which camera or list.
    pub name: String,
    /// Alerts that were raised.
    pub alerts: usize,
    /// The database bore them out.
    pub verified: usize,
    /// It was not that car, by the picture or the database.
    pub refuted: usize,
    /// The database knew nothing of them any more.
    pub stale: usize,
    /// From an alert to the database's answer, the middle of them.
    pub to_answer: Option<SignedDuration>,
    /// Whether it was not that car so often that somebody must look at the camera.
    pub flagged: bool,
}

/// How alerts came out, by camera and by list.
#[derive(Debug)]
pub struct AlertFigures {
    /// By camera, those that are flagged first.
    pub cameras: Vec<Figures>,
    /// By list.
    pub lists: Vec<Figures>,
    /// How many days back they go.
    pub days: i64,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

impl Station {
    /// The newest corrections, for a page.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn corrections(&self, caller: &Caller) -> Result<Corrections, StationError> {
        let (found, permit) = self.perform(caller, SeeCorrections, |permit| {
            let all = self.store.corrections(permit)?;
            Ok(Done {
                ids: numbered(&all),
                value: self.open_to(permit.who(), all),
            })
        })?;
        Ok(Corrections {
            corrections: found.0,
            withheld: found.1,
            entry: permit.entry(),
        })
    }

    /// Every correction, for the owners of the lists.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn export_corrections(&self, caller: &Caller) -> Result<Corrections, StationError> {
        let (found, permit) = self.perform(caller, ExportCorrections, |permit| {
            let all = self.store.corrections_to_export(permit)?;
            Ok(Done {
                ids: numbered(&all),
                value: self.open_to(permit.who(), all),
            })
        })?;
        Ok(Corrections {
            corrections: found.0,
            withheld: found.1,
            entry: permit.entry(),
        })
    }

    /// Those that somebody may see, and how many more there are: a restricted record takes the
    /// authorisation for its list's class here too.
    fn open_to(&self, who: &Principal, all: Vec<KeptCorrection>) -> (Vec<KeptCorrection>, usize) {
        let count = all.len();
        let open = |one: &KeptCorrection| {
            let class: Class = one.listed.about.class.into();
            let whole = self
                .policy
                .class(&class)
                .is_some_and(|class| class.whole_lists);
            !(one.listed.entry.restricted || whole)
                || matches!(who, Principal::Member(member) if member.authorised.contains(&class))
        };
        let open: Vec<_> = all.into_iter().filter(open).collect();
        let withheld = count - open.len();
        (open, withheld)
    }

    /// How the alerts of the last 90 days came out, by camera and by list.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn alert_figures(&self, caller: &Caller) -> Result<AlertFigures, StationError> {
        let since = SignedDuration::from_hours(24 * DAYS);
        let since = self
            .clock
            .now()
            .checked_sub(since)
            .unwrap_or(Timestamp::MIN);
        let (alerts, permit) = self.perform(caller, SeeFigures, |permit| {
            Ok(Done {
                value: self.store.alerts_came_to(permit, since)?,
                ids: vec![],
            })
        })?;
        let gone = || "a camera whose reads are purged".to_owned();
        let mut cameras = figures(&alerts, |one| one.camera.clone().unwrap_or_else(gone));
        for camera in &mut cameras {
            let found = camera.verified + camera.refuted + camera.stale;
            camera.flagged = self
                .policy
                .alerts()
                .is_wrong_too_often(camera.refuted, found);
        }
        cameras.sort_by_key(|camera| !camera.flagged);
        Ok(AlertFigures {
            cameras,
            lists: figures(&alerts, |one| one.list.clone()),
            days: DAYS,
            entry: permit.entry(),
        })
    }
}

fn figures(alerts: &[AlertCameTo], of: impl Fn(&AlertCameTo) -> String) -> Vec<Figures> {
    let mut by_name: BTreeMap<String, (Figures, Vec<SignedDuration>)> = BTreeMap::new();
    for alert in alerts {
        let (figures, times) = by_name.entry(of(alert)).or_default();
        figures.alerts += 1;
        match alert.finding {
            Some(State::Verified) => figures.verified += 1,
            Some(State::Refuted | State::PictureRefuted) => figures.refuted += 1,
            Some(State::Stale) => figures.stale += 1,
            _ => {}
        }
        times.extend(
            alert
                .checked_at
                .map(|at| at.duration_since(alert.raised_at)),
        );
    }
    by_name
        .into_iter()
        .map(|(name, (figures, mut times))| {
            times.sort_unstable();
            Figures {
                name,
                to_answer: times.get(times.len() / 2).copied(),
                ..figures
            }
        })
        .collect()
}

/// What was handed out, by number: a correction's id is of no use outside the store.
fn numbered(corrections: &[KeptCorrection]) -> Vec<[u8; 16]> {
    let number = |one: &KeptCorrection| u128::from(one.number).to_be_bytes();
    corrections.iter().map(number).collect()
}
