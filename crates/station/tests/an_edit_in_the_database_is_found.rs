//! What somebody edits in the database beside the ledger is found at night, and its entry named.
#![expect(clippy::panic, reason = "a test that cannot be set up has failed")]

#[path = "support/database.rs"]
mod database;
#[path = "support/mod.rs"]
mod support;

use database::Database;
use govern::{Search, StatedPurpose};
use ledger::Event;
use station::Server;
use support::{LOGIN, StandingClock, found_on, log_in};

#[test]
fn a_content_that_was_edited_in_the_database_is_found_at_night_and_its_entry_named() {
    let (database, clock) = (Database::create(), StandingClock::new());
    let dir = tempfile::tempdir().unwrap();
    let server = Server {
        address: database.address(),
        encrypted: true,
    };
    let station = found_on(Some(server), dir.path(), &clock);
    let caller = log_in(&station, LOGIN);
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    let search = Search::new("DK48213".parse().unwrap(), purpose);
    station.search(&caller, search).unwrap();
    assert_eq!(station.check_records().unwrap(), None);

    let entries = ledger::entries_from(&dir.path().join("ledger"), 0).unwrap();
    let searched = |event: &Event| match event {
        Event::Decision(decision) if decision.act == "search" => Some(decision.id),
        _ => None,
    };
    let number = entries.iter().position(|e| searched(&e.event).is_some());
    let number = number.unwrap();
    let decision = searched(&entries[number].event).unwrap();
    let edited = database.ask(&format!(
        "UPDATE content SET content = set_byte(content, 40, get_byte(content, 40) # 1)
         WHERE encode(decision, 'hex') = '{decision}' RETURNING 1"
    ));
    assert_eq!(edited, "1");
    let found = station.check_records().unwrap().unwrap();
    assert_eq!(
        found,
        format!("entry {number}: what is kept beside it was changed after it was written")
    );
    // It goes on in a new ledger.
    assert!(dir.path().join("ledger-1").exists());
    assert_eq!(station.check_records().unwrap(), None);
}
