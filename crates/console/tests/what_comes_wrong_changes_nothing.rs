//! What comes wrong, too large, or twice at once: a clear answer, and nothing is changed.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use house::support::LOGIN;
use house::{ADMINISTRATOR, Browser, House, OFFICER};

const MEMBERS: &str = "/station/members";

fn new_member<'a>(login: &'a str, name: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("login", login),
        ("name", name),
        ("badge", "431"),
        ("role", "officer"),
    ]
}

/// The logins that are enrolled, as a program sees them.
async fn members(house: &House, who: &Browser) -> String {
    house.get(who, "/api/members").await.text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_at_once_enrol_one_member_and_confirm_one_proposal_once() {
    let house = House::new();
    let [one, other] = [house.log_in(LOGIN).await, house.log_in(ADMINISTRATOR).await];
    let both = [("one", &one), ("other", &other)];
    for (name, _) in both {
        // Whoever is first: the other is told that the login is taken.
        let login = format!("casey.birch.{name}");
        let form = new_member(&login, "Casey Birch");
        let (first, second) = tokio::join!(
            house.fill_in(&one, MEMBERS, &form),
            house.fill_in(&other, MEMBERS, &form)
        );
        let mut came = [first.status, second.status];
        came.sort();
        assert_eq!(came, [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY]);
        assert_eq!(members(&house, &one).await.matches(&login).count(), 1);
    }
    // Proposed by a third, confirmed by two in the same moment: done once.
    let give = format!("/station/members/{OFFICER}/roles");
    let role = [("role", "administrator"), ("until", ""), ("why", "Nights")];
    assert_eq!(
        house.fill_in(&one, &give, &role).await.status,
        StatusCode::OK
    );
    let role = [
        ("role", "deputy-chief"),
        ("until", ""),
        ("why", "Away in June"),
    ];
    let sams = format!("/station/members/{ADMINISTRATOR}/roles");
    assert_eq!(
        house.fill_in(&one, &sams, &role).await.status,
        StatusCode::OK
    );
    let officer = house.log_in(OFFICER).await;
    let retention = [
        ("class", "read"),
        ("amount", "30"),
        ("unit", "days"),
        ("schedule", "24-103, item 7"),
        ("preset", ""),
    ];
    let path = "/station/proposals/retention";
    let page = house.fill_in(&officer, path, &retention).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let id = page
        .text
        .split("action=\"/station/proposals/")
        .nth(1)
        .unwrap();
    let confirm = format!("/station/proposals/{}", &id[..32]);
    let (first, second) = tokio::join!(
        house.fill_in(&one, &confirm, &[]),
        house.fill_in(&other, &confirm, &[])
    );
    let mut came = [first.status, second.status];
    came.sort();
    assert_eq!(came, [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY]);
}

#[tokio::test]
async fn a_hostile_name_is_shown_as_it_is_or_refused_and_does_nothing() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    for (n, name) in [
        "<script>alert(1)</script>",
        "'); DROP TABLE member; --",
        "\" autofocus onfocus=\"alert(1)",
        "{{ 7 * 7 }} ${7 * 7}",
        "../../etc/passwd",
        "Núñez-Łukasiewicz 李",
    ]
    .into_iter()
    .enumerate()
    {
        let login = format!("casey.birch.{n}");
        let page = house
            .fill_in(&administrator, MEMBERS, &new_member(&login, name))
            .await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        assert!(!page.text.contains("<script>alert"), "{name}");
        assert!(!page.text.contains("onfocus=\"alert"), "{name}");
        let all: serde_json::Value =
            serde_json::from_str(&members(&house, &administrator).await).unwrap();
        assert!(
            all.as_array()
                .unwrap()
                .iter()
                .any(|one| one["name"] == name),
            "{name} is kept letter by letter"
        );
        let story = house.story().await;
        assert!(!story.contains("<script>alert"), "nor in the ledger's page");
    }
    let before = members(&house, &administrator).await;
    let long = "x".repeat(81);
    for name in [
        "",
        "   ",
        "Casey\u{0}Birch",
        "Casey\nBirch",
        "Casey\u{1b}[2J",
        &long,
    ] {
        let refused = house
            .fill_in(&administrator, MEMBERS, &new_member("bad.name", name))
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert!(
            refused.text.contains("1 to 80 characters"),
            "{}",
            refused.text
        );
    }
    assert_eq!(members(&house, &administrator).await, before);
}

#[tokio::test]
async fn what_is_oversized_or_malformed_is_refused_by_name_and_changes_nothing() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let before = members(&house, &administrator).await;
    let entries = house.station.ledger_size();
    let huge = "x".repeat(65 * 1024);
    let refused = house
        .fill_in(&administrator, MEMBERS, &new_member("casey.birch", &huge))
        .await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    for malformed in ["", "{", "[]", "{\"login\": 7}", "null", "\u{feff}{}"] {
        let refused = house
            .send_json(&administrator, "/api/members", malformed)
            .await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{malformed}"
        );
        assert!(
            refused.text.contains("\"error\""),
            "{malformed}: {}",
            refused.text
        );
    }
    let camera = |body: Vec<u8>| {
        Request::post("/api/frames?seen_at=2026-11-20T14:12:07Z")
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", house.camera_key),
            )
            .body(Body::from(body))
            .unwrap()
    };
    for (body, what) in [
        (vec![], "empty"),
        (b"\xff\xd8\xff no picture".to_vec(), "cut short"),
    ] {
        let refused = house.send(camera(body)).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}: {}",
            refused.text
        );
    }
    let told = house.station.ledger_size() - entries;
    assert_eq!(told, 0, "what is no request leaves no decision");
    assert_eq!(members(&house, &administrator).await, before);
}

#[tokio::test]
async fn a_clock_that_goes_backwards_brings_nothing_back_and_is_said_on_every_page() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    house.clock.step(jiff::SignedDuration::from_hours(-24));
    let deputy_chief = house.log_in(LOGIN).await;
    let page = house.get(&deputy_chief, "/station").await;
    assert!(
        page.text.contains("The machine's clock shows"),
        "{}",
        page.text
    );
    let grant = [
        ("login", OFFICER),
        ("class", "state"),
        ("until", "2027-11-20"),
        ("why", "Task force"),
    ];
    let refused = house
        .fill_in(&deputy_chief, "/station/authorisations", &grant)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("clock is in doubt"),
        "{}",
        refused.text
    );
    // The session is measured by the monotonic clock, and the work goes on, marked.
    let found = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    let story = house.story().await;
    assert!(story.contains("The clock was in doubt."), "{story}");
}
