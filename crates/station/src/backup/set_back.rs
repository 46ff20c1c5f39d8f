//! A database that was set back by itself: by hand, or by its server's own means. The ledger was not, and
//! says what was taken away since.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;
use ledger::{Event, Head, Ledger, Outcome, SigningKey};
use store::Store;

use super::restore::{hold_and_purge_again, take_away_again};
use super::since::Since;
use crate::{Files, LEDGER_HEAD, Restored, Station, StationError, Surroundings, keeping, keys};

impl Station {
    /// Brings a database that was set back up to the ledger: what was taken away since is taken away again,
    /// what was held is held, what was purged is purged. The station must not be running.
    ///
    /// # Errors
    /// [`StationError::Restore`] for a database that was not set back; what the passphrase, the store or
    /// the ledger say.
    pub fn catch_up(
        folder: &Path,
        passphrase: &str,
        around: &Surroundings,
    ) -> Result<Restored, StationError> {
        let files = Files(folder);
        let master = keys::open(folder, passphrase, around)?;
        let store = keeping::open(&files, &master, around.clock.clone())?;
        let key = (store.fact("ledger key")?).ok_or_else(|| {
            StationError::Damaged("the station does not know its ledger key".into())
        })?;
        let ledger = Ledger::open(&files.ledger(), SigningKey::from_text(&key)?)?;
        if let Some(turn) = store.turn() {
            ledger.take_turn(turn);
        }
        if let Some(head) = store.fact(LEDGER_HEAD)? {
            ledger.continues(&head)?;
        }
        if !is_set_back(&store, &ledger, &files)? {
            return Err(StationError::Restore(
                "the database is as new as the ledger; it was not set back".to_owned(),
            ));
        }
        let until = store.newest_content()?.unwrap_or(Timestamp::MIN);
        let stands = ledger.entries_before(until)?.saturating_sub(1);
        let mut since = Since::default();
        since.read(&ledger, stands, None)?;
        let without_way_in = take_away_again(&store, &since)?;
        let now = since.latest(around.clock.now());
        let (held, purged) = hold_and_purge_again(&store, &since, folder, around, now)?;
        let newer_entries = ledger.size().saturating_sub(stands + 1);
        let withdrawn = since.withdrawn();
        let goes_on = Event::Restored(ledger::Restored {
            backup: None,
            withdrawn,
            pictures: true,
        });
        ledger.append(around.clock.now(), goes_on)?;
        // Last: until then the next start finds it set back still.
        ledger.seal_with(|head| Ok::<_, StationError>(store.set_fact(LEDGER_HEAD, head)?))?;
        since.enter_again.reverse();
        Ok(Restored {
            made_at: until,
            newer_entries,
            withdrawn,
            without_way_in,
            enter_again: since.enter_again,
            reads_lost: since.reads,
            held,
            purged,
            pictures: true,
            lost: None,
        })
    }
}

/// Whether the store is older than its ledger. A crash leaves the store behind by what was in flight, and
/// that is not it: the store does not know a head that it had kept, or lacks the content of something
/// that was done.
pub(crate) fn is_set_back(
    store: &Store,
    ledger: &Ledger,
    files: &Files<'_>,
) -> Result<bool, StationError> {
    let key = ledger.verifying();
    let size = |note: &[u8]| Head::read(note, &key).map_or(0, |head| head.size);
    let knows = (store.fact(LEDGER_HEAD)?).map_or(0, |note| size(note.as_bytes()));
    let path = files.kept_head();
    let had_kept = match std::fs::read(&path) {
        Ok(note) => size(&note),
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        Err(error) => return Err(StationError::file(&path, error)),
    };
    Ok(had_kept > knows || lacks_what_was_done(store, ledger, knows)?)
}

/// Whether the newest act that was decided and done since the ledger had `knows` entries left nothing in
/// the store: its content is durable before it is done.
fn lacks_what_was_done(store: &Store, ledger: &Ledger, knows: u64) -> Result<bool, StationError> {
    const AT_ONCE: usize = 256;
    let mut done = HashSet::new();
    let mut end = ledger.size();
    while end > knows {
        for (index, entry) in ledger.newest(end, AT_ONCE)? {
            if index < knows {
                return Ok(false);
            }
            end = index;
            match entry.event {
                Event::Outcome(Outcome::Done { decision, .. }) => {
                    done.insert(decision);
                }
                Event::Decision(decision) if done.contains(&decision.id) => {
                    return Ok(!store.has_content(decision.id)?);
                }
                _ => {}
            }
        }
    }
    Ok(false)
}
