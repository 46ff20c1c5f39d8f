//! Passkeys over HTTP, with a device played by the test: made by a member for their own account, and
//! shown in the place of a code.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../crypt/tests/support/device.rs"]
mod device;
mod house;

use std::time::Duration;

use axum::http::StatusCode;
use device::Device;
use house::support::PASSWORD;
use house::{ADMINISTRATOR, Answer, Browser, House, OFFICER};

const HOST: &str = "localhost";
const ORIGIN: &str = "http://localhost:8420";

fn house() -> House {
    let house = House::new();
    house.station.reached_at(8420);
    house
}

/// What a page's script would be told.
fn wanted(page: &str) -> String {
    let (_, rest) = page.split_once("data-wanted=\"").unwrap();
    let text = rest.split('"').next().unwrap();
    text.replace("&#34;", "\"").replace("&#38;", "&")
}

async fn offer(house: &House, member: &Browser) -> Answer {
    let form = [("name", "Phone"), ("current", PASSWORD)];
    house.fill_in(member, "/account/passkeys/new", &form).await
}

/// Adds the device's passkey to the member's account.
async fn add(house: &House, member: &Browser, device: &mut Device) -> Answer {
    let page = offer(house, member).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let made = device.make(&wanted(&page.text));
    let form = [("name", "Phone"), ("passkey", made.as_str())];
    house.fill_in(member, "/account/passkeys", &form).await
}

async fn show(house: &House, login: &str, password: &str, answer: &str) -> Answer {
    let form = [
        ("login", login),
        ("password", password),
        ("code", ""),
        ("passkey", answer),
        ("acknowledged", "yes"),
    ];
    house.post(&Browser::default(), "/login", &form).await
}

/// Logs in with password and passkey.
async fn come_in(house: &House, login: &str, device: &mut Device) -> Answer {
    let page = house.get(&Browser::default(), "/login").await;
    let signed = device.sign(&wanted(&page.text));
    show(house, login, PASSWORD, &signed).await
}

#[tokio::test]
async fn ia_2_a_member_makes_a_passkey_and_comes_in_with_it_and_the_password() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let mut phone = Device::es256(HOST, ORIGIN);
    let added = add(&house, &officer, &mut phone).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text);
    assert!(added.text.contains("<td data-is=\"Passkey\">Phone"));
    for _ in 0..2 {
        let came = come_in(&house, OFFICER, &mut phone).await;
        assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
    }
    // The authenticator's code still does.
    house.clock.advance(Duration::from_secs(30));
    house.log_in(OFFICER).await;
    let story = house.story().await;
    assert!(
        story.contains("Rowan Marsh (badge 417) added a passkey to their account"),
        "{story}"
    );
    assert_eq!(story.matches("logged in with a passkey").count(), 2);
}

#[tokio::test]
async fn a_passkey_alone_with_a_wrong_password_or_in_anothers_name_lets_nobody_in() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let mut phone = Device::ed25519(HOST, ORIGIN);
    add(&house, &officer, &mut phone).await;
    let page = house.get(&Browser::default(), "/login").await;
    let signed = phone.sign(&wanted(&page.text));
    for (login, password) in [
        (OFFICER, ""),
        (OFFICER, "not this one"),
        (ADMINISTRATOR, PASSWORD),
    ] {
        let answer = show(&house, login, password, &signed).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{login}");
    }
    // What was shown in vain is not used up by strangers; shown rightly it is, and good once.
    let came = show(&house, OFFICER, PASSWORD, &signed).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
    let again = show(&house, OFFICER, PASSWORD, &signed).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_passkey_that_signed_for_another_address_too_late_or_without_the_person_is_refused() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let mut phone = Device::es256(HOST, ORIGIN);
    add(&house, &officer, &mut phone).await;
    phone.origin = "http://localhost:8421".to_owned();
    let elsewhere = come_in(&house, OFFICER, &mut phone).await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
    phone.origin = ORIGIN.to_owned();
    phone.flags = 0x01;
    let unverified = come_in(&house, OFFICER, &mut phone).await;
    assert!(
        unverified.text.contains("did not verify that it is you"),
        "{}",
        unverified.text
    );
    phone.flags = device::VERIFIED;
    let page = house.get(&Browser::default(), "/login").await;
    house.clock.advance(Duration::from_secs(300));
    let late = show(&house, OFFICER, PASSWORD, &phone.sign(&wanted(&page.text))).await;
    assert!(late.text.contains("took too long"), "{}", late.text);
    // A challenge of another page does not serve.
    let offered = wanted(&offer(&house, &officer).await.text);
    let other = show(&house, OFFICER, PASSWORD, &phone.sign(&offered)).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    let came = come_in(&house, OFFICER, &mut phone).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
}

#[tokio::test]
async fn a_passkey_that_counts_backwards_is_refused_from_then_on_and_raises_an_alarm() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let mut phone = Device::es256(HOST, ORIGIN);
    add(&house, &officer, &mut phone).await;
    phone.counter = 40;
    let came = come_in(&house, OFFICER, &mut phone).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
    // The copy has signed less often.
    phone.counter = 7;
    let copy = come_in(&house, OFFICER, &mut phone).await;
    assert!(copy.text.contains("counts backwards"), "{}", copy.text);
    phone.counter = 100;
    let stopped = come_in(&house, OFFICER, &mut phone).await;
    assert_eq!(stopped.status, StatusCode::UNAUTHORIZED);
    let page = house.get(&officer, "/account").await.text;
    assert!(
        page.contains("A passkey counted backwards"),
        "the alarm stands on every page"
    );
    assert!(page.contains("not taken any more"), "{page}");
    assert!(
        house
            .story()
            .await
            .contains("A login as Rowan Marsh (badge 417) was refused with a passkey")
    );
}

#[tokio::test]
async fn a_passkey_is_made_with_the_password_for_this_session_once() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let form = [("name", "Phone"), ("current", "not this password")];
    let refused = house
        .fill_in(&officer, "/account/passkeys/new", &form)
        .await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let mut phone = Device::es256(HOST, ORIGIN);
    let page = offer(&house, &officer).await;
    let made = phone.make(&wanted(&page.text));
    let form = [("name", "Phone"), ("passkey", made.as_str())];
    // Not in another session of another member.
    let administrator = house.log_in(ADMINISTRATOR).await;
    let foreign = house
        .fill_in(&administrator, "/account/passkeys", &form)
        .await;
    assert_eq!(foreign.status, StatusCode::UNPROCESSABLE_ENTITY);
    let added = house.fill_in(&officer, "/account/passkeys", &form).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text);
    let again = house.fill_in(&officer, "/account/passkeys", &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The same device's passkey is nobody else's either.
    let stolen = add(&house, &administrator, &mut phone).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_taken_away_does_not_serve_by_the_member_or_by_a_new_code() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let mut phone = Device::es256(HOST, ORIGIN);
    let added = add(&house, &officer, &mut phone).await;
    let (_, rest) = added.text.split_once("name=\"id\" value=\"").unwrap();
    let id = &rest[..64];
    let wrong = [("id", id), ("current", "not this password")];
    house
        .fill_in(&officer, "/account/passkeys/remove", &wrong)
        .await;
    let came = come_in(&house, OFFICER, &mut phone).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
    let form = [("id", id), ("current", PASSWORD)];
    let gone = house
        .fill_in(&officer, "/account/passkeys/remove", &form)
        .await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    let refused = come_in(&house, OFFICER, &mut phone).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(
        house
            .story()
            .await
            .contains("took a passkey off their account")
    );
}

#[tokio::test]
async fn a_locked_session_goes_on_with_a_passkey() {
    let house = house();
    let officer = house.log_in(OFFICER).await;
    let mut phone = Device::es256(HOST, ORIGIN);
    add(&house, &officer, &mut phone).await;
    house.clock.advance(Duration::from_secs(30 * 60));
    let page = house.get(&officer, "/unlock").await;
    let mut other = Device::es256(HOST, ORIGIN);
    other.id.clone_from(&phone.id);
    other.user.clone_from(&phone.user);
    for (device, goes_on) in [(&mut other, false), (&mut phone, true)] {
        let signed = device.sign(&wanted(&page.text));
        let answer = house
            .post(&officer, "/unlock", &[("passkey", &signed)])
            .await;
        assert_eq!(answer.location == "/", goes_on, "{}", answer.text);
    }
    assert_eq!(house.get(&officer, "/search").await.status, StatusCode::OK);
}
