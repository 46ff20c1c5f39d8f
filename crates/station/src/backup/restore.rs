//! Restore: a station out of a backup, once what was taken away since is taken away again.
//!
//! The database goes back to the backup; the ledger never does. It goes on from its newest copy, and
//! that copy says what the database has forgotten. A folder is a station only when that is done: its
//! key file is written last.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crypt::{MasterKey, RecoveryShare, WrappedMasterKey};
use govern::{MemberId, MemberStatus};
use jiff::{SignedDuration, Timestamp};
use ledger::{DecisionId, Entry, Event, Head, Ledger, Outcome, SigningKey, Verdict, Withdrawal};
use serde::{Deserialize, Serialize};
use store::{PictureKey, Store};

use super::parcel::{Header, Parcel, Part};
use crate::alarm::DOUBTFUL;
use crate::{Files, Station, StationError, Surroundings, found, keeping};

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
    /// Whether the pictures can be opened.
    pub pictures: bool,
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
/// Acts that change nothing which a restore could lose.
const LOOKING: [&str; 12] = [
    "confirm-time",
    "see-to-alarm",
    "search",
    "review-ledger",
    "review-policy",
    "see-station",
    "end-sessions",
    "see-lists",
    "see-alerts",
    "open-alert",
    "back-up",
    "keep-reads",
];
/// An act that takes away is over a minute after its decision; this is well beyond.
const LONGEST_ACT: SignedDuration = SignedDuration::from_mins(10);

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
        let ledger = newest_ledger(folder, from, SigningKey::from_text(&signing)?)?;
        let mut since = Since::default();
        since.read(&ledger, &stands)?;
        for (withdrawal, by) in &since.withdrawals {
            store.withdraw(withdrawal, *by)?;
        }
        if let Some(doubtful) = since.time_doubtful {
            store.set_fact(DOUBTFUL, if doubtful { "yes" } else { "no" })?;
        }
        let without_way_in = since.without_way_in(&store)?;
        // A clock that was set back does not make an old file good again.
        let now = around
            .clock
            .now()
            .max(since.newest.unwrap_or(Timestamp::MIN));
        let picture_keys = picture_keys(&header, from.picture_keys, &master, now)?;
        store.give_picture_keys(picture_keys.as_deref().unwrap_or_default(), &*around.random)?;
        let newer_entries = ledger.size().saturating_sub(stands.entry + 1);
        let after_it = since.withdrawals.values().filter(|by| by.is_none());
        let withdrawn = after_it.count() as u64;
        ledger.append(
            around.clock.now(),
            Event::Restored(ledger::Restored {
                backup: stands.decision,
                withdrawn,
                pictures: picture_keys.is_some(),
            }),
        )?;
        ledger.seal()?;
        drop((ledger, store));
        found::write_keys(&Files(folder).keys(), &keys)?;
        since.enter_again.reverse();
        Ok(Restored {
            made_at: header.made_at,
            newer_entries,
            withdrawn,
            without_way_in,
            enter_again: since.enter_again,
            reads_lost: since.reads,
            pictures: picture_keys.is_some(),
        })
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

pub(super) fn write(path: &Path, bytes: &mut dyn Read) -> Result<(), StationError> {
    let failed = |e: std::io::Error| match e.kind() {
        // From within the backup, not from this disk.
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => damaged(e),
        _ => StationError::file(path, e),
    };
    durable::create_folder(path.parent().unwrap_or(path)).map_err(failed)?;
    durable::replace_from(path, bytes).map_err(failed)
}

fn damaged(what: impl std::fmt::Display) -> StationError {
    StationError::BackupDamaged(what.to_string())
}

/// Puts the newest copy of the ledger into the folder and opens it.
fn newest_ledger(
    folder: &Path,
    from: &Restore<'_>,
    signing: SigningKey,
) -> Result<Ledger, StationError> {
    let key = signing.verifying().clone();
    let refuse = |words: String| Err(StationError::Restore(words));
    let own = Files(folder).ledger();
    let head_in = |root: &Path| {
        let path = root.join("checkpoint");
        let note = fs::read(&path).map_err(|e| StationError::file(&path, e))?;
        Head::read(&note, &key)
            .map_err(|e| StationError::Restore(format!("{}: {e}", path.display())))
    };
    let goes_on =
        |root: &Path, head: &Head| ledger::goes_on_from(root, head).map_err(StationError::from);
    let of_backup = head_in(&own)?;
    if !goes_on(&own, &of_backup)? {
        return Err(damaged("its ledger is not the one that was signed"));
    }
    if let Some(newest) = from.ledger {
        let newest = [newest.join("ledger"), newest.to_owned()]
            .into_iter()
            .find(|root| root.join("checkpoint").is_file())
            .unwrap_or_else(|| newest.to_owned());
        if let Err(finding) = ledger::verify(&newest, &key) {
            return refuse(format!(
                "the ledger in {} is damaged: {finding}",
                newest.display()
            ));
        }
        let head = head_in(&newest)?;
        let (shorter, longer) = if head.size < of_backup.size {
            (&head, &own)
        } else {
            (&of_backup, &newest)
        };
        if !goes_on(longer, shorter)? {
            return refuse(format!(
                "the ledger in {} and the backup's part ways: one of them is not this station's",
                newest.display()
            ));
        }
        if longer == &newest {
            fs::remove_dir_all(&own).map_err(|e| StationError::file(&own, e))?;
            copy_folder(&newest, &own)?;
        }
    }
    let ledger = Ledger::open(&own, signing)?;
    let mut is_newest = from.ledger.is_some();
    for path in from.heads {
        let note = fs::read(path).map_err(|e| StationError::file(path, e))?;
        let head = match Head::read(&note, &key) {
            Ok(head) => head,
            Err(e) => return refuse(format!("{}: {e}", path.display())),
        };
        if head.size > ledger.size() {
            return refuse(format!(
                "entries {} to {} were signed and are not here: look for a newer copy of the ledger. To \
                 go on without them, a new log has to be opened, which two people sign; this version \
                 cannot do that",
                ledger.size(),
                head.size - 1
            ));
        }
        if !goes_on(&own, &head)? {
            return refuse(format!(
                "the head in {} is signed by this station and is not of this ledger: the log was forked",
                path.display()
            ));
        }
        is_newest |= head.size == ledger.size();
    }
    if is_newest {
        Ok(ledger)
    } else {
        refuse(
            "what was taken away since this backup was made stands in the newest ledger alone: give what is \
             left of the station's own, or a copy of it (--ledger), or the newest head that somebody else \
             keeps, if it is no newer than the backup's (--head)"
                .to_owned(),
        )
    }
}

/// Copies a ledger's files, without its lock and what a crash left half written.
fn copy_folder(from: &Path, to: &Path) -> Result<(), StationError> {
    let failed = |e| StationError::file(from, e);
    durable::create_folder(to).map_err(|e| StationError::file(to, e))?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy_folder(&path, &to.join(&name))?;
        } else if name != "lock" && path.extension().is_none_or(|e| e != "writing") {
            let mut file = fs::File::open(&path).map_err(|e| StationError::file(&path, e))?;
            write(&to.join(&name), &mut file)?;
        }
    }
    Ok(())
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

/// What the ledger says happened since the backup's database was copied.
#[derive(Default)]
struct Since {
    /// What was taken away, and when, where it may have been taken away in the backup already.
    withdrawals: HashMap<Withdrawal, Option<Timestamp>>,
    enter_again: Vec<EnterAgain>,
    reads: u64,
    newest: Option<Timestamp>,
    /// Whether the time was in doubt at the end, where the ledger says so.
    time_doubtful: Option<bool>,
}

impl Since {
    /// Reads the ledger from its end to where the backup stands, and on through the acts that may
    /// not have been over then.
    fn read(&mut self, ledger: &Ledger, stands: &Stands) -> Result<(), StationError> {
        const AT_ONCE: usize = 256;
        let mut outcomes = Outcomes::default();
        let mut oldest = Timestamp::MIN;
        let mut end = ledger.size();
        while end > 0 {
            for (index, entry) in ledger.newest(end, AT_ONCE)? {
                end = index;
                self.newest = self.newest.max(Some(entry.at));
                if index == stands.entry {
                    if !is_decision(&entry, stands.decision) {
                        return Err(damaged("it does not stand in this ledger where it says"));
                    }
                    oldest = entry.at.saturating_sub(LONGEST_ACT).unwrap_or(oldest);
                } else if index > stands.entry {
                    self.take_newer(index, &entry, &mut outcomes);
                } else if entry.at < oldest {
                    return Ok(());
                } else {
                    self.take_older(&entry, &mut outcomes);
                }
            }
        }
        Ok(())
    }

    fn take_newer(&mut self, index: u64, entry: &Entry, outcomes: &mut Outcomes) {
        match &entry.event {
            Event::Outcome(Outcome::Failed { decision, .. }) => {
                outcomes.failed.insert(*decision);
            }
            Event::Outcome(Outcome::Done { decision, .. }) => {
                outcomes.done.insert(*decision);
            }
            Event::Batch(batch) => self.reads += batch.count,
            Event::TimeDoubtful { .. } => {
                self.time_doubtful.get_or_insert(true);
            }
            Event::TimeConfirmed { .. } => {
                self.time_doubtful.get_or_insert(false);
            }
            Event::Login(decision) => {
                if let Some(withdrawal) = &decision.withdraws {
                    self.withdrawals.insert(withdrawal.clone(), None);
                }
            }
            Event::Decision(decision) if decision.verdict == Verdict::Permit => {
                match &decision.withdraws {
                    // One whose outcome is not known may have been done: it is taken away.
                    Some(withdrawal) if !outcomes.failed.contains(&decision.id) => {
                        self.withdrawals.insert(withdrawal.clone(), None);
                    }
                    None if outcomes.done.contains(&decision.id)
                        && !LOOKING.contains(&&*decision.act) =>
                    {
                        self.enter_again.push(EnterAgain {
                            entry: index,
                            at: entry.at,
                            act: decision.act.to_string(),
                        });
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// A decision from before, whose act was perhaps not over when the database was copied.
    fn take_older(&mut self, entry: &Entry, outcomes: &mut Outcomes) {
        match &entry.event {
            Event::Outcome(outcome) => {
                outcomes.before.insert(outcome.decision());
            }
            // What a member sets for their own way in follows its entry within moments, without an
            // outcome: whether it is in the backup shows by when it was set. What a login takes away
            // is gone before its entry is written.
            Event::Login(decision) if decision.act != "login" => {
                if let Some(withdrawal) = &decision.withdraws {
                    let by = self.withdrawals.entry(withdrawal.clone());
                    by.or_insert(Some(entry.at));
                }
            }
            Event::Decision(decision) if decision.verdict == Verdict::Permit => {
                if let Some(withdrawal) = &decision.withdraws
                    && !outcomes.before.contains(&decision.id)
                    && !outcomes.failed.contains(&decision.id)
                {
                    self.withdrawals.insert(withdrawal.clone(), None);
                }
            }
            _ => {}
        }
    }

    /// The logins of those whose way in was taken away, and who have none now.
    fn without_way_in(&self, store: &Store) -> Result<Vec<String>, StationError> {
        let members: HashSet<MemberId> = (self.withdrawals.keys())
            .filter_map(|withdrawal| match withdrawal {
                Withdrawal::WayIn(member)
                | Withdrawal::Password(member)
                | Withdrawal::Authenticator(member)
                | Withdrawal::EnrolmentCode(member) => Some(*member),
                _ => None,
            })
            .collect();
        let mut logins = Vec::new();
        for member in members {
            if let Some(member) = store.member(member)?
                && member.status != MemberStatus::Ended
                && !store.has_way_in(member.id)?
            {
                logins.push(member.login);
            }
        }
        logins.sort();
        Ok(logins)
    }
}

#[derive(Default)]
struct Outcomes {
    done: HashSet<DecisionId>,
    failed: HashSet<DecisionId>,
    before: HashSet<DecisionId>,
}

fn is_decision(entry: &Entry, wanted: DecisionId) -> bool {
    matches!(&entry.event, Event::Decision(decision) if decision.id == wanted)
}
