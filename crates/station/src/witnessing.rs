//! Witnesses: others, outside the agency, who cosign the ledger's head, so that neither a rollback
//! nor a rewritten history can pass unseen.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use ledger::{Cosignature, Event, LedgerError, SignedHead, WitnessPublicKey};

use crate::{Files, Station, StationError, lock};

/// A log without a cosignature younger than this says so on every page and report (D11).
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// A witness and where it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessAddress {
    /// The address that submissions go below, such as `https://clerk.ashford-falls.example:8430`.
    pub url: String,
    /// The witness's public key.
    pub key: WitnessPublicKey,
}

/// What witnesses have said so far.
#[derive(Default)]
pub(crate) struct Witnessed {
    /// The newest cosignature.
    newest: Option<Cosignature>,
    /// The witnesses that were entered in the ledger last.
    entered: Vec<String>,
}

/// The witnesses of the station in `folder`; none where no file names any.
///
/// # Errors
/// When the file cannot be read, or a line of it is none of `address key`.
pub fn witnesses(folder: &Path) -> Result<Vec<WitnessAddress>, StationError> {
    let path = Files(folder).witnesses();
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|source| StationError::file(&path, source))?,
    };
    let parse = |line: &str| {
        let (url, key) =
            (line.split_once(' ')).ok_or("a line is: the address, a space, the key")?;
        let key = WitnessPublicKey::from_text(key).map_err(|e| e.to_string())?;
        let url = url.trim_end_matches('/').to_owned();
        Ok::<_, String>(WitnessAddress { url, key })
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let wrong = |e| StationError::Damaged(format!("{}: {e}", path.display()));
            parse(line).map_err(wrong)
        })
        .collect()
}

/// Adds a witness to the station in `folder`; a running station takes it up within a minute.
///
/// # Errors
/// When it is there already, or the file cannot be read or written.
pub fn add_witness(folder: &Path, witness: WitnessAddress) -> Result<(), StationError> {
    let mut all = witnesses(folder)?;
    if all.iter().any(|known| known.key == witness.key) {
        return Err(StationError::Input(format!(
            "{} is a witness of this station already",
            witness.key.name()
        )));
    }
    all.push(witness);
    let lines: String = (all.iter())
        .map(|witness| format!("{} {}\n", witness.url, witness.key.as_text()))
        .collect();
    let path = Files(folder).witnesses();
    durable::replace(&path, lines.as_bytes()).map_err(|source| StationError::file(&path, source))
}

impl Files<'_> {
    fn witnesses(&self) -> PathBuf {
        self.0.join("witnesses")
    }

    fn witness_authority(&self) -> PathBuf {
        self.0.join("witnesses.pem")
    }
}

impl Station {
    /// The witnesses as they are now. Who they are is entered in the ledger whenever it changed.
    ///
    /// # Errors
    /// When they cannot be read or entered.
    pub fn witnesses(&self) -> Result<Vec<WitnessAddress>, StationError> {
        let witnesses = witnesses(&self.folder)?;
        let keys: Vec<_> = (witnesses.iter())
            .map(|witness| witness.key.as_text())
            .collect();
        let mut witnessed = lock(&self.witnessed);
        if witnessed.entered != keys {
            self.enter(Event::Witnesses { keys: keys.clone() })?;
            witnessed.entered = keys;
            let known: Vec<_> = witnesses.iter().map(|w| w.key.clone()).collect();
            let kept = self.ledger.cosignatures(&known)?;
            witnessed.newest = kept.into_iter().max_by_key(|cosignature| cosignature.at);
        }
        Ok(witnesses)
    }

    /// The certificates that witnesses' addresses are trusted by, where they are https.
    pub fn witness_authority(&self) -> PathBuf {
        Files(&self.folder).witness_authority()
    }

    /// The ledger's newest signed head, for whoever keeps it elsewhere.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn signed_head(&self) -> Result<SignedHead, StationError> {
        Ok(self.ledger.head()?)
    }

    /// What is sent to a witness that has seen `seen` entries, or, where that is not known, as many as
    /// it cosigned last. A witness that has seen more than there is raises an alarm.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the ledger was rolled back.
    pub fn submission(
        &self,
        witness: &WitnessAddress,
        seen: Option<u64>,
    ) -> Result<(SignedHead, String), StationError> {
        let known = self
            .ledger
            .cosignatures(std::slice::from_ref(&witness.key))?;
        let last = known.first().map_or(0, |cosignature| cosignature.size);
        let submission = self.ledger.submission(seen.unwrap_or(last));
        if let Err(LedgerError::Damaged(what)) = &submission {
            let name = witness.key.name();
            self.raise(format!(
                "By the witness {name} the ledger is damaged: {what}."
            ));
        }
        Ok(submission?)
    }

    /// Keeps a witness's answer to the submission of `head`, which says the time too.
    ///
    /// # Errors
    /// [`LedgerError::NotCosigned`] when it is not that witness's cosignature.
    pub fn keep_cosignature(
        &self,
        witness: &WitnessAddress,
        head: &SignedHead,
        answer: &str,
    ) -> Result<(), StationError> {
        let cosignature = self.ledger.keep_cosignature(&witness.key, head, answer)?;
        self.heed_time(&witness.key, &cosignature)?;
        lock(&self.witnessed).newest = Some(cosignature);
        Ok(())
    }

    /// A witness refuses this ledger: it holds another history of it.
    pub fn refused_by_witness(&self, witness: &WitnessAddress) {
        let name = witness.key.name();
        self.raise(format!(
            "The witness {name} does not cosign this ledger: what it saw before is not what stands \
             here. Ask it for its evidence."
        ));
    }

    /// The newest cosignature, if it is fresh enough to count.
    pub fn cosigned(&self) -> Option<Cosignature> {
        let oldest = self.clock.now().saturating_sub(FRESH).ok()?;
        let newest = lock(&self.witnessed).newest.clone();
        newest.filter(|cosignature| cosignature.at >= oldest)
    }
}
