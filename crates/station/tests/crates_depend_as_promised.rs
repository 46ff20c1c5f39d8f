//! The arrows of the house: who may know whom.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::BTreeMap;
use std::process::Command;

/// Each crate's dependencies (not those of its tests).
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of = |package: &serde_json::Value| {
        package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["kind"].is_null())
            .map(|d| text(&d["name"]))
            .collect()
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (text(&p["name"]), of(p)))
        .collect()
}

fn who_depends_on(wanted: &str) -> Vec<String> {
    dependencies()
        .into_iter()
        .filter(|(_, on)| on.iter().any(|d| d == wanted))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn only_the_station_knows_the_store() {
    assert_eq!(who_depends_on("store"), ["station"]);
}

#[test]
fn only_the_store_knows_a_database_driver() {
    assert_eq!(who_depends_on("rusqlite"), ["store"]);
    assert_eq!(who_depends_on("postgres"), ["store"]);
    for driver in ["sqlx", "tokio-postgres", "diesel", "libsqlite3-sys"] {
        assert_eq!(who_depends_on(driver), Vec::<String>::new(), "{driver}");
    }
}

#[test]
fn the_pure_crates_know_no_network_and_no_database() {
    let all = dependencies();
    for pure in ["plate", "ledger", "govern"] {
        for other in [
            "tokio", "axum", "ureq", "rusqlite", "store", "station", "console",
        ] {
            assert!(
                !all[pure].iter().any(|d| d == other),
                "{pure} depends on {other}"
            );
        }
    }
}
