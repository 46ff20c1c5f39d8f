//! How the station itself stands: for whoever runs it, and for what watches it.

use govern::SeeStation;

use crate::gate::Done;
use crate::{Alarm, Caller, CertificateShown, Cosignature, PurgeStanding, Station, StationError};

/// How the station stands.
pub struct StationStatus {
    /// The program's version.
    pub version: &'static str,
    /// How many entries the ledger has.
    pub entries: u64,
    /// The newest cosignature of a witness, if it is fresh.
    pub cosigned: Option<Cosignature>,
    /// The certificate that browsers are shown; none on a station that serves its own machine.
    pub certificate: Option<CertificateShown>,
    /// What must be looked into, the certificate included.
    pub warnings: Vec<String>,
    /// Alarms that nobody has seen to.
    pub alarms: Vec<Alarm>,
    /// Where the purge stands.
    pub purge: PurgeStanding,
}

impl Station {
    /// How the station stands.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn station_status(&self, caller: &Caller) -> Result<StationStatus, StationError> {
        let (status, _permit) = self.perform(caller, SeeStation, |_permit| {
            let certificate = self.certificate();
            let mut warnings = self.warnings();
            warnings.extend(certificate.as_ref().and_then(|shown| shown.warning.clone()));
            let purge = self.purge_standing()?;
            if let Some(since) = purge.late {
                warnings.push(format!(
                    "What is past its time was not purged since {since:.0}{}.",
                    (purge.trouble.as_ref()).map_or_else(String::new, |why| format!(": {why}"))
                ));
            }
            Ok(Done {
                value: StationStatus {
                    version: env!("CARGO_PKG_VERSION"),
                    entries: self.ledger_size(),
                    cosigned: self.cosigned(),
                    certificate,
                    warnings,
                    alarms: self.alarms(),
                    purge,
                },
                ids: vec![],
            })
        })?;
        Ok(status)
    }
}
