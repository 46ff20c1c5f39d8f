//! What the nightly check finds, as the members see it.

mod house;

use std::fs;

use axum::http::StatusCode;
use house::{House, OFFICER};
use ledger::{Event, VerifyingKey, entries_from, verify};

#[tokio::test]
async fn alpr_ac_32_an_edited_entry_is_found_at_night_told_on_every_page_and_writing_goes_on() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert_eq!(house.station.check_records().unwrap(), None);
    let page = house.get(&officer, "/search").await;
    assert!(!page.text.contains("damaged"), "{}", page.text);

    // Somebody edits the record.
    let path = |name: &str| house.folder().join(name);
    let growing = path("ledger/growing/00000000000000000000");
    let mut bytes = fs::read(&growing).unwrap();
    bytes[100] ^= 1;
    fs::write(&growing, bytes).unwrap();
    let head = fs::read_to_string(path("ledger/checkpoint")).unwrap();

    let found = house.station.check_records().unwrap().unwrap();
    assert!(found.starts_with("entry 0: "), "{found}");
    let page = house.get(&officer, "/search").await;
    assert!(
        page.text
            .contains("The ledger before this one is damaged (entry 0: ")
    );

    // Writing goes on, in a new ledger that commits to the finding and to the old one's head.
    let page = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert_eq!(page.status, StatusCode::OK);
    house.station.sign_ledger().unwrap();
    let key =
        |name: &str| VerifyingKey::from_text(&fs::read_to_string(path(name)).unwrap()).unwrap();
    assert_eq!(key("ledger.pub").origin(), "localhost/lictor/2");
    assert!(verify(&path("ledger"), &key("ledger.pub")).unwrap().signed >= 3);
    let first = &entries_from(&path("ledger"), 0).unwrap()[0].event;
    assert!(
        matches!(first, Event::Continued { head: old, finding, by, missing: None }
            if *old == head && *finding == found && by.is_empty()),
        "{first:?}"
    );
    assert!(
        house
            .story()
            .await
            .contains("This ledger goes on from localhost/lictor/1")
    );
    assert_eq!(house.station.check_records().unwrap(), None);
    // The old one is kept as evidence, and still tells what was done to it.
    let evidence = verify(&path("ledger-1"), &key("ledger-1.pub")).unwrap_err();
    assert_eq!(evidence.entry, Some(0));
}
