//! The thread, over HTTP: who comes in, what they may see, and what is written down. Tests named
//! `alpr_ac_NN` are the department's acceptance cases of that number.

mod house;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use house::support::{LOGIN, PASSWORD, log_in, train};
use house::{Browser, House, OFFICER, SAMPLE, TRAINEE, encode};

fn sightings(page: &str) -> usize {
    page.matches("card sighting").count()
}

#[tokio::test]
async fn a_trained_officer_finds_a_plate_and_the_ledger_tells_it() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let page = house
        .search(&officer, "dk 48213", "crime", "26-01877")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(sightings(&page.text), 1);
    assert!(page.text.contains("Read as this plate"));
    let story = house.story().await;
    assert!(story.contains("Rowan Marsh (badge 417) asked for the reads of plate DK48213, for criminal investigation, case 26-01877"));
    assert!(story.contains("Permitted under 3(b)."));
    assert!(story.contains("1 record (entry "));
    assert!(story.contains(
        "The station was founded by Avery Holt (badge 102) as Deputy Chief; Sam Okafor attested"
    ));
}

#[tokio::test]
async fn a_plate_misread_by_one_character_is_found_and_shown_as_such() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let page = house
        .search(&officer, "GT53896", "crime", "26-01877")
        .await
        .text;
    assert_eq!(sightings(&page), 1);
    assert!(page.contains("Read as <span class=\"mono\">GT58896</span>"));
    assert!(page.contains("character doubtful"));
}

#[tokio::test]
async fn alpr_ac_01_a_search_for_a_personal_or_blank_purpose_is_refused_logged_and_reads_nothing() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    for purpose in ["personal", ""] {
        let page = house.search(&officer, "DK48213", purpose, "26-01877").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("Policy 5(b)"), "{}", page.text);
        assert_eq!(sightings(&page.text), 0);
    }
    assert_eq!(house.story().await.matches("Refused under 5(b)").count(), 2);
}

#[tokio::test]
async fn alpr_ac_02_a_missing_case_number_is_named_and_the_refusal_is_logged() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    for blank in ["", "  "] {
        let page = house.search(&officer, "DK48213", "crime", blank).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(
            page.text
                .contains("needs a case or call number, and none was given")
        );
        assert_eq!(sightings(&page.text), 0);
    }
    let other = house.search(&officer, "DK48213", "crime", "a friend asked");
    assert!(other.await.text.contains("does not have the form"));
    assert!(house.story().await.contains("Refused under 5(b)"));
}

#[tokio::test]
async fn alpr_ac_03_a_civil_action_with_its_number_is_allowed_and_logged_as_that() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let page = house.search(&officer, "DK48213", "civil", "26-01877").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("says which action it is for"));
    let page = house
        .search_saying(&officer, "DK48213", "civil", "26-01877", "Tow notice")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(house.story().await.contains(
        "for civil or administrative action of the department, case 26-01877, “Tow notice”"
    ));
}

#[tokio::test]
async fn alpr_ac_06_a_trainee_sees_the_training_page_and_no_plate_data() {
    let house = House::new();
    house.take_in();
    let trainee = house.log_in(TRAINEE).await;
    assert_eq!(house.get(&trainee, "/").await.location, "/training");
    for path in ["/search", "/ledger", "/ledger?scope=everyone"] {
        assert_eq!(
            house.get(&trainee, path).await.location,
            "/training",
            "{path}"
        );
    }
    for path in ["/api/ledger", "/api/ledger?scope=everyone", "/station"] {
        assert_eq!(
            house.get(&trainee, path).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    let page = house.search(&trainee, "DK48213", "crime", "26-01877").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Policy 3(d)"));
    assert_eq!(sightings(&page.text), 0);
}

#[tokio::test]
async fn alpr_ac_07_training_that_lapses_at_midnight_strips_the_open_session() {
    let house = House::new();
    house.take_in();
    let administrator = log_in(&house.station, "sam.okafor");
    // It is 10:00 in Chicago; the trainee's record is in force to the end of this day.
    train(&house.station, &administrator, TRAINEE, "2026-11-24");
    let officer = house.log_in(TRAINEE).await;
    assert_eq!(
        house
            .search(&officer, "DK48213", "crime", "26-01877")
            .await
            .status,
        StatusCode::OK
    );
    // To 23:59:30 that day, with a click every 20 minutes; logged in anew after 12 hours.
    house.clock.advance(Duration::from_secs(8 * 3600));
    let officer = house.log_in(TRAINEE).await;
    for _ in 0..17 {
        house.clock.advance(Duration::from_secs(20 * 60));
        assert_eq!(house.get(&officer, "/search").await.status, StatusCode::OK);
    }
    house.clock.advance(Duration::from_secs(18 * 60));
    assert_eq!(
        house
            .search(&officer, "DK48213", "crime", "26-01877")
            .await
            .status,
        StatusCode::OK
    );
    house.clock.advance(Duration::from_secs(2 * 60));
    let page = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Policy 3(d)"));
    assert_eq!(house.get(&officer, "/").await.location, "/training");
}

#[tokio::test]
async fn alpr_ac_27_a_shared_account_cannot_be_made_or_used() {
    let house = House::new();
    let administrator = house.log_in("sam.okafor").await;
    let token = house.token(&administrator).await;
    for login in ["dispatch", "Officer", "shared"] {
        let form = [
            ("token", token.as_str()),
            ("login", login),
            ("name", "Front Desk"),
            ("badge", "0"),
            ("role", "dispatcher"),
            ("password", PASSWORD),
        ];
        let page = house.post(&administrator, "/station/members", &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("accounts are never shared"));
        let form = [
            ("login", login),
            ("password", PASSWORD),
            ("code", "000000"),
            ("acknowledged", "yes"),
        ];
        assert_eq!(
            house
                .post(&Browser::default(), "/login", &form)
                .await
                .status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn without_a_session_there_is_only_the_door() {
    let house = House::new();
    let nobody = Browser::default();
    for path in [
        "/",
        "/search",
        "/ledger",
        "/training",
        "/station",
        "/picture/00000000000000000000000000000000",
    ] {
        assert_eq!(house.get(&nobody, path).await.location, "/login", "{path}");
    }
    for path in [
        "/search",
        "/logout",
        "/station/members",
        "/station/training",
        "/station/release",
        "/station/cameras",
    ] {
        assert_eq!(
            house.post(&nobody, path, &[("token", "")]).await.location,
            "/login",
            "{path}"
        );
    }
    assert_eq!(
        house.get(&nobody, "/api/ledger").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        house.post(&nobody, "/api/frames", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_form_of_another_site_or_session_changes_nothing() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let request = Request::builder()
        .method(Method::POST)
        .uri("/logout")
        .header(header::COOKIE, &officer.cookie)
        .header(header::HOST, "localhost:8420")
        .header(header::ORIGIN, "http://elsewhere.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encode(&[(
            "token",
            &house.token(&officer).await,
        )])))
        .unwrap();
    assert_eq!(house.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        house.get(&officer, "/search").await.referrer_policy,
        "same-origin",
        "with no-referrer, browsers send no origin with the station's own forms"
    );
    let strange = house
        .post(&officer, "/logout", &[("token", "not this session's")])
        .await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
    assert_eq!(
        house.get(&officer, "/search").await.status,
        StatusCode::OK,
        "still logged in"
    );
}

#[tokio::test]
async fn a_form_is_its_own_sites_over_http_2_too_where_the_address_names_the_host() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let token = house.token(&officer).await;
    let from = |origin: &'static str| {
        house.send(
            Request::post("https://station.test:8420/logout")
                .header(header::COOKIE, &officer.cookie)
                .header(header::ORIGIN, origin)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(encode(&[("token", &token)])))
                .unwrap(),
        )
    };
    assert_eq!(
        from("https://elsewhere.example").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(from("null").await.status, StatusCode::FORBIDDEN);
    assert_eq!(from("https://station.test:8420").await.location, "/login");
}

#[tokio::test]
async fn a_picture_is_shown_to_its_page_for_five_minutes_and_to_nobody_else() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let page = house
        .search(&officer, "DK48213", "crime", "26-01877")
        .await
        .text;
    let (_, rest) = page
        .split_once("src=\"")
        .unwrap_or_else(|| panic!("{page}"));
    let picture = rest.split('"').next().unwrap();
    assert_eq!(house.get(&officer, picture).await.status, StatusCode::OK);
    let other = house.log_in(LOGIN).await;
    assert_eq!(
        house.get(&other, picture).await.status,
        StatusCode::FORBIDDEN,
        "another session"
    );
    house.clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(
        house.get(&officer, picture).await.status,
        StatusCode::FORBIDDEN,
        "too late"
    );
    let story = house.story().await;
    for who in ["Avery Holt (badge 102)", "Rowan Marsh (badge 417)"] {
        let told = format!("{who} asked for a picture they had not been shown:");
        assert!(story.contains(&told), "{told}");
    }
}

#[tokio::test]
async fn only_a_role_that_includes_it_opens_the_whole_ledger_or_the_station() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    assert_eq!(house.get(&officer, "/ledger").await.status, StatusCode::OK);
    assert_eq!(
        house.get(&officer, "/ledger?scope=everyone").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        house.get(&officer, "/station").await.status,
        StatusCode::FORBIDDEN
    );
    let auditor = house.log_in("noor.adeyemi").await;
    assert_eq!(
        house
            .search(&auditor, "DK48213", "crime", "26-01877")
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_camera_hands_in_frames_with_its_key_and_the_same_frame_is_kept_once() {
    let house = House::new();
    let send = |key: String, query: &'static str, frame: &'static [u8]| {
        house.send(
            Request::post(format!("/api/frames?seen_at=2026-11-20T14:12:07Z{query}"))
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .body(Body::from(frame))
                .unwrap(),
        )
    };
    let key = house.camera_key.clone();
    assert_eq!(
        send("no key".into(), "", SAMPLE).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        send(key.clone(), "&camera=mill-bridge", SAMPLE)
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        send(key.clone(), "", b"no picture").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        send(key.clone(), "&camera=elm-and-3rd", SAMPLE).await.text,
        r#"{"frame":"kept","reads":2}"#
    );
    assert_eq!(
        send(key.clone(), "", SAMPLE).await.text,
        r#"{"frame":"already","reads":0}"#
    );
    let story = house.story().await;
    assert!(story.contains("Camera elm-and-3rd opened its standing permit"));
    assert_eq!(
        story
            .matches("Camera elm-and-3rd handed in 2 reads")
            .count(),
        1
    );
}

#[tokio::test]
async fn what_a_member_types_is_shown_as_text() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let page = house
        .search(&officer, "<script>", "\"><b7>", "<i7>26")
        .await
        .text;
    for raw in ["<script>", "<b7>", "<i7>"] {
        assert!(!page.contains(raw), "{raw}");
    }
}

#[tokio::test]
async fn the_policy_in_force_is_shown_with_numbers_that_the_ledger_bears_out() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    house.log_in(TRAINEE).await;
    house.search(&officer, "DK48213", "crime", "26-01877").await;
    house.search(&officer, "DK48213", "crime", "").await;
    assert_eq!(
        house.get(&officer, "/policy").await.status,
        StatusCode::FORBIDDEN,
        "an officer judges nobody"
    );
    let auditor = house.log_in("noor.adeyemi").await;
    let page = house.get(&auditor, "/policy").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for counted in [
        // Two founders, officer, auditor and trainee came in; the trainee has none in force.
        "of those who logged in</dt><dd class=\"mono\">4 of 5<",
        "searches for: Criminal investigation</dt><dd class=\"mono\">1<",
        "searches that were refused</dt><dd class=\"mono\">1<",
        "You have no completed training in force.",
        "alpr_ac_28_*",
        "entries proved just now to be as they were written, under the signed head",
        "entries that a witness cosigned: none did in the last 24 hours",
    ] {
        assert!(text.contains(counted), "{counted:?} is not in {text}");
    }
    // What is further back than the days that were asked for is not counted.
    house.clock.advance(Duration::from_secs(3 * 24 * 3600));
    let auditor = house.log_in("noor.adeyemi").await;
    let page = house.get(&auditor, "/api/conformity?days=1").await.text;
    assert!(
        page.contains(r#""name":"searches_refused","says":"searches that were refused","value":0"#),
        "{page}"
    );
    assert!(house.story().await.contains(
        "Noor Adeyemi (badge 417) looked at the policy in force, with the evidence of 30 days"
    ));
}

#[tokio::test]
async fn a_frame_from_the_future_or_from_long_before_its_camera_is_refused_and_nothing_is_kept() {
    let house = House::new();
    for seen_at in [
        "2026-11-24T16:03:00Z",
        "2126-01-01T00:00:00Z",
        "2026-10-24T00:00:00Z",
        "1970-01-01T00:00:00Z",
    ] {
        let request = Request::post(format!("/api/frames?seen_at={seen_at}"))
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", house.camera_key),
            )
            .body(Body::from(SAMPLE))
            .unwrap();
        let answer = house.send(request).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{seen_at}");
        assert!(
            answer.text.contains("set the camera's clock"),
            "{}",
            answer.text
        );
    }
    assert!(!house.story().await.contains("handed in"));
}

#[tokio::test]
async fn the_ledger_page_says_where_it_stopped_and_goes_on_from_there() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    for _ in 0..4 {
        house.search(&officer, "DK48213", "crime", "26-01877").await;
    }
    let first = house.get(&officer, "/api/ledger?most=3").await.text;
    let stopped = |text: &str| -> Option<u64> {
        let (_, rest) = text.split_once("\"looked_back_to\":").unwrap();
        rest.split(',').next().unwrap().parse().ok()
    };
    // The review itself is the newest; then the searches, each with its outcome.
    assert_eq!(
        first
            .matches("asked for the reads of plate DK48213")
            .count(),
        2,
        "{first}"
    );
    let entry = stopped(&first).unwrap();
    let second = house
        .get(&officer, &format!("/api/ledger?before={entry}"))
        .await
        .text;
    assert_eq!(
        second
            .matches("asked for the reads of plate DK48213")
            .count(),
        2,
        "{second}"
    );
    assert_eq!(
        second.matches("Nothing was returned").count(),
        2,
        "outcomes too: {second}"
    );
    assert_eq!(stopped(&second), None, "the first entry was reached");
}
