//! Declarations of affirmation: filed, and revoked at once.

use crypt::Id;
use govern::{Declaration, DeclarationId, FileDeclaration, RevokeDeclaration};
use jiff::civil::Date;

use super::as_paper;
use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

impl Station {
    /// Files an executed declaration of affirmation.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a paper that is none.
    pub fn file_declaration(
        &self,
        caller: &Caller,
        declaration: Declaration,
        paper: Vec<u8>,
    ) -> Result<(), StationError> {
        check_words("an agency's name", &declaration.agency)?;
        let paper = as_paper(paper)?;
        let act = FileDeclaration {
            declaration: Id::random(&*self.random),
            agency: declaration.agency.clone(),
            paper: paper.digest(),
        };
        let (_, name) = self.signed_by(caller);
        self.perform(caller, act, |permit| {
            self.store
                .file_declaration(permit, declaration, &paper, &name, &*self.random)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    /// Revokes a declaration: at once, nothing more is released on it.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] where there is none.
    pub fn revoke_declaration(
        &self,
        caller: &Caller,
        id: DeclarationId,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let filed = self.store.declarations()?;
        let known = filed.into_iter().find(|one| one.id == id);
        let known =
            known.ok_or_else(|| StationError::Input("there is no such declaration".to_owned()))?;
        let act = RevokeDeclaration {
            declaration: id,
            agency: known.declaration.agency,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.store.revoke_declaration(permit)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    /// The last day of a declaration signed on a day.
    pub fn declaration_ends(&self, signed: Date) -> Date {
        self.policy.release().declaration_ends(signed)
    }
}
