//! Single sign-on over HTTP, against a provider that signs real tokens.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use crypt::sha256;
use house::{ADMINISTRATOR, Answer, Browser, House, OFFICER, TRAINEE};
use serde_json::{Value, json};
use station::{Reach, SignOnSettings};

const ISSUER: &str = "https://id.ashford-falls.example";
const CLIENT: &str = "lictor";
const MINUTE: Duration = Duration::from_secs(60);

/// A provider, and what it says of whoever comes next.
#[derive(Clone)]
struct Provider(Arc<Mutex<Inside>>);

struct Inside {
    key: EcdsaKeyPair,
    published: EcdsaKeyPair,
    /// What the next token says instead.
    says: Value,
    /// The header of the next token.
    header: Value,
    challenge: String,
    nonce: String,
    now: i64,
}

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl Reach for Provider {
    fn get(&self, url: &str) -> io::Result<Vec<u8>> {
        let inside = self.0.lock().unwrap();
        let answer = match url.strip_prefix(ISSUER) {
            Some("/.well-known/openid-configuration") => json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "jwks_uri": format!("{ISSUER}/keys"),
            }),
            Some("/keys") => {
                let point = inside.published.public_key().as_ref();
                json!({ "keys": [{
                    "kty": "EC", "crv": "P-256", "use": "sig", "kid": "one",
                    "x": base64(&point[1..33]), "y": base64(&point[33..]),
                }]})
            }
            _ => return Err(io::Error::other("404")),
        };
        Ok(answer.to_string().into_bytes())
    }

    fn post(&self, url: &str, form: &str, _authorization: Option<&str>) -> io::Result<Vec<u8>> {
        assert_eq!(url, format!("{ISSUER}/token"));
        let inside = self.0.lock().unwrap();
        let field = |name: &str| {
            form.split('&')
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")))
        };
        assert_eq!(field("grant_type"), Some("authorization_code"));
        assert_eq!(field("client_id"), Some(CLIENT));
        let verifier = field("code_verifier").unwrap();
        if field("code") != Some("good")
            || base64(&sha256(verifier.as_bytes()).0) != inside.challenge
        {
            return Err(io::Error::other("400"));
        }
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "sub": "8f2", "nonce": inside.nonce,
            "iat": inside.now, "exp": inside.now + 300, "preferred_username": OFFICER,
        });
        for (claim, value) in inside.says.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        let signed = format!(
            "{}.{}",
            base64(inside.header.to_string().as_bytes()),
            base64(claims.to_string().as_bytes())
        );
        let signature = inside
            .key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        let token = format!("{signed}.{}", base64(signature.as_ref()));
        Ok(
            json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })
                .to_string()
                .into_bytes(),
        )
    }
}

impl Provider {
    fn at(house: &House) -> Self {
        let key = key();
        let published = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            key.to_pkcs8v1().unwrap().as_ref(),
        );
        let provider = Self(Arc::new(Mutex::new(Inside {
            published: published.unwrap(),
            key,
            says: json!({}),
            header: json!({ "alg": "ES256", "kid": "one" }),
            challenge: String::new(),
            nonce: String::new(),
            now: 0,
        })));
        let settings = SignOnSettings {
            name: "Ashford Falls sign-on".into(),
            issuer: ISSUER.into(),
            client_id: CLIENT.into(),
            client_secret_file: None,
            claim: "preferred_username".into(),
            ends_with: String::new(),
            authority: None,
        };
        house
            .station
            .take_up_sign_on(settings, Arc::new(provider.clone()))
            .unwrap();
        provider
    }

    fn says(&self, claims: Value) {
        self.0.lock().unwrap().says = claims;
    }
}

/// Somebody at the provider: the state that goes back with the browser.
async fn begin(house: &House, provider: &Provider) -> (Browser, String) {
    let answer = house.post(&Browser::default(), "/sign-on", &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let url = answer.refresh.strip_prefix("0; url=").unwrap();
    assert!(url.starts_with(&format!("{ISSUER}/authorize?")), "{url}");
    let part = |name: &str| {
        let (_, rest) = url.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    assert_eq!(part("response_type"), "code");
    assert_eq!(part("code_challenge_method"), "S256");
    let mut inside = provider.0.lock().unwrap();
    inside.challenge = part("code_challenge");
    inside.nonce = part("nonce");
    inside.now = house.station.now().as_second();
    assert!(answer.cookie.contains("SameSite=Lax") && answer.cookie.contains("HttpOnly"));
    let cookie = answer.cookie.split(';').next().unwrap().to_owned();
    (Browser { cookie }, part("&state").to_owned())
}

async fn come_back(house: &House, browser: &Browser, state: &str) -> Answer {
    house
        .get(browser, &format!("/sign-on/back?state={state}&code=good"))
        .await
}

async fn sign_on(house: &House, provider: &Provider) -> Answer {
    let (browser, state) = begin(house, provider).await;
    come_back(house, &browser, &state).await
}

fn ticket(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let (_, rest) = page.text.split_once("name=\"ticket\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn enter(house: &House, ticket: &str, code: &str) -> Answer {
    let form = [("ticket", ticket), ("code", code), ("acknowledged", "yes")];
    house
        .post(&Browser::default(), "/sign-on/enter", &form)
        .await
}

#[tokio::test]
async fn single_sign_on_stands_for_the_password_and_for_nothing_else() {
    let house = House::new();
    assert!(
        !house
            .get(&Browser::default(), "/login")
            .await
            .text
            .contains("/sign-on")
    );
    let provider = Provider::at(&house);
    assert!(
        house
            .get(&Browser::default(), "/login")
            .await
            .text
            .contains("Ashford Falls sign-on")
    );
    // No session without the second factor, nor without the notice.
    let page = sign_on(&house, &provider).await;
    assert!(page.cookie.is_empty());
    let wrong = enter(&house, &ticket(&page), "000000").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let page = sign_on(&house, &provider).await;
    let form = [("ticket", &*ticket(&page)), ("code", &house.code(OFFICER))];
    let unread = house
        .post(&Browser::default(), "/sign-on/enter", &form)
        .await;
    assert_eq!(unread.status, StatusCode::UNAUTHORIZED);

    let page = sign_on(&house, &provider).await;
    let good = ticket(&page);
    let came = enter(&house, &good, &house.code(OFFICER)).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
    let officer = Browser {
        cookie: came.cookie.split(';').next().unwrap().to_owned(),
    };
    house.take_in();
    let found = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    // A ticket is good once.
    house.clock.advance(Duration::from_secs(30));
    let again = enter(&house, &good, &house.code(OFFICER)).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    let story = house.story().await;
    assert!(
        story.contains("Rowan Marsh (badge 417) logged in by single sign-on from "),
        "{story}"
    );

    // The session is the station's: it locks, and an administrator ends it at once.
    house.clock.advance(30 * MINUTE);
    let locked = house.get(&officer, "/search").await;
    assert_eq!(locked.location, "/unlock");
    let page = sign_on(&house, &provider).await;
    let came = enter(&house, &ticket(&page), &house.code(OFFICER)).await;
    let officer = Browser {
        cookie: came.cookie.split(';').next().unwrap().to_owned(),
    };
    let administrator = house.log_in(ADMINISTRATOR).await;
    let ended = house
        .fill_in(
            &administrator,
            "/station/sessions/end",
            &[("login", OFFICER)],
        )
        .await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text);
    assert_eq!(house.get(&officer, "/search").await.location, "/login");
}

#[tokio::test]
async fn a_member_without_training_who_signs_on_sees_no_data() {
    let house = House::new();
    let provider = Provider::at(&house);
    provider.says(json!({ "preferred_username": TRAINEE, "roles": ["administrator"] }));
    let page = sign_on(&house, &provider).await;
    let came = enter(&house, &ticket(&page), &house.code(TRAINEE)).await;
    let trainee = Browser {
        cookie: came.cookie.split(';').next().unwrap().to_owned(),
    };
    assert_eq!(house.get(&trainee, "/search").await.location, "/training");
    assert_eq!(
        house.get(&trainee, "/station").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_token_that_is_not_the_providers_word_for_this_sign_on_opens_nothing() {
    let house = House::new();
    let provider = Provider::at(&house);
    let now = house.station.now().as_second();
    for (claims, why) in [
        (
            json!({ "iss": "https://elsewhere.example" }),
            "another provider gave it",
        ),
        (
            json!({ "aud": "payroll" }),
            "it was given for another program",
        ),
        (
            json!({ "aud": [CLIENT, "payroll"] }),
            "it was given for another program",
        ),
        (
            json!({ "nonce": "of another" }),
            "it answers another sign-on",
        ),
        (
            json!({ "exp": now - 61 }),
            "it is over, or not yet in force",
        ),
    ] {
        provider.says(claims);
        let refused = sign_on(&house, &provider).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{why}");
        let story = house.story().await;
        assert!(story.contains(why), "{why}: {story}");
    }
    provider.says(json!({}));
    // Signed by a key that the provider does not publish; without a key; with the published one as secret.
    provider.0.lock().unwrap().key = key();
    for header in ["ES256", "none", "HS256", "RS256"] {
        provider.0.lock().unwrap().header = json!({ "alg": header });
        let refused = sign_on(&house, &provider).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{header}");
    }
    assert!(
        house
            .story()
            .await
            .contains("none of the provider&#39;s keys signed it")
    );
}

#[tokio::test]
async fn a_sign_on_is_good_once_in_its_browser_and_in_time() {
    let house = House::new();
    let provider = Provider::at(&house);
    let (browser, state) = begin(&house, &provider).await;
    ticket(&come_back(&house, &browser, &state).await);
    let replayed = come_back(&house, &browser, &state).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    // Somebody else's link.
    let (_, state) = begin(&house, &provider).await;
    let foreign = come_back(&house, &Browser::default(), &state).await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
    let (browser, state) = begin(&house, &provider).await;
    house.clock.advance(10 * MINUTE);
    let late = come_back(&house, &browser, &state).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.text.contains("Begin again"), "{}", late.text);
    let page = sign_on(&house, &provider).await;
    let ticket = ticket(&page);
    house.clock.advance(10 * MINUTE);
    let late = enter(&house, &ticket, &house.code(OFFICER)).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_is_no_member_or_may_not_come_in_is_not_let_in_by_a_provider() {
    let house = House::new();
    let provider = Provider::at(&house);
    provider.says(json!({ "preferred_username": "jordan.vale" }));
    let unknown = sign_on(&house, &provider).await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    let administrator = house.log_in(ADMINISTRATOR).await;
    let members = house.get(&administrator, "/station").await.text;
    assert!(!members.contains("jordan.vale"), "nobody is made a member");
    let status = format!("/station/members/{OFFICER}/status");
    let form = [("change", "suspend"), ("why", "On leave")];
    let done = house.fill_in(&administrator, &status, &form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    provider.says(json!({}));
    let suspended = sign_on(&house, &provider).await;
    assert_eq!(suspended.status, StatusCode::UNAUTHORIZED);
    assert!(suspended.text.contains("suspended"), "{}", suspended.text);
    let story = house.story().await;
    assert!(story.contains("nobody here has this login"), "{story}");
    assert!(story.contains("the account is suspended"), "{story}");
}
