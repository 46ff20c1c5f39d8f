//! Media (4): encrypted volumes that evidence may be written onto in the clear.

use govern::{LeavesAs, MediumId, RegisterMedium, RetireMedium, SeeStation};
use store::Medium;

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

impl Station {
    /// Registers a medium.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a label that is taken, or a volume that was
    /// registered before.
    pub fn register_medium(
        &self,
        caller: &Caller,
        medium: MediumId,
        label: &str,
    ) -> Result<(), StationError> {
        let label = label.trim().to_owned();
        check_words("a medium's label", &label)?;
        let act = RegisterMedium { medium, label };
        self.perform(caller, act, |permit| {
            self.store.register_medium(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*medium.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Retires the medium with this label: nothing is written onto it in the clear from now on.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is no such medium.
    pub fn retire_medium(
        &self,
        caller: &Caller,
        label: &str,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("why it is retired", why)?;
        let label = label.trim();
        let named = self.store.media()?.into_iter();
        let named = named.filter(|medium| medium.label.eq_ignore_ascii_case(label));
        // Of those that had the label before, none is in use.
        let medium = named.min_by_key(|medium| medium.retired_at.is_some());
        let medium =
            medium.ok_or_else(|| StationError::Input(format!("there is no medium {label}")))?;
        let act = RetireMedium {
            medium: medium.id,
            label: medium.label,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.store.retire_medium(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*medium.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Every medium that was registered.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn media(&self, caller: &Caller) -> Result<Vec<Medium>, StationError> {
        let (media, _permit) = self.perform(caller, SeeStation, |_permit| {
            let media = self.store.media()?;
            Ok(Done {
                ids: media.iter().map(|one| *one.id.as_bytes()).collect(),
                value: media,
            })
        })?;
        Ok(media)
    }

    /// A bag's way out onto a medium, as that stands now.
    pub(crate) fn folder_on(&self, medium: MediumId) -> Result<LeavesAs, StationError> {
        let known = self.store.medium(medium)?;
        Ok(LeavesAs::FolderOn {
            medium,
            registered: known.as_ref().is_some_and(|one| one.retired_at.is_none()),
            label: known.map(|one| one.label).unwrap_or_default(),
        })
    }
}
