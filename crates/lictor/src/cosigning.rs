//! Sending the ledger's head to the station's witnesses.

use std::sync::Arc;
use std::time::Duration;

use station::{Station, WitnessAddress};
use ureq::Agent;

use crate::client::agent;
use crate::{Complaint, complain};

const EVERY: Duration = Duration::from_secs(60);
const AT_MOST: Duration = Duration::from_secs(20);

/// Asks each witness about every minute. A witness that does not answer is asked again the next time;
/// permits go on.
pub(crate) async fn ask_witnesses(station: Arc<Station>) {
    let mut every = tokio::time::interval(EVERY);
    let mut silent = false;
    loop {
        every.tick().await;
        let station = Arc::clone(&station);
        let asked = tokio::task::spawn_blocking(move || ask_all(&station)).await;
        match asked {
            Ok(Ok(())) => silent = false,
            // Said once, not every minute; the pages say how old the newest cosignature is.
            Ok(Err(complaint)) if !silent => {
                complain(&complaint.to_string());
                silent = true;
            }
            _ => {}
        }
    }
}

fn ask_all(station: &Station) -> Result<(), Complaint> {
    let witnesses = station.witnesses()?;
    if witnesses.is_empty() {
        return Ok(());
    }
    let authority = Some(station.witness_authority()).filter(|path| path.exists());
    let agent = agent(authority.as_deref(), AT_MOST)?;
    let mut asked = Ok(());
    // Each is asked, whatever the others answer.
    for witness in &witnesses {
        let this = ask(station, &agent, witness);
        let name = witness.key.name();
        asked = asked.and(this.map_err(|e| Complaint::of(format!("witness {name}: {e}"))));
    }
    asked
}

fn ask(station: &Station, agent: &Agent, witness: &WitnessAddress) -> Result<(), Complaint> {
    let mut seen = None;
    // Once more where the witness has seen another size than this station remembers.
    for _ in 0..2 {
        let (head, body) = station.submission(witness, seen)?;
        let url = format!("{}/add-checkpoint", witness.url);
        let mut answer = agent.post(url).send(body).map_err(Complaint::of)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(Complaint::of)?;
        match status {
            200 => return Ok(station.keep_cosignature(witness, &head, &text)?),
            409 => match text.trim().parse() {
                Ok(size) if Some(size) != seen => seen = Some(size),
                _ => break,
            },
            422 => break,
            _ => {
                return Err(Complaint::of(format!(
                    "it answered with status {status}: {}",
                    text.trim()
                )));
            }
        }
    }
    station.refused_by_witness(witness);
    Err(Complaint::of(
        "ALARM: it does not cosign this ledger: it saw another history of it",
    ))
}
