//! What is promised to programs is what is built.

#[path = "../../govern/tests/support/golden.rs"]
mod golden;

#[test]
fn the_contract_in_the_repository_is_the_one_that_is_built() {
    golden::compare(
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/contract/openapi.json"
        ),
        &console::contract().unwrap(),
        "cargo nextest run -p console@0.1.0 --test contract, or cargo xtask openapi",
    );
}
