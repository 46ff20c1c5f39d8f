//! Sending alerts to webhooks.

use std::sync::Arc;
use std::time::Duration;

use station::{Delivery, Station};
use ureq::Agent;

use crate::client::agent;
use crate::{Complaint, complain};

const EVERY: Duration = Duration::from_secs(2);
const AT_MOST: Duration = Duration::from_secs(10);

/// Sends what is due, again and again. What fails stands in the store with the time at which it is tried
/// again; here it is told without address or alert.
pub(crate) async fn deliver_alerts(station: Arc<Station>) {
    let mut every = tokio::time::interval(EVERY);
    let mut failing = false;
    loop {
        every.tick().await;
        let station = Arc::clone(&station);
        let delivered = tokio::task::spawn_blocking(move || deliver_due(&station)).await;
        match delivered {
            Ok(Ok(())) => failing = false,
            Ok(Err(complaint)) if !failing => {
                complain(&format!("webhooks: {complaint}"));
                failing = true;
            }
            _ => {}
        }
    }
}

fn deliver_due(station: &Station) -> Result<(), Complaint> {
    let due = station.due_deliveries()?;
    if due.is_empty() {
        return Ok(());
    }
    let authority = Some(station.webhook_authority()).filter(|path| path.exists());
    let agent = agent(authority.as_deref(), AT_MOST)?;
    for one in &due {
        // One that may not be sent any more is given up; the others are sent all the same.
        if let Ok(delivery) = station.make_delivery(one) {
            station.note_delivery(one, send(&agent, &delivery))?;
        }
    }
    Ok(())
}

/// The status that answers it, or what failed, without the address.
fn send(agent: &Agent, delivery: &Delivery) -> Result<u16, String> {
    let sent = agent
        .post(&delivery.address)
        .header("content-type", "application/json")
        .header("webhook-id", &delivery.id)
        .header("webhook-timestamp", &delivery.timestamp)
        .header("webhook-signature", &delivery.signature)
        .send(&delivery.body);
    match sent {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(ureq::Error::Timeout(_)) => Err("no answer in time".to_owned()),
        Err(ureq::Error::HostNotFound) => Err("the host was not found".to_owned()),
        Err(ureq::Error::Io(error)) => Err(format!("no connection: {}", error.kind())),
        Err(_) => Err("it could not be sent".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_message_arrives_with_its_name_its_time_and_its_signature() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/alerts", listener.local_addr().unwrap());
        let received = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = String::new();
            let mut bytes = [0; 4096];
            while !text.ends_with("{}") {
                let n = stream.read(&mut bytes).unwrap();
                text.push_str(std::str::from_utf8(&bytes[..n]).unwrap());
            }
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                .unwrap();
            text.to_lowercase()
        });
        let delivery = Delivery {
            address,
            id: "m-1".into(),
            timestamp: "1795500000".into(),
            signature: "v1,c2ln".into(),
            body: "{}".into(),
        };
        let agent = agent(None, AT_MOST).unwrap();
        assert_eq!(send(&agent, &delivery), Ok(204));
        let text = received.join().unwrap();
        for header in [
            "post /alerts http/1.1",
            "webhook-id: m-1",
            "webhook-timestamp: 1795500000",
            "webhook-signature: v1,c2ln",
        ] {
            assert!(text.contains(header), "{text}");
        }
        // Nobody is there any more.
        assert!(send(&agent, &delivery).is_err());
    }
}
