//! Webhooks, and the alerts that wait to be sent to them.

use crypt::Sealed;
use govern::{
    AddWebhook, AlertId, MemberId, Permit, RemoveWebhook, SeeAccess, SeeWebhooks, SendAlert,
    WebhookId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::sql::{Connection, values};
use crate::{AlertView, Store, StoreError};

/// Deliveries that are taken up at once.
const MOST: i64 = 20;

/// A webhook, as it is kept.
#[derive(Debug)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// Where alerts are sent.
    pub address: String,
    /// In whose name.
    pub added_by: MemberId,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it was removed.
    pub removed_at: Option<Timestamp>,
    /// Alerts that were received.
    pub delivered: u64,
    /// Alerts that wait to be sent, or sent again.
    pub waiting: u64,
    /// Alerts that nobody took in however often they were sent.
    pub given_up: u64,
    /// What came of the newest attempt, in a few words.
    pub last: Option<String>,
}

/// An alert that is to be sent; nothing of what it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// To which webhook.
    pub webhook: WebhookId,
    /// What that is called.
    pub name: String,
    /// In whose name.
    pub added_by: MemberId,
    /// Which alert.
    pub alert: AlertId,
    /// Its number.
    pub number: u64,
    /// How many times it was tried.
    pub tries: usize,
}

/// Where a webhook is, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Target {
    address: String,
    key: [u8; 32],
}

impl Store {
    /// Adds the permit's webhook, whose messages are signed by `key`.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a name in use.
    pub fn add_webhook(
        &self,
        permit: &Permit<AddWebhook>,
        key: [u8; 32],
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let AddWebhook { id, name, address } = permit.act();
        let target = Target {
            address: address.clone(),
            key,
        };
        let sealed = self.seal_json(&place(*id), &target)?;
        let added = self.change(|db| {
            db.execute(
                "INSERT INTO webhook (id, name, target, added_by, added_at)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                values![*id, name, &sealed, permit.member(), self.clock.now()],
            )
        })?;
        if added == 0 {
            return Err(StoreError::Taken(name.clone()));
        }
        Ok(())
    }

    /// Which webhook goes by this name.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn webhook_named(&self, name: &str) -> Result<WebhookId, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT id FROM webhook WHERE lower(name) = lower(?1)",
                values![name],
            )
        })?;
        row.ok_or(StoreError::NoSuch("such webhook"))?.get(0)
    }

    /// Removes the permit's webhook: what waits is not sent any more.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn remove_webhook(&self, permit: &Permit<RemoveWebhook>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.withdraw_webhook(permit.act().id)
    }

    /// Removes it, also after a restore.
    pub(crate) fn withdraw_webhook(&self, id: WebhookId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE webhook SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL",
                values![id, self.clock.now()],
            )?;
            db.execute(
                "DELETE FROM webhook_delivery WHERE webhook = ?1 AND due_at IS NOT NULL",
                values![id],
            )
        })?;
        Ok(())
    }

    /// The webhooks, by name.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn webhooks(&self, permit: &Permit<SeeWebhooks>) -> Result<Vec<Webhook>, StoreError> {
        permit.check(&*self.clock)?;
        self.every_webhook()
    }

    /// The same, for whoever looks at who can see data.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn webhooks_that_see(
        &self,
        permit: &Permit<SeeAccess>,
    ) -> Result<Vec<Webhook>, StoreError> {
        permit.check(&*self.clock)?;
        self.every_webhook()
    }

    fn every_webhook(&self) -> Result<Vec<Webhook>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, name, target, added_by, added_at, removed_at,
                        (SELECT count(*) FROM webhook_delivery AS d
                         WHERE d.webhook = webhook.id AND d.delivered_at IS NOT NULL),
                        (SELECT count(*) FROM webhook_delivery AS d
                         WHERE d.webhook = webhook.id AND d.due_at IS NOT NULL),
                        (SELECT count(*) FROM webhook_delivery AS d
                         WHERE d.webhook = webhook.id AND d.due_at IS NULL AND d.delivered_at IS NULL),
                        (SELECT d.last FROM webhook_delivery AS d
                         WHERE d.webhook = webhook.id AND d.tried_at IS NOT NULL
                         ORDER BY d.tried_at DESC LIMIT 1)
                 FROM webhook ORDER BY lower(name)",
                values![],
            )
        })?;
        rows.iter()
            .map(|row| {
                let target: Target =
                    self.unseal_json(&place(row.get(0)?), &row.get::<Sealed>(2)?)?;
                Ok(Webhook {
                    name: row.get(1)?,
                    address: target.address,
                    added_by: row.get(3)?,
                    added_at: row.get(4)?,
                    removed_at: row.get(5)?,
                    delivered: row.get(6)?,
                    waiting: row.get(7)?,
                    given_up: row.get(8)?,
                    last: row.get(9)?,
                })
            })
            .collect()
    }

    /// The alerts whose time to be sent has come, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn due_deliveries(&self) -> Result<Vec<DueDelivery>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT webhook.id, webhook.name, webhook.added_by, alert.id, alert.number, webhook_delivery.tries
                 FROM webhook_delivery
                 JOIN webhook ON webhook.id = webhook_delivery.webhook
                 JOIN alert ON alert.id = webhook_delivery.alert
                 WHERE webhook_delivery.due_at <= ?1 ORDER BY webhook_delivery.due_at LIMIT ?2",
                values![self.clock.now(), MOST],
            )
        })?;
        rows.iter()
            .map(|row| {
                Ok(DueDelivery {
                    webhook: row.get(0)?,
                    name: row.get(1)?,
                    added_by: row.get(2)?,
                    alert: row.get(3)?,
                    number: row.get(4)?,
                    tries: usize::try_from(row.get::<u64>(5)?).unwrap_or(usize::MAX),
                })
            })
            .collect()
    }

    /// The permit's alert, with the address that it is sent to and the key that signs it.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`]; when the permit has expired or the database fails.
    pub fn sent_alert(
        &self,
        permit: &Permit<SendAlert>,
    ) -> Result<(AlertView, String, [u8; 32]), StoreError> {
        permit.check(&*self.clock)?;
        let SendAlert { webhook, alert, .. } = permit.act();
        let row = self
            .ask(|db| {
                db.row(
                    "SELECT target FROM webhook WHERE id = ?1 AND removed_at IS NULL",
                    values![*webhook],
                )
            })?
            .ok_or(StoreError::NoSuch("such webhook any more"))?;
        let target: Target = self.unseal_json(&place(*webhook), &row.get::<Sealed>(0)?)?;
        // An authorisation is a member's, and goes to no other system with what they send.
        let view = self.alert_line(alert.id, &[])?;
        Ok((view, target.address, target.key))
    }

    /// Notes what came of sending an alert: it was received, or is sent again at `again`, or never.
    ///
    /// # Errors
    /// When the database fails.
    pub fn note_delivery(
        &self,
        due: &DueDelivery,
        received: bool,
        again: Option<Timestamp>,
        last: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.change(|db| {
            db.execute(
                "UPDATE webhook_delivery SET tries = tries + 1, tried_at = ?3, due_at = ?4, delivered_at = ?5, last = ?6
                 WHERE webhook = ?1 AND alert = ?2 AND due_at IS NOT NULL",
                values![
                    due.webhook,
                    due.alert,
                    now,
                    again.filter(|_| !received),
                    received.then_some(now),
                    last,
                ],
            )
        })?;
        Ok(())
    }
}

/// Has an alert wait to be sent to every webhook, in the transaction that raises it.
pub(crate) fn queue(
    db: &mut dyn Connection,
    alert: AlertId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for webhook in db.rows("SELECT id FROM webhook WHERE removed_at IS NULL", values![])? {
        db.execute(
            "INSERT INTO webhook_delivery (webhook, alert, tries, due_at, last) VALUES (?1, ?2, 0, ?3, '')",
            values![webhook.get::<WebhookId>(0)?, alert, now],
        )?;
    }
    Ok(())
}

fn place(id: WebhookId) -> String {
    format!("webhook {id} target")
}
