//! Turning to another page of an answer.

use std::collections::BTreeMap;

use govern::{Class, Permit, ReadId, TurnPage};

use crate::read::Read;
use crate::{Store, StoreError};

/// A page of an answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its reads, by their ids.
    pub reads: BTreeMap<ReadId, Read>,
    /// How many reads of which class the member is not authorised for any more.
    pub withheld: Vec<(Class, u64)>,
    /// How many were purged since.
    pub gone: usize,
}

impl Store {
    /// The reads of the permit's page, as far as they are there and the member may still see them.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn turn_page(&self, permit: &Permit<TurnPage>) -> Result<Page, StoreError> {
        permit.check(&*self.clock)?;
        let ids = &permit.act().reads;
        let found = self.reads_by_id(ids.iter().copied())?;
        let gone = ids.iter().filter(|id| !found.contains_key(id)).count();
        let mut withheld: BTreeMap<Class, u64> = BTreeMap::new();
        let mut reads = BTreeMap::new();
        for (id, (read, class)) in found {
            match class.filter(|class| !permit.classes().contains(class)) {
                Some(class) => *withheld.entry(class).or_default() += 1,
                None => {
                    reads.insert(id, read);
                }
            }
        }
        Ok(Page {
            reads,
            withheld: withheld.into_iter().collect(),
            gone,
        })
    }
}
