//! Local entries, over HTTP: made by one, confirmed by another, looked out for until they end.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use house::support::{LOGIN, log_in};
use house::{Answer, Browser, House, OFFICER};
use serde_json::Value;
use station::LocalEntryAsked;

/// An officer, and the Deputy Chief as the second person.
struct Watch {
    house: House,
    officer: Browser,
    second: Browser,
}

impl Watch {
    async fn new() -> Self {
        let house = House::new();
        Self {
            officer: house.log_in(OFFICER).await,
            second: house.log_in(LOGIN).await,
            house,
        }
    }

    /// The officer looks out for a plate, with what `change` says otherwise.
    async fn enter(&self, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("plate", "DK48213"),
            ("state", "US-IL"),
            ("make", "Mazda"),
            ("reason", "Burglary, seen leaving"),
            ("case", "26-01877"),
            ("document", "Report 26-01877, records room"),
            ("ends_at", "2026-11-25T06:00"),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.house
            .fill_in(&self.officer, "/hotlists/local", &form)
            .await
    }

    async fn step(&self, by: &Browser, step: &str, form: &[(&str, &str)]) -> Answer {
        let path = format!("/hotlists/local/{step}");
        self.house.fill_in(by, &path, form).await
    }

    async fn confirm(&self, number: u64) {
        let confirmed = self
            .step(&self.second, &format!("{number}/confirm"), &[])
            .await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    }

    /// The car passes, and its plate and state are read well.
    fn it_passes(&self, at: &str) {
        self.house.see(&[("DK48213", 0.98)], &[("US-IL", 0.95)], at);
    }

    async fn json(&self, path: &str) -> Vec<Value> {
        let answer = self.house.get(&self.second, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    async fn alerts(&self) -> usize {
        self.json("/api/alerts").await.len()
    }
}

#[tokio::test]
async fn a_local_entry_is_confirmed_by_a_second_person_before_anything_is_compared_with_it() {
    let watch = Watch::new().await;
    let entered = watch.enter(&[]).await;
    assert_eq!(entered.status, StatusCode::OK, "{}", entered.text);
    assert!(
        entered
            .text
            .contains("another compares it with the document")
    );
    watch.it_passes("2026-11-24T15:50:00Z");
    assert_eq!(watch.alerts().await, 0, "nobody has confirmed it");
    let refused = watch.step(&watch.officer, "1/confirm", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("made themselves"), "{}", refused.text);
    watch.confirm(1).await;
    watch.it_passes("2026-11-24T15:55:00Z");
    let alerts = watch.json("/api/alerts").await;
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["list"], "Local entries");
    assert_eq!(alerts[0]["priority"], true);
    assert_eq!(alerts[0]["list_overdue"], false);
    assert_eq!(alerts[0]["reason"], "Burglary, seen leaving, case 26-01877");
    let card = watch.house.get(&watch.officer, "/alerts/1").await.text;
    assert!(card.contains("Local entry 1, by Report 26-01877, records room"));
    let story = watch.house.story().await;
    for told in [
        "Rowan Marsh (badge 417) entered, to be looked out for once another confirms it: plate DK48213 of Illinois",
        "Avery Holt (badge 102) confirmed, as a second person, local entry 1",
    ] {
        assert!(
            story.contains(told),
            "the ledger does not tell: {told}\n{story}"
        );
    }
}

#[tokio::test]
async fn a_local_entry_ends_by_itself_and_once_withdrawn_raises_nothing() {
    let watch = Watch::new().await;
    for (number, ends_at) in [(1, "2026-11-24T10:20"), (2, "2026-11-25T06:00")] {
        watch.enter(&[("ends_at", ends_at)]).await;
        watch.confirm(number).await;
    }
    watch.it_passes("2026-11-24T16:00:00Z");
    assert_eq!(watch.alerts().await, 2, "one for each entry");
    watch.house.clock.advance(Duration::from_secs(25 * 60));
    let withdrawn = watch
        .step(&watch.officer, "2/withdraw", &[("why", "Found")])
        .await;
    assert_eq!(withdrawn.status, StatusCode::OK, "{}", withdrawn.text);
    watch.it_passes("2026-11-24T16:21:00Z");
    assert_eq!(watch.alerts().await, 2, "neither is in force");
    let stands: Vec<_> = watch
        .json("/api/hotlists/local")
        .await
        .iter()
        .map(|one| one["stands"].clone())
        .collect();
    assert_eq!(stands, ["withdrawn", "ended"]);
    let renewed = watch
        .step(
            &watch.officer,
            "1/renew",
            &[("ends_at", "2026-11-25T06:00")],
        )
        .await;
    assert_eq!(renewed.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_local_entry_names_its_case_and_document_and_ends_in_time() {
    let watch = Watch::new().await;
    for (change, says) in [
        (("case", "a friend asked"), "belongs to a case or call"),
        (("document", ""), "rests on a document"),
        (("ends_at", "2027-06-01T06:00"), "ends by itself"),
        (("reason", "Immigration status"), "625 ILCS 5/2-130(b)"),
        (("plate", "D?*"), "three characters known"),
        (("plate", "DK4*"), "at some cameras"),
    ] {
        let refused = watch.enter(&[change]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{change:?}");
        assert!(refused.text.contains(says), "{change:?}: {}", refused.text);
    }
}

#[tokio::test]
async fn whatever_part_of_a_plate_is_looked_out_for_what_it_finds_is_possible_and_never_an_alert() {
    const PLATE: &str = "DK48213";
    let watch = Watch::new().await;
    let officer = log_in_as(&watch, OFFICER);
    let second = log_in_as(&watch, LOGIN);
    let mut number = 0;
    // Every way to know three characters of it or more, and not all.
    for known in 0..1_u32 << PLATE.len() {
        if known.count_ones() < 3 || known.count_ones() as usize == PLATE.len() {
            continue;
        }
        let plate = PLATE.char_indices();
        let plate = plate.map(|(at, c)| if known >> at & 1 == 1 { c } else { '?' });
        let asked = LocalEntryAsked {
            plate: plate.collect(),
            jurisdiction: "US-IL".parse().ok(),
            reason: "Homicide, seen by a witness".into(),
            case: "26-01877".into(),
            document: "Statement 3".into(),
            ends_at: "2026-11-25T12:00:00Z".parse().unwrap(),
            cameras: vec!["elm-and-3rd".into()],
            from: "2026-11-24T15:00:00Z".parse().ok(),
            until: "2026-11-24T15:59:30Z".parse().ok(),
            ..LocalEntryAsked::default()
        };
        number += 1;
        let station = &watch.house.station;
        assert_eq!(station.enter_local_entry(&officer, asked).unwrap(), number);
        station.confirm_local_entry(&second, number).unwrap();
    }
    watch.it_passes("2026-11-24T15:58:00Z");
    watch.house.see(
        &[("KHF392", 0.98)],
        &[("US-IL", 0.95)],
        "2026-11-24T15:59:00Z",
    );
    watch.it_passes("2026-11-24T16:00:00Z");
    assert_eq!(watch.alerts().await, 0);
    let entries = watch.json("/api/hotlists/local").await;
    assert_eq!(entries.len(), 98);
    for entry in entries {
        let possibles = entry["possibles"].as_array().unwrap();
        assert_eq!(possibles.len(), 1, "it alone, and in that time: {entry}");
        assert_eq!(possibles[0]["read"], PLATE);
    }
}

fn log_in_as(watch: &Watch, login: &str) -> station::Caller {
    watch.house.clock.advance(Duration::from_secs(30));
    log_in(&watch.house.station, login)
}
