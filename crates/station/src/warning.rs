//! What everybody who looks at a page should know before they rely on the station.

use crate::{Station, lock};

/// The fact that says who declared that the database server's disks are encrypted.
pub(crate) const DECLARED_ENCRYPTED: &str = "store declared encrypted";

impl Station {
    /// Sentences for the head of every page and for the operator; none when all is well. Asks no
    /// disk: it is called for every page.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = lock(&self.alarms).clone();
        if self.about.open_server {
            warnings.push(
                "Nobody has declared that the database server's disks are encrypted: plates and places \
                 of reads may lie there in the clear (names, notes and pictures do not)."
                    .to_owned(),
            );
        }
        if let Some(Err(trouble)) = self.town.get() {
            warnings.push(format!(
                "map.geojson in the station's folder is no map, and not shown: {trouble}."
            ));
        }
        if self.time_doubt().is_some() {
            warnings.push(
                "The time is in doubt: the machine's clock stepped. Searches go on and stand in the \
                 ledger as made in doubt; what depends on the day stops until two people confirm the clock."
                    .to_owned(),
            );
        }
        warnings
    }

    /// Raises an alarm: it stands on every page, and in the operator's log.
    pub(crate) fn raise(&self, says: String) {
        let mut alarms = lock(&self.alarms);
        if !alarms.contains(&says) {
            alarms.push(says);
        }
    }
}
