//! Hotlists: brought in, compiled, and put in force while reads flow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use govern::{
    BringsList, CameraId, ConfirmList, HotlistId, ImportId, ImportList, KeepReads, MemberId,
    Permit, Principal, SeeLists, SetListTerms,
};
use hotlist::{About, Grade, Mapping, Match, Terms};
use jiff::{SignedDuration, Timestamp};
use plate::Reading;
use store::{ImportReport, ListInForce, ListStanding, Listed, NewHit, Passed, StoreError};

use crate::gate::Done;
use crate::local::Local;
use crate::{Caller, Station, StationError, lock};

/// The most alerts that one read raises by one list.
const MOST: usize = 5;

/// After so long it is asked again what passed a camera.
const LEARN_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What passed a camera, by list.
type PassedHere = Arc<HashMap<HotlistId, Passed>>;

/// What an import came to.
#[derive(Debug)]
pub struct ListBrought {
    /// The list's name.
    pub name: String,
    /// Which import.
    pub import: ImportId,
    /// Its entries.
    pub entries: u64,
    /// Entries in force before it.
    pub before: u64,
    /// What the file was like.
    pub report: ImportReport,
    /// Whether it waits for a second person: the list in force stays until then.
    pub waits: bool,
}

/// A list as its page shows it.
#[derive(Debug)]
pub struct ListShown {
    /// Since when it does not come by itself as it should, and why, while that is so.
    pub failing: Option<(Timestamp, String)>,
    /// The list and its newest imports.
    pub list: ListStanding,
    /// Who brought each of them in, by name, or which feed.
    pub by: Vec<String>,
    /// Whether it should have been refreshed by now.
    pub overdue: bool,
}

/// The lists in force, compiled. A reader takes the whole at once; whoever puts another list in force
/// swaps the whole.
#[derive(Default)]
pub(crate) struct Lists {
    /// None before the first camera asks.
    in_force: RwLock<Option<Arc<Vec<Arc<ListInForce>>>>>,
    /// The local entries in force; none before they are asked for, and once one changed.
    pub(crate) local: RwLock<Option<Arc<Local>>>,
    /// By camera: when it was last asked what passed there, and what did.
    learnt: Mutex<HashMap<CameraId, (Timestamp, PassedHere)>>,
    /// Held while what is in force changes, in the store and then here.
    pub(crate) changing: Mutex<()>,
}

impl Lists {
    fn loaded(&self) -> Option<Arc<Vec<Arc<ListInForce>>>> {
        let in_force = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        in_force.clone()
    }

    fn swap(&self, lists: Vec<Arc<ListInForce>>) -> Arc<Vec<Arc<ListInForce>>> {
        let lists = Arc::new(lists);
        let mut in_force = self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *in_force = Some(Arc::clone(&lists));
        lists
    }

    /// A list was found unchanged at its source.
    pub(crate) fn unchanged(&self, name: &str, at: Timestamp) {
        let loaded = self.loaded();
        let found = loaded.as_ref().and_then(|lists| {
            let mut lists = lists.iter();
            lists.find(|list| list.about.name.eq_ignore_ascii_case(name))
        });
        if let Some(list) = found {
            self.put(ListInForce {
                id: list.id,
                about: list.about.clone(),
                imported_at: at,
                import: list.import,
                terms: list.terms.clone(),
                index: Arc::clone(&list.index),
            });
        }
    }

    /// Something else is set for a list's alerts.
    fn set_terms(&self, id: HotlistId, terms: Terms) {
        let loaded = self.loaded();
        let found = loaded.as_ref().and_then(|lists| {
            let mut lists = lists.iter();
            lists.find(|list| list.id == id)
        });
        if let Some(list) = found {
            self.put(ListInForce {
                id,
                about: list.about.clone(),
                imported_at: list.imported_at,
                import: list.import,
                terms: Some(terms),
                index: Arc::clone(&list.index),
            });
        }
    }

    /// Puts one list in force. Nothing to do before the first camera asks: it loads them all.
    fn put(&self, list: ListInForce) {
        if let Some(loaded) = self.loaded() {
            let mut lists: Vec<_> = loaded.iter().cloned().collect();
            lists.retain(|known| known.id != list.id);
            lists.push(Arc::new(list));
            self.swap(lists);
        }
    }
}

impl Station {
    /// Brings in a list: the file is read by the list's mapping, its entries are kept, compiled, and
    /// compared with every read from then on. A list that shrinks too much waits for a second person.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a file that is refused as a whole: the
    /// list in force stays.
    pub fn import_list(
        &self,
        caller: &Caller,
        about: About,
        file: &[u8],
    ) -> Result<ListBrought, StationError> {
        let sha256 = crypt::sha256(file);
        self.bring_in(caller, ImportList { about, sha256 }, file)
    }

    /// Whether a list can be what it is said to be.
    pub(crate) fn check_about(&self, about: &About) -> Result<(), StationError> {
        about.check().map_err(input)?;
        if about.name.eq_ignore_ascii_case(store::LOCAL_LIST) {
            return Err(input(
                "this name is kept for what members enter: give the list another",
            ));
        }
        for purpose in &about.purposes {
            if self.policy.purpose(purpose).is_none() {
                return Err(StationError::Input(format!(
                    "{purpose:?} is none of the department's purposes"
                )));
            }
        }
        Ok(())
    }

    pub(crate) fn mapping(&self, about: &About) -> Result<&Mapping, StationError> {
        self.policy.hotlists().get(&about.mapping).ok_or_else(|| {
            input(format!(
                "there is no policy/hotlists/{}.toml",
                about.mapping
            ))
        })
    }

    /// Brings in the act's list.
    pub(crate) fn bring_in<A: BringsList>(
        &self,
        caller: &Caller,
        act: A,
        file: &[u8],
    ) -> Result<ListBrought, StationError> {
        let about = act.about().clone();
        self.check_about(&about)?;
        let (brought, _permit) = self.perform(caller, act, |permit| {
            let mapping = self.mapping(&about)?;
            let mut imported = mapping.import(file).map_err(input)?;
            let _alone = lock(&self.lists.changing);
            if mapping.tells_changes() {
                let in_force = self.store.entries_in_force(permit)?.ok_or_else(|| {
                    input(format!(
                        "these are changes, and no list named {:?} is in force: bring the whole list in first",
                        about.name
                    ))
                })?;
                imported = imported.applied_to(in_force)?;
            }
            let report = ImportReport::of(&imported);
            let entries = imported.entries.len() as u64;
            let waits = |before| self.policy.alerts().shrinks_too_much(before, entries);
            let brought = self
                .store
                .import_list(permit, imported, waits, &*self.random)?;
            if !brought.waits {
                self.lists.put(ListInForce {
                    id: brought.list,
                    about: about.clone(),
                    imported_at: self.clock.now(),
                    import: brought.import,
                    terms: brought.terms,
                    index: Arc::new(brought.index),
                });
            }
            // It is in force, or waits, whatever becomes of the one before: the next import would clear
            // that away.
            let _ = self.store.clear_past(permit);
            Ok(Done {
                value: ListBrought {
                    name: about.name.clone(),
                    import: brought.import,
                    entries,
                    before: brought.before,
                    report,
                    waits: brought.waits,
                },
                ids: vec![*brought.import.as_bytes()],
            })
        })?;
        Ok(brought)
    }

    /// Puts an import in force that waited for a second person.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when it does not wait any more.
    pub fn confirm_list(&self, caller: &Caller, import: ImportId) -> Result<String, StationError> {
        let (imported_by, name) = self
            .store
            .import_name(import)?
            .ok_or_else(|| StationError::Input("there is no such import".to_owned()))?;
        let act = ConfirmList {
            import,
            name: name.clone(),
            imported_by,
        };
        self.perform(caller, act, |permit| {
            let _alone = lock(&self.lists.changing);
            let list = self.store.confirm_list(permit)?;
            self.lists.put(list);
            let _ = self.store.clear_past(permit);
            Ok(Done {
                value: (),
                ids: vec![*import.as_bytes()],
            })
        })?;
        Ok(name)
    }

    /// Sets what a false alert of a list costs, and what may be done on one. It holds for what is read
    /// from then on.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for no such list, or terms that are none.
    pub fn set_list_terms(
        &self,
        caller: &Caller,
        name: &str,
        terms: Terms,
    ) -> Result<(), StationError> {
        terms.check().map_err(input)?;
        let (list, name) = (self.store.list_named(name.trim())?)
            .ok_or_else(|| input("there is no list of this name"))?;
        let act = SetListTerms {
            list,
            name,
            terms: terms.clone(),
        };
        self.perform(caller, act, |permit| {
            let _alone = lock(&self.lists.changing);
            self.store.set_list_terms(permit)?;
            self.lists.set_terms(list, terms);
            Ok(Done {
                value: (),
                ids: vec![*list.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Which lists there are, and how they came in.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn lists(&self, caller: &Caller) -> Result<Vec<ListShown>, StationError> {
        let now = self.clock.now();
        let (lists, _permit) = self.perform(caller, SeeLists, |permit| {
            let lists = self.store.lists(permit)?;
            let failing = self.store.failing_feeds()?;
            let ids = lists.iter().map(|list| *list.id.as_bytes()).collect();
            let name = |member: MemberId| -> Result<String, StationError> {
                let member = self.store.member(member)?;
                Ok(member.map_or_else(|| "somebody who left".to_owned(), |m| m.name))
            };
            let shown = |list: ListStanding| -> Result<ListShown, StationError> {
                let by = list.imports.iter().map(|import| match &import.feed {
                    Some(feed) => Ok(format!("the feed {feed}")),
                    None => name(import.imported_by),
                });
                let failing = failing
                    .iter()
                    .find(|(about, ..)| about.name.eq_ignore_ascii_case(&list.about.name));
                let in_force = list.imports.iter().find(|i| Some(i.id) == list.in_force);
                Ok(ListShown {
                    by: by.collect::<Result<_, _>>()?,
                    failing: failing.map(|(_, since, why)| (*since, why.clone())),
                    overdue: in_force.is_some_and(|i| list.about.is_overdue(i.refreshed_at(), now)),
                    list,
                })
            };
            let value = lists
                .into_iter()
                .map(shown)
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Done { value, ids })
        })?;
        Ok(lists)
    }

    /// The entries that a camera's read may be, by every list in force.
    pub(crate) fn hits(
        &self,
        permit: &Permit<KeepReads>,
        readings: &[&Reading],
    ) -> Result<Vec<NewHit>, StationError> {
        match self.hits_in(permit, &self.lists_in_force(permit)?, readings) {
            Err(StoreError::NoSuch(_)) => {
                // A list was replaced meanwhile: what is in force is there once the change is over.
                drop(lock(&self.lists.changing));
                Ok(self.hits_in(permit, &self.lists_in_force(permit)?, readings)?)
            }
            hits => Ok(hits?),
        }
    }

    fn hits_in(
        &self,
        permit: &Permit<KeepReads>,
        lists: &[Arc<ListInForce>],
        readings: &[&Reading],
    ) -> Result<Vec<NewHit>, StoreError> {
        let rules = self.policy.alerts();
        let passed = self.passed(permit)?;
        let mut hits = Vec::new();
        for list in lists {
            let passed = passed.get(&list.id).copied().unwrap_or_default();
            let prior = rules.prior_learnt(list.about.class, passed.verified, passed.reads);
            let terms = list.terms.clone().unwrap_or_else(|| rules.terms());
            let mut graded: Vec<(usize, Match, Grade)> = Vec::new();
            for (read, reading) in readings.iter().enumerate() {
                let found = list
                    .index
                    .matches(reading, rules, prior)
                    .into_iter()
                    .take(MOST);
                graded.extend(found.filter_map(|m| Some((read, m, m.grade(rules, &terms)?))));
            }
            let places: Vec<usize> = graded.iter().map(|(_, found, _)| found.entry).collect();
            let entries = self.store.list_entries(permit, list.import, &places)?;
            for ((read, found, grade), entry) in graded.into_iter().zip(entries) {
                hits.push(NewHit {
                    read,
                    list: list.id,
                    listed: Listed {
                        entry,
                        about: list.about.clone(),
                        imported_at: list.imported_at,
                        may_be_done: terms.may_be_done.clone(),
                    },
                    matched: found.into(),
                    grade,
                });
            }
        }
        Ok(hits)
    }

    /// What is known of how often cars of each list pass the permit's camera.
    fn passed(&self, permit: &Permit<KeepReads>) -> Result<PassedHere, StoreError> {
        let Principal::Camera(camera) = permit.who() else {
            return Ok(Arc::default());
        };
        let now = self.clock.now();
        let known = lock(&self.lists.learnt).get(&camera.id).cloned();
        if let Some((at, passed)) = known
            && now.duration_since(at).abs() < LEARN_AGAIN
        {
            return Ok(passed);
        }
        let since = now.saturating_sub(self.policy.alerts().learnt_over());
        let passed = self.store.passed(permit, since.unwrap_or(Timestamp::MIN))?;
        let passed = Arc::new(passed);
        lock(&self.lists.learnt).insert(camera.id, (now, Arc::clone(&passed)));
        Ok(passed)
    }

    fn lists_in_force(
        &self,
        permit: &Permit<KeepReads>,
    ) -> Result<Arc<Vec<Arc<ListInForce>>>, StationError> {
        if let Some(loaded) = self.lists.loaded() {
            return Ok(loaded);
        }
        let _alone = lock(&self.lists.changing);
        if let Some(loaded) = self.lists.loaded() {
            return Ok(loaded);
        }
        let lists = self.store.lists_in_force(permit)?;
        Ok(self.lists.swap(lists.into_iter().map(Arc::new).collect()))
    }
}

fn input(error: impl std::fmt::Display) -> StationError {
    StationError::Input(error.to_string())
}
