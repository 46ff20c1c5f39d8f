//! The thread, over HTTP: who comes in, what they may see, and what is written down. Tests named
//! `alpr_ac_NN` are the department's acceptance cases of that number.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../station/tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use govern::{AddCamera, EnrolMember, Role};
use station::{Caller, Station, Training};
use support::{LOGIN, PASSWORD, StandingClock, found, log_in};
use tower::ServiceExt;

const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
const DOUBTFUL: &[u8] = include_bytes!("../../../samples/elm-and-3rd-2009.jpg");
const OFFICER: &str = "rowan.marsh";
const TRAINEE: &str = "jo.tanner";

/// A station with an officer, a trainee, an auditor and one camera that saw two pictures.
struct House {
    _dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Arc<Station>,
    pages: Router,
    camera_key: String,
}

struct Answer {
    status: StatusCode,
    location: String,
    cookie: String,
    referrer_policy: String,
    text: String,
}

/// A browser with its one cookie.
#[derive(Default)]
struct Browser {
    cookie: String,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(dir.path(), &clock);
        let deputy_chief = log_in(&station, LOGIN);
        for (login, name, role, trained) in [
            (OFFICER, "Rowan Marsh", "officer", true),
            (TRAINEE, "Jo Tanner", "officer", false),
            ("noor.adeyemi", "Noor Adeyemi", "auditor", true),
        ] {
            let new = EnrolMember {
                login: login.into(),
                name: name.into(),
                badge: "417".into(),
                roles: vec![Role(role.into())],
            };
            station.enrol(&deputy_chief, new, PASSWORD).unwrap();
            if trained {
                train(&station, &deputy_chief, login, "2027-11-01");
            }
        }
        let key = station
            .add_camera(
                &deputy_chief,
                AddCamera {
                    name: "elm-and-3rd".into(),
                    place: "Elm Street".into(),
                },
            )
            .unwrap();
        let station = Arc::new(station);
        let pages = console::pages(Arc::clone(&station), false);
        let house = Self {
            _dir: dir,
            clock,
            station,
            pages,
            camera_key: key.0,
        };
        // The next code: the Deputy Chief's is used.
        house.clock.advance(Duration::from_secs(30));
        house
    }

    fn take_in(&self) {
        let camera = self.station.camera(&self.camera_key, None).unwrap();
        for (picture, at) in [
            (SAMPLE, "2026-11-20T14:12:07Z"),
            (DOUBTFUL, "2026-11-20T20:09:41Z"),
        ] {
            self.station
                .ingest(&camera, "test", at.parse().unwrap(), picture)
                .unwrap();
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.pages.clone().oneshot(request).await.unwrap();
        let header = |name| {
            response
                .headers()
                .get(name)
                .map(|v: &axum::http::HeaderValue| v.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        let status = response.status();
        let location = header(header::LOCATION);
        let cookie = header(header::SET_COOKIE);
        let referrer_policy = header(header::REFERRER_POLICY);
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            location,
            cookie,
            referrer_policy,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    async fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.send(
            Request::get(path)
                .header(header::COOKIE, &browser.cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    async fn post(&self, browser: &Browser, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(
            Request::post(path)
                .header(header::COOKIE, &browser.cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(encode(form)))
                .unwrap(),
        )
        .await
    }

    fn code(&self, login: &str) -> String {
        self.station
            .demonstration_logins()
            .unwrap()
            .into_iter()
            .find(|one| one.login == login)
            .unwrap()
            .code
    }

    async fn try_login(&self, login: &str, password: &str) -> Answer {
        let code = self.code(login);
        let form = [
            ("login", login),
            ("password", password),
            ("code", code.as_str()),
            ("acknowledged", "yes"),
        ];
        self.post(&Browser::default(), "/login", &form).await
    }

    async fn log_in(&self, login: &str) -> Browser {
        let answer = self.try_login(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        Browser {
            cookie: answer.cookie.split(';').next().unwrap().to_owned(),
        }
    }

    /// The token that a page's forms carry.
    async fn token(&self, browser: &Browser) -> String {
        let page = self.get(browser, "/training").await.text;
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn search(&self, browser: &Browser, plate: &str, purpose: &str, case: &str) -> Answer {
        self.search_saying(browser, plate, purpose, case, "").await
    }

    async fn search_saying(
        &self,
        browser: &Browser,
        plate: &str,
        purpose: &str,
        case: &str,
        words: &str,
    ) -> Answer {
        let token = self.token(browser).await;
        let form = [
            ("token", token.as_str()),
            ("plate", plate),
            ("purpose", purpose),
            ("case", case),
            ("words", words),
        ];
        self.post(browser, "/search", &form).await
    }

    /// What the ledger says of everybody, as the auditor reads it.
    async fn story(&self) -> String {
        self.clock.advance(Duration::from_secs(30));
        let auditor = self.log_in("noor.adeyemi").await;
        let page = self.get(&auditor, "/ledger?scope=everyone").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.text
    }
}

fn train(station: &Station, administrator: &Caller, login: &str, expires: &str) {
    let member = station.member_by_login(login).unwrap();
    let training = Training {
        course: "Initial course".into(),
        completed: "2026-11-01".parse().unwrap(),
        expires: expires.parse().unwrap(),
    };
    station
        .record_training(administrator, &member, &training)
        .unwrap();
}

fn encode(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    form.iter()
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

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
    let page = house.search(&officer, "DK48213", "crime", "").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        page.text
            .contains("needs a case or call number, and none was given")
    );
    assert_eq!(sightings(&page.text), 0);
    assert!(house.story().await.contains("Refused under 5(b)"));
}

#[tokio::test]
async fn alpr_ac_03_a_civil_action_with_its_number_is_allowed_and_logged_as_that() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
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
async fn alpr_ac_29_five_bad_passwords_lock_until_an_administrator_releases() {
    let house = House::new();
    for _ in 0..5 {
        assert_eq!(
            house.try_login(OFFICER, "not this password").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let locked = house.try_login(OFFICER, PASSWORD).await;
    assert!(locked.text.contains("locked"), "{}", locked.text);
    house.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(
        house.try_login(OFFICER, PASSWORD).await.status,
        StatusCode::UNAUTHORIZED,
        "not by waiting"
    );
    let administrator = house.log_in("sam.okafor").await;
    let token = house.token(&administrator).await;
    let released = house
        .post(
            &administrator,
            "/station/release",
            &[("token", &token), ("login", OFFICER)],
        )
        .await;
    assert_eq!(released.status, StatusCode::OK, "{}", released.text);
    house.log_in(OFFICER).await;
}

#[tokio::test]
async fn a_wrong_password_a_wrong_code_an_unknown_name_and_an_unread_notice_let_nobody_in() {
    let house = House::new();
    let right = house.code(OFFICER);
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for (login, password, code) in [
        (OFFICER, "not this password", right.as_str()),
        (OFFICER, PASSWORD, wrong),
        (OFFICER, PASSWORD, ""),
        ("nobody.here", PASSWORD, &right),
    ] {
        let form = [
            ("login", login),
            ("password", password),
            ("code", code),
            ("acknowledged", "yes"),
        ];
        let answer = house.post(&Browser::default(), "/login", &form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(
            answer
                .text
                .contains("Login, password and code do not belong together."),
            "which was wrong is not said"
        );
        assert_eq!(answer.cookie, "");
    }
    let form = [
        ("login", OFFICER),
        ("password", PASSWORD),
        ("code", right.as_str()),
    ];
    assert_eq!(
        house
            .post(&Browser::default(), "/login", &form)
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    let story = house.story().await;
    assert_eq!(
        story
            .matches("A login as Rowan Marsh (badge 417) was refused")
            .count(),
        3
    );
    assert_eq!(story.matches("no member has that name, or").count(), 2);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let house = House::new();
    house.log_in(OFFICER).await;
    let again = house.try_login(OFFICER, PASSWORD).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.text.contains("used already"));
}

#[tokio::test]
async fn a_session_locks_after_thirty_idle_minutes_and_ends_after_twelve_hours() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    house.clock.advance(Duration::from_secs(29 * 60));
    assert_eq!(house.get(&officer, "/search").await.status, StatusCode::OK);
    house.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(house.get(&officer, "/search").await.location, "/login");
    let officer = house.log_in(OFFICER).await;
    for _ in 0..35 {
        house.clock.advance(Duration::from_secs(20 * 60));
        assert_eq!(house.get(&officer, "/search").await.status, StatusCode::OK);
    }
    house.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(house.get(&officer, "/search").await.location, "/login");
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
async fn passwords_tried_all_at_once_are_counted_like_passwords_tried_in_turn() {
    let house = House::new();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let station = Arc::clone(&house.station);
        let code = house.code(OFFICER);
        all.spawn_blocking(move || {
            let attempt = station::LoginAttempt {
                login: OFFICER,
                password: "not this password",
                code: &code,
                acknowledged: true,
                address: "test",
            };
            assert!(station.login(&attempt).is_err());
        });
    }
    while let Some(tried) = all.join_next().await {
        tried.unwrap();
    }
    let locked = house.try_login(OFFICER, PASSWORD).await;
    assert!(locked.text.contains("locked"), "{}", locked.text);
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
        // Founder, officer, auditor and trainee came in; the trainee has none in force.
        "of those who logged in</dt><dd class=\"mono\">3 of 4<",
        "searches for: Criminal investigation</dt><dd class=\"mono\">1<",
        "searches that were refused</dt><dd class=\"mono\">1<",
        "You have no completed training in force.",
        "alpr_ac_28_*",
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
