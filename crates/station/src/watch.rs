//! Alerts as they come, pushed to whoever watches (D3).
//!
//! A stream is a lease: a standing permit, opened and closed in the ledger. Before each alert, and every
//! few seconds, session, training, roles and rules are asked again; what would not be granted now ends.
//! Each alert that is pushed is one entry, which names all who receive it, durable before it is pushed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypt::Digest;
use govern::{AlertId, Class, Decided, MemberId, Permit, WatchAlerts};
use ledger::{Event, Outcome, Pushed};

use crate::alert::AlertLine;
use crate::{Caller, Station, StationError, lock};

/// Streams that one session may hold open.
const MOST: usize = 6;

/// Whoever is told of alerts.
pub trait Watcher: Send {
    /// Tells of an alert, or that the stream is over (`None`); false where nobody hears it any more.
    fn tell(&mut self, alert: Option<Arc<AlertLine>>) -> bool;
    /// Whether nobody hears it any more.
    fn is_gone(&self) -> bool;
}

/// An open stream.
pub(crate) struct Lease {
    permit: Permit<WatchAlerts>,
    session: Digest,
    caller: Caller,
    watcher: Box<dyn Watcher>,
    pushed: u64,
}

impl Station {
    /// Has a member told of alerts, new ones and steps that are taken, until the session ends, locks, or
    /// the member may not see them any more.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] with too many streams open.
    pub fn watch_alerts(
        &self,
        caller: &Caller,
        watcher: Box<dyn Watcher>,
    ) -> Result<(), StationError> {
        let session = caller.session.ok_or(StationError::NoSession)?;
        self.end_lapsed_streams()?;
        let open = lock(&self.watching)
            .iter()
            .filter(|one| one.session == session)
            .count();
        if open >= MOST {
            return Err(StationError::Input(format!(
                "{MOST} pages of this session are told of alerts already: close one"
            )));
        }
        let permit = self.permit(caller, WatchAlerts)?;
        lock(&self.watching).push(Lease {
            permit,
            session,
            caller: caller.clone(),
            watcher,
            pushed: 0,
        });
        Ok(())
    }

    /// Ends the streams that would not be granted now, or that nobody hears; called every few seconds by
    /// whoever runs the station.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn end_lapsed_streams(&self) -> Result<(), StationError> {
        let mut watching = lock(&self.watching);
        self.end_lapsed(&mut watching)
    }

    /// Ends every stream: the station is going down.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn end_streams(&self) -> Result<(), StationError> {
        for lease in lock(&self.watching).drain(..) {
            self.end_stream(lease)?;
        }
        Ok(())
    }

    fn end_lapsed(&self, watching: &mut Vec<Lease>) -> Result<(), StationError> {
        let lapsed: Vec<Lease> = watching
            .extract_if(.., |lease| {
                lease.watcher.is_gone() || !self.still_may(lease)
            })
            .collect();
        lapsed
            .into_iter()
            .try_for_each(|lease| self.end_stream(lease))
    }

    fn end_stream(&self, mut lease: Lease) -> Result<(), StationError> {
        lease.watcher.tell(None);
        self.enter(Event::Outcome(Outcome::Done {
            decision: lease.permit.decision(),
            records: lease.pushed,
            result: lease.permit.result_digest(&[]),
        }))?;
        Ok(())
    }

    /// Whether the stream would be granted now, with every class that it began with. What cannot be found
    /// out is no.
    fn still_may(&self, lease: &Lease) -> bool {
        let Ok(facts) = self.facts_of_session(&lease.session) else {
            return false;
        };
        let mut classes = lease.permit.classes().iter();
        classes.all(|class| facts.authorised.contains(class))
            && matches!(
                self.would(&lease.caller, facts, WatchAlerts),
                Decided::Granted(_)
            )
    }

    /// Pushes where an alert stands to everybody who watches. Where that fails every stream ends: the
    /// pages then ask anew, and nobody takes silence for quiet.
    pub(crate) fn push(&self, alert: AlertId) {
        let mut watching = lock(&self.watching);
        if watching.is_empty() {
            return;
        }
        let pushed = self
            .end_lapsed(&mut watching)
            .and_then(|()| self.push_to(&mut watching, alert));
        if pushed.is_err() {
            for lease in watching.drain(..) {
                // The ledger may be what fails: a stream that it does not close is closed at the next start.
                let _ = self.end_stream(lease);
            }
        }
    }

    /// Each sees what their own authorisations show.
    fn push_to(&self, watching: &mut [Lease], alert: AlertId) -> Result<(), StationError> {
        let mut lines: BTreeMap<Vec<Class>, Arc<AlertLine>> = BTreeMap::new();
        for lease in watching.iter() {
            let classes = lease.permit.classes();
            if !lines.contains_key(classes) {
                let view = self.store.watched_alert(&lease.permit, alert)?;
                lines.insert(classes.to_vec(), Arc::new(self.alert_line(view)));
            }
        }
        let Some(number) = lines.values().next().map(|line| line.alert.name.number) else {
            return Ok(());
        };
        let line_of = |lease: &Lease| lines.get(lease.permit.classes());
        let withheld = |lease: &&Lease| line_of(lease).is_some_and(|line| line.is_withheld());
        self.enter(Event::Pushed(Pushed {
            alert,
            number,
            to: members(watching.iter()),
            withheld_from: members(watching.iter().filter(withheld)),
        }))?;
        for lease in watching.iter_mut() {
            // Whoever does not hear it is found gone the next time.
            let line = lines.get(lease.permit.classes()).cloned();
            if line.is_some() && lease.watcher.tell(line) {
                lease.pushed += 1;
            }
        }
        Ok(())
    }
}

/// Whose streams these are, each once.
fn members<'a>(leases: impl Iterator<Item = &'a Lease>) -> Vec<MemberId> {
    let mut members: Vec<_> = leases.filter_map(|one| one.permit.member()).collect();
    members.sort_unstable();
    members.dedup();
    members
}
