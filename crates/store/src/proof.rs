//! Papers: proofs of training, written requests, declarations; encrypted in the vault as pictures are.

use crypt::{Digest, Key, Random, Sealed, sha256};
use govern::{Permit, PictureId, SeeProof, TrainingId};

use crate::sql::{Row, values};
use crate::vault::name_of;
use crate::{Store, StoreError};

/// What a proof is, told by its first bytes and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    /// A PDF.
    Pdf,
    /// A JPEG.
    Jpeg,
    /// A PNG.
    Png,
}

/// A proof as it is handed in.
#[derive(Clone)]
pub struct NewProof {
    kind: ProofKind,
    bytes: Vec<u8>,
}

/// A proof as it was handed in.
pub struct Proof {
    /// What it is.
    pub kind: ProofKind,
    /// Itself.
    pub bytes: Vec<u8>,
}

pub(crate) struct SealedProof {
    pub(crate) kind: &'static str,
    pub(crate) digest: Digest,
    pub(crate) wrapped: Sealed,
}

impl ProofKind {
    const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }

    fn begins(self) -> &'static [u8] {
        match self {
            Self::Pdf => b"%PDF-",
            Self::Jpeg => b"\xff\xd8\xff",
            Self::Png => b"\x89PNG\r\n\x1a\n",
        }
    }

    /// The media type under which browsers are given it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

impl NewProof {
    /// The largest proof, in bytes.
    pub const LARGEST: usize = 5 * 1024 * 1024;

    /// A proof, if it is a PDF, a JPEG or a PNG of no more than [`Self::LARGEST`] bytes.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        let kind = ProofKind::ALL
            .into_iter()
            .find(|kind| bytes.starts_with(kind.begins()))?;
        (bytes.len() <= Self::LARGEST).then_some(Self { kind, bytes })
    }

    /// SHA-256 of it.
    pub fn digest(&self) -> Digest {
        sha256(&self.bytes)
    }
}

impl Store {
    /// The proof of the record that the permit names.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when none is kept with it.
    pub fn proof(&self, permit: &Permit<SeeProof>) -> Result<Proof, StoreError> {
        permit.check(&*self.clock)?;
        let record = permit.act().record;
        let row = self
            .ask(|db| {
                db.row(
                    "SELECT kind, wrapped FROM training_proof WHERE training = ?1",
                    values![record],
                )
            })?
            .ok_or_else(|| StoreError::Conflict("no proof is kept with this record".to_owned()))?;
        self.get_paper(&place(record), *record.as_bytes(), &row)
    }

    /// The paper whose kind and wrapped key stand in the first two columns of a row.
    pub(crate) fn get_paper(
        &self,
        place: &[u8],
        id: [u8; 16],
        row: &Row,
    ) -> Result<Proof, StoreError> {
        let stored: String = row.get(0)?;
        let kind = ProofKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == stored)
            .ok_or_else(|| StoreError::damaged(format!("there is no paper of kind {stored}")))?;
        let own = self
            .vault
            .key
            .open_key(place, &row.get(1)?)
            .map_err(StoreError::damaged)?;
        let sealed = self.vault.shelf.get(&name_of(file(id)))?;
        let bytes = own
            .open(&id, &Sealed::from(sealed))
            .map_err(StoreError::damaged)?;
        Ok(Proof { kind, bytes })
    }

    /// Writes the proof, durably. A crash after this leaves a file that no key opens.
    pub(crate) fn put_proof(
        &self,
        record: TrainingId,
        proof: &NewProof,
        random: &dyn Random,
    ) -> Result<SealedProof, StoreError> {
        self.put_paper(&place(record), *record.as_bytes(), proof, random)
    }

    /// Writes a paper, durably, for one place alone.
    pub(crate) fn put_paper(
        &self,
        place: &[u8],
        id: [u8; 16],
        paper: &NewProof,
        random: &dyn Random,
    ) -> Result<SealedProof, StoreError> {
        let own = Key::random(random);
        let sealed = own.seal(&id, &paper.bytes).map_err(StoreError::damaged)?;
        self.vault
            .shelf
            .put(&name_of(file(id)), sealed.as_bytes())?;
        Ok(SealedProof {
            kind: paper.kind.as_str(),
            digest: paper.digest(),
            wrapped: self
                .vault
                .key
                .seal(place, own.expose())
                .map_err(StoreError::damaged)?,
        })
    }
}

fn place(record: TrainingId) -> Vec<u8> {
    format!("proof of training {record}").into_bytes()
}

/// Papers lie among the pictures: nobody can tell from outside which file is which.
fn file(id: [u8; 16]) -> PictureId {
    PictureId::from_bytes(id)
}
