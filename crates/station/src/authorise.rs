//! Authorisations for confidential data (3(e)).

use govern::{Class, EndAuthorisation, GrantAuthorisation};
use jiff::civil::Date;

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

impl Station {
    /// Grants a member sight of a class of confidential data, up to and including a last day.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a class that there is not, and a day that
    /// is over.
    pub fn grant_authorisation(
        &self,
        caller: &Caller,
        login: &str,
        class: Class,
        last_day: Date,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        self.check_class(&class)?;
        let named = self.named(login)?;
        let act = GrantAuthorisation {
            to: named.subject.clone(),
            class,
            until: self.end_of(last_day)?,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            self.store.grant_authorisation(permit)?;
            Ok(Done::about(named.subject.member))
        })?;
        Ok(())
    }

    /// Ends an authorisation: what it opened is closed at the next request.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is none in force.
    pub fn end_authorisation(
        &self,
        caller: &Caller,
        login: &str,
        class: Class,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        self.check_class(&class)?;
        let named = self.named(login)?;
        let act = EndAuthorisation {
            of: named.subject.clone(),
            class,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            self.store.end_authorisation(permit)?;
            Ok(Done::about(named.subject.member))
        })?;
        Ok(())
    }

    pub(crate) fn check_class(&self, class: &Class) -> Result<(), StationError> {
        match self.policy.class(class) {
            Some(_) => Ok(()),
            None => Err(StationError::Input(format!(
                "there is no class {}",
                class.0
            ))),
        }
    }
}
