//! Holds (4), over HTTP: placed for a case, looked at again, released.

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use govern::{EnrolMember, Role};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, AUDITOR, Answer, Browser, House, OFFICER};

const CLERK: &str = "kit.dorsey";

struct Desk {
    house: House,
    clerk: Browser,
    deputy_chief: Browser,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new();
        house.take_in();
        let new = EnrolMember {
            login: CLERK.into(),
            name: "Kit Dorsey".into(),
            badge: "88".into(),
            roles: vec![Role("records-clerk".into())],
        };
        enrol(&house.station, &log_in(&house.station, LOGIN), new);
        let administrator = log_in(&house.station, ADMINISTRATOR);
        train(&house.station, &administrator, CLERK, "2027-11-01");
        house.clock.advance(Duration::from_secs(30));
        Self {
            clerk: house.log_in(CLERK).await,
            deputy_chief: house.log_in(LOGIN).await,
            house,
        }
    }

    /// The clerk asks for a hold, with what `change` says otherwise.
    async fn place(&self, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("case", "26-01877"),
            ("kind", "discovery"),
            ("why", "Asked for by the defence"),
            ("review_on", "2027-02-01"),
            ("plate", "DK48213"),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.house.fill_in(&self.clerk, "/holds", &form).await
    }
}

#[tokio::test]
async fn a_hold_is_placed_for_a_case_and_the_ledger_and_the_cases_page_tell_it() {
    let desk = Desk::new().await;
    let placed = desk.place(&[]).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    assert!(
        placed.text.contains("Hold 1 is in force: it holds 1 read"),
        "{}",
        placed.text
    );
    // By the time and place of a scene: whatever was read there.
    let scene = [
        ("plate", ""),
        ("kind", "evidence"),
        ("case", "26-01902"),
        ("camera", "elm-and-3rd"),
        ("from", "2026-11-20T00:00"),
        ("until", "2026-11-21T00:00"),
    ];
    let placed = desk.place(&scene).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    assert!(placed.text.contains("Hold 2 is in force"));
    let case = desk
        .house
        .get(&desk.deputy_chief, "/holds?case=26-01902")
        .await
        .text;
    assert!(case.contains("Case 26-01902: what is held"), "{case}");
    assert!(case.contains("/holds/2\"") && !case.contains("/holds/1\""));
    let one = desk.house.get(&desk.clerk, "/holds/2").await.text;
    assert!(one.contains("by Kit Dorsey"), "{one}");
    assert!(one.contains("releases it"), "a clerk does not");
    let story = desk.house.story().await;
    assert!(
        story.contains("placed a hold on reads of plate DK48213, as discovery in case 26-01877"),
        "{story}"
    );
    assert!(story.contains("Hold 1 (discovery) holds 1 read."));
}

#[tokio::test]
async fn what_a_search_showed_is_held_by_its_id() {
    let desk = Desk::new().await;
    let page = desk
        .house
        .search(&desk.deputy_chief, "DK48213", "crime", "26-01877")
        .await
        .text;
    let (_, link) = page.split_once("/holds?read=").unwrap();
    let read = &link[..32];
    let form = desk
        .house
        .get(&desk.clerk, &format!("/holds?read={read}"))
        .await
        .text;
    assert!(form.contains(&format!("{read}</textarea>")), "{form}");
    let placed = desk.place(&[("plate", ""), ("reads", read)]).await;
    assert!(placed.text.contains("holds 1 read"), "{}", placed.text);
    let none = "00000000000000000000000000000000";
    let placed = desk.place(&[("plate", ""), ("reads", none)]).await;
    assert_eq!(placed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(placed.text.contains("there is no such read"));
}

#[tokio::test]
async fn a_hold_needs_a_case_a_bound_and_a_day_on_which_somebody_looks_again() {
    let desk = Desk::new().await;
    for (change, says) in [
        (("case", "a friend asked"), "no number of one"),
        (("plate", ""), "on everything it would undo the schedule"),
        (("review_on", "2026-11-20"), "is past, or too far off"),
        (("review_on", "2027-11-20"), "is past, or too far off"),
    ] {
        let refused = desk.place(&[change]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{change:?}");
        assert!(refused.text.contains(says), "{}", refused.text);
    }
    let unclear = desk.place(&[("alert", "1")]).await;
    assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
    let officer = desk.house.log_in(OFFICER).await;
    let refused = desk.house.get(&officer, "/holds").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_hold_is_overdue_until_somebody_keeps_it_on_and_is_released_at_the_top() {
    let desk = Desk::new().await;
    desk.place(&[("review_on", "2026-11-25")]).await;
    let release = [("why", "The case is closed")];
    let refused = desk
        .house
        .fill_in(&desk.clerk, "/holds/1/release", &release)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    desk.house.clock.advance(Duration::from_hours(48));
    let clerk = desk.house.log_in(CLERK).await;
    let deputy_chief = desk.house.log_in(LOGIN).await;
    let page = desk.house.get(&clerk, "/holds").await.text;
    assert!(page.contains("One hold is overdue"), "{page}");
    let kept = [("why", "The trial goes on"), ("review_on", "2027-02-01")];
    let page = desk
        .house
        .fill_in(&clerk, "/holds/1/review", &kept)
        .await
        .text;
    assert!(page.contains("Hold 1 is kept on."), "{page}");
    let page = desk.house.get(&clerk, "/holds").await.text;
    assert!(!page.contains("overdue"), "{page}");

    let released = desk
        .house
        .fill_in(&deputy_chief, "/holds/1/release", &release)
        .await;
    assert_eq!(released.status, StatusCode::OK, "{}", released.text);
    assert!(released.text.contains("The case is closed"));
    let again = desk
        .house
        .fill_in(&deputy_chief, "/holds/1/release", &release)
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let auditor = desk.house.log_in(AUDITOR).await;
    let page = desk.house.get(&auditor, "/holds").await.text;
    assert!(page.contains("released") && !page.contains("Place a hold"));
}
