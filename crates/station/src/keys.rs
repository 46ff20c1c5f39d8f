//! The station's key: opening it, changing it for a new one, and what two recovery shares may do at
//! the machine.

use std::fs;
use std::path::Path;

use crypt::{KeyAct, MasterKey, MasterKeyError, Random, RecoveryShare, sha256};
use govern::{Content, MemberStatus};
use ledger::{Event, Ledger, LedgerError, Party, SigningKey, Verdict, Withdrawal};
use store::{Member, StoreError};

use crate::note::Note;
use crate::{Files, IssuedCode, Station, StationError, Surroundings, found, keeping};

/// Whether a member who is released at the machine still knows password and authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// They do: the account alone is locked.
    Known,
    /// One of the two is lost.
    Lost,
}

/// How far a change of the key has come. Broken off after any of them, the station opens with the old
/// key or with the new one, and with the same passphrase.
pub enum Rotation<'a> {
    /// The new recovery shares, good from the moment the change is done; until then, the old ones.
    SharesDealt(&'a [RecoveryShare; 3]),
    /// The new key is in a file beside the old one.
    KeyWritten,
    /// The database is copied under the new key.
    DatabaseCopied,
    /// The copy has taken the database's place.
    DatabaseReplaced,
}

/// What goes on under the key of before: it lies inside the encrypted database, and is not secret
/// from whoever opens that.
const CARRIED: [&str; 1] = ["columns"];
/// The fact that remembers the key file of the last start.
const KEY_FILE: &str = "key file";
/// The roles of those who can release others.
const RELEASERS: [&str; 2] = ["administrator", "deputy-chief"];

/// Opens the key of a station. Where a change of the key was broken off, whichever of the two keys
/// opens the database is the station's, and the other is removed.
pub(crate) fn open(
    folder: &Path,
    passphrase: &str,
    around: &Surroundings,
) -> Result<MasterKey, StationError> {
    let files = Files(folder);
    let keys = found::read_keys(&files.keys())?;
    let next = files.next_keys();
    if !next.exists() {
        return Ok(keys.open(passphrase)?);
    }
    let in_use = ledger::is_in_use(&files.ledger());
    if in_use.map_err(|e| StationError::file(folder, e))? {
        return Err(LedgerError::InUse(files.ledger()).into());
    }
    let fits = |master: &MasterKey| match keeping::open(&files, master, around.clock.clone()) {
        Ok(_) => Ok(true),
        Err(StationError::Store(StoreError::WrongKey)) => Ok(false),
        Err(other) => Err(other),
    };
    let remove = |path: &Path| durable::remove(path).map_err(|e| StationError::file(path, e));
    if let Ok(old) = keys.open(passphrase)
        && fits(&old)?
    {
        remove(&next)?;
        remove(&files.next_database())?;
        return Ok(old);
    }
    let new = found::read_keys(&next)?.open(passphrase)?;
    if !fits(&new)? {
        return Err(StoreError::WrongKey.into());
    }
    durable::rename(&next, &files.keys()).map_err(|e| StationError::file(&next, e))?;
    Ok(new)
}

/// What protects the station with cryptography that is not validated under FIPS 140-3.
pub(crate) fn unvalidated(files: &Files<'_>) -> Result<Vec<&'static str>, StationError> {
    let mut uses = crypt::UNVALIDATED.to_vec();
    if !found::read_keys(&files.keys())?.is_validated() {
        uses.push(crypt::ARGON2ID);
    }
    if !files.server().exists() {
        uses.push(crypt::SQLCIPHER);
    }
    Ok(uses)
}

impl Station {
    /// Sets a new passphrase with two recovery shares.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongShares`] and a passphrase that is too short.
    pub fn recover(
        folder: &Path,
        shares: &[RecoveryShare; 2],
        passphrase: &str,
        random: &dyn Random,
    ) -> Result<(), StationError> {
        let files = Files(folder);
        // A change of the key that was broken off may have come to the new one.
        let next = files.next_keys();
        for path in [next, files.keys()] {
            if !path.exists() {
                continue;
            }
            match found::read_keys(&path)?.recover(shares, passphrase, random) {
                Err(MasterKeyError::WrongShares) => {}
                other => return found::write_keys(&path, &other?.1),
            }
        }
        Err(MasterKeyError::WrongShares.into())
    }

    /// Whether this passphrase opens the station.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongPassphrase`].
    pub fn check_passphrase(folder: &Path, passphrase: &str) -> Result<(), StationError> {
        found::read_keys(&Files(folder).keys())?.open(passphrase)?;
        Ok(())
    }

    /// Changes the station's key for a new one: the database is written anew under it, and the keys
    /// of the pictures' keys are wrapped anew; the pictures stay as they are. `at` is told of each
    /// step, and may break it off. The station must not be running.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongPassphrase`]; what the disk or `at` says.
    pub fn rotate_key(
        folder: &Path,
        passphrase: &str,
        around: &Surroundings,
        at: &mut dyn FnMut(Rotation<'_>) -> Result<(), StationError>,
    ) -> Result<(), StationError> {
        let files = Files(folder);
        let old = open(folder, passphrase, around)?;
        let store = keeping::open(&files, &old, around.clock.clone())?;
        let signing = store.fact("ledger key")?.ok_or_else(|| {
            StationError::Damaged("the station does not know its ledger key".into())
        })?;
        // Held to the end: no station starts meanwhile.
        let _ledger = Ledger::open(&files.ledger(), SigningKey::from_text(&signing)?)?;

        let keys = found::read_keys(&files.keys())?;
        let (new, rotated, shares) = keys.rotate(passphrase, &CARRIED, &*around.random)?;
        at(Rotation::SharesDealt(&shares))?;
        let next = files.next_keys();
        found::write_keys(&next, &rotated)?;
        at(Rotation::KeyWritten)?;
        let copy = files.next_database();
        store.copy_under(&keeping::keys(&new)?, &copy)?;
        at(Rotation::DatabaseCopied)?;
        // Closed, so that nothing of it stands in its journal.
        drop(store);
        let database = folder.join("lictor.db");
        let journal = folder.join("lictor.db-wal");
        if fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0) {
            return Err(StationError::Damaged(format!(
                "{} is in use: stop whatever has the database open",
                journal.display()
            )));
        }
        durable::rename(&copy, &database).map_err(|e| StationError::file(&copy, e))?;
        at(Rotation::DatabaseReplaced)?;
        durable::rename(&next, &files.keys()).map_err(|e| StationError::file(&next, e))
    }

    /// Releases the account of an administrator at the machine, with two recovery shares, when every
    /// one who could release it is locked out too. To an administrator whose password or authenticator
    /// is lost, or gone as after a restore, it issues a code to come in with, in the place of what they
    /// had. It is entered, raises an alarm on every page, and opens nothing but the account. The station
    /// must not be running.
    ///
    /// # Errors
    /// [`MasterKeyError::WrongShares`]; [`StationError::Input`] when somebody else can release it.
    pub fn release_with_shares(
        folder: &Path,
        shares: &[RecoveryShare; 2],
        login: &str,
        way_in: WayIn,
        around: Surroundings,
    ) -> Result<Option<IssuedCode>, StationError> {
        let master = found::read_keys(&Files(folder).keys())?.open_with_shares(shares)?;
        let station = Self::open_with(folder, &master, around)?;
        let released = station.release_last(login, way_in);
        station.close()?;
        released
    }

    fn release_last(&self, login: &str, way_in: WayIn) -> Result<Option<IssuedCode>, StationError> {
        let releases = |member: &Member| {
            let roles = &member.roles;
            roles.iter().any(|role| RELEASERS.contains(&&*role.0))
        };
        let member = self.member_by_login(login)?;
        let refuse = |words: String| Err(StationError::Input(words));
        if !releases(&member) {
            return refuse(format!(
                "{login} is no administrator: an administrator releases this account"
            ));
        }
        let has_way_in = way_in == WayIn::Known && self.store.has_way_in(member.id)?;
        if member.locked_at.is_none() && has_way_in {
            return refuse(format!("the account of {login} is not locked"));
        }
        // A code for whoever holds an office is the Deputy Chief's to issue.
        let holds_office = member.roles.iter().any(|role| self.policy.is_office(role));
        let can = |other: &Member| {
            if has_way_in || !holds_office {
                releases(other)
            } else {
                other.id != member.id && other.roles.iter().any(|role| role.0 == "deputy-chief")
            }
        };
        for other in self.store.members()? {
            let open = other.locked_at.is_none() && self.status(&other) == MemberStatus::Active;
            if open && can(&other) && self.store.has_way_in(other.id)? {
                return refuse(format!(
                    "{} can release this account: the shares are for when nobody can",
                    other.login
                ));
            }
        }
        let note = Note {
            act: "release-with-shares",
            who: Party::Unknown,
            session: None,
            verdict: Verdict::Permit,
            clauses: &["2"],
            withdraws: (!has_way_in).then_some(Withdrawal::WayIn(member.id)),
            content: Content {
                name: "Two holders of recovery shares".to_owned(),
                badge: String::new(),
                address: "this machine".to_owned(),
                what: member.login.clone(),
                case: None,
                words: None,
            },
        };
        // Entered first: nothing is released that is not written down.
        self.write_down(note, Event::AtTheMachine)?;
        self.raise_alarm(
            self.ledger_size() - 1,
            "Two recovery shares released the account of an administrator at the machine. Find out who held them, and why",
        )?;
        self.store.unlock(member.id)?;
        if has_way_in {
            return Ok(None);
        }
        let (new, issued) = self.new_enrolment();
        self.store.issue_last_enrolment_code(member.id, &new)?;
        Ok(Some(issued))
    }

    /// At the start: a key file that is another than the last time is entered, and raises an alarm.
    pub(crate) fn compare_key_file(&self) -> Result<(), StationError> {
        let path = Files(&self.folder).keys();
        let bytes = fs::read(&path).map_err(|e| StationError::file(&path, e))?;
        let file = sha256(&bytes);
        let before = self.store.fact(KEY_FILE)?;
        if before.as_deref() == Some(&file.to_string()) {
            return Ok(());
        }
        if before.is_some() {
            let by = found::read_keys(&path)?.made_by();
            let entry = self.enter(Event::KeyFile { by, file })?.index;
            self.raise_alarm(entry, &tell(by))?;
        }
        Ok(self.store.set_fact(KEY_FILE, &file.to_string())?)
    }
}

/// What happened to the key file, for people.
pub(crate) fn tell(by: KeyAct) -> String {
    match by {
        KeyAct::Recovery => "Two recovery shares set a new passphrase for the station",
        KeyAct::Rotation => "The station's key was changed for a new one, with new recovery shares",
        KeyAct::Founding => "The station's key file was replaced, and not by this program",
    }
    .to_owned()
}
