//! The nightly check: every entry and every content beside it is still what was written. Where it is
//! not, an alarm is raised, and writing goes on in a new ledger that commits to the finding (D11).

use std::fs;
use std::path::{Path, PathBuf};

use crypt::MasterKey;
use govern::MemberId;
use ledger::{Against, Decision, Event, Ledger, LedgerError, SigningKey};

use crate::login::LoginAttempt;
use crate::{Files, LEDGER_HEAD, Station, StationError, Surroundings, keys, lock};

/// The fact that keeps what was found, until two members have taken note of it.
pub(crate) const FINDING: &str = "ledger finding";
/// Entries looked at at once.
const AT_ONCE: usize = 1000;

impl Files<'_> {
    /// Where the ledger of this origin is kept once another goes on from it: `ledger-1`.
    fn ledger_before(&self, number: u64) -> PathBuf {
        self.0.join(format!("ledger-{number}"))
    }
}

impl Station {
    /// Checks every entry and every content. What is found is raised as an alarm, and the station
    /// goes on in a new ledger.
    ///
    /// # Errors
    /// When the check cannot be made, or the new ledger not be begun.
    pub fn check_records(&self) -> Result<Option<String>, StationError> {
        self.sign_ledger()?;
        let Some(finding) = self.find()? else {
            return Ok(None);
        };
        self.continue_ledger(&finding)?;
        Ok(Some(finding))
    }

    fn find(&self) -> Result<Option<String>, StationError> {
        let against = Against {
            heads: self.store.fact(LEDGER_HEAD)?.into_iter().collect(),
            witnesses: vec![],
        };
        let root = Files(&self.folder).ledger();
        if let Err(finding) = ledger::verify_against(&root, &self.ledger.verifying(), &against) {
            return Ok(Some(finding.to_string()));
        }
        let mut end = self.ledger.size();
        while end > 0 {
            let entries = self.ledger.newest(end, AT_ONCE)?;
            let decided = entries
                .iter()
                .filter_map(|(index, entry)| match &entry.event {
                    Event::Decision(d) | Event::Login(d) | Event::Founding(d) => Some((*index, d)),
                    _ => None,
                });
            let (numbers, decisions): (Vec<u64>, Vec<Decision>) =
                decided.map(|(index, d)| (index, d.clone())).unzip();
            if let Some(changed) = self.store.changed_content(&decisions)? {
                let at = decisions.iter().position(|d| d.id == changed);
                let number = at
                    .and_then(|at| numbers.get(at))
                    .copied()
                    .unwrap_or_default();
                return Ok(Some(format!(
                    "entry {number}: what is kept beside it was changed after it was written"
                )));
            }
            end = entries.last().map_or(0, |(index, _)| *index);
        }
        Ok(None)
    }

    fn continue_ledger(&self, finding: &str) -> Result<(), StationError> {
        let files = Files(&self.folder);
        // The head that the store keeps: whoever changed the ledger's folder may have changed that.
        let head = self.store.fact(LEDGER_HEAD)?.unwrap_or_default();
        let (number, key) = next_key(self.ledger.verifying().origin(), self)?;
        let first = Event::Continued {
            head,
            finding: finding.to_owned(),
            by: vec![],
            missing: None,
        };
        let (secret, public) = (
            key.expose().to_owned(),
            key.verifying().as_text().to_owned(),
        );
        let _heads = lock(&self.sealing);
        self.ledger.continue_anew(
            &files.ledger_before(number),
            key,
            self.clock.now(),
            first,
            || {
                publish(&files, number, &public)?;
                self.store.set_fact(FINDING, finding)?;
                Ok::<_, StationError>(self.store.set_fact("ledger key", &secret)?)
            },
        )?;
        self.keep_head(&self.ledger.head()?.note)?;
        self.raise(found_in_words(finding));
        Ok(())
    }

    /// Has two members take note of what the station found, or, where the ledger is so damaged that
    /// the station does not come up, go on in a new one. The station must not be running.
    ///
    /// # Errors
    /// When the ledger is whole; when the two are not two members with an office, or do not show
    /// password and code.
    pub fn note_finding(
        folder: &Path,
        passphrase: &str,
        by: [&LoginAttempt<'_>; 2],
        around: Surroundings,
    ) -> Result<String, StationError> {
        let master = keys::open(folder, passphrase, &around)?;
        match Self::open_with(folder, &master, around.clone()) {
            Ok(station) => {
                let finding = match station.store.fact(FINDING)? {
                    Some(finding) if !finding.is_empty() => finding,
                    _ => {
                        station.close()?;
                        let whole = "the ledger opens, and nothing was found in it: there is nothing to continue";
                        return Err(StationError::Input(whole.to_owned()));
                    }
                };
                let noted = station.two_members(by).and_then(|by| {
                    station.enter(Event::FindingNoted { by: by.into() })?;
                    Ok(station.store.set_fact(FINDING, "")?)
                });
                station.close()?;
                noted.map(|()| finding)
            }
            Err(StationError::Ledger(LedgerError::Damaged(finding))) => {
                Self::continue_damaged(folder, &master, by, around, &finding)
            }
            Err(other) => Err(other),
        }
    }

    fn continue_damaged(
        folder: &Path,
        master: &MasterKey,
        by: [&LoginAttempt<'_>; 2],
        around: Surroundings,
        finding: &str,
    ) -> Result<String, StationError> {
        Self::continue_by_two(folder, master, by, around.clone(), |station, by| {
            Ok(vec![Event::Continued {
                head: station.store.fact(LEDGER_HEAD)?.unwrap_or_default(),
                finding: finding.to_owned(),
                by: by.into(),
                missing: None,
            }])
        })?;
        // It comes up as at any start, and goes down in order.
        Self::open_with(folder, master, around)?.close()?;
        Ok(finding.to_owned())
    }

    /// Puts a new ledger in the place of the one in the folder, which is kept beside it; `begin` says
    /// what it begins with, of the two members who sign it.
    pub(crate) fn continue_by_two(
        folder: &Path,
        master: &MasterKey,
        by: [&LoginAttempt<'_>; 2],
        around: Surroundings,
        begin: impl FnOnce(&Self, [MemberId; 2]) -> Result<Vec<Event>, StationError>,
    ) -> Result<(), StationError> {
        let files = Files(folder);
        let parts = Self::parts(folder, master, &around)?;
        let stored = SigningKey::from_text(&parts.ledger_key)?;
        // The two are asked before anything is moved: the new log waits beside.
        let waiting = folder.join("ledger-continued");
        let _ = fs::remove_dir_all(&waiting);
        let number = number_of(stored.origin());
        let origin = origin_after(stored.origin(), number);
        let key = SigningKey::create(&origin, &*around.random)?;
        let (secret, public) = (
            key.expose().to_owned(),
            key.verifying().as_text().to_owned(),
        );
        let station = parts.with(Ledger::begin(&waiting, key)?, folder, master, around)?;
        let by = station.two_members(by)?;
        for event in begin(&station, by)? {
            station.enter(event)?;
        }
        station.ledger.seal()?;
        let note = station.ledger.head()?.note;
        if files.ledger().exists() {
            ledger::move_aside(&files.ledger(), &files.ledger_before(number))?;
        }
        ledger::move_aside(&waiting, &files.ledger())?;
        publish(&files, number, &public)?;
        station.keep_head(&note)?;
        Ok(station.store.set_fact("ledger key", &secret)?)
    }

    /// Two different members, each with an office, who show password and code.
    fn two_members(&self, by: [&LoginAttempt<'_>; 2]) -> Result<[MemberId; 2], StationError> {
        let [one, other] = by;
        let ids = [
            self.member_with_office(one)?,
            self.member_with_office(other)?,
        ];
        if ids[0] == ids[1] {
            return Err(StationError::Input(
                "this takes two people, not one twice".to_owned(),
            ));
        }
        Ok(ids)
    }

    fn member_with_office(&self, attempt: &LoginAttempt<'_>) -> Result<MemberId, StationError> {
        let checked = self.check_login(attempt)?;
        let id = checked.verdict?;
        let holds = checked
            .meant
            .is_some_and(|member| member.roles.iter().any(|role| self.policy.is_office(role)));
        if holds {
            Ok(id)
        } else {
            Err(StationError::Input(format!(
                "{} holds no office: the ledger is continued by two members who do",
                attempt.login
            )))
        }
    }
}

/// The alarm's words.
pub(crate) fn found_in_words(finding: &str) -> String {
    format!(
        "The ledger before this one is damaged ({finding}). Everything since stands in a new ledger. \
         Keep the old one as evidence, and have two members take note (lictor ledger continue)."
    )
}

fn next_key(origin: &str, station: &Station) -> Result<(u64, SigningKey), StationError> {
    let number = number_of(origin);
    let key = SigningKey::create(&origin_after(origin, number), &*station.random)?;
    Ok((number, key))
}

/// `…/1` is the first ledger's origin.
fn number_of(origin: &str) -> u64 {
    let last = origin.rsplit('/').next().unwrap_or_default();
    last.parse().unwrap_or(1)
}

fn origin_after(origin: &str, number: u64) -> String {
    let start = origin.rsplit_once('/').map_or(origin, |(start, _)| start);
    format!("{start}/{}", number + 1)
}

/// Puts the new public key where the old one lay, and the old one beside the old ledger.
fn publish(files: &Files<'_>, number: u64, public: &str) -> Result<(), StationError> {
    let path = files.verifying_key();
    let before = files.0.join(format!("ledger-{number}.pub"));
    let put = |path: &Path, text: &[u8]| {
        durable::replace(path, text).map_err(|source| StationError::file(path, source))
    };
    if let Ok(old) = fs::read(&path) {
        put(&before, &old)?;
    }
    put(&path, format!("{public}\n").as_bytes())
}
