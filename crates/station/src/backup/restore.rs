//! Restore: a station out of a backup, once what was taken away since is taken away again.
//!
//! The database goes back to the backup; the ledger never does. It goes on from its newest copy, and
//! that copy says what the database has forgotten. A folder is a station only when that is done: its
//! key file is written last.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use crypt::{MasterKey, RecoveryShare, WrappedMasterKey};
use govern::{Policy, PolicyFiles};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::{DecisionId, Event, SigningKey, Withdrawal};
use serde::{Deserialize, Serialize};
use store::{PictureKey, Store};

use super::newest::{Lost, Newest, newest_ledger};
use super::parcel::{Header, Parcel, Part};
use super::since::Since;
use crate::alarm::DOUBTFUL;
use crate::{
    Files, LEDGER_HEAD, LoginAttempt, Station, StationError, Surroundings, found, keeping, purge,
};

/// What a station is restored from.
pub struct Restore<'a> {
    /// The backup's file with the station.
    pub station: &'a Path,
    /// Its file with what opens the pictures.
    pub picture_keys: Option<&'a Path>,
    /// The newest copy of the ledger: what is left of the station's own, or an export.
    pub ledger: Option<&'a Path>,
    /// Heads of the ledger that others keep, such as a witness.
    pub heads: &'a [PathBuf],
    /// The two members with an office who sign that the ledger's newest entries are lost, where they
    /// are.
    pub lost: Option<[&'a LoginAttempt<'a>; 2]>,
}

/// What opens the backup.
pub enum Unlock<'a> {
    /// The passphrase that the station had when the backup was made; it stays the station's.
    Passphrase(&'a str),
    /// Two recovery shares, and the new passphrase.
    Shares([RecoveryShare; 2], &'a str),
}

/// What a restore came to.
#[derive(Debug)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// How many entries the ledger has that the backup's database does not know.
    pub newer_entries: u64,
    /// What was taken away since, and is taken away again.
    pub withdrawn: u64,
    /// Members, by login, who have nothing to come in with now: what they had is taken away again, and
    /// what took its place is lost. Each needs a new code.
    pub without_way_in: Vec<String>,
    /// What was done since and is lost with the newer database: it is to be done again.
    pub enter_again: Vec<EnterAgain>,
    /// Reads handed in since, which are lost.
    pub reads_lost: u64,
    /// Holds placed since, which hold again.
    pub held: u64,
    /// Records that are past their time, or were purged before, and are purged again.
    pub purged: u64,
    /// Whether the pictures can be opened.
    pub pictures: bool,
    /// What of the ledger is lost, in a sentence, where two members signed that.
    pub lost: Option<String>,
}

/// An act that the backup's database does not know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterAgain {
    /// Its number in the ledger.
    pub entry: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: String,
}

/// Where the backup's database stands in the ledger.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stands {
    pub(super) decision: DecisionId,
    pub(super) entry: u64,
}

/// The file in the backup that says it.
pub(super) const STANDS: &str = "stands.json";

impl Station {
    /// Makes a station out of a backup, in a folder that does not exist or is empty. It does not
    /// open as a station before everything that was taken away since is taken away again.
    ///
    /// # Errors
    /// [`StationError::Restore`] when the newest ledger is not at hand, is not this station's, or
    /// lacks entries that were signed; [`StationError::BackupDamaged`]; what [`Unlock`] says.
    pub fn restore(
        folder: &Path,
        from: &Restore<'_>,
        unlock: &Unlock<'_>,
        around: &Surroundings,
    ) -> Result<Restored, StationError> {
        let parcel = part(from.station, Part::Station)?;
        let header = parcel.header.clone();
        let (master, keys) = open(&header.keys, unlock, around)?;
        found::new_folder(folder)?;
        let mut stands = None;
        parcel.unpack(&master, &mut |name, bytes| {
            if name == STANDS {
                stands = Some(serde_json::from_reader::<_, Stands>(bytes).map_err(damaged)?);
                return Ok(());
            }
            write(&folder.join(name), bytes)
        })?;
        let stands =
            stands.ok_or_else(|| damaged("it does not say where it stands in the ledger"))?;

        let store = keeping::open(&Files(folder), &master, around.clock.clone())?;
        let signing = store
            .fact("ledger key")?
            .ok_or_else(|| damaged("the station does not know its ledger key"))?;
        let Newest { ledger, lost } =
            newest_ledger(folder, from, SigningKey::from_text(&signing)?)?;
        let mut since = Since::default();
        since.read(&ledger, stands.entry, Some(stands.decision))?;
        let without_way_in = take_away_again(&store, &since)?;
        // A clock that was set back does not make an old file good again.
        let now = since.latest(around.clock.now());
        let picture_keys = picture_keys(&header, from.picture_keys, &master, now)?;
        store.give_picture_keys(picture_keys.as_deref().unwrap_or_default(), &*around.random)?;
        let (held, purged) = hold_and_purge_again(&store, &since, folder, around, now)?;
        let newer_entries = ledger.size().saturating_sub(stands.entry + 1);
        let withdrawn = since.withdrawn();
        let goes_on = Event::Restored(ledger::Restored {
            backup: Some(stands.decision),
            withdrawn,
            pictures: picture_keys.is_some(),
        });
        let lost = match (lost, from.lost) {
            (Some(lost), Some(by)) => {
                ledger.seal()?;
                drop((ledger, store));
                Some(Self::go_on_without(
                    folder, &master, by, around, lost, goes_on,
                )?)
            }
            _ => {
                ledger.append(around.clock.now(), goes_on)?;
                ledger.seal()?;
                store.set_fact(LEDGER_HEAD, &ledger.head()?.note)?;
                None
            }
        };
        found::write_keys(&Files(folder).keys(), &keys)?;
        since.enter_again.reverse();
        Ok(Restored {
            made_at: header.made_at,
            newer_entries,
            withdrawn,
            without_way_in,
            enter_again: since.enter_again,
            reads_lost: since.reads,
            held,
            purged,
            pictures: picture_keys.is_some(),
            lost,
        })
    }

    /// Goes on in a new ledger, whose first entry says what is lost of the one before, and by whom it
    /// is signed. What is lost, in a sentence.
    fn go_on_without(
        folder: &Path,
        master: &MasterKey,
        by: [&LoginAttempt<'_>; 2],
        around: &Surroundings,
        lost: Lost,
        goes_on: Event,
    ) -> Result<String, StationError> {
        let mut says = String::new();
        Self::continue_by_two(folder, master, by, around.clone(), |station, by| {
            let Lost { head, missing } = lost;
            says = station.remember_lost(&head, missing)?;
            let first = Event::Continued {
                head,
                finding: format!("its entries from {} on are lost", missing.from),
                by: by.into(),
                missing: Some(missing),
            };
            Ok(vec![first, goes_on])
        })?;
        Ok(says)
    }
}

fn part(path: &Path, wanted: Part) -> Result<Parcel, StationError> {
    let parcel = Parcel::open(path)?;
    if parcel.header.part == wanted {
        Ok(parcel)
    } else {
        Err(StationError::Restore(format!(
            "{} is the backup's other file",
            path.display()
        )))
    }
}

fn open(
    keys: &WrappedMasterKey,
    unlock: &Unlock<'_>,
    around: &Surroundings,
) -> Result<(MasterKey, WrappedMasterKey), StationError> {
    Ok(match unlock {
        Unlock::Passphrase(passphrase) => (keys.open(passphrase)?, keys.clone()),
        Unlock::Shares(shares, passphrase) => keys.recover(shares, passphrase, &*around.random)?,
    })
}

/// Takes away again what was taken away since; the logins of those who have no way in now.
pub(super) fn take_away_again(store: &Store, since: &Since) -> Result<Vec<String>, StationError> {
    for (withdrawal, by) in &since.withdrawals {
        store.withdraw(withdrawal, *by)?;
    }
    if let Some(doubtful) = since.time_doubtful {
        store.set_fact(DOUBTFUL, if doubtful { "yes" } else { "no" })?;
    }
    since.without_way_in(store)
}

/// What was held since holds again, and what was purged since, or is past its time by now, is purged
/// again: before anybody comes in. How many of each.
pub(super) fn hold_and_purge_again(
    store: &Store,
    since: &Since,
    folder: &Path,
    around: &Surroundings,
    now: Timestamp,
) -> Result<(u64, u64), StationError> {
    let released = |hold| since.withdrawals.contains_key(&Withdrawal::Hold(hold));
    let mut holds = HashSet::new();
    for (held, at, entry) in since.held.iter().rev() {
        if !released(held.id) {
            store.hold_again(held, *at, *entry)?;
            holds.insert(held.id);
        }
    }
    let mut before = since.purged.clone();
    if since.time_doubtful != Some(true) {
        let policy = Policy::load(&PolicyFiles::in_folder(&Files(folder).policy())?)?;
        let zone = store.fact("time zone")?.unwrap_or_default();
        let zone = TimeZone::get(&zone).map_err(damaged)?;
        for plan in purge::plans(store, &policy, now, &zone)? {
            let known = before.entry(plan.class).or_insert(plan.before);
            *known = plan.before.max(*known);
        }
    }
    let purged = store.purge_again(&before, &*around.random)?;
    Ok((holds.len() as u64, purged))
}

pub(super) fn write(path: &Path, bytes: &mut dyn Read) -> Result<(), StationError> {
    let failed = |e: std::io::Error| match e.kind() {
        // From within the backup, not from this disk.
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => damaged(e),
        _ => StationError::file(path, e),
    };
    durable::create_folder(path.parent().unwrap_or(path)).map_err(failed)?;
    durable::replace_from(path, bytes).map_err(failed)
}

pub(super) fn damaged(what: impl std::fmt::Display) -> StationError {
    StationError::BackupDamaged(what.to_string())
}

fn picture_keys(
    header: &Header,
    path: Option<&Path>,
    master: &MasterKey,
    now: Timestamp,
) -> Result<Option<Vec<PictureKey>>, StationError> {
    let Some(path) = path else { return Ok(None) };
    let parcel = part(path, Part::PictureKeys)?;
    if parcel.header.backup != header.backup {
        return Err(StationError::Restore(format!(
            "{} belongs to another backup",
            path.display()
        )));
    }
    if parcel.header.pictures_until <= now {
        return Err(StationError::Restore(format!(
            "{} served until {:.0}, and that is over: restore without it; the pictures cannot be opened any more",
            path.display(),
            parcel.header.pictures_until
        )));
    }
    let mut keys = None;
    parcel.unpack(master, &mut |_, bytes| {
        keys = Some(serde_json::from_reader(bytes).map_err(damaged)?);
        Ok(())
    })?;
    Ok(keys)
}
