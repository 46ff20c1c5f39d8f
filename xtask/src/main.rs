//! The chores: set up, test, bench.
fn main() {}
