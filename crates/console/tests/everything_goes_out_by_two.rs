//! Taking everything out: proposed by one, confirmed and received by another.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::path::Path;
use std::process::Command;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use crypt::sha256;
use govern::{AddCamera, Class};
use house::support::LOGIN;
use house::{ADMINISTRATOR, Browser, House, OFFICER, SAMPLE, encode};
use ledger::VerifyingKey;
use tower::ServiceExt;

const PROPOSE: &str = "/station/proposals/export";
const WHY: [(&str, &str); 1] = [("why", "The records system changes")];

/// The form that confirms the newest proposal.
fn newest(page: &str) -> String {
    let form = page
        .split("action=\"")
        .find(|rest| rest.starts_with("/station/exports/"));
    form.unwrap().split('"').next().unwrap().to_owned()
}

/// Confirms, and unpacks what comes by the system's own tar.
async fn receive(house: &House, browser: &Browser, path: &str, into: &Path) {
    let token = house.token(browser).await;
    let request = Request::post(path)
        .header(header::COOKIE, &browser.cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encode(&[("token", &token)])))
        .unwrap();
    let answer = house.pages.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/x-tar");
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let archive = into.join("export.tar");
    std::fs::write(&archive, &bytes).unwrap();
    let story = house.story().await;
    let digest = sha256(&bytes);
    assert!(
        story.contains(&format!("packed, SHA-256 {digest}")),
        "{story}"
    );
    let unpacked = Command::new("tar")
        .arg("-xf")
        .arg(&archive)
        .current_dir(into)
        .status();
    assert!(unpacked.unwrap().success());
}

fn json(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn exporting_everything_takes_two_people_and_the_second_receives_it() {
    let house = House::new();
    house.take_in();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let proposed = house.fill_in(&administrator, PROPOSE, &WHY).await;
    assert_eq!(proposed.status, StatusCode::OK, "{}", proposed.text);
    assert!(
        proposed
            .text
            .contains("Take out every read with its picture, because: The records system changes")
    );
    let confirm = newest(&proposed.text);
    let own = house.fill_in(&administrator, &confirm, &[]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.text.contains("You proposed this"), "{}", own.text);
    // By no other road either.
    let other_road = confirm.replace("exports", "proposals");
    let deputy_chief = house.log_in(LOGIN).await;
    let nothing = house.fill_in(&deputy_chief, &other_road, &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);

    let into = tempfile::tempdir().unwrap();
    receive(&house, &deputy_chief, &confirm, into.path()).await;
    let reads = json(&into.path().join("reads/000001.jsonl"));
    let manifest = &json(&into.path().join("manifest.json"))[0];
    assert_eq!(manifest["reads"], reads.len());
    assert_eq!(manifest["pictures"], 2);
    assert_eq!(manifest["withheld"], serde_json::json!({}));
    for read in &reads {
        let picture = std::fs::read(into.path().join(read["picture"].as_str().unwrap())).unwrap();
        assert_eq!(read["picture_sha256"], sha256(&picture).to_string());
    }
    let plates: Vec<_> = reads.iter().map(|read| &read["plate"]).collect();
    assert!(plates.iter().any(|plate| *plate == "DK48213"), "{plates:?}");
    let key = std::fs::read_to_string(into.path().join("ledger.pub")).unwrap();
    let key = VerifyingKey::from_text(&key).unwrap();
    ledger::verify(&into.path().join("ledger"), &key).unwrap();

    // Once, and it is told.
    let deputy_chief = house.log_in(LOGIN).await;
    let again = house.fill_in(&deputy_chief, &confirm, &[]).await;
    assert_eq!(
        again.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        again.text
    );
    let story = house.story().await;
    assert!(
        story.contains("Sam Okafor (badge 118) proposed to take out every read with its picture")
    );
    assert!(story.contains("confirmed, and took out, every read with its picture"));
}

#[tokio::test]
async fn no_two_administrators_and_nobody_else_export_everything() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let refused = house.fill_in(&officer, PROPOSE, &WHY).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let deputy_chief = house.log_in(LOGIN).await;
    let give = format!("/station/members/{OFFICER}/roles");
    let role = [("role", "administrator"), ("until", ""), ("why", "Nights")];
    let given = house.fill_in(&deputy_chief, &give, &role).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    let proposed = house.fill_in(&officer, PROPOSE, &WHY).await;
    let confirm = newest(&proposed.text);
    let administrator = house.log_in(ADMINISTRATOR).await;
    let refused = house.fill_in(&administrator, &confirm, &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("The Deputy Chief must be one of the two.")
    );
}

#[tokio::test]
async fn what_a_class_keeps_from_the_receiver_stays_and_is_counted() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let caller = house::support::log_in(&house.station, LOGIN);
    let new = AddCamera {
        name: "mill-bridge".into(),
        place: "Mill bridge".into(),
        class: Some(Class("state".into())),
    };
    let key = house.station.add_camera(&caller, new).unwrap();
    let camera = house.station.camera(&key.0, None).unwrap();
    let at = "2026-11-20T14:12:07Z".parse().unwrap();
    house.station.ingest(&camera, "test", at, SAMPLE).unwrap();
    let proposed = house.fill_in(&administrator, PROPOSE, &WHY).await;
    let confirm = newest(&proposed.text);
    house.clock.advance(std::time::Duration::from_secs(30));
    let deputy_chief = house.log_in(LOGIN).await;
    let into = tempfile::tempdir().unwrap();
    receive(&house, &deputy_chief, &confirm, into.path()).await;
    let manifest = &json(&into.path().join("manifest.json"))[0];
    assert_eq!(manifest["reads"], 0);
    assert!(
        manifest["withheld"]["state"].as_u64() > Some(0),
        "{manifest}"
    );
    assert!(!into.path().join("pictures").exists());
    assert!(house.story().await.contains("came upon restricted reads"));
}
