//! A station over TLS, with its own certificate and with the agency's.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::path::Path;
use std::time::Duration;

use crypt::{LocalAuthority, ServerCertificate};
use govern::{Clock, SystemClock};
use support::{Home, PASSPHRASE, Running, text};
use ureq::tls::{RootCerts, TlsConfig};

const HOST: &str = "127.0.0.1";
const DAY: Duration = Duration::from_hours(24);

/// Whether a browser that trusts this authority alone reaches the station.
fn trusts(authority: &str, station: &Running) -> bool {
    // Who installs it twice finds it installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let root = ureq::tls::Certificate::from_pem(authority.as_bytes()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[root]))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .build()
        .new_agent();
    agent
        .get(format!("{}/login", station.address))
        .call()
        .is_ok()
}

fn now() -> u64 {
    SystemClock::new().now().as_second().unsigned_abs()
}

fn city() -> LocalAuthority {
    LocalAuthority::create("Ashford Falls City", HOST, now() - 60, 30 * DAY).unwrap()
}

fn put(folder: &Path, issued: &ServerCertificate) {
    fs::write(folder.join("chain.pem"), issued.chain()).unwrap();
    fs::write(folder.join("key.pem"), issued.expose_key()).unwrap();
}

#[test]
fn browsers_that_know_the_authority_of_init_trust_the_station() {
    let home = Home::new();
    let printed = home.init_for(HOST);
    assert!(printed.contains("authority.pem"), "{printed}");
    let authority = fs::read_to_string(home.path("station/authority.pem")).unwrap();
    let station = Running::serve(&home, PASSPHRASE);
    assert!(
        station.address.starts_with("https://127.0.0.1:"),
        "{}",
        station.address
    );
    assert!(trusts(&authority, &station));
    assert!(!trusts(city().certificate(), &station));
}

#[test]
fn the_agencys_certificate_is_shown_and_its_successor_without_a_restart() {
    let home = Home::new();
    home.init_for(HOST);
    let (first, second) = (city(), city());
    let issued = first.issue(now() - 60, DAY).unwrap();
    put(home.0.path(), &issued);
    let files = ["--certificate", "chain.pem", "--certificate-key", "key.pem"];
    let station = Running::serve_with(&home, PASSPHRASE, &files);
    assert!(trusts(first.certificate(), &station));

    put(home.0.path(), &second.issue(now() - 60, 20 * DAY).unwrap());
    let taken_up = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        trusts(second.certificate(), &station)
    });
    assert!(taken_up, "the new certificate was not taken up within 10 s");
    assert!(!trusts(first.certificate(), &station));
    assert_eq!(station.stop(), Some(0));

    // One that cannot be shown is named, with its reason, and nothing is served.
    fs::write(home.path("key.pem"), issued.expose_key()).unwrap();
    let serve = [
        &[
            "serve",
            "station",
            "--port",
            "0",
            "--passphrase-file",
            "passphrase",
        ][..],
        &files,
    ]
    .concat();
    let refused = home.lictor(&serve, &[]);
    assert!(!refused.status.success());
    let words = text(&refused.stderr);
    assert!(
        words.contains("chain.pem: the private key does not belong to the certificate"),
        "{words}"
    );
}
