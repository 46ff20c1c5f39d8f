//! A station with people at its pages, for tests over HTTP.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests"
)]

#[path = "../../../station/tests/support/mod.rs"]
pub mod support;

pub mod alerts;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use govern::{AddCamera, EnrolMember, Role};
use jiff::Timestamp;
use plate::{Candidate, Jurisdictions, Reading};
use station::Station;
use support::{LOGIN, PASSWORD, StandingClock, found, log_in, train};
use tower::ServiceExt;
use vision::Plate;

pub const SAMPLE: &[u8] = include_bytes!("../../../../samples/elm-and-3rd-1412.jpg");
pub const DOUBTFUL: &[u8] = include_bytes!("../../../../samples/elm-and-3rd-2009.jpg");
pub const OFFICER: &str = "rowan.marsh";
pub const TRAINEE: &str = "jo.tanner";
/// The other founder.
pub const ADMINISTRATOR: &str = "sam.okafor";
pub const AUDITOR: &str = "noor.adeyemi";

/// A station with an officer, a trainee, an auditor and one camera that saw two pictures.
pub struct House {
    dir: tempfile::TempDir,
    pub clock: Arc<StandingClock>,
    pub station: Arc<Station>,
    pub pages: Router,
    pub camera_key: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub cookie: String,
    pub referrer_policy: String,
    pub refresh: String,
    pub text: String,
}

/// A browser with its one cookie.
#[derive(Default)]
pub struct Browser {
    pub cookie: String,
}

impl House {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(dir.path(), &clock);
        let deputy_chief = log_in(&station, LOGIN);
        let administrator = log_in(&station, ADMINISTRATOR);
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
            support::enrol(&station, &deputy_chief, new);
            if trained {
                train(&station, &administrator, login, "2027-11-01");
            }
        }
        let key = station
            .add_camera(
                &deputy_chief,
                AddCamera {
                    name: "elm-and-3rd".into(),
                    place: "Elm Street".into(),
                    class: None,
                },
            )
            .unwrap();
        let station = Arc::new(station);
        let pages = console::pages(Arc::clone(&station), false);
        let house = Self {
            dir,
            clock,
            station,
            pages,
            camera_key: key.0,
        };
        // The next code: the Deputy Chief's is used.
        house.clock.advance(Duration::from_secs(30));
        house
    }

    /// The same station, opened again as after a kill: nothing was closed in order. Nobody's codes are
    /// shown any more.
    pub fn killed_and_started_again(self) -> Self {
        let Self {
            dir,
            clock,
            station,
            pages,
            camera_key,
        } = self;
        drop((station, pages));
        let station = Station::open(dir.path(), support::PASSPHRASE, support::around(&clock));
        let station = Arc::new(station.unwrap());
        let pages = console::pages(Arc::clone(&station), false);
        Self {
            dir,
            clock,
            station,
            pages,
            camera_key,
        }
    }

    /// The station's folder.
    pub fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// The Deputy Chief gives the camera a class, or none.
    pub fn classify(&self, class: Option<&str>) {
        self.clock.advance(Duration::from_secs(30));
        let deputy_chief = log_in(&self.station, LOGIN);
        let class = class.map(|class| govern::Class(class.into()));
        self.station
            .classify_camera(&deputy_chief, "elm-and-3rd", class, "Task force")
            .unwrap();
    }

    pub fn take_in(&self) {
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

    /// The camera reads these texts, and these states, at this time.
    pub fn see(&self, texts: &[(&str, f64)], states: &[(&str, f64)], at: &str) {
        self.see_at(&self.camera_key, texts, states, at);
    }

    /// The camera with this key does.
    pub fn see_at(&self, key: &str, texts: &[(&str, f64)], states: &[(&str, f64)], at: &str) {
        self.keep(key, vec![plate(texts, states)], at);
    }

    /// The camera reads all these plates in one frame.
    pub fn see_all(&self, plates: &[String], at: &str) {
        let plates = plates.iter().map(|text| plate(&[(text, 0.9)], &[]));
        self.keep(&self.camera_key, plates.collect(), at);
    }

    fn keep(&self, key: &str, plates: Vec<Plate>, at: &str) {
        let station = &self.station;
        let camera = station.camera(key, None).unwrap();
        let at: Timestamp = at.parse().unwrap();
        station.keep(&camera, "test", at, SAMPLE, plates).unwrap();
    }

    /// Whether a file of the station has these bytes in it.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let mut folders = vec![self.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(path)
                    .unwrap()
                    .windows(bytes.len())
                    .any(|part| part == bytes)
                {
                    return true;
                }
            }
        }
        false
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
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
        let refresh = header(header::REFRESH);
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            location,
            cookie,
            referrer_policy,
            refresh,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.send(
            Request::get(path)
                .header(header::COOKIE, &browser.cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub async fn post(&self, browser: &Browser, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(
            Request::post(path)
                .header(header::COOKIE, &browser.cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(encode(form)))
                .unwrap(),
        )
        .await
    }

    /// A form with this session's token.
    pub async fn fill_in(&self, browser: &Browser, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.token(browser).await;
        let form = [form, &[("token", token.as_str())]].concat();
        self.post(browser, path, &form).await
    }

    /// JSON, as a program sends it.
    pub async fn send_json(&self, browser: &Browser, path: &str, json: &str) -> Answer {
        self.send(
            Request::post(path)
                .header(header::COOKIE, &browser.cookie)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(json.to_owned()))
                .unwrap(),
        )
        .await
    }

    pub fn code(&self, login: &str) -> String {
        self.station
            .demonstration_logins()
            .unwrap()
            .into_iter()
            .find(|one| one.login == login)
            .unwrap()
            .code
    }

    pub async fn try_login(&self, login: &str, password: &str) -> Answer {
        let code = self.code(login);
        let form = [
            ("login", login),
            ("password", password),
            ("code", code.as_str()),
            ("acknowledged", "yes"),
        ];
        self.post(&Browser::default(), "/login", &form).await
    }

    pub async fn log_in(&self, login: &str) -> Browser {
        let answer = self.try_login(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        Browser {
            cookie: answer.cookie.split(';').next().unwrap().to_owned(),
        }
    }

    /// The token that a page's forms carry.
    pub async fn token(&self, browser: &Browser) -> String {
        let page = self.get(browser, "/training").await.text;
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    pub async fn search(
        &self,
        browser: &Browser,
        plate: &str,
        purpose: &str,
        case: &str,
    ) -> Answer {
        self.search_saying(browser, plate, purpose, case, "").await
    }

    pub async fn search_saying(
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
    pub async fn story(&self) -> String {
        self.clock.advance(Duration::from_secs(30));
        let auditor = self.log_in("noor.adeyemi").await;
        let page = self.get(&auditor, "/ledger?scope=everyone").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.text
    }
}

fn plate(texts: &[(&str, f64)], states: &[(&str, f64)]) -> Plate {
    let candidates: Vec<_> = texts
        .iter()
        .map(|&(text, probability)| Candidate {
            text: text.parse().unwrap(),
            probability,
        })
        .collect();
    let states = states.iter().map(|&(state, p)| (state.parse().unwrap(), p));
    let reading = Reading::from_candidates(&candidates)
        .unwrap()
        .with_jurisdictions(Jurisdictions::new(states));
    Plate {
        reading,
        confidence: 0.95,
        corners: [
            (970.0, 501.0),
            (1075.0, 501.0),
            (1075.0, 554.0),
            (970.0, 554.0),
        ],
        at: vision::PlateBox {
            x: 970.0,
            y: 501.0,
            width: 105.0,
            height: 53.0,
        },
    }
}

pub fn encode(form: &[(&str, &str)]) -> String {
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
