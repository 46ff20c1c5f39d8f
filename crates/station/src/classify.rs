//! Cameras get a class of confidential data, another one, or none; what they handed in goes with them.

use std::sync::atomic::Ordering;

use govern::{Class, ClassifyCamera};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// Pictures whose keys are wrapped anew at once.
const AT_ONCE: u32 = 200;

impl Station {
    /// Gives a camera a class. Who sees its reads changes at once; the keys of its pictures follow
    /// ([`Station::rewrap_pictures`]).
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is no such camera or class.
    pub fn classify_camera(
        &self,
        caller: &Caller,
        name: &str,
        to: Option<Class>,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        if let Some(class) = &to {
            self.check_class(class)?;
        }
        let camera = self.camera_by_name(name)?;
        let act = ClassifyCamera {
            camera: camera.id,
            name: camera.name,
            from: camera.class,
            to,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.store.classify_camera(permit)?;
            self.rewrap.store(true, Ordering::Release);
            Ok(Done {
                value: (),
                ids: vec![*camera.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Wraps the keys of some more pictures by the key of their camera's class, where that changed.
    /// False when there is nothing left to do. Called once a second by whoever runs the station; what a
    /// crash broke off goes on at the next start.
    ///
    /// # Errors
    /// When the store fails.
    pub fn rewrap_pictures(&self) -> Result<bool, StationError> {
        if !self.rewrap.swap(false, Ordering::AcqRel) {
            return Ok(false);
        }
        let goes_on = self.store.rewrap_pictures(AT_ONCE, &*self.random);
        // An error too: it is tried again.
        self.rewrap
            .fetch_or(!matches!(goes_on, Ok(false)), Ordering::AcqRel);
        Ok(goes_on?)
    }
}
