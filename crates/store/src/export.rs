//! Everything out: reads with their pictures, some at a time.

use govern::{Class, Confirm, ExportEverything, Permit, PictureId};

use crate::read::{Read, read};
use crate::sql::values;
use crate::{Store, StoreError};

/// Pictures whose reads are handed over at a time.
const AT_A_TIME: i64 = 256;

/// A read as it goes out.
#[derive(Clone, Debug)]
pub struct ReadOut {
    /// The read.
    pub read: Read,
    /// The class of confidential data that its camera is, if it is.
    pub class: Option<Class>,
    /// SHA-256 of its picture.
    pub sha256: String,
}

/// The reads of some pictures, one picture's after the other.
pub struct SomeReads {
    /// The reads.
    pub reads: Vec<ReadOut>,
    /// Those after this picture are next.
    pub last: PictureId,
}

impl Store {
    /// Closes the proposal that the permit confirms: everything goes out once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was confirmed already or its time is over.
    pub fn confirm_export(
        &self,
        permit: &Permit<Confirm<ExportEverything>>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.change(|db| self.close_proposal(db, permit.act().proposal.id, permit.member()))
    }

    /// The reads of the pictures that follow, `None` after the last.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn reads_to_export(
        &self,
        permit: &Permit<Confirm<ExportEverything>>,
        after: Option<PictureId>,
    ) -> Result<Option<SomeReads>, StoreError> {
        permit.check(&*self.clock)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.ask(|db| {
            let pictures = db.rows(
                "SELECT id FROM picture WHERE id > ?1 ORDER BY id LIMIT ?2",
                values![after.clone(), AT_A_TIME],
            )?;
            let Some(last) = pictures.last() else {
                return Ok(None);
            };
            let last: PictureId = last.get(0)?;
            let rows = db.rows(
                "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                        picture.seen_at, camera.name, camera.place, camera.class, picture.sha256
                 FROM read
                 JOIN picture ON picture.id = read.picture
                 JOIN camera ON camera.id = picture.camera
                 WHERE read.picture > ?1 AND read.picture <= ?2 ORDER BY read.picture, read.id",
                values![after, last],
            )?;
            let reads = rows.iter().map(|row| {
                Ok(ReadOut {
                    read: read(row)?,
                    class: row.get::<Option<String>>(11)?.map(Class),
                    sha256: row.get(12)?,
                })
            });
            Ok(Some(SomeReads {
                reads: reads.collect::<Result<_, StoreError>>()?,
                last,
            }))
        })
    }

    /// The picture of a read that goes out, as captured.
    ///
    /// # Errors
    /// When the permit has expired, its member may not see the read, or the picture is gone.
    pub fn picture_to_export(
        &self,
        permit: &Permit<Confirm<ExportEverything>>,
        of: &ReadOut,
    ) -> Result<Vec<u8>, StoreError> {
        permit.check(&*self.clock)?;
        if of
            .class
            .as_ref()
            .is_some_and(|class| !permit.classes().contains(class))
        {
            return Err(StoreError::NoSuch("picture that this member may see"));
        }
        self.open_picture(of.read.picture)
    }
}
