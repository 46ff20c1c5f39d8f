//! The town's reads in SQLite: put into the tables past the store, whose own way syncs each frame with its
//! picture.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use govern::SystemClock;
use rusqlite::{Connection, Transaction, params};

use super::{CAMERAS, Row, STEP, Town, camera, key, open};

/// Fills the folder's store, or goes on where an earlier run stopped; whether there was anything to do.
pub(crate) fn fill(folder: &Path, town: Town) -> bool {
    fs::create_dir_all(folder).unwrap();
    drop(open(folder, None, Arc::new(SystemClock::new())));
    let mut db = connect(folder);
    db.execute_batch("CREATE TABLE IF NOT EXISTS bench_filled (reads INTEGER NOT NULL)")
        .unwrap();
    let filled = "SELECT coalesce(max(reads), 0) FROM bench_filled";
    let mut n: i64 = db.query_row(filled, [], |row| row.get(0)).unwrap();
    // While there is this file, the indexes that it names are not there, and the data are not whole.
    let indexes = folder.join("indexes.sql");
    if n as u64 >= town.reads && !indexes.exists() {
        return false;
    }
    if n == 0 {
        if !indexes.exists() {
            drop_indexes(&db, &indexes);
        }
        put_cameras(&db, town);
    }
    while (n as u64) < town.reads {
        let to = town.reads.min(n as u64 + STEP);
        let step = db.transaction().unwrap();
        for number in n as u64..to {
            put(&step, &town.row(number));
        }
        step.execute("DELETE FROM bench_filled", []).unwrap();
        step.execute("INSERT INTO bench_filled VALUES (?1)", [to as i64])
            .unwrap();
        step.commit().unwrap();
        n = to as i64;
        eprintln!("{n} of {} reads", town.reads);
    }
    let again = fs::read_to_string(&indexes).unwrap();
    db.execute_batch(&format!(
        "DELETE FROM plate_page; DELETE FROM plate_new;
         INSERT INTO plate_new SELECT DISTINCT plate FROM read_plate; {again}"
    ))
    .unwrap();
    drop(db);
    // The store makes the dictionary's pages of it.
    drop(open(folder, None, Arc::new(SystemClock::new())));
    fs::remove_file(indexes).unwrap();
    true
}

/// Bytes of the database.
pub(crate) fn bytes(folder: &Path) -> u64 {
    fs::metadata(folder.join("lictor.db")).unwrap().len()
}

fn connect(folder: &Path) -> Connection {
    let db = Connection::open(folder.join("lictor.db")).unwrap();
    let hex: String = key().expose().iter().map(|b| format!("{b:02x}")).collect();
    db.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db.pragma_update(None, "temp_store", "MEMORY").unwrap();
    db.pragma_update(None, "cache_size", -2_000_000).unwrap();
    db
}

/// Indexes are made at the end, all at once.
fn drop_indexes(db: &Connection, kept: &Path) {
    let find = "SELECT name, sql FROM sqlite_schema
                WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('picture', 'read', 'read_plate')";
    let mut find = db.prepare(find).unwrap();
    let found: Vec<(String, String)> = find
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let again = found
        .iter()
        .map(|(_, sql)| sql.replacen("INDEX ", "INDEX IF NOT EXISTS ", 1) + ";\n");
    fs::write(kept, again.collect::<String>()).unwrap();
    for (name, _) in &found {
        db.execute_batch(&format!("DROP INDEX {name}")).unwrap();
    }
}

fn put_cameras(db: &Connection, town: Town) {
    for n in 0..CAMERAS {
        let name = format!("camera {n:02}");
        db.execute(
            "INSERT INTO camera (id, name, place, key_digest, added_at) VALUES (?1, ?2, ?2, ?2, 0) ON CONFLICT DO NOTHING",
            params![camera(n), name],
        )
        .unwrap();
    }
    for (camera, from, until) in town.heard() {
        db.execute(
            "INSERT INTO camera_heard (camera, from_at, until_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![camera, from, until],
        )
        .unwrap();
    }
}

fn put(db: &Transaction<'_>, row: &Row) {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        db.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    run(
        "INSERT INTO picture_key (camera, class, day, wrapped) VALUES (?1, 'no-hit', ?2, zeroblob(60))
         ON CONFLICT DO NOTHING",
        params![row.camera, row.day],
    );
    run(
        "INSERT INTO picture (id, camera, class, day, seen_at, wrapped, sha256, entry, leaves)
         VALUES (?1, ?2, 'no-hit', ?3, ?4, zeroblob(60), ?5, ?6, zeroblob(32))",
        params![
            row.picture,
            row.camera,
            row.day,
            row.seen_at,
            row.sha256,
            row.number as i64,
        ],
    );
    run(
        "INSERT INTO read (id, picture, reading, confidence, x, y, width, height, leaf)
         VALUES (?1, ?2, ?3, 0.9, 410.5, 220.25, 96.5, 48.25, 0)",
        params![row.read, row.picture, row.reading],
    );
    for (text, probability) in &row.texts {
        run(
            "INSERT INTO read_plate (plate, seen_at, read, camera, issuer, probability)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                text,
                row.seen_at,
                row.read,
                row.camera,
                row.issuer,
                probability
            ],
        );
    }
}
