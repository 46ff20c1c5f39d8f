//! Single sign-on with the real program, over HTTP, at a small provider.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use crypt::sha256;
use govern::{Clock, SystemClock};
use serde_json::{Value, json};
use support::{Home, PASSPHRASE, Running, between, code, first_login};

struct Provider {
    address: String,
    key: Ed25519KeyPair,
    /// What the browser came with.
    asked: Mutex<HashMap<String, String>>,
}

type Fields = HashMap<String, String>;

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

async fn about(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.address);
    Json(json!({
        "issuer": provider.address,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
    }))
}

async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let x = base64(provider.key.public_key());
    Json(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x }] }))
}

/// Whoever comes is Sam.
async fn authorize(State(provider): State<Arc<Provider>>, Query(asked): Query<Fields>) -> Redirect {
    let back = format!(
        "{}?code=good&state={}",
        asked["redirect_uri"], asked["state"]
    );
    *provider.asked.lock().unwrap() = asked;
    Redirect::to(&back)
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Json<Value> {
    let asked = provider.asked.lock().unwrap().clone();
    let secret = BASE64_STANDARD.encode("lictor:a+secret%21");
    assert_eq!(headers["authorization"], format!("Basic {secret}"));
    assert_eq!(form["code"], "good");
    assert_eq!(form["redirect_uri"], asked["redirect_uri"]);
    assert_eq!(
        base64(sha256(form["code_verifier"].as_bytes()).0),
        asked["code_challenge"]
    );
    let now = SystemClock::new().now().as_second();
    let claims = json!({
        "iss": provider.address, "aud": ["lictor"], "sub": "8f2", "nonce": asked["nonce"],
        "iat": now, "exp": now + 300,
        "email": "sam.okafor@ashford-falls.example", "email_verified": true,
    });
    let header = base64(json!({ "alg": "EdDSA", "kid": "one" }).to_string());
    let signed = format!("{header}.{}", base64(claims.to_string()));
    let signature = base64(provider.key.sign(signed.as_bytes()));
    Json(json!({ "id_token": format!("{signed}.{signature}") }))
}

/// Runs a provider for as long as the test.
fn run_provider() -> (tokio::runtime::Runtime, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let provider = Arc::new(Provider {
        address: address.clone(),
        key: Ed25519KeyPair::generate().unwrap(),
        asked: Mutex::default(),
    });
    let pages = Router::new()
        .route("/.well-known/openid-configuration", get(about))
        .route("/keys", get(keys))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .with_state(provider);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime
        .block_on(async { axum_server::from_tcp(listener) })
        .unwrap();
    runtime.spawn(server.serve(pages.into_make_service()));
    (runtime, address)
}

#[test]
fn an_administrator_signs_on_at_the_agencys_provider() {
    let (_runtime, provider) = run_provider();
    let home = Home::new();
    let printed = home.init();
    home.file("secret", "a secret!\n");
    let settings = home.file(
        "sign-on.toml",
        &format!(
            "name = 'Ashford Falls sign-on'\nissuer = '{provider}'\nclient_id = 'lictor'\n\
             client_secret_file = '{}'\nclaim = 'email'\nends_with = '@ashford-falls.example'\n",
            home.path("secret").display()
        ),
    );
    let sign_on = ["--sign-on", settings.to_str().unwrap()];
    let station = Running::serve_with(&home, PASSPHRASE, &sign_on);
    let sam = first_login(&station, &printed, "Sam Okafor");
    let browser = ureq::Agent::new_with_defaults();
    let at = |path: &str| format!("{}{path}", station.address);
    let page =
        |mut answer: ureq::http::Response<ureq::Body>| answer.body_mut().read_to_string().unwrap();
    assert!(
        page(browser.get(at("/login")).call().unwrap()).contains("Log in by Ashford Falls sign-on")
    );

    let sent = browser
        .post(at("/sign-on"))
        .send_form([("", ""); 0])
        .unwrap();
    let on = sent.headers()["refresh"].to_str().unwrap();
    let on = on.strip_prefix("0; url=").unwrap().to_owned();
    let back = page(browser.get(on).call().unwrap());
    assert!(back.contains("sam.okafor"), "{back}");
    let form = [
        ("ticket", between(&back, "name=\"ticket\" value=\"", "\"")),
        ("code", &code(&sam)),
        ("acknowledged", "yes"),
    ];
    let front = page(browser.post(at("/sign-on/enter")).send_form(form).unwrap());
    assert!(front.contains("Sam Okafor"), "{front}");
    let members = page(browser.get(at("/station")).call().unwrap());
    assert!(
        members.contains("avery.holt"),
        "the administrator's own page"
    );
    assert_eq!(station.stop(), Some(0));
}
