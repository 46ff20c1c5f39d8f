//! The tables, and how a database comes to this version's.

use crypt::sha256;

use crate::StoreError;
use crate::sql::{Connection, Database, values};

/// Each step brings the database from its number to the next. Steps are only ever added: one that
/// stands in some station's database is never changed. Written for SQLite; PostgreSQL's names of the
/// types are put in for it (BYTEA, BIGINT, DOUBLE PRECISION).
const STEPS: [(&str, &str); 27] = [
    ("thread", include_str!("schema/1_thread.sql")),
    ("people", include_str!("schema/2_people.sql")),
    ("door", include_str!("schema/3_door.sql")),
    ("authority", include_str!("schema/4_authority.sql")),
    ("hotlists", include_str!("schema/5_hotlists.sql")),
    ("searching", include_str!("schema/6_searching.sql")),
    ("release", include_str!("schema/7_release.sql")),
    ("passkeys", include_str!("schema/8_passkeys.sql")),
    ("terminals", include_str!("schema/9_terminals.sql")),
    ("proposals", include_str!("schema/10_proposals.sql")),
    ("approvals", include_str!("schema/11_approvals.sql")),
    ("questions", include_str!("schema/12_questions.sql")),
    ("hotlist-index", include_str!("schema/13_hotlist_index.sql")),
    ("holds", include_str!("schema/14_holds.sql")),
    ("local-entries", include_str!("schema/15_local_entries.sql")),
    ("purge", include_str!("schema/16_purge.sql")),
    ("alert-duty", include_str!("schema/17_alert_duty.sql")),
    ("webhooks", include_str!("schema/18_webhooks.sql")),
    ("evidence", include_str!("schema/19_evidence.sql")),
    ("audits", include_str!("schema/20_audits.sql")),
    ("reports", include_str!("schema/21_reports.sql")),
    ("feeds", include_str!("schema/22_feeds.sql")),
    ("uses", include_str!("schema/23_uses.sql")),
    ("positions", include_str!("schema/24_positions.sql")),
    ("lists", include_str!("schema/25_lists.sql")),
    ("canvass", include_str!("schema/26_canvass.sql")),
    ("media", include_str!("schema/27_media.sql")),
];

/// Brings the database to this version's schema, one station at a time, in one transaction a step.
///
/// # Errors
/// [`StoreError::Newer`] for data of a newer version; [`StoreError::Damaged`] when a step was made by
/// another text than this version's.
pub(crate) fn migrate(db: &dyn Database) -> Result<(), StoreError> {
    db.change(&mut |begin| {
        begin.hold("schema")?;
        begin.run(
            "CREATE TABLE IF NOT EXISTS schema_step (
                number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL
            ) STRICT;",
        )
    })?;
    for (number, (name, text)) in (1_i64..).zip(STEPS) {
        let digest = sha256(text.as_bytes()).to_string();
        db.change(&mut |step| {
            step.hold("schema")?;
            refuse_newer(step)?;
            let made = "SELECT sha256 FROM schema_step WHERE number = ?1";
            match step.row(made, values![number])? {
                Some(made) if made.get::<String>(0)? == digest => Ok(()),
                Some(_) => Err(StoreError::damaged(format!(
                    "step {number} ({name}) of the schema was made by another text than this version's"
                ))),
                None => {
                    step.run(text)?;
                    step.execute(
                        "INSERT INTO schema_step (number, name, sha256) VALUES (?1, ?2, ?3)",
                        values![number, name, &digest],
                    )?;
                    Ok(())
                }
            }
        })?;
    }
    Ok(())
}

fn refuse_newer(step: &mut dyn Connection) -> Result<(), StoreError> {
    let known = STEPS.len() as i64;
    let found: i64 = step.one(
        "SELECT coalesce(max(number), 0) FROM schema_step",
        values![],
    )?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    Ok(())
}
