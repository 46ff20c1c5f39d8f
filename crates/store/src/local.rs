//! Local entries: made, confirmed, renewed, withdrawn; and what parts of plates found.

use std::collections::HashMap;

use crypt::{Random, Sealed};
use govern::{
    CameraFacts, CameraId, Class, ConfirmLocalEntry, EnterLocalEntry, HotlistId, KeepReads,
    LocalEntry, LocalEntryId, LocalEntryName, MemberId, Permit, RenewLocalEntry, SeeLocalEntries,
    Wanted, WithdrawLocalEntry, Within,
};
use hotlist::{About, Class as ListClass, Vehicle};
use jiff::Timestamp;
use plate::{Jurisdiction, Pattern, PlateText};
use serde::{Deserialize, Serialize};

use crate::read::read;
use crate::sql::{Connection, Row, values};
use crate::{Read, ReadId, Store, StoreError};

/// The name of the list that local entries of whole plates stand in, for their alerts.
pub const LOCAL_LIST: &str = "Local entries";

/// Possibles told of each entry.
const MOST_POSSIBLE: i64 = 50;
/// Entries that ended, told of at once.
const MOST_OVER: i64 = 100;

/// A local entry, as it is kept.
#[derive(Debug)]
pub struct KeptLocalEntry {
    /// Which.
    pub name: LocalEntryName,
    /// What it says.
    pub entry: LocalEntry,
    /// When it was made.
    pub entered_at: Timestamp,
    /// When it ends by itself, or ended.
    pub ends_at: Timestamp,
    /// Who confirmed it, and when.
    pub confirmed: Option<(MemberId, Timestamp)>,
    /// Who renewed it last, and when.
    pub renewed: Option<(MemberId, Timestamp)>,
    /// Who withdrew it, when, and why.
    pub withdrawn: Option<(Option<MemberId>, Timestamp, String)>,
    /// What part of a plate found, newest first: reads with how probable each is.
    pub possibles: Vec<(Read, f64)>,
    /// How many of those this member has no authorisation for.
    pub withheld: u64,
}

/// A local entry that reads are compared with.
#[derive(Clone, Debug)]
pub struct LocalInForce {
    /// Which.
    pub name: LocalEntryName,
    /// What it says.
    pub entry: LocalEntry,
    /// When it was made.
    pub entered_at: Timestamp,
    /// When it was last looked at: confirmed or renewed.
    pub looked_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// A read that may be of the vehicle of which part of a plate is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewPossible {
    /// Which of the frame's reads, from 0.
    pub read: usize,
    /// The entry.
    pub entry: LocalEntryId,
    /// How probable it is.
    pub probability: f64,
}

/// A local entry as it is sealed.
#[derive(Serialize, Deserialize)]
struct Said {
    /// A plate, or part of one.
    wanted: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<SaidWithin>,
    jurisdiction: Option<Jurisdiction>,
    vehicle: Vehicle,
    reason: String,
    caution: String,
    case: String,
    document: String,
}

#[derive(Serialize, Deserialize)]
struct SaidWithin {
    cameras: Vec<(CameraId, String)>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Store {
    /// Keeps the permit's local entry, which waits for a second person; returns its number.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn enter_local_entry(&self, permit: &Permit<EnterLocalEntry>) -> Result<u64, StoreError> {
        permit.check(&*self.clock)?;
        let EnterLocalEntry {
            id, entry, until, ..
        } = permit.act();
        let sealed = self.seal_json(&place(*id, "entry"), &Said::of(entry))?;
        self.change(|db| {
            db.hold("local entries")?;
            let number: i64 = db.one(
                "SELECT coalesce(max(number), 0) + 1 FROM local_entry",
                values![],
            )?;
            db.execute(
                "INSERT INTO local_entry (id, number, entry, partial, entered_by, entered_at, ends_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                values![
                    *id,
                    number,
                    &sealed,
                    entry.wanted.is_partial(),
                    permit.member(),
                    self.clock.now(),
                    *until,
                ],
            )?;
            Ok(number.unsigned_abs())
        })
    }

    /// Which local entry goes by this number; nothing of what it says.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn local_entry_name(&self, number: u64) -> Result<LocalEntryName, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT id, number, entered_by, partial FROM local_entry WHERE number = ?1",
                values![i64::try_from(number).unwrap_or(i64::MAX)],
            )
        })?;
        name(&row.ok_or(StoreError::NoSuch("such local entry"))?)
    }

    /// Confirms the permit's local entry: reads are compared with it from now on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it does not wait any more; when the permit has expired or the
    /// database fails.
    pub fn confirm_local_entry(
        &self,
        permit: &Permit<ConfirmLocalEntry>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let changed = self.change(|db| {
            db.execute(
                "UPDATE local_entry SET confirmed_by = ?2, confirmed_at = ?3
                 WHERE id = ?1 AND confirmed_at IS NULL AND withdrawn_at IS NULL AND ends_at > ?3",
                values![permit.act().0.id, permit.member(), self.clock.now()],
            )
        })?;
        in_force(
            changed,
            "this local entry does not wait to be confirmed: it was confirmed already, withdrawn, or has ended",
        )
    }

    /// Lets the permit's local entry last longer.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not in force; when the permit has expired or the database
    /// fails.
    pub fn renew_local_entry(&self, permit: &Permit<RenewLocalEntry>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let RenewLocalEntry { name, until, .. } = permit.act();
        let changed = self.change(|db| {
            db.execute(
                "UPDATE local_entry SET ends_at = ?2, renewed_by = ?3, renewed_at = ?4
                 WHERE id = ?1 AND confirmed_at IS NOT NULL AND withdrawn_at IS NULL AND ends_at > ?4",
                values![name.id, *until, permit.member(), self.clock.now()],
            )
        })?;
        in_force(changed, "this local entry is not in force: make it anew")
    }

    /// Withdraws the permit's local entry.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was withdrawn already; when the permit has expired or the
    /// database fails.
    pub fn withdraw_local_entry(
        &self,
        permit: &Permit<WithdrawLocalEntry>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let WithdrawLocalEntry { name, why } = permit.act();
        let changed = self.take_out(name.id, permit.member(), why)?;
        in_force(changed, "this local entry was withdrawn already")
    }

    /// Withdraws it again, after a restore.
    pub(crate) fn withdraw_local_entry_again(&self, id: LocalEntryId) -> Result<(), StoreError> {
        self.take_out(
            id,
            None,
            "withdrawn after the backup that this was restored from",
        )?;
        Ok(())
    }

    fn take_out(
        &self,
        id: LocalEntryId,
        by: Option<MemberId>,
        why: &str,
    ) -> Result<u64, StoreError> {
        let why = self.seal(&place(id, "withdrawn"), why)?;
        self.change(|db| {
            db.execute(
                "UPDATE local_entry SET withdrawn_by = ?2, withdrawn_at = ?3, withdrawn_why = ?4
                 WHERE id = ?1 AND withdrawn_at IS NULL",
                values![id, by, self.clock.now(), &why],
            )
        })
    }

    /// The local entries that reads are compared with now.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn local_in_force(
        &self,
        permit: &Permit<KeepReads>,
    ) -> Result<Vec<LocalInForce>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, number, entered_by, partial, entry, entered_at, coalesce(renewed_at, confirmed_at), ends_at
                 FROM local_entry
                 WHERE confirmed_at IS NOT NULL AND withdrawn_at IS NULL AND ends_at > ?1
                 ORDER BY number",
                values![self.clock.now()],
            )
        })?;
        rows.iter()
            .map(|row| {
                let name = name(row)?;
                Ok(LocalInForce {
                    name,
                    entry: self.local_entry(name.id, row, 4)?,
                    entered_at: row.get(5)?,
                    looked_at: row.get(6)?,
                    ends_at: row.get(7)?,
                })
            })
            .collect()
    }

    /// The list that alerts of local entries name. It is none that can be brought in.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn local_list(
        &self,
        permit: &Permit<KeepReads>,
        source: &str,
        random: &dyn Random,
    ) -> Result<(HotlistId, About), StoreError> {
        permit.check(&*self.clock)?;
        let about = About {
            name: LOCAL_LIST.to_owned(),
            source: source.to_owned(),
            class: ListClass::Department,
            purposes: vec![],
            refresh_hours: About::LONGEST_REFRESH,
            mapping: String::new(),
        };
        let written = serde_json::to_string(&about).map_err(StoreError::damaged)?;
        let id = self.change(|db| {
            db.execute(
                "INSERT INTO hotlist (id, name, about) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                values![HotlistId::random(random), LOCAL_LIST, &written],
            )?;
            db.one(
                "SELECT id FROM hotlist WHERE name = ?1",
                values![LOCAL_LIST],
            )
        })?;
        Ok((id, about))
    }

    /// The local entries, those that wait first, then those in force; of those that are over the
    /// newest 100.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn local_entries(
        &self,
        permit: &Permit<SeeLocalEntries>,
    ) -> Result<Vec<KeptLocalEntry>, StoreError> {
        permit.check(&*self.clock)?;
        let now = self.clock.now();
        let found = self.ask(|db| {
            let standing = db.rows(
                "SELECT id, number, entered_by, partial, entry, entered_at, ends_at, confirmed_by, confirmed_at,
                        renewed_by, renewed_at, withdrawn_by, withdrawn_at, withdrawn_why
                 FROM local_entry WHERE withdrawn_at IS NULL AND ends_at > ?1
                 ORDER BY CASE WHEN confirmed_at IS NULL THEN 0 ELSE 1 END, number DESC",
                values![now],
            )?;
            let over = db.rows(
                "SELECT id, number, entered_by, partial, entry, entered_at, ends_at, confirmed_by, confirmed_at,
                        renewed_by, renewed_at, withdrawn_by, withdrawn_at, withdrawn_why
                 FROM local_entry WHERE withdrawn_at IS NOT NULL OR ends_at <= ?1
                 ORDER BY number DESC LIMIT ?2",
                values![now, MOST_OVER],
            )?;
            let mut found = Vec::new();
            for row in standing.into_iter().chain(over) {
                let possibles = if row.get(3)? {
                    possibles(db, row.get(0)?)?
                } else {
                    vec![]
                };
                found.push((row, possibles));
            }
            Ok(found)
        })?;
        let classes = self.classes_by_camera()?;
        found
            .iter()
            .map(|(row, possibles)| {
                let mut kept = self.kept_local_entry(row)?;
                for possible in possibles {
                    let camera: String = possible.get(9)?;
                    let class = classes.get(&camera);
                    if class.is_none_or(|class| permit.classes().contains(class)) {
                        kept.possibles.push((read(possible)?, possible.get(11)?));
                    } else {
                        kept.withheld += 1;
                    }
                }
                Ok(kept)
            })
            .collect()
    }

    /// The cameras that carry a class of confidential data, by name.
    fn classes_by_camera(&self) -> Result<HashMap<String, Class>, StoreError> {
        let cameras = self.cameras()?.into_iter();
        Ok(cameras
            .filter_map(|camera| Some((camera.name, camera.class?)))
            .collect())
    }

    fn kept_local_entry(&self, row: &Row) -> Result<KeptLocalEntry, StoreError> {
        let name = name(row)?;
        let by_at = |by: usize, at: usize| -> Result<Option<(MemberId, Timestamp)>, StoreError> {
            Ok(row.get::<Option<_>>(by)?.zip(row.get(at)?))
        };
        let withdrawn = row
            .get::<Option<Timestamp>>(12)?
            .zip(row.get::<Option<Sealed>>(13)?);
        Ok(KeptLocalEntry {
            name,
            entry: self.local_entry(name.id, row, 4)?,
            entered_at: row.get(5)?,
            ends_at: row.get(6)?,
            confirmed: by_at(7, 8)?,
            renewed: by_at(9, 10)?,
            withdrawn: withdrawn
                .map(|(at, why)| {
                    let why = self.unseal(&place(name.id, "withdrawn"), &why)?;
                    Ok::<_, StoreError>((row.get(11)?, at, why))
                })
                .transpose()?,
            possibles: vec![],
            withheld: 0,
        })
    }

    fn local_entry(
        &self,
        id: LocalEntryId,
        row: &Row,
        column: usize,
    ) -> Result<LocalEntry, StoreError> {
        let said: Said = self.unseal_json(&place(id, "entry"), &row.get(column)?)?;
        said.entry()
    }
}

impl Said {
    fn of(entry: &LocalEntry) -> Self {
        let (wanted, within) = match &entry.wanted {
            Wanted::Plate(plate) => (plate.to_string(), None),
            Wanted::Part { pattern, within } => {
                let cameras = within.cameras.iter();
                let within = SaidWithin {
                    cameras: cameras.map(|one| (one.id, one.name.clone())).collect(),
                    from: within.from,
                    until: within.until,
                };
                (pattern.to_string(), Some(within))
            }
        };
        Self {
            wanted,
            within,
            jurisdiction: entry.jurisdiction,
            vehicle: entry.vehicle.clone(),
            reason: entry.reason.clone(),
            caution: entry.caution.clone(),
            case: entry.case.clone(),
            document: entry.document.clone(),
        }
    }

    fn entry(self) -> Result<LocalEntry, StoreError> {
        let wanted = match self.within {
            None => {
                let plate: Result<PlateText, _> = self.wanted.parse();
                Wanted::Plate(plate.map_err(|_| StoreError::damaged("a local entry has no plate"))?)
            }
            Some(within) => {
                let pattern: Result<Pattern, _> = self.wanted.parse();
                let cameras = within.cameras.into_iter();
                Wanted::Part {
                    pattern: Box::new(pattern.map_err(StoreError::damaged)?),
                    within: Within {
                        cameras: cameras.map(|(id, name)| CameraFacts { id, name }).collect(),
                        from: within.from,
                        until: within.until,
                    },
                }
            }
        };
        Ok(LocalEntry {
            wanted,
            jurisdiction: self.jurisdiction,
            vehicle: self.vehicle,
            reason: self.reason,
            caution: self.caution,
            case: self.case,
            document: self.document,
        })
    }
}

/// Keeps that a read may be of the vehicle of which part of a plate is known.
pub(crate) fn keep_possible(
    db: &mut dyn Connection,
    possible: &NewPossible,
    read: ReadId,
    seen_at: Timestamp,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO possible (entry, read, seen_at, probability) VALUES (?1, ?2, ?3, ?4)",
        values![possible.entry, read, seen_at, possible.probability],
    )?;
    Ok(())
}

fn possibles(db: &mut dyn Connection, entry: LocalEntryId) -> Result<Vec<Row>, StoreError> {
    db.rows(
        "SELECT read.id, read.picture, read.reading, read.confidence, read.x, read.y, read.width, read.height,
                picture.seen_at, camera.name, camera.place, possible.probability
         FROM possible
         JOIN read ON read.id = possible.read
         JOIN picture ON picture.id = read.picture
         JOIN camera ON camera.id = picture.camera
         WHERE possible.entry = ?1
         ORDER BY possible.seen_at DESC
         LIMIT ?2",
        values![entry, MOST_POSSIBLE],
    )
}

/// Out of `id, number, entered_by, partial`, the first columns of a row.
fn name(row: &Row) -> Result<LocalEntryName, StoreError> {
    Ok(LocalEntryName {
        id: row.get(0)?,
        number: row.get(1)?,
        entered_by: row.get(2)?,
        partial: row.get(3)?,
    })
}

fn in_force(changed: u64, otherwise: &str) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict(otherwise.to_owned()))
    }
}

fn place(id: LocalEntryId, what: &str) -> String {
    format!("local_entry {id} {what}")
}
