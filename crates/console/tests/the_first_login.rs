//! How a member comes to a way in of their own, and to another, over HTTP. Tests named `ia_5` are that
//! control of the FBI CJIS Security Policy.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use crypt::SecondFactor;
use govern::Clock;
use house::support::{LOGIN, PASSWORD};
use house::{ADMINISTRATOR, Answer, Browser, House, OFFICER};

const CHOSEN: &str = "the mill stands still today";

impl House {
    /// Enrols Lee Quill as an administrator does, and gives the code that the page shows.
    async fn enrol(&self) -> String {
        let administrator = self.log_in(ADMINISTRATOR).await;
        let token = self.token(&administrator).await;
        let form = [
            ("token", token.as_str()),
            ("login", "lee.quill"),
            ("name", "Lee Quill"),
            ("badge", "440"),
            ("role", "officer"),
        ];
        let page = self.post(&administrator, "/station/members", &form).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(
            !page.text.contains("otpauth"),
            "the administrator sees no second factor"
        );
        shown_once(&page.text)
    }

    /// An administrator issues a new code.
    async fn issue(&self, by: &Browser, login: &str) -> Answer {
        let token = self.token(by).await;
        let form = [("token", token.as_str()), ("login", login)];
        self.post(by, "/station/enrolment-code", &form).await
    }

    async fn bring(&self, code: &str) -> Answer {
        self.post(&Browser::default(), "/first-login", &[("code", code)])
            .await
    }

    async fn set(&self, code: &str, password: &str, shown: &str) -> Answer {
        let form = [
            ("code", code),
            ("password", password),
            ("again", password),
            ("shown", shown),
        ];
        self.post(&Browser::default(), "/first-login", &form).await
    }

    /// What an authenticator with the secret of this page shows now.
    fn authenticator(&self, page: &str) -> String {
        let (_, rest) = page.split_once("id=\"secret\">").unwrap();
        let factor = SecondFactor::from_base32(rest.split('<').next().unwrap()).unwrap();
        factor.code(self.clock.now().as_second().unsigned_abs())
    }

    async fn come_in(&self, login: &str, password: &str, code: &str) -> Answer {
        let form = [
            ("login", login),
            ("password", password),
            ("code", code),
            ("acknowledged", "yes"),
        ];
        self.post(&Browser::default(), "/login", &form).await
    }
}

fn shown_once(page: &str) -> String {
    let (_, rest) = page.split_once("<dd class=\"mono\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

fn recovery_codes(page: &str) -> Vec<String> {
    page.split("<li>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_member_sets_password_and_second_factor_that_nobody_else_knows() {
    let house = House::new();
    let code = house.enrol().await;
    // The code alone lets nobody in, and before it was used there is no password.
    assert_eq!(
        house.come_in("lee.quill", &code, "000000").await.status,
        StatusCode::UNAUTHORIZED
    );
    let page = house.bring(&code).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Lee Quill"), "{}", page.text);
    let shown = house.authenticator(&page.text);
    let set = house.set(&code, CHOSEN, &shown).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    assert_eq!(recovery_codes(&set.text).len(), 10);
    assert_eq!(set.cookie, "", "setting them is no login");
    // The code is used up.
    assert_eq!(house.bring(&code).await.status, StatusCode::UNAUTHORIZED);
    house.clock.advance(Duration::from_secs(30));
    let shown = house.authenticator(&page.text);
    let inside = house.come_in("lee.quill", CHOSEN, &shown).await;
    assert_eq!(inside.status, StatusCode::SEE_OTHER, "{}", inside.text);
    let story = house.story().await;
    assert!(story.contains("Lee Quill (badge 440) set their own password and second factor"));
    assert!(story.contains("Somebody brought an enrolment code that is not good"));
}

#[tokio::test]
async fn an_enrolment_code_is_good_for_three_days() {
    let house = House::new();
    let code = house.enrol().await;
    house.clock.advance(Duration::from_secs(72 * 3600 - 1));
    assert_eq!(house.bring(&code).await.status, StatusCode::OK);
    house.clock.advance(Duration::from_secs(1));
    let late = house.bring(&code).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.text.contains("has expired"), "{}", late.text);
}

#[tokio::test]
async fn whoever_tries_codes_closes_their_address() {
    let house = House::new();
    for n in 0..20 {
        let code = format!("0000-0000-0000-0000-00{n:02}");
        assert_eq!(house.bring(&code).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        house.bring("0000").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn ia_5_a_password_that_may_not_be_set_is_refused_with_the_reason() {
    let house = House::new();
    let code = house.enrol().await;
    let page = house.bring(&code).await;
    let shown = house.authenticator(&page.text);
    for (password, reason) in [
        ("elevenchars", "has 12 characters or more"),
        ("Password1234", "among the first that anybody tries"),
        ("lee.quill2026!", "among the first that anybody tries"),
        ("zqzqzqzqzqzqzq", "one thing over and over"),
    ] {
        let answer = house.set(&code, password, &shown).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(reason), "{}", answer.text);
    }
    let wrong = house.set(&code, CHOSEN, "").await;
    assert!(
        wrong.text.contains("not the code that belongs"),
        "{}",
        wrong.text
    );
    // Refused is not used up.
    assert_eq!(
        house.set(&code, CHOSEN, &shown).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_recovery_code_lets_its_member_in_once_with_the_password() {
    let house = House::new();
    let code = house.enrol().await;
    let page = house.bring(&code).await;
    let shown = house.authenticator(&page.text);
    let codes = recovery_codes(&house.set(&code, CHOSEN, &shown).await.text);
    assert_eq!(
        house
            .come_in("lee.quill", "not this password", &codes[0])
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        house.come_in(OFFICER, PASSWORD, &codes[0]).await.status,
        StatusCode::UNAUTHORIZED,
        "another member's"
    );
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(
        house.come_in("lee.quill", CHOSEN, &typed).await.status,
        StatusCode::SEE_OTHER
    );
    let again = house.come_in("lee.quill", CHOSEN, &codes[0]).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "used up");
}

#[tokio::test]
async fn a_new_code_takes_the_old_way_in_at_once_and_stands_in_the_ledger() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let administrator = house.log_in(ADMINISTRATOR).await;
    let issued = house.issue(&administrator, OFFICER).await;
    assert_eq!(issued.status, StatusCode::OK, "{}", issued.text);
    assert_eq!(
        house.get(&officer, "/search").await.location,
        "/login",
        "the running session is over"
    );
    house.clock.advance(Duration::from_secs(30));
    assert_eq!(
        house.try_login(OFFICER, PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    let code = shown_once(&issued.text);
    let page = house.bring(&code).await;
    let shown = house.authenticator(&page.text);
    assert_eq!(
        house.set(&code, CHOSEN, &shown).await.status,
        StatusCode::OK
    );
    house.clock.advance(Duration::from_secs(30));
    let shown = house.authenticator(&page.text);
    let inside = house.come_in(OFFICER, CHOSEN, &shown).await;
    assert_eq!(inside.status, StatusCode::SEE_OTHER);
    let story = house.story().await;
    assert!(story.contains("Sam Okafor (badge 118) issued a new enrolment code for rowan.marsh"));
}

#[tokio::test]
async fn a_way_into_an_office_is_given_by_the_deputy_chief_and_ones_own_by_nobody() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let administrator = house.log_in(ADMINISTRATOR).await;
    let deputy_chief = house.log_in(LOGIN).await;
    for (by, login) in [
        (&officer, "jo.tanner"),
        (&administrator, LOGIN),
        (&administrator, ADMINISTRATOR),
        (&deputy_chief, LOGIN),
    ] {
        let answer = house.issue(by, login).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    }
    let answer = house.issue(&deputy_chief, ADMINISTRATOR).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_changed_password_is_the_one_that_counts_and_ends_the_other_sessions() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    house.clock.advance(Duration::from_secs(30));
    let elsewhere = house.log_in(OFFICER).await;
    let token = house.token(&officer).await;
    let change = |current: &'static str| {
        let form = [
            ("token", token.clone()),
            ("current", current.to_owned()),
            ("new", CHOSEN.to_owned()),
            ("again", CHOSEN.to_owned()),
        ];
        let officer = &officer;
        let house = &house;
        async move {
            let form: Vec<_> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
            house.post(officer, "/account/password", &form).await
        }
    };
    let wrong = change("not this password").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text.contains("not your password"));
    assert_eq!(change(PASSWORD).await.status, StatusCode::OK);
    assert_eq!(house.get(&officer, "/search").await.status, StatusCode::OK);
    assert_eq!(house.get(&elsewhere, "/search").await.location, "/login");
    house.clock.advance(Duration::from_secs(30));
    let before = house.try_login(OFFICER, PASSWORD).await;
    assert_eq!(before.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        house.try_login(OFFICER, CHOSEN).await.status,
        StatusCode::SEE_OTHER
    );
    let story = house.story().await;
    assert_eq!(
        story
            .matches("Rowan Marsh (badge 417) changed their password")
            .count(),
        1
    );
    assert_eq!(story.matches("did not know the password").count(), 1);
}

#[tokio::test]
async fn a_new_authenticator_is_in_force_once_it_has_shown_a_code() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let token = house.token(&officer).await;
    let form = [("token", token.as_str()), ("current", PASSWORD)];
    let page = house.post(&officer, "/account/authenticator", &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    house.clock.advance(Duration::from_secs(30));
    // The old one still counts.
    house.log_in(OFFICER).await;
    let wrong = [("token", token.as_str()), ("shown", "12345")];
    let refused = house.post(&officer, "/account/authenticator", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let shown = house.authenticator(&page.text);
    let right = [("token", token.as_str()), ("shown", shown.as_str())];
    let done = house.post(&officer, "/account/authenticator", &right).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    house.clock.advance(Duration::from_secs(30));
    let shown = house.authenticator(&page.text);
    assert_eq!(
        house.come_in(OFFICER, PASSWORD, &shown).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_member_sees_their_sessions_and_ends_them_and_an_administrator_ends_them_all() {
    let house = House::new();
    let here = house.log_in(OFFICER).await;
    house.clock.advance(Duration::from_secs(30 * 10));
    let elsewhere = house.log_in(OFFICER).await;
    let page = house.get(&here, "/account").await;
    assert_eq!(
        page.text.matches("this machine").count(),
        2,
        "{}",
        page.text
    );
    assert!(page.text.contains("this one") && page.text.contains("5 min ago"));
    let (_, rest) = page.text.split_once("name=\"session\" value=\"").unwrap();
    let other = rest.split('"').next().unwrap().to_owned();
    let token = house.token(&here).await;
    let form = [("token", token.as_str()), ("session", other.as_str())];
    house.post(&here, "/account/sessions", &form).await;
    assert_eq!(house.get(&elsewhere, "/search").await.location, "/login");
    assert_eq!(house.get(&here, "/search").await.status, StatusCode::OK);
    let administrator = house.log_in(ADMINISTRATOR).await;
    let token = house.token(&administrator).await;
    let form = [("token", token.as_str()), ("login", OFFICER)];
    let ended = house
        .post(&administrator, "/station/sessions/end", &form)
        .await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text);
    assert_eq!(house.get(&here, "/search").await.location, "/login");
    let story = house.story().await;
    assert!(story.contains("Sam Okafor (badge 118) ended the sessions of rowan.marsh"));
}
