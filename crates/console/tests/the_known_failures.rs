//! What has gone wrong with plate readers, replayed over HTTP: each test is named after the case and
//! shows the safeguard at work. docs/why/known-failures.md tells the cases and where they are told.

mod house;

use axum::http::StatusCode;
use house::alerts::{Alerts, CHIEF, DISPATCHER, STOLEN};
use house::support::LOGIN;
use house::{AUDITOR, House, OFFICER};
use serde_json::Value;

/// The rows of a list: a plate and its state, on a vehicle.
fn row(plate: &str, state: &str, vehicle: &str, record: &str) -> String {
    format!("VEHICLE,{plate},{state},{vehicle},20261118,{record},{state}0990000,\n")
}

/// One digit misread in a blurry picture at night; the record was of another make, and the second
/// officer went by the radio.
#[tokio::test]
async fn green_v_san_francisco_2014_the_picture_is_compared_first_and_what_is_relayed_says_unverified()
 {
    let alerts = Alerts::new();
    let truck = row("DK48350", "IL", "PC,2009,GMC,Sierra,truck,gray", "V1");
    alerts.import(LOGIN, &truck).await;
    // The car is DK48750; the reader takes the 7 for a 3.
    let texts = [("DK48350", 0.85), ("DK48750", 0.13)];
    alerts
        .0
        .see(&texts, &[("US-IL", 0.95)], "2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let card = alerts.card(&officer, 1).await.text;
    for told in [
        "Not grounds for a stop. Check the picture, then LEADS/NCIC.",
        "record GMC Sierra: compare the picture",
        "record truck: compare the picture",
        "record gray: compare the picture",
        "or 7",
    ] {
        assert!(card.contains(told), "{told}\n{card}");
    }
    // Nothing leads past the picture, and who asks the database by radio is told what it is.
    alerts.take(&officer, 1).await;
    let early = alerts
        .step(
            &officer,
            "1/check",
            &[
                ("result", "verified"),
                ("database", "LEADS"),
                ("reference", "L-1"),
                ("asked_at", "2026-11-24T15:59:00Z"),
                ("returned", "it is stolen"),
            ],
        )
        .await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.text.contains("first compare the picture"));
    alerts.confirm(&officer, 1).await;
    let card = alerts.card(&officer, 1).await.text;
    let relay = card.split_once("readonly data-key=\"q\">").unwrap().1;
    let relay = relay.split_once("</textarea>").unwrap().0;
    assert!(
        relay.starts_with("UNVERIFIED, not grounds for a stop."),
        "{relay}"
    );
    assert!(relay.contains("2009 GMC Sierra truck gray"), "{relay}");
    // The database says it is another car: that is the end of it.
    alerts.check(&officer, 1, "refuted").await;
    let stop = alerts.close(&officer, 1, "stop").await;
    assert_eq!(stop.status, StatusCode::FORBIDDEN);
}

/// The reader did not read states: the record was of a motorcycle of Montana, recovered long before,
/// and a family lay on the ground.
#[tokio::test]
async fn aurora_2020_a_motorcycle_of_another_state_makes_no_tone_and_a_recovered_record_raises_nothing()
 {
    let alerts = Alerts::new();
    let motorcycle = row(
        "DK48213",
        "MT",
        "MC,2009,Harley-Davidson,Softail,motorcycle,black",
        "V1",
    );
    alerts.import(LOGIN, &motorcycle).await;
    let read = [("DK48213", 0.98)];
    alerts.0.see(&read, &[], "2026-11-24T15:40:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let told = &alerts.alerts(&officer).await[0];
    assert_eq!(
        (&told["priority"], &told["plate_state"]),
        (&false.into(), &"not-read".into())
    );
    alerts
        .0
        .see(&read, &[("US-CO", 0.95)], "2026-11-24T15:51:00Z");
    let told = &alerts.alerts(&officer).await[0];
    assert_eq!(
        (&told["priority"], &told["plate_state"]),
        (&false.into(), &"differs".into())
    );
    let card = alerts.card(&officer, 2).await.text;
    assert!(card.contains("Probably another car."), "{card}");
    assert!(card.contains("record motorcycle: compare the picture"));
    // Recovered, it is taken off the list, and the read that would have raised it raises nothing.
    let before = alerts.alerts(&officer).await.len();
    let kept = row("ZQ90417", "IL", "PC,2017,Mazda,3,sedan,teal", "V2");
    alerts.import(LOGIN, &format!("{motorcycle}{kept}")).await;
    let recovered = alerts
        .change(LOGIN, &motorcycle.replace(",\n", ",,C\n"))
        .await;
    assert_eq!(recovered.status, StatusCode::OK, "{}", recovered.text);
    let waits: Value = serde_json::from_str(&recovered.text).unwrap();
    alerts
        .confirm_import(waits["import"].as_str().unwrap())
        .await;
    alerts
        .0
        .see(&read, &[("US-MT", 0.95)], "2026-11-24T16:02:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(alerts.alerts(&officer).await.len(), before);
}

/// A 2 read as a 7, and a child in handcuffs; a 7 read as a 2, and a gun drawn.
#[tokio::test]
async fn espanola_2023_and_prairie_village_2014_a_digit_that_may_be_another_is_for_review() {
    for (listed, may_be) in [("DK48713", "DK48213"), ("DK48213", "DK48713")] {
        for (a, b) in [(0.6, 0.38), (0.38, 0.6)] {
            let alerts = Alerts::new();
            let stolen = row(listed, "IL", "PC,2017,Mazda,3,hatchback,teal", "V1");
            alerts.import(LOGIN, &stolen).await;
            alerts.0.see(
                &[(listed, a), (may_be, b)],
                &[("US-IL", 0.95)],
                "2026-11-24T15:58:00Z",
            );
            let officer = alerts.log_in(OFFICER).await;
            let told = alerts.alerts(&officer).await;
            assert_eq!(told.len(), 1);
            assert_eq!(told[0]["priority"], false, "{listed} at {a}");
            let card = alerts.card(&officer, 1).await.text;
            assert!(card.contains("character doubtful"), "{card}");
        }
    }
}

/// Of 214 wrong alerts of one county's cars, 165 were right characters of the wrong state; elsewhere
/// most were misreads, or right reads of cars that were stolen no more.
#[tokio::test]
async fn story_county_2025_the_state_is_part_of_the_match_and_why_an_alert_was_wrong_is_counted() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    let read = [("DK48213", 0.98)];
    for (states, at) in [
        (&[("US-WI", 0.95)][..], "15:10:00"),
        (&[("US-IA", 0.97)][..], "15:21:00"),
        (&[][..], "15:32:00"),
        (&[("US-IL", 0.4), ("US-WI", 0.35)][..], "15:43:00"),
    ] {
        alerts.0.see(&read, states, &format!("2026-11-24T{at}Z"));
    }
    let officer = alerts.log_in(OFFICER).await;
    let told = alerts.alerts(&officer).await;
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|one| one["priority"] == false), "{told:?}");
    // Each is closed with what it turned out to be, and that is counted by camera and by list.
    alerts.take(&officer, 1).await;
    alerts
        .step(&officer, "1/picture", &[("plate", "yes")])
        .await;
    alerts.take(&officer, 2).await;
    alerts.confirm(&officer, 2).await;
    alerts.check(&officer, 2, "refuted").await;
    alerts.take(&officer, 3).await;
    alerts.confirm(&officer, 3).await;
    alerts.check(&officer, 3, "stale").await;
    let dispatcher = alerts.log_in(DISPATCHER).await;
    let figures = alerts.0.get(&dispatcher, "/api/alerts/figures").await.text;
    let figures: Vec<Value> = serde_json::from_str(&figures).unwrap();
    let list = figures.iter().find(|one| one["of"] == "list").unwrap();
    assert_eq!(
        (&list["alerts"], &list["refuted"], &list["stale"]),
        (&4.into(), &2.into(), &1.into())
    );
}

/// A police chief looked up one woman 228 times, for a missing child and for drugs; a lieutenant his
/// wife.
#[tokio::test]
async fn sedgwick_and_kechi_one_plate_again_and_again_is_a_question_outside_the_chain_chief_or_not()
{
    let alerts = Alerts::new();
    let chief = alerts.log_in(CHIEF).await;
    let house = &alerts.0;
    let none = house.search(&chief, "DK48213", "missing", "a friend").await;
    assert_eq!(none.status, StatusCode::FORBIDDEN, "no number of a case");
    for _ in 0..5 {
        let found = house.search(&chief, "DK48213", "missing", "26-01877").await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    }
    let auditor = alerts.log_in(AUDITOR).await;
    let page = house.get(&auditor, "/questions").await.text;
    assert!(
        page.contains("One member searched one plate again and again")
            && page.contains("Robin Castell"),
        "{page}"
    );
    let own = house.get(&chief, "/questions").await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
}

/// The author of an opinion column was looked for; an ordinance about speech was the reason given.
#[tokio::test]
async fn lenexa_what_somebody_said_is_no_purpose_and_an_ordinance_takes_a_supervisor() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    for words in [
        "Author of the op-ed about the police",
        "Wrote a letter to the editor",
        "Peaceful protest at the depot",
    ] {
        let refused = house
            .search_saying(&officer, "DK48213", "civil", "26-01877", words)
            .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{words}");
        assert!(refused.text.contains("lets no data be used"));
    }
    let words = "Flyers left on cars";
    let waits = house
        .search_saying(&officer, "DK48213", "ordinance", "26-01877", words)
        .await;
    assert_eq!(waits.status, StatusCode::FORBIDDEN);
    assert!(waits.text.contains("supervisor"), "{}", waits.text);
}

/// The reason that was entered named an abortion, and a case number that was real.
#[tokio::test]
async fn johnson_county_2025_a_real_case_number_opens_no_prohibited_purpose() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let words = "Had an abortion, search for female";
    let case = "26-01877";
    let plain = house
        .search_saying(&officer, "DK48213", "civil", case, "Towed from Mill Road")
        .await;
    assert_eq!(plain.status, StatusCode::OK, "the number is in order");
    let refused = house
        .search_saying(&officer, "DK48213", "civil", case, words)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("no role and no case number opens it"));
    assert!(house.story().await.contains("Refused under 5(b)"));
}
