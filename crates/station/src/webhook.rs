//! Webhooks: alerts that go by themselves to another system of the department, signed, and again until
//! they are received.
//!
//! A webhook sends in the name of the member who set it up: each message is an act of theirs, decided,
//! entered and ended like any other, and holds no more than they may see. Once they may not, nothing
//! more is sent. What is signed, and how, is the convention of standardwebhooks.com.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crypt::{Id, Key};
use govern::{AddWebhook, Principal, RemoveWebhook, SeeWebhooks, SendAlert};
use serde::Serialize;
use store::{AlertView, DueDelivery, Member, Webhook};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Files, Station, StationError};

/// The longest address.
const LONGEST: usize = 300;

/// The webhooks, as a page shows them.
#[derive(Debug)]
pub struct Webhooks {
    /// By name.
    pub webhooks: Vec<Webhook>,
    /// Who is who.
    pub members: Vec<Member>,
}

/// A message that is to be sent.
pub struct Delivery {
    /// Where.
    pub address: String,
    /// Its name, the same at every attempt: `webhook-id`.
    pub id: String,
    /// When it was signed, in seconds since 1970: `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`.
    pub signature: String,
    /// JSON.
    pub body: String,
}

/// What a message says.
#[derive(Serialize)]
struct Message<'a> {
    /// `alert.raised`.
    r#type: &'static str,
    number: u64,
    /// Never grounds for a stop.
    verified: bool,
    priority: bool,
    list: &'a str,
    list_overdue: bool,
    /// None of a restricted record that the member has no authorisation for; nor where only cameras of
    /// a class saw it.
    plate: Option<String>,
    state: Option<&'static str>,
    reason: Option<&'a str>,
    /// Never one of a class.
    camera: Option<&'a str>,
    place: Option<&'a str>,
    seen_at: Option<String>,
}

impl Station {
    /// Has alerts sent to an address from now on; returns the key that its messages are signed by, as it
    /// is entered where they are received.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Store`] for a name in use.
    pub fn add_webhook(
        &self,
        caller: &Caller,
        name: &str,
        address: &str,
    ) -> Result<String, StationError> {
        check_words("a webhook's name", name)?;
        if address.len() > LONGEST {
            return Err(StationError::Input(format!(
                "an address has {LONGEST} characters at most"
            )));
        }
        let act = AddWebhook {
            id: Id::random(&*self.random),
            name: name.trim().to_owned(),
            address: address.trim().to_owned(),
        };
        let id = *act.id.as_bytes();
        let key = Key::random(&*self.random);
        self.perform(caller, act, |permit| {
            self.store.add_webhook(permit, *key.expose())?;
            Ok(Done {
                value: (),
                ids: vec![id],
            })
        })?;
        Ok(format!("whsec_{}", BASE64_STANDARD.encode(key.expose())))
    }

    /// Has no more alerts sent there.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Store`] for one that there is not.
    pub fn remove_webhook(&self, caller: &Caller, name: &str) -> Result<(), StationError> {
        let act = RemoveWebhook {
            id: self.store.webhook_named(name.trim())?,
            name: name.trim().to_owned(),
        };
        let id = *act.id.as_bytes();
        self.perform(caller, act, |permit| {
            self.store.remove_webhook(permit)?;
            Ok(Done {
                value: (),
                ids: vec![id],
            })
        })?;
        Ok(())
    }

    /// Which webhooks there are, and what became of what they sent.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn webhooks(&self, caller: &Caller) -> Result<Webhooks, StationError> {
        let (webhooks, _permit) = self.perform(caller, SeeWebhooks, |permit| {
            Ok(Done {
                value: Webhooks {
                    webhooks: self.store.webhooks(permit)?,
                    members: self.store.members()?,
                },
                ids: vec![],
            })
        })?;
        Ok(webhooks)
    }

    /// Where the authority of certificates lies that webhooks are believed by, if they are the agency's own.
    pub fn webhook_authority(&self) -> PathBuf {
        Files(&self.folder).webhook_authority()
    }

    /// The messages whose time has come.
    ///
    /// # Errors
    /// When the store fails.
    pub fn due_deliveries(&self) -> Result<Vec<DueDelivery>, StationError> {
        Ok(self.store.due_deliveries()?)
    }

    /// Makes the message, as an act of the member who set the webhook up: decided and entered before it
    /// is handed out. Where they may not send it any more it is given up.
    ///
    /// # Errors
    /// [`StationError::Refused`]; whatever keeps it from being made or written down.
    pub fn make_delivery(&self, due: &DueDelivery) -> Result<Delivery, StationError> {
        let made = self.make_delivery_as(due);
        if matches!(
            &made,
            Err(StationError::Refused(_) | StationError::NoSession)
        ) {
            let why = "whoever set it up may not send alerts any more";
            self.store.note_delivery(due, false, None, why)?;
        }
        made
    }

    fn make_delivery_as(&self, due: &DueDelivery) -> Result<Delivery, StationError> {
        let member = self
            .store
            .member(due.added_by)?
            .ok_or(StationError::NoSession)?;
        let (_, _, facts) = self.facts_of(&member)?;
        let caller = Caller {
            who: Principal::Member(facts),
            session: None,
            address: format!("the webhook {}", due.name),
        };
        let act = SendAlert {
            webhook: due.webhook,
            name: due.name.clone(),
            alert: self.alert_name(due.number)?,
        };
        let ((view, address, key), permit) = self.perform(&caller, act, |permit| {
            Ok(Done {
                value: self.store.sent_alert(permit)?,
                ids: vec![*due.alert.as_bytes()],
            })
        })?;
        let open = !view.is_withheld()
            && (!self.policy.is_restricted(&view.name)
                || permit.classes().contains(&view.name.class.into()));
        let body = self.message(&view, open)?;
        let id = format!("{}-{}", due.webhook, due.alert);
        let timestamp = self.clock.now().as_second().to_string();
        let signed = format!("{id}.{timestamp}.{body}");
        let tag = Key::from_bytes(key).mark(signed.as_bytes());
        Ok(Delivery {
            address,
            signature: format!("v1,{}", BASE64_STANDARD.encode(tag.0)),
            id,
            timestamp,
            body,
        })
    }

    fn message(&self, view: &AlertView, open: bool) -> Result<String, StationError> {
        let listed = &view.listed;
        let seen = view.sightings.first();
        let state = listed.entry.jurisdiction.map(plate::Jurisdiction::code);
        let message = Message {
            r#type: "alert.raised",
            number: view.name.number,
            verified: false,
            priority: view.priority,
            list: &listed.about.name,
            list_overdue: listed
                .about
                .is_overdue(listed.imported_at, self.clock.now()),
            plate: open.then(|| listed.entry.plate.to_string()),
            state: state.filter(|_| open),
            reason: open.then_some(&*listed.entry.reason),
            camera: seen.map(|seen| &*seen.read.camera),
            place: seen.map(|seen| &*seen.read.camera_place),
            seen_at: seen.map(|seen| seen.read.seen_at.to_string()),
        };
        serde_json::to_string(&message).map_err(|e| StationError::Damaged(e.to_string()))
    }

    /// Notes what came of a message: the status that answered it, or what failed. It is sent again by
    /// the minutes of `policy/alerts.toml`, and then given up.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_delivery(
        &self,
        due: &DueDelivery,
        answered: Result<u16, String>,
    ) -> Result<(), StationError> {
        let received = matches!(answered, Ok(200..300));
        let last = match answered {
            Ok(status) => format!("answered with status {status}"),
            Err(why) => why.chars().take(120).collect(),
        };
        let wait = self.policy.alerts().webhook_again_after(due.tries);
        let again = wait.and_then(|wait| self.clock.now().checked_add(wait).ok());
        Ok(self.store.note_delivery(due, received, again, &last)?)
    }
}
