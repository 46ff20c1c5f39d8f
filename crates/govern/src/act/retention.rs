//! How long data are kept.

use serde::{Deserialize, Serialize};

use crate::retention::{Period, RetentionClass};

/// Changes how long a class of data is kept. It takes two people: see [`super::Propose`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRetention {
    /// Which class.
    pub class: RetentionClass,
    /// For how long at most.
    pub keep: Period,
    /// The item of the approved records schedule that allows it.
    pub schedule: String,
    /// The preset of `policy/retention-presets.toml` that it follows, if one.
    pub preset: Option<String>,
}

impl super::proposal::Sealed for ChangeRetention {}

impl ChangeRetention {
    pub(crate) fn what(&self) -> String {
        let preset = self
            .preset
            .as_ref()
            .map_or_else(String::new, |preset| format!(", after the preset {preset}"));
        format!(
            "{} kept for {}, schedule {}{preset}",
            self.class.says(),
            self.keep,
            self.schedule
        )
    }
}
