//! Local entries (3(b), 3(c)): made by one, confirmed by another, compared with every read until they
//! end. A whole plate raises alerts as a list does; what part of one finds is for review, and no more.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use crypt::Id;
use govern::{
    CameraId, ConfirmLocalEntry, EnterLocalEntry, HotlistId, KeepReads, LocalEntry, Permit,
    RenewLocalEntry, SeeLocalEntries, Wanted, WithdrawLocalEntry,
};
use hotlist::{About, Entry, Index, Vehicle};
use jiff::Timestamp;
use plate::{Jurisdiction, Pattern, Reading};
use store::{KeptLocalEntry, Listed, LocalInForce, Member, NewHit, NewPossible};

use crate::administer::check_words;
use crate::gate::Done;
use crate::release::pattern;
use crate::{Caller, Station, StationError, lock};

/// The most alerts that one read raises by local entries.
const MOST: usize = 5;

/// A local entry, as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct LocalEntryAsked {
    /// The plate, or what is known of it.
    pub plate: String,
    /// Who issued it, if that is known.
    pub jurisdiction: Option<Jurisdiction>,
    /// The vehicle, as far as it is known.
    pub vehicle: Vehicle,
    /// Why.
    pub reason: String,
    /// What whoever meets it is warned of; empty if nothing.
    pub caution: String,
    /// The case's or call's number.
    pub case: String,
    /// The document behind it, and where it is kept.
    pub document: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// For part of a plate: at which cameras, by name.
    pub cameras: Vec<String>,
    /// For part of a plate: seen at this time or later.
    pub from: Option<Timestamp>,
    /// For part of a plate: seen before this time.
    pub until: Option<Timestamp>,
}

/// The local entries, as a page shows them.
#[derive(Debug)]
pub struct LocalEntries {
    /// Those that wait first, then those in force, then those that are over.
    pub entries: Vec<KeptLocalEntry>,
    /// Who is who.
    pub members: Vec<Member>,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

/// The local entries in force, as reads are compared with them.
pub(crate) struct Local {
    list: HotlistId,
    about: About,
    /// Over the whole plates.
    index: Index,
    /// In the index's order, with when each was last looked at.
    plates: Vec<(Entry, Timestamp)>,
    /// Those with part of a plate.
    parts: Vec<LocalInForce>,
    /// When the first of them ends.
    until: Option<Timestamp>,
}

impl Station {
    /// Makes a local entry, which waits for a second person; returns its number.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for what is no plate, no camera or too long.
    pub fn enter_local_entry(
        &self,
        caller: &Caller,
        asked: LocalEntryAsked,
    ) -> Result<u64, StationError> {
        check_words("a reason", &asked.reason)?;
        for (what, text) in texts(&asked) {
            if !text.is_empty() {
                check_words(what, text)?;
            }
        }
        let act = EnterLocalEntry {
            id: Id::random(&*self.random),
            until: asked.ends_at,
            lasts: asked.ends_at.duration_since(self.clock.now()),
            entry: LocalEntry {
                wanted: self.looked_out_for(&asked)?,
                jurisdiction: asked.jurisdiction,
                vehicle: asked.vehicle,
                reason: asked.reason.trim().to_owned(),
                caution: asked.caution.trim().to_owned(),
                case: asked.case.trim().to_uppercase(),
                document: asked.document.trim().to_owned(),
            },
        };
        let id = *act.id.as_bytes();
        let (number, _permit) = self.perform(caller, act, |permit| {
            Ok(Done {
                value: self.store.enter_local_entry(permit)?,
                ids: vec![id],
            })
        })?;
        Ok(number)
    }

    fn looked_out_for(&self, asked: &LocalEntryAsked) -> Result<Wanted, StationError> {
        let known: Pattern = pattern(asked.plate.trim())?;
        if known.plate().is_some() {
            // As it was written: O is told from 0 on the page.
            let plate = asked.plate.parse();
            return Ok(Wanted::Plate(plate.map_err(
                |e: plate::PlateTextError| StationError::Input(e.to_string()),
            )?));
        }
        Ok(Wanted::Part {
            pattern: Box::new(known),
            within: govern::Within {
                cameras: self.cameras_named(&asked.cameras)?,
                from: asked.from,
                until: asked.until,
            },
        })
    }

    /// Confirms a local entry that another made: reads are compared with it from now on.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Store`] when it does not wait any more.
    pub fn confirm_local_entry(&self, caller: &Caller, number: u64) -> Result<(), StationError> {
        let name = self.store.local_entry_name(number)?;
        self.perform(caller, ConfirmLocalEntry(name), |permit| {
            self.change_local(|| self.store.confirm_local_entry(permit))?;
            Ok(Done {
                value: (),
                ids: vec![*name.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Lets a local entry that is in force last longer.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Store`] when it is not in force.
    pub fn renew_local_entry(
        &self,
        caller: &Caller,
        number: u64,
        until: Timestamp,
    ) -> Result<(), StationError> {
        let name = self.store.local_entry_name(number)?;
        let act = RenewLocalEntry {
            name,
            until,
            lasts: until.duration_since(self.clock.now()),
        };
        self.perform(caller, act, |permit| {
            self.change_local(|| self.store.renew_local_entry(permit))?;
            Ok(Done {
                value: (),
                ids: vec![*name.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Withdraws a local entry: reads are not compared with it any more.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Store`] when it was withdrawn already.
    pub fn withdraw_local_entry(
        &self,
        caller: &Caller,
        number: u64,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let name = self.store.local_entry_name(number)?;
        let act = WithdrawLocalEntry {
            name,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            self.change_local(|| self.store.withdraw_local_entry(permit))?;
            Ok(Done {
                value: (),
                ids: vec![*name.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// The local entries. The page and the pictures of what parts of plates found are one disclosure.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn local_entries(&self, caller: &Caller) -> Result<LocalEntries, StationError> {
        let ((entries, members), permit) = self.perform(caller, SeeLocalEntries, |permit| {
            let entries = self.store.local_entries(permit)?;
            let mut ids: Vec<_> = entries.iter().map(|one| *one.name.id.as_bytes()).collect();
            let possibles = entries.iter().flat_map(|one| &one.possibles);
            ids.extend(possibles.map(|(read, _)| *read.id.as_bytes()));
            Ok(Done {
                value: (entries, self.store.members()?),
                ids,
            })
        })?;
        let entry = permit.entry();
        let possibles = entries.iter().flat_map(|one| &one.possibles);
        let pictures = possibles.map(|(read, _)| read.picture).collect();
        self.disclose(permit, pictures);
        Ok(LocalEntries {
            entries,
            members,
            entry,
        })
    }

    /// Changes what is in force, in the store and then for the reads that come in.
    fn change_local(
        &self,
        change: impl FnOnce() -> Result<(), store::StoreError>,
    ) -> Result<(), StationError> {
        let _alone = lock(&self.lists.changing);
        change()?;
        self.lists.forget_local();
        Ok(())
    }

    /// The alerts that local entries of whole plates raise.
    pub(crate) fn local_hits(
        &self,
        permit: &Permit<KeepReads>,
        readings: &[&Reading],
    ) -> Result<Vec<NewHit>, StationError> {
        let rules = self.policy.alerts();
        let local = self.local_now(permit)?;
        let prior = rules.prior(local.about.class);
        let mut hits = Vec::new();
        for (read, reading) in readings.iter().enumerate() {
            let found = local.index.matches(reading, rules, prior);
            for found in found.into_iter().take(MOST) {
                let grade = found.grade(rules, &rules.terms());
                let Some((grade, (entry, looked_at))) = grade.zip(local.plates.get(found.entry))
                else {
                    continue;
                };
                hits.push(NewHit {
                    read,
                    list: local.list,
                    listed: Listed {
                        entry: entry.clone(),
                        about: local.about.clone(),
                        imported_at: *looked_at,
                        may_be_done: String::new(),
                    },
                    matched: found.into(),
                    grade,
                });
            }
        }
        Ok(hits)
    }

    /// The reads that may be of a vehicle of which part of a plate is known, where and when it is
    /// looked out for.
    pub(crate) fn possibles(
        &self,
        permit: &Permit<KeepReads>,
        readings: &[&Reading],
        camera: CameraId,
        seen_at: Timestamp,
    ) -> Result<Vec<NewPossible>, StationError> {
        let local = self.local_now(permit)?;
        let mut possibles = Vec::new();
        for one in &local.parts {
            let Wanted::Part { pattern, within } = &one.entry.wanted else {
                continue;
            };
            let here = within.cameras.iter().any(|wanted| wanted.id == camera)
                && within.from.is_some_and(|from| from <= seen_at)
                && within.until.is_some_and(|until| seen_at < until);
            if !here {
                continue;
            }
            for (read, reading) in readings.iter().enumerate() {
                let rules = self.policy.alerts();
                let possible = rules.possible(reading, pattern, one.entry.jurisdiction);
                possibles.extend(possible.map(|probability| NewPossible {
                    read,
                    entry: one.name.id,
                    probability,
                }));
            }
        }
        Ok(possibles)
    }

    /// What is in force now; read anew once something changed or ended.
    fn local_now(&self, permit: &Permit<KeepReads>) -> Result<Arc<Local>, StationError> {
        let now = self.clock.now();
        let fresh = |local: &Arc<Local>| local.until.is_none_or(|until| now < until);
        if let Some(local) = self.lists.local().filter(fresh) {
            return Ok(local);
        }
        let _alone = lock(&self.lists.changing);
        if let Some(local) = self.lists.local().filter(fresh) {
            return Ok(local);
        }
        let in_force = self.store.local_in_force(permit)?;
        let (list, about) = self
            .store
            .local_list(permit, &self.about.agency, &*self.random)?;
        let local = Arc::new(Local::compile(list, about, in_force));
        self.lists.keep_local(Arc::clone(&local));
        Ok(local)
    }
}

impl Local {
    fn compile(list: HotlistId, about: About, in_force: Vec<LocalInForce>) -> Self {
        let until = in_force.iter().map(|one| one.ends_at).min();
        let mut looked_at = HashMap::new();
        let mut entries = Vec::new();
        let mut parts = Vec::new();
        for one in in_force {
            match listed(&one, &about) {
                Some(entry) => {
                    looked_at.insert(entry.record.clone(), one.looked_at);
                    entries.push(entry);
                }
                None => parts.push(one),
            }
        }
        let index = Index::compile(&mut entries);
        let plates = entries.into_iter().filter_map(|entry| {
            let at = looked_at.remove(&entry.record)?;
            Some((entry, at))
        });
        Self {
            list,
            about,
            index,
            plates: plates.collect(),
            parts,
            until,
        }
    }
}

/// The entry of a list that a local entry of a whole plate is.
fn listed(one: &LocalInForce, about: &About) -> Option<Entry> {
    let Wanted::Plate(plate) = &one.entry.wanted else {
        return None;
    };
    let made = jiff::tz::TimeZone::UTC.to_datetime(one.entered_at).date();
    Some(Entry {
        plate: plate.clone(),
        jurisdiction: one.entry.jurisdiction,
        file: "LOCAL".to_owned(),
        reason: format!("{}, case {}", one.entry.reason, one.entry.case),
        restricted: false,
        caution: one.entry.caution.clone(),
        vehicle: one.entry.vehicle.clone(),
        entered: Some(made),
        record: format!("Local entry {}, by {}", one.name.number, one.entry.document),
        agency: about.source.clone(),
    })
}

/// What may be left empty, by name.
fn texts(asked: &LocalEntryAsked) -> [(&'static str, &str); 7] {
    let vehicle = &asked.vehicle;
    [
        ("a caution", &asked.caution),
        ("a document's name", &asked.document),
        ("a year", &vehicle.year),
        ("a make", &vehicle.make),
        ("a model", &vehicle.model),
        ("a style", &vehicle.style),
        ("a colour", &vehicle.colour),
    ]
}

impl crate::hotlist::Lists {
    fn local(&self) -> Option<Arc<Local>> {
        let local = self.local.read().unwrap_or_else(PoisonError::into_inner);
        local.clone()
    }

    fn keep_local(&self, local: Arc<Local>) {
        *self.local.write().unwrap_or_else(PoisonError::into_inner) = Some(local);
    }

    fn forget_local(&self) {
        *self.local.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
