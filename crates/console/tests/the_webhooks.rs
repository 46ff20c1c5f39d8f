//! Webhooks: alerts that are sent to another system of the department, signed, until they are received.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use aws_lc_rs::hmac;
use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use govern::{EnrolMember, Role, StatusChange};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, House, OFFICER};
use serde_json::Value;
use station::{Caller, LocalEntryAsked};

const ADDRESS: &str = "https://cad.ashford-falls.example/alerts";

struct Hooked {
    house: House,
    deputy_chief: Caller,
    key: Vec<u8>,
}

impl Hooked {
    /// A webhook of the Deputy Chief's, and an alert that was raised after it was set up.
    fn new() -> Self {
        Self::with_a_camera_of(None)
    }

    fn with_a_camera_of(class: Option<&str>) -> Self {
        let house = House::new();
        let deputy_chief = log_in(&house.station, LOGIN);
        let key = house
            .station
            .add_webhook(&deputy_chief, "dispatch", ADDRESS)
            .unwrap();
        let key = key.strip_prefix("whsec_").unwrap();
        let key = BASE64_STANDARD.decode(key).unwrap();
        house.clock.advance(Duration::from_secs(30));
        let officer = log_in(&house.station, OFFICER);
        let asked = LocalEntryAsked {
            plate: "DK48213".into(),
            jurisdiction: "US-IL".parse().ok(),
            reason: "Burglary, seen leaving".into(),
            case: "26-01877".into(),
            document: "Report 26-01877".into(),
            ends_at: "2026-12-01T12:00:00Z".parse().unwrap(),
            ..LocalEntryAsked::default()
        };
        house.station.enter_local_entry(&officer, asked).unwrap();
        house.station.confirm_local_entry(&deputy_chief, 1).unwrap();
        if class.is_some() {
            house.classify(class);
        }
        house.see(
            &[("DK48213", 0.98)],
            &[("US-IL", 0.95)],
            "2026-11-24T16:00:00Z",
        );
        Self {
            house,
            deputy_chief,
            key,
        }
    }
}

#[tokio::test]
async fn an_alert_is_sent_signed_in_the_name_of_whoever_set_the_webhook_up_and_the_ledger_tells_it()
{
    let hooked = Hooked::new();
    let station = &hooked.house.station;
    let due = station.due_deliveries().unwrap();
    assert_eq!(due.len(), 1);
    let sent = station.make_delivery(&due[0]).unwrap();
    assert_eq!(sent.address, ADDRESS);
    let said: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(said["plate"], "DK48213");
    assert_eq!(said["verified"], false);
    let signed = format!("{}.{}.{}", sent.id, sent.timestamp, sent.body);
    let tag = BASE64_STANDARD
        .decode(sent.signature.strip_prefix("v1,").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &hooked.key);
    hmac::verify(&key, signed.as_bytes(), &tag).unwrap();
    station.note_delivery(&due[0], Ok(204)).unwrap();
    assert!(station.due_deliveries().unwrap().is_empty());
    let story = hooked.house.story().await;
    assert!(
        story.contains(
            "Avery Holt (badge 102) had sent, by themselves, alert 1 to dispatch, from the webhook dispatch"
        ),
        "{story}"
    );
}

#[tokio::test]
async fn alpr_ac_09_nothing_of_a_restricted_camera_is_sent_whoever_set_the_webhook_up() {
    let hooked = Hooked::with_a_camera_of(Some("state"));
    let station = &hooked.house.station;
    let sent = || {
        let due = station.due_deliveries().unwrap();
        station.make_delivery(&due[0]).unwrap().body
    };
    let body = sent();
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&said["number"], &said["plate"]), (&1.into(), &Value::Null));
    for detail in ["DK48213", "elm-and-3rd", "Elm Street", "Burglary", "16:00"] {
        assert!(!body.contains(detail), "{detail}: {body}");
    }
    // Nor in the name of one who could see it themselves.
    let another = hooked.house.log_in(enrol_another(&hooked)).await;
    let form = [
        ("login", LOGIN),
        ("class", "state"),
        ("until", "2027-11-01"),
        ("why", "Task force"),
    ];
    let path = "/station/authorisations";
    let granted = hooked.house.fill_in(&another, path, &form).await;
    assert_eq!(granted.status, StatusCode::OK, "{}", granted.text);
    assert_eq!(sent(), body);
}

/// Who grants the Deputy Chief an authorisation.
fn enrol_another(hooked: &Hooked) -> &'static str {
    let administrator = log_in(&hooked.house.station, ADMINISTRATOR);
    let new = EnrolMember {
        login: "robin.castell".into(),
        name: "Robin Castell".into(),
        badge: "440".into(),
        roles: vec![Role("deputy-chief".into())],
    };
    enrol(&hooked.house.station, &hooked.deputy_chief, new);
    train(
        &hooked.house.station,
        &administrator,
        "robin.castell",
        "2027-11-01",
    );
    "robin.castell"
}

#[tokio::test]
async fn what_is_not_received_is_sent_again_later_and_later_and_then_given_up() {
    let hooked = Hooked::new();
    let station = &hooked.house.station;
    let mut name = None;
    for minutes in [1, 5, 30, 120, 720] {
        let due = station.due_deliveries().unwrap();
        let sent = station.make_delivery(&due[0]).unwrap();
        assert_eq!(
            *name.get_or_insert(sent.id.clone()),
            sent.id,
            "the same message"
        );
        station
            .note_delivery(&due[0], Err("no answer in time".to_owned()))
            .unwrap();
        let wait = Duration::from_secs(60 * minutes);
        hooked.house.clock.advance(wait - Duration::from_secs(1));
        assert!(station.due_deliveries().unwrap().is_empty(), "{minutes}");
        hooked.house.clock.advance(Duration::from_secs(1));
    }
    let due = station.due_deliveries().unwrap();
    station.note_delivery(&due[0], Ok(500)).unwrap();
    hooked.house.clock.advance(Duration::from_secs(48 * 3600));
    assert!(station.due_deliveries().unwrap().is_empty());
    let browser = hooked.house.log_in(ADMINISTRATOR).await;
    let page = hooked.house.get(&browser, "/station/webhooks").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("1 given up"), "{}", page.text);
    assert!(page.text.contains("answered with status 500"));
    let form = [("name", "elsewhere"), ("address", ADDRESS)];
    let refused = hooked
        .house
        .fill_in(&browser, "/station/webhooks", &form)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_was_not_received_is_sent_after_a_restart_under_the_same_name() {
    let Hooked { house, .. } = Hooked::new();
    let due = house.station.due_deliveries().unwrap();
    // It is on its way when the station is killed: nobody knows whether it arrived.
    let sent = house.station.make_delivery(&due[0]).unwrap();
    let house = house.killed_and_started_again();
    let due = house.station.due_deliveries().unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(house.station.make_delivery(&due[0]).unwrap().id, sent.id);
    let failed = Err("no answer in time".to_owned());
    house.station.note_delivery(&due[0], failed).unwrap();
    // And its next time outlives one too.
    let house = house.killed_and_started_again();
    assert!(house.station.due_deliveries().unwrap().is_empty());
    house.clock.advance(Duration::from_secs(60));
    let due = house.station.due_deliveries().unwrap();
    assert_eq!(due[0].tries, 1);
    assert_eq!(house.station.make_delivery(&due[0]).unwrap().id, sent.id);
    house.station.note_delivery(&due[0], Ok(204)).unwrap();
    let house = house.killed_and_started_again();
    house.clock.advance(Duration::from_secs(48 * 3600));
    assert!(house.station.due_deliveries().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_once_the_webhook_is_removed_or_its_member_may_not_see_alerts() {
    let hooked = Hooked::new();
    let station = &hooked.house.station;
    station
        .remove_webhook(&hooked.deputy_chief, "dispatch")
        .unwrap();
    assert!(station.due_deliveries().unwrap().is_empty());

    let hooked = Hooked::new();
    let station = &hooked.house.station;
    let due = station.due_deliveries().unwrap();
    assert!(
        station
            .change_status(
                &hooked.deputy_chief,
                LOGIN,
                StatusChange::Suspend,
                "On leave"
            )
            .is_err(),
        "nobody suspends themselves"
    );
    // The Deputy Chief's training lapses.
    hooked
        .house
        .clock
        .advance(Duration::from_secs(400 * 24 * 3600));
    assert!(station.make_delivery(&due[0]).is_err());
    assert!(
        station.due_deliveries().unwrap().is_empty(),
        "it is given up"
    );
}

#[tokio::test]
async fn alerts_are_sent_over_https_alone() {
    let hooked = Hooked::new();
    let browser = hooked.house.log_in(LOGIN).await;
    let form = [
        ("name", "elsewhere"),
        ("address", "http://cad.ashford-falls.example/"),
    ];
    let refused = hooked
        .house
        .fill_in(&browser, "/station/webhooks", &form)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("https://"), "{}", refused.text);
}
