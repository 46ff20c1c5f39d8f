//! Terminals over HTTP: enrolled by an administrator, set up with a code, and the one exemption from the
//! lock that CJIS AC-11 makes.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use house::support::PASSWORD;
use house::{ADMINISTRATOR, Answer, Browser, House, OFFICER};

const MINUTE: Duration = Duration::from_secs(60);

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap();
    rest.split(after).next().unwrap()
}

/// Enrols a terminal; its code.
async fn enrol(house: &House, name: &str, class: &str) -> String {
    house.clock.advance(Duration::from_secs(30));
    let administrator = house.log_in(ADMINISTRATOR).await;
    let form = [("name", name), ("place", "Patrol car 12"), ("class", class)];
    let page = house
        .fill_in(&administrator, "/station/terminals", &form)
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    between(&page.text, "<dd class=\"mono\">", "<").to_owned()
}

/// A machine that brought the code, with the key that it was given.
async fn set_up(house: &House, code: &str) -> Result<Browser, Answer> {
    let answer = house
        .post(&Browser::default(), "/terminal", &[("code", code)])
        .await;
    if answer.cookie.is_empty() {
        return Err(answer);
    }
    let cookie = answer.cookie.split(';').next().unwrap().to_owned();
    Ok(Browser { cookie })
}

/// Logs the officer in at this machine.
async fn log_in_at(house: &House, machine: &Browser) -> Browser {
    house.clock.advance(Duration::from_secs(30));
    let code = house.code(OFFICER);
    let form = [
        ("login", OFFICER),
        ("password", PASSWORD),
        ("code", code.as_str()),
        ("acknowledged", "yes"),
    ];
    let answer = house.post(machine, "/login", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let session = answer.cookie.split(';').next().unwrap();
    Browser {
        cookie: format!("{session}; {}", machine.cookie),
    }
}

/// Where the officer's page stands after so long alone.
async fn after(house: &House, officer: &Browser, alone: Duration) -> String {
    house.clock.advance(alone);
    house.get(officer, "/search").await.location
}

#[tokio::test]
async fn ac_11_a_session_on_a_cars_terminal_does_not_lock_and_every_other_does() {
    let house = House::new();
    let car = set_up(&house, &enrol(&house, "car-12", "conveyance").await).await;
    let car = car.ok().unwrap();
    let desk = set_up(&house, &enrol(&house, "desk-1", "desk").await).await;
    let desk = desk.ok().unwrap();
    let forged = Browser {
        cookie: format!("lictor-terminal={}", "0".repeat(64)),
    };
    for (machine, locks) in [
        (&car, false),
        (&desk, true),
        (&forged, true),
        (&Browser::default(), true),
    ] {
        let officer = log_in_at(&house, machine).await;
        let page = house.get(&officer, "/search").await;
        assert_eq!(page.refresh.is_empty(), !locks, "the page puts itself away");
        assert_eq!(
            after(&house, &officer, 30 * MINUTE - Duration::from_secs(1)).await,
            ""
        );
        let at = after(&house, &officer, 30 * MINUTE).await;
        assert_eq!(at, if locks { "/unlock" } else { "" });
    }
}

#[tokio::test]
async fn ia_5_a_session_on_a_cars_terminal_ends_after_twelve_hours_all_the_same() {
    let house = House::new();
    let car = set_up(&house, &enrol(&house, "car-12", "conveyance").await).await;
    let officer = log_in_at(&house, &car.ok().unwrap()).await;
    assert_eq!(after(&house, &officer, 12 * 60 * MINUTE - MINUTE).await, "");
    assert_eq!(after(&house, &officer, MINUTE).await, "/login");
}

#[tokio::test]
async fn a_terminal_whose_key_is_taken_away_locks_like_any_machine() {
    let house = House::new();
    let car = set_up(&house, &enrol(&house, "car-12", "conveyance").await).await;
    let car = car.ok().unwrap();
    let officer = log_in_at(&house, &car).await;
    let administrator = house.log_in(ADMINISTRATOR).await;
    let gone = [("name", "car-12")];
    let page = house
        .fill_in(&administrator, "/station/terminals/remove", &gone)
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(after(&house, &officer, 30 * MINUTE).await, "/unlock");
    let officer = log_in_at(&house, &car).await;
    assert_eq!(after(&house, &officer, 30 * MINUTE).await, "/unlock");
}

#[tokio::test]
async fn a_terminals_code_is_good_once_and_three_days_and_everything_stands_in_the_ledger() {
    let house = House::new();
    let code = enrol(&house, "car-12", "conveyance").await;
    let car = set_up(&house, &code).await.ok().unwrap();
    let again = set_up(&house, &code).await.err().unwrap();
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    let late = enrol(&house, "car-13", "conveyance").await;
    house.clock.advance(72 * 60 * MINUTE);
    assert!(set_up(&house, &late).await.is_err());
    let page = house.get(&car, "/login").await;
    assert!(
        page.text
            .contains("terminal car-12 (fixed in a patrol car)"),
        "{}",
        page.text
    );
    log_in_at(&house, &car).await;
    let story = house.story().await;
    for told in [
        "Sam Okafor (badge 118) enrolled the terminal car-12 in Patrol car 12, of the class conveyance",
        "The terminal car-12 was set up with its code",
        "Somebody brought a terminal&#39;s code that is not good",
        "logged in from this machine (terminal car-12)",
    ] {
        assert!(story.contains(told), "{told}: {story}");
    }
}

#[tokio::test]
async fn a_class_that_there_is_not_is_refused() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let form = [("name", "car-12"), ("place", "Car"), ("class", "submarine")];
    let page = house
        .fill_in(&administrator, "/station/terminals", &form)
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}
