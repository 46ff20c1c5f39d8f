//! Looking through the ledger by member, purpose, case, plate and day (5(c)), over HTTP.

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use house::support::LOGIN;
use house::{AUDITOR, Browser, House, OFFICER};

/// The entries of a page, newest first.
fn entries(page: &str) -> Vec<&str> {
    let parts = page.split("<span class=\"entry mono\">").skip(1);
    parts
        .map(|part| part.split("</li>").next().unwrap_or_default())
        .collect()
}

async fn look(house: &House, who: &Browser, asked: &[(&str, &str)]) -> String {
    let answer = house.fill_in(who, "/ledger", asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.text
}

/// Two members searched for two plates, two cases and two purposes, on two days; and who looks at it.
async fn searched() -> (House, Browser) {
    let house = House::new();
    for day in 0..2 {
        for (login, plate) in [(OFFICER, "DK48213"), (LOGIN, "D?4*")] {
            let who = house.log_in(login).await;
            for (purpose, case) in [("crime", "26-01877"), ("missing", "26-01900")] {
                house.search(&who, plate, purpose, case).await;
            }
        }
        if day == 0 {
            house.clock.advance(Duration::from_hours(24));
        }
    }
    let auditor = house.log_in(AUDITOR).await;
    (house, auditor)
}

#[tokio::test]
async fn the_ledger_is_looked_through_by_member_purpose_case_plate_and_day() {
    let (house, auditor) = searched().await;
    let everybody = ("scope", "everyone");
    for (asked, found, all_say) in [
        (vec![("plate", "dk48213")], 4, "plate DK48213"),
        (vec![("plate", "D?4*")], 4, "plate D?4*"),
        (vec![("plate", "DK482")], 0, ""),
        (vec![("case", "26-01900")], 4, "case 26-01900"),
        (
            vec![("purpose", "missing")],
            4,
            "missing or endangered person",
        ),
        (
            vec![("member", OFFICER), ("purpose", "crime")],
            2,
            "Rowan Marsh",
        ),
        (vec![("member", OFFICER), ("plate", "D?4*")], 0, ""),
        (
            vec![("case", "26-01877"), ("last", "2026-11-24")],
            2,
            "24 Nov 2026",
        ),
        (
            vec![("case", "26-01877"), ("first", "2026-11-25")],
            2,
            "25 Nov 2026",
        ),
        (vec![("first", "2026-11-26")], 0, ""),
    ] {
        let page = look(&house, &auditor, &[&asked[..], &[everybody]].concat()).await;
        let told = entries(&page);
        assert_eq!(told.len(), found, "{asked:?}: {page}");
        assert!(
            told.iter().all(|entry| entry.contains(all_say)),
            "{asked:?}: {page}"
        );
    }
    let story = house.story().await;
    let recorded =
        "asked what the ledger says of everybody&#39;s entries, case 26-01877, from 2026-11-25";
    assert!(story.contains(recorded), "{story}");
    let nobody = [everybody, ("member", "no.body")];
    let refused = house.fill_in(&auditor, "/ledger", &nobody).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_looked_for_goes_on_page_by_page_and_is_nobodys_but_the_members_own_without_the_role()
 {
    let (house, auditor) = searched().await;
    let mut before = String::new();
    let mut seen = Vec::new();
    loop {
        let asked = format!(
            "{{\"scope\":\"everyone\",\"plate\":\"DK48213\",\"most\":\"3\",\"before\":\"{before}\"}}"
        );
        let answer = house.send_json(&auditor, "/api/ledger", &asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let story: serde_json::Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let told = story["entries"].as_array().cloned().unwrap_or_default();
        assert!(told.len() <= 3);
        seen.extend(told.iter().map(|entry| entry["entry"].as_u64()));
        match story["looked_back_to"].as_u64() {
            Some(entry) => before = entry.to_string(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");
    house.clock.advance(Duration::from_secs(30));
    let officer = house.log_in(OFFICER).await;
    let own = look(&house, &officer, &[("case", "26-01900")]).await;
    assert_eq!(entries(&own).len(), 2, "{own}");
    let page = house.fill_in(
        &officer,
        "/ledger",
        &[("scope", "everyone"), ("case", "26-01900")],
    );
    assert_eq!(page.await.status, StatusCode::FORBIDDEN);
    let theirs = look(&house, &officer, &[("member", LOGIN)]).await;
    assert!(entries(&theirs).is_empty(), "{theirs}");
}
