//! How long data are kept, and their end.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;
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
    /// The number of the disposal certificate, where the state wants one before anything is purged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposal: Option<String>,
}

impl super::proposal::Sealed for ChangeRetention {}

impl ChangeRetention {
    pub(crate) fn what(&self) -> String {
        let preset = self
            .preset
            .as_ref()
            .map_or_else(String::new, |preset| format!(", after the preset {preset}"));
        let disposal = self.disposal.as_ref().map_or_else(String::new, |number| {
            format!(", disposal certificate {number}")
        });
        format!(
            "{} kept for {}, schedule {}{disposal}{preset}",
            self.class.says(),
            self.keep,
            self.schedule
        )
    }

    pub(super) fn facts_of(&self, policy: &Policy) -> Facts {
        let preset = self.preset.as_ref().and_then(|id| policy.preset(id));
        let floors = policy.keeping().floor(self.class).into_iter();
        let mut floors = floors.chain(preset.and_then(|preset| preset.floor));
        vec![
            ("schedule_given", !self.schedule.trim().is_empty()),
            (
                "beyond_preset",
                preset.is_some_and(|preset| self.keep.may_exceed(preset.max)),
            ),
            (
                "below_floor",
                floors.any(|floor| floor.may_exceed(self.keep)),
            ),
        ]
    }
}

/// Sees how long data are kept, what was purged, and the certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeRetention;

/// Has a purge run now, and not when it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartPurge {
    /// The classes that it would purge, in words.
    pub classes: String,
    /// Whether there is one: its time, its schedule and, where the state wants one, its disposal
    /// certificate are entered.
    pub armed: bool,
}

/// Purges what is past its time: a standing permit of the station's own, each step entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// For each class: what was seen or done before then is past its time.
    pub before: Vec<(RetentionClass, Timestamp)>,
}

impl sealed::Sealed for SeeRetention {}
impl sealed::Sealed for StartPurge {}
impl sealed::Sealed for Purge {}

impl Action for SeeRetention {
    const NAME: &'static str = "see-retention";

    fn what(&self) -> String {
        "how long data are kept".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for StartPurge {
    const NAME: &'static str = "start-purge";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        self.classes.clone()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![("armed", self.armed)]
    }
}

impl Action for Purge {
    const NAME: &'static str = "purge";
    const LIFETIME: Option<Duration> = None;
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let line = |(class, before): &(RetentionClass, Timestamp)| {
            format!("{} of before {before:.0}", class.says())
        };
        let lines: Vec<_> = self.before.iter().map(line).collect();
        lines.join(", ")
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
