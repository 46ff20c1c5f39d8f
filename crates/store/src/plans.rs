//! How each database goes about what a search asks for: by an index, or a search has lost it. The plans are
//! golden, in `plans.txt` beside this.

use jiff::Timestamp;

use crate::canvass::TEXTS_AT_SCENE;
use crate::heard::HEARD;
use crate::search::{READS_BY_ID, READS_OF_ONE, READS_OF_SOME};
use crate::sql::{AT_A_TIME, Value, values};
use crate::support::House;

#[path = "../../govern/tests/support/golden.rs"]
mod golden;

const PLANS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/plans.txt");
const HEAD: &str = "\
# How each database goes about what a search asks for. A line without an index reads every row.
# Written by `LICTOR_REWRITE=1 cargo nextest run -p store plans`.
";

/// PostgreSQL weighs its tables' sizes, and here they are empty: told to read no table whole, it does so
/// only where there is no index.
const BY_INDEX: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
    SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = on";

/// Every shape of question, its statement, and values of the kinds that it takes.
fn shapes() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let (begin, end) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    let (plates, ids) = (
        vec![Value::from("DK48213"); AT_A_TIME],
        vec![Value::from(&[0; 16]); AT_A_TIME],
    );
    let within: &[Value] = values![begin, end, 100_i64];
    vec![
        (
            "a whole plate",
            READS_OF_ONE,
            [&plates[..1], within].concat(),
        ),
        ("part of one", READS_OF_SOME, [&plates, within].concat()),
        ("a page of an answer", READS_BY_ID, ids.clone()),
        ("a scene", TEXTS_AT_SCENE, [&ids[..1], within].concat()),
        ("what cameras covered", HEARD, vec![]),
    ]
}

/// A line for each step of each plan that reads a table.
fn plans(house: &House) -> String {
    let mut plans = String::new();
    for (name, statement, values) in shapes() {
        let (explain, column) = if house.is_sqlite() {
            ("EXPLAIN QUERY PLAN", 3)
        } else {
            ("EXPLAIN (COSTS OFF)", 0)
        };
        let explain: &'static str = format!("{explain} {statement}").leak();
        let steps = house.store().ask(|db| {
            if !house.is_sqlite() {
                db.run(BY_INDEX)?;
            }
            db.rows(explain, &values)
        });
        plans += &format!("\n{name}\n");
        for row in steps.unwrap() {
            let step: String = row.get(column).unwrap();
            let step = step.trim_start_matches([' ', '-', '>']);
            if ["SEARCH", "SCAN", "Scan", "TEMP"]
                .iter()
                .any(|word| step.contains(word))
            {
                plans += &format!("  {step}\n");
            }
        }
    }
    plans
}

#[test]
fn every_question_is_answered_by_an_index_as_the_golden_plans_say() {
    let now = format!(
        "{HEAD}\n# SQLite\n{}\n# PostgreSQL\n{}",
        plans(&House::with_sqlite()),
        plans(&House::with_postgres())
    );
    golden::compare(PLANS, &now, "cargo nextest run -p store plans");
}
