//! Declarations of affirmation by agencies of other states, kept on file (6).

use crypt::{Digest, Random, sha256};
use govern::{Declaration, DeclarationId, FileDeclaration, Permit, RevokeDeclaration};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::proof::NewProof;
use crate::release::place;
use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A declaration as it lies on file.
#[derive(Clone, Debug, PartialEq)]
pub struct FiledDeclaration {
    /// Which.
    pub id: DeclarationId,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// Who filed it.
    pub filed_by: String,
    /// Itself.
    pub declaration: Declaration,
    /// SHA-256 of its paper as it was filed.
    pub paper: Option<Digest>,
}

#[derive(Serialize, Deserialize)]
struct DeclarationAbout {
    filed_by: String,
    #[serde(default)]
    paper: Option<Digest>,
    declaration: Declaration,
}

impl Store {
    /// Keeps the permit's declaration with its paper.
    ///
    /// # Errors
    /// When the paper is another than the permit's, or the disk fails.
    pub fn file_declaration(
        &self,
        permit: &Permit<FileDeclaration>,
        declaration: Declaration,
        paper: &NewProof,
        by: &str,
        random: &dyn Random,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let id = permit.act().declaration;
        if permit.act().paper != paper.digest() {
            return Err(StoreError::damaged("this is not the paper of the permit"));
        }
        let place = place("declaration", id);
        let about = DeclarationAbout {
            filed_by: by.to_owned(),
            paper: Some(paper.digest()),
            declaration,
        };
        let sealed = self.seal_json(&place, &about)?;
        let paper = self.put_paper(place.as_bytes(), *id.as_bytes(), paper, random)?;
        self.change(|db| {
            db.execute(
                "INSERT INTO declaration (id, filed_at, about, paper_kind, paper_wrapped) VALUES (?1, ?2, ?3, ?4, ?5)",
                values![id, self.clock.now(), &sealed, paper.kind, &paper.wrapped],
            )?;
            Ok(())
        })
    }

    /// Every declaration, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn declarations(&self) -> Result<Vec<FiledDeclaration>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, filed_at, about FROM declaration ORDER BY filed_at DESC, id",
                values![],
            )
        })?;
        let declaration = |row: &Row| {
            let id = row.get(0)?;
            let about: DeclarationAbout =
                self.unseal_json(&place("declaration", id), &row.get(2)?)?;
            Ok(FiledDeclaration {
                id,
                filed_at: row.get(1)?,
                filed_by: about.filed_by,
                declaration: about.declaration,
                paper: about.paper,
            })
        };
        rows.iter().map(declaration).collect()
    }

    /// Whether a declaration's paper lies on file as it was filed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn declaration_is_whole(&self, filed: &FiledDeclaration) -> Result<bool, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT paper_kind, paper_wrapped FROM declaration WHERE id = ?1",
                values![filed.id],
            )
        })?;
        let place = place("declaration", filed.id);
        // A paper that is gone or does not open is none.
        let paper = row.and_then(|row| {
            self.get_paper(place.as_bytes(), *filed.id.as_bytes(), &row)
                .ok()
        });
        Ok(paper.is_some_and(|paper| filed.paper == Some(sha256(&paper.bytes))))
    }

    /// Revokes the permit's declaration.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn revoke_declaration(&self, permit: &Permit<RevokeDeclaration>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let RevokeDeclaration {
            declaration: id,
            why,
            ..
        } = permit.act();
        if self.revoke(*id, why)? {
            Ok(())
        } else {
            Err(StoreError::NoSuch("such declaration"))
        }
    }

    /// Revokes a declaration again, after a restore.
    pub(crate) fn withdraw_declaration(&self, id: DeclarationId) -> Result<(), StoreError> {
        let why = "it was revoked after the backup that this station was restored from";
        self.revoke(id, why).map(drop)
    }

    /// False when there is no such declaration.
    fn revoke(&self, id: DeclarationId, why: &str) -> Result<bool, StoreError> {
        let place = place("declaration", id);
        self.change(|db| {
            db.hold("release")?;
            let row = db.row("SELECT about FROM declaration WHERE id = ?1", values![id])?;
            let Some(row) = row else {
                return Ok(false);
            };
            let mut about: DeclarationAbout = self.unseal_json(&place, &row.get(0)?)?;
            about.declaration.revoked = Some(why.to_owned());
            let sealed = self.seal_json(&place, &about)?;
            db.execute(
                "UPDATE declaration SET about = ?2 WHERE id = ?1",
                values![id, &sealed],
            )?;
            Ok(true)
        })
    }
}
