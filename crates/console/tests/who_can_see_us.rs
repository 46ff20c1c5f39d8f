//! Who can see us (6), over HTTP: everybody who can see data today, and nobody else.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use govern::{EnrolMember, Role};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, AUDITOR, Browser, House, OFFICER, TRAINEE};
use serde_json::Value;

const CLERK: &str = "kit.dorsey";
const CHIEF: &str = "ada.stone";

/// A station with a records clerk and a Chief too.
fn staffed() -> House {
    let house = House::new();
    let deputy_chief = log_in(&house.station, LOGIN);
    let administrator = log_in(&house.station, ADMINISTRATOR);
    for (login, name, role) in [
        (CLERK, "Kit Dorsey", "records-clerk"),
        (CHIEF, "Ada Stone", "chief"),
    ] {
        let new = EnrolMember {
            login: login.into(),
            name: name.into(),
            badge: "88".into(),
            roles: vec![Role(role.into())],
        };
        enrol(&house.station, &deputy_chief, new);
        train(&house.station, &administrator, login, "2027-11-01");
    }
    house.clock.advance(Duration::from_secs(30));
    house
}

async fn rows(house: &House, who: &Browser) -> Vec<Value> {
    let answer = house.get(who, "/api/access").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

fn row<'a>(rows: &'a [Value], who: &str) -> Option<&'a Value> {
    rows.iter()
        .find(|row| row["who"].as_str().unwrap().contains(who))
}

#[tokio::test]
async fn whoever_can_see_data_is_listed_with_the_basis_and_until_when() {
    let house = staffed();
    let auditor = house.log_in(AUDITOR).await;
    let page = house.get(&auditor, "/access").await.text;
    assert!(page.contains("Rowan Marsh (badge 417)"), "{page}");
    assert!(page.contains("One member sees none"), "the trainee: {page}");
    let listed = rows(&house, &auditor).await;
    let officer = row(&listed, "Rowan Marsh").unwrap();
    assert!(
        officer["sees"]
            .as_str()
            .unwrap()
            .contains("reads found by plate")
    );
    let basis = officer["basis"].as_str().unwrap();
    assert!(basis.contains("Officer, given by Avery Holt"), "{basis}");
    assert_eq!(officer["until"], "1 Nov 2027");
    assert_eq!(
        row(&listed, "Sam Okafor").unwrap()["sees"],
        "everything, proposed by another",
        "an administrator searches nothing"
    );
    assert!(row(&listed, "Jo Tanner").is_none(), "no training in force");
    assert!(
        house
            .story()
            .await
            .contains("looked at who can see data today")
    );
    // It is not for everybody.
    let officer = house.log_in(OFFICER).await;
    let refused = house.get(&officer, "/access").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_list_says_of_each_member_what_the_rules_say_when_they_search() {
    let house = staffed();
    house.take_in();
    let auditor = house.log_in(AUDITOR).await;
    let listed = rows(&house, &auditor).await;
    for (login, name) in [
        (OFFICER, "Rowan Marsh"),
        (TRAINEE, "Jo Tanner"),
        (ADMINISTRATOR, "Sam Okafor"),
        (LOGIN, "Avery Holt"),
        (CLERK, "Kit Dorsey"),
        (CHIEF, "Ada Stone"),
        (AUDITOR, "Noor Adeyemi"),
    ] {
        house.clock.advance(Duration::from_secs(30));
        let browser = house.log_in(login).await;
        let found = house.search(&browser, "DK48213", "crime", "26-01877").await;
        let says = row(&listed, name).is_some_and(|row| {
            row["sees"]
                .as_str()
                .unwrap()
                .contains("reads found by plate")
        });
        assert_eq!(
            found.status == StatusCode::OK,
            says,
            "{name}: {}",
            found.text
        );
    }
}

#[tokio::test]
async fn what_lets_somebody_see_and_is_taken_away_is_off_the_list_at_once() {
    let house = staffed();
    let deputy_chief = log_in(&house.station, LOGIN);
    let auditor = house.log_in(AUDITOR).await;
    let clerk = house.log_in(CLERK).await;
    let chief = house.log_in(CHIEF).await;
    let address = "https://cad.ashford-falls.example/alerts";
    house
        .station
        .add_webhook(&deputy_chief, "dispatch", address)
        .unwrap();
    let agency = ("agency", "Harlan County Sheriff");
    let declaration = [
        agency,
        ("state", "US-IN"),
        ("signer", "Dale Brandt, Sheriff"),
        ("signed", "2026-11-01"),
        ("affirms", "health-care immigration no-onward-transfer"),
        ("paper", "JVBERi0xLjc="),
    ];
    let request = [
        agency,
        ("kind", "law-enforcement"),
        ("state", "US-IN"),
        ("person", "Det. Ines Calder"),
        ("purpose", "Homicide"),
        ("plate", "DK48213"),
        ("from", "2026-11-20T00:00"),
        ("until", "2026-11-21T00:00"),
        ("paper", "JVBERi0xLjc="),
    ];
    let demand = [
        ("agency", "Hale and Ortiz, for the defendant"),
        ("kind", "other"),
        ("person", "Jonah Hale, attorney"),
        ("purpose", "People v. Marsh"),
        ("plate", "DK48213"),
        ("from", "2026-11-20T00:00"),
        ("until", "2026-11-21T00:00"),
        ("instrument", "subpoena"),
        ("issuer", "home-court"),
        ("authority", "Circuit Court of Ashford County"),
        ("return_on", "2026-12-04"),
        ("paper", "JVBERi0xLjc="),
    ];
    house.fill_in(&clerk, "/declarations", &declaration).await;
    house.fill_in(&clerk, "/requests", &request).await;
    house.fill_in(&clerk, "/requests", &demand).await;
    let approve = [("decision", "approve"), ("why", "A homicide")];
    house.fill_in(&chief, "/requests/1/decide", &approve).await;

    let listed = rows(&house, &auditor).await;
    for (who, kind, until) in [
        ("dispatch, https", "webhook", None),
        (
            "Harlan County Sheriff, Indiana",
            "agency",
            Some("1 Nov 2027"),
        ),
        ("Jonah Hale, attorney", "demand", Some("4 Dec 2026")),
    ] {
        let found = row(&listed, who).unwrap_or_else(|| unreachable!("{who}: {listed:?}"));
        assert_eq!(found["kind"], kind);
        // What a founder's training says is the founding's business.
        if let Some(until) = until {
            assert_eq!(found["until"], until);
        }
    }
    let asked = row(&listed, "Det. Ines Calder").unwrap();
    assert_eq!(asked["sees"], "what was approved of request 1");
    assert!(
        asked["basis"]
            .as_str()
            .unwrap()
            .contains("approved by Ada Stone")
    );

    // The declaration is revoked, the webhook removed, the role ended.
    let page = house.get(&clerk, "/requests").await.text;
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap();
    let revoke = [("id", &id[..32]), ("why", "Misuse")];
    house.fill_in(&chief, "/declarations/revoke", &revoke).await;
    house
        .station
        .remove_webhook(&deputy_chief, "dispatch")
        .unwrap();
    house
        .station
        .end_role(&deputy_chief, OFFICER, Role("officer".into()), "Moved on")
        .unwrap();
    let listed = rows(&house, &auditor).await;
    for who in ["dispatch, https", "Harlan County Sheriff", "Rowan Marsh"] {
        assert!(row(&listed, who).is_none(), "{who}: {listed:?}");
    }
}
