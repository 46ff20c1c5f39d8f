//! What the station is made of: cameras that go, and copies of it all.

use std::time::Duration;

use ledger::{CameraId, Withdrawal};

use super::{Action, Facts, sealed};
use crate::content::Principal;
use crate::policy::Policy;

/// Takes a camera's key away: what it handed in stays, and it hands in nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveCamera {
    /// Which.
    pub camera: CameraId,
    /// Its name, for the words.
    pub name: String,
}

/// Copies the whole station, sealed: nothing of it can be read without the station's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackUp;

impl sealed::Sealed for RemoveCamera {}
impl sealed::Sealed for BackUp {}

impl Action for RemoveCamera {
    const NAME: &'static str = "remove-camera";

    fn what(&self) -> String {
        self.name.clone()
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Camera(self.camera))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for BackUp {
    const NAME: &'static str = "back-up";
    // Copying every picture takes its time.
    const LIFETIME: Option<Duration> = Some(Duration::from_hours(24));

    fn what(&self) -> String {
        "the whole station".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
