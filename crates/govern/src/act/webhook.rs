//! Webhooks: alerts that go by themselves to another system of the department.

use ledger::{AlertId, WebhookId, Withdrawal};

use super::{Action, AlertName, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Has alerts sent to an address from now on, in the member's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddWebhook {
    /// Names it.
    pub id: WebhookId,
    /// What it is called.
    pub name: String,
    /// Where alerts are sent.
    pub address: String,
}

/// Has no more alerts sent there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveWebhook {
    /// Which.
    pub id: WebhookId,
    /// What it is called.
    pub name: String,
}

/// Sees which webhooks there are, and what became of what they sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeWebhooks;

/// Sends an alert to a webhook, in the name of the member who set it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendAlert {
    /// To which.
    pub webhook: WebhookId,
    /// What that is called.
    pub name: String,
    /// Which alert.
    pub alert: AlertName,
}

impl SendAlert {
    /// Which alert.
    pub fn alert(&self) -> AlertId {
        self.alert.id
    }
}

impl sealed::Sealed for AddWebhook {}
impl sealed::Sealed for RemoveWebhook {}
impl sealed::Sealed for SeeWebhooks {}
impl sealed::Sealed for SendAlert {}

impl Action for AddWebhook {
    const NAME: &'static str = "add-webhook";

    fn what(&self) -> String {
        format!("{}, at {}", self.name, self.address)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![("private", is_private(&self.address))]
    }
}

impl Action for RemoveWebhook {
    const NAME: &'static str = "remove-webhook";

    fn what(&self) -> String {
        self.name.clone()
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Webhook(self.id))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeWebhooks {
    const NAME: &'static str = "see-webhooks";

    fn what(&self) -> String {
        "the webhooks".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SendAlert {
    const NAME: &'static str = "send-alert";

    fn what(&self) -> String {
        format!("alert {} to {}", self.alert.number, self.name)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

/// Whether nobody on the way can read what is sent: https, or this machine itself.
pub(super) fn is_private(address: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]!$&'()*+,;=%".contains(c);
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_fits = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok());
    if !address.chars().all(known) || host.is_empty() || !port_fits {
        return false;
    }
    match scheme {
        "https" => true,
        "http" => ["localhost", "127.0.0.1", "::1"].contains(&host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_sent_over_https_or_to_this_machine_and_nowhere_else() {
        for address in [
            "https://cad.ashford-falls.example/alerts",
            "https://cad.ashford-falls.example:8443",
            "http://localhost:9000/alerts",
            "http://127.0.0.1/",
            "http://[::1]:80/x?y=z",
        ] {
            assert!(is_private(address), "{address}");
        }
        for address in [
            "http://cad.ashford-falls.example/",
            "http://localhost.elsewhere.example/",
            "http://localhost@elsewhere.example/",
            "http://localhost\\@elsewhere.example/",
            "http://127.0.0.1.elsewhere.example/",
            "https://",
            "https://:443/",
            "https://cad:port/",
            "file:///etc/passwd",
            "ftp://localhost/",
            "cad.ashford-falls.example",
            "https://cad.ashford-falls.example/a b",
        ] {
            assert!(!is_private(address), "{address}");
        }
    }
}
