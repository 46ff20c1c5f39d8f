//! The arrows of the house: who may know whom.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What cargo knows of the workspace.
fn metadata(arguments: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--format-version", "1"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Each crate's dependencies (not those of its tests).
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = metadata(&["--no-deps"]);
    let of = |package: &Value| {
        list(&package["dependencies"])
            .filter(|d| d["kind"].is_null())
            .map(|d| text(&d["name"]))
            .collect()
    };
    list(&metadata["packages"])
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
fn no_road_leads_to_a_database_but_through_the_store() {
    const DRIVERS: [&str; 9] = [
        "rusqlite",
        "libsqlite3-sys",
        "sqlite",
        "postgres",
        "tokio-postgres",
        "pq-sys",
        "sqlx-core",
        "diesel",
        "mysql",
    ];
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let names: BTreeMap<String, String> = list(&metadata["packages"])
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    // Tests and build scripts are roads too.
    let roads: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .map(|node| {
            (
                text(&node["id"]),
                list(&node["dependencies"]).map(text).collect(),
            )
        })
        .collect();
    let mut found_by_the_store = false;
    for member in list(&metadata["workspace_members"]).map(text) {
        let of_the_store = names[&member] == "store";
        let mut seen = BTreeSet::new();
        let mut ahead = vec![member.clone()];
        while let Some(package) = ahead.pop() {
            let name = names[&package].as_str();
            if DRIVERS.contains(&name) {
                assert!(
                    of_the_store,
                    "{} leads to {name} past the store",
                    names[&member]
                );
                found_by_the_store = true;
            }
            if name == "store" && !of_the_store {
                continue;
            }
            ahead.extend(
                roads[&package]
                    .iter()
                    .filter(|road| seen.insert((*road).clone()))
                    .cloned(),
            );
        }
    }
    assert!(
        found_by_the_store,
        "the search is not blind: the store's own drivers are found"
    );
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
