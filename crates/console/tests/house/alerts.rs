//! A station with an officer, a dispatcher and the chief, a list, and what they do about alerts.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use govern::{EnrolMember, Role};

use super::support::{self, LOGIN, enrol, train};
use super::{ADMINISTRATOR, Answer, Browser, House};

pub const DISPATCHER: &str = "dana.oyelaran";
pub const CHIEF: &str = "robin.castell";
pub const HEAD: &str = "FILE,LIC,LIS,LIT,VYR,VMA,VMO,VST,VCO,DOE,NIC,ORI,MIS\n";
pub const STOLEN: &str =
    "VEHICLE,DK48213,IL,PC,2017,Mazda,3,hatchback,teal,20261118,V100200301,IL0990000,\n";
pub const QUERY: &str = "/api/hotlists?name=State%20extract&source=State%20police&class=state&purposes=stolen&refresh_hours=12&mapping=illinois-extract";

/// A station with an officer, a dispatcher and the chief.
pub struct Alerts(pub House);

impl Alerts {
    pub fn new() -> Self {
        let house = House::new();
        let deputy_chief = support::log_in(&house.station, LOGIN);
        let administrator = support::log_in(&house.station, ADMINISTRATOR);
        for (login, name, role) in [
            (DISPATCHER, "Dana Oyelaran", "dispatcher"),
            (CHIEF, "Robin Castell", "chief"),
        ] {
            let new = EnrolMember {
                login: login.into(),
                name: name.into(),
                badge: "440".into(),
                roles: vec![Role(role.into())],
            };
            enrol(&house.station, &deputy_chief, new);
            train(&house.station, &administrator, login, "2027-11-01");
        }
        house.clock.advance(Duration::from_secs(30));
        Self(house)
    }

    pub async fn log_in(&self, login: &str) -> Browser {
        self.0.clock.advance(Duration::from_secs(30));
        self.0.log_in(login).await
    }

    pub async fn import(&self, login: &str, rows: &str) -> Answer {
        self.import_of_class(login, rows, "state").await
    }

    pub async fn import_of_class(&self, login: &str, rows: &str, class: &str) -> Answer {
        let browser = self.log_in(login).await;
        let query = QUERY.replace("class=state", &format!("class={class}"));
        let request = Request::post(query)
            .header(header::COOKIE, &browser.cookie)
            .header(header::CONTENT_TYPE, "text/csv")
            .body(Body::from(format!("{HEAD}{rows}")))
            .unwrap();
        self.0.send(request).await
    }

    /// Brings in a table of changes: rows as of a list, with a cell more that says what each does.
    pub async fn change(&self, login: &str, rows: &str) -> Answer {
        let browser = self.log_in(login).await;
        let head = HEAD.replace('\n', ",ACT\n");
        let request = Request::post(QUERY.replace("illinois-extract", "illinois-changes"))
            .header(header::COOKIE, &browser.cookie)
            .header(header::CONTENT_TYPE, "text/csv")
            .body(Body::from(format!("{head}{rows}")))
            .unwrap();
        self.0.send(request).await
    }

    /// The other administrator confirms an import that waits.
    pub async fn confirm_import(&self, import: &str) {
        let browser = self.log_in(ADMINISTRATOR).await;
        let form = [("import", import)];
        let confirmed = self.0.fill_in(&browser, "/hotlists/confirm", &form).await;
        assert_eq!(
            confirmed.status,
            StatusCode::SEE_OTHER,
            "{}",
            confirmed.text
        );
    }

    /// Sees the stolen car, its plate and state read well.
    pub fn see_it(&self, at: &str) {
        self.0.see(&[("DK48213", 0.98)], &[("US-IL", 0.95)], at);
    }

    /// The Deputy Chief authorises a member for a class.
    pub async fn authorise(&self, login: &str, class: &str) {
        let deputy_chief = self.log_in(LOGIN).await;
        let form = [
            ("login", login),
            ("class", class),
            ("until", "2027-11-01"),
            ("why", "Dispatch room"),
        ];
        let path = "/station/authorisations";
        let granted = self.0.fill_in(&deputy_chief, path, &form).await;
        assert_eq!(granted.status, StatusCode::OK, "{}", granted.text);
    }

    pub async fn step(&self, browser: &Browser, step: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.0.token(browser).await;
        let mut form = form.to_vec();
        form.push(("token", &token));
        self.0
            .post(browser, &format!("/alerts/{step}"), &form)
            .await
    }

    pub async fn take(&self, browser: &Browser, number: u64) {
        let taken = self
            .step(browser, &format!("{number}/acknowledge"), &[])
            .await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text);
    }

    pub async fn confirm(&self, browser: &Browser, number: u64) {
        let form = [("plate", "yes"), ("state", "yes"), ("vehicle", "yes")];
        let answer = self
            .step(browser, &format!("{number}/picture"), &form)
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    }

    pub async fn check(&self, browser: &Browser, number: u64, result: &str) {
        let form = [
            ("result", result),
            ("database", "LEADS"),
            ("reference", "L-204417"),
            ("asked_at", "2026-11-24T15:59:00Z"),
            ("returned", "as it says"),
        ];
        let answer = self.step(browser, &format!("{number}/check"), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    }

    pub async fn close(&self, browser: &Browser, number: u64, action: &str) -> Answer {
        let form = [("action", action), ("words", "Depot Road at the yard gate")];
        self.step(browser, &format!("{number}/close"), &form).await
    }

    pub async fn card(&self, browser: &Browser, number: u64) -> Answer {
        self.0.get(browser, &format!("/alerts/{number}")).await
    }

    pub async fn alerts(&self, browser: &Browser) -> Vec<serde_json::Value> {
        let answer = self.0.get(browser, "/api/alerts").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }
}
