//! What the station is made of: cameras that go, and copies of it all.

use std::time::Duration;

use ledger::{CameraId, Withdrawal};

use super::{Action, Facts, sealed};
use crate::area::Position;
use crate::content::{Class, Principal};
use crate::policy::Policy;

/// Takes a camera's key away: what it handed in stays, and it hands in nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveCamera {
    /// Which.
    pub camera: CameraId,
    /// Its name, for the words.
    pub name: String,
}

/// Gives a camera a class of confidential data, another one, or none. What it handed in before goes
/// with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassifyCamera {
    /// Which.
    pub camera: CameraId,
    /// Its name, for the words.
    pub name: String,
    /// The class that it has.
    pub from: Option<Class>,
    /// The class that it is to have.
    pub to: Option<Class>,
    /// Why.
    pub why: String,
}

/// Says where a camera stands on the map, or that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceCamera {
    /// Which.
    pub camera: CameraId,
    /// Its name, for the words.
    pub name: String,
    /// Where.
    pub position: Option<Position>,
}

/// Copies the whole station, sealed: nothing of it can be read without the station's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackUp;

impl sealed::Sealed for RemoveCamera {}
impl sealed::Sealed for ClassifyCamera {}
impl sealed::Sealed for PlaceCamera {}
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

impl Action for ClassifyCamera {
    const NAME: &'static str = "classify-camera";

    fn what(&self) -> String {
        let class =
            |class: &Option<Class>| class.as_ref().map_or("open", |class| &class.0).to_owned();
        format!(
            "{} from {} to {}, because: {}",
            self.name,
            class(&self.from),
            class(&self.to),
            self.why
        )
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        let class = self.to.as_ref()?;
        Some(Withdrawal::OpenReads(self.camera, class.0.clone()))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![("opens", self.from.is_some())]
    }
}

impl Action for PlaceCamera {
    const NAME: &'static str = "place-camera";

    fn what(&self) -> String {
        let position = self.position;
        let position = position.map_or_else(|| "nowhere".to_owned(), |at| at.to_string());
        format!("{} at {position}", self.name)
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
