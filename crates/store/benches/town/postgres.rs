//! The town's reads in PostgreSQL, copied into the tables past the store.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use govern::SystemClock;
use postgres::{Client, NoTls, Transaction};

use super::{CAMERAS, STEP, Town, camera, open};

/// Fills the database, or goes on where an earlier run stopped; whether there was anything to do.
pub(crate) fn fill(folder: &Path, server: &str, town: Town) -> bool {
    fs::create_dir_all(folder).unwrap();
    drop(open(folder, Some(server), Arc::new(SystemClock::new())));
    let mut db = Client::connect(server, NoTls).unwrap();
    // What is copied fits together: that is not looked at row by row.
    db.batch_execute(
        "SET session_replication_role = replica; SET synchronous_commit = off;
         SET maintenance_work_mem = '1GB';
         CREATE TABLE IF NOT EXISTS bench_filled (reads BIGINT NOT NULL)",
    )
    .unwrap();
    let filled = "SELECT coalesce(max(reads), 0) FROM bench_filled";
    let n: i64 = db.query_one(filled, &[]).unwrap().get(0);
    let mut n = n as u64;
    // While there is this file, the indexes that it names are not there, and the data are not whole.
    let indexes = folder.join("indexes.sql");
    if n >= town.reads && !indexes.exists() {
        return false;
    }
    if n == 0 {
        if !indexes.exists() {
            drop_indexes(&mut db, &indexes);
        }
        put_cameras(&mut db, town);
    }
    while n < town.reads {
        let to = town.reads.min(n + STEP);
        let mut step = db.transaction().unwrap();
        put(&mut step, town, n, to);
        step.execute("DELETE FROM bench_filled", &[]).unwrap();
        step.execute("INSERT INTO bench_filled VALUES ($1)", &[&(to as i64)])
            .unwrap();
        step.commit().unwrap();
        n = to;
        eprintln!("{n} of {} reads", town.reads);
    }
    let again = fs::read_to_string(&indexes).unwrap();
    db.batch_execute(&format!(
        "DELETE FROM plate_page; DELETE FROM plate_new;
         INSERT INTO plate_new SELECT DISTINCT plate FROM read_plate; {again}"
    ))
    .unwrap();
    // The store makes the dictionary's pages of it.
    drop(open(folder, Some(server), Arc::new(SystemClock::new())));
    // As the server does by itself once it is left alone.
    db.batch_execute("VACUUM ANALYZE").unwrap();
    db.batch_execute("CHECKPOINT").unwrap();
    fs::remove_file(indexes).unwrap();
    true
}

/// Bytes of the database.
pub(crate) fn bytes(server: &str) -> u64 {
    let mut db = Client::connect(server, NoTls).unwrap();
    let size = "SELECT pg_database_size(current_database())";
    let bytes: i64 = db.query_one(size, &[]).unwrap().get(0);
    bytes as u64
}

/// Indexes are made at the end, all at once; those of keys stay.
fn drop_indexes(db: &mut Client, kept: &Path) {
    let find = "SELECT indexname::text, indexdef FROM pg_indexes
                WHERE tablename IN ('picture', 'read', 'read_plate')
                  AND indexname NOT IN (SELECT conname FROM pg_constraint)";
    let found = db.query(find, &[]).unwrap();
    let found = found
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect::<Vec<(String, String)>>();
    let again = found
        .iter()
        .map(|(_, sql)| sql.replacen("INDEX ", "INDEX IF NOT EXISTS ", 1) + ";\n");
    fs::write(kept, again.collect::<String>()).unwrap();
    for (name, _) in &found {
        db.batch_execute(&format!("DROP INDEX {name}")).unwrap();
    }
}

fn put_cameras(db: &mut Client, town: Town) {
    for n in 0..CAMERAS {
        let name = format!("camera {n:02}");
        db.execute(
            "INSERT INTO camera (id, name, place, key_digest, added_at) VALUES ($1, $2, $2, $2, 0) ON CONFLICT DO NOTHING",
            &[&camera(n).as_slice(), &name],
        )
        .unwrap();
    }
    for (camera, from, until) in town.heard() {
        db.execute(
            "INSERT INTO camera_heard (camera, from_at, until_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[&camera.as_slice(), &from, &until],
        )
        .unwrap();
    }
}

fn put(db: &mut Transaction<'_>, town: Town, from: u64, to: u64) {
    let (mut pictures, mut reads, mut plates) = (String::new(), String::new(), String::new());
    let mut keys = Vec::new();
    for row in (from..to).map(|n| town.row(n)) {
        let [read, picture, camera] = [row.read, row.picture, row.camera].map(|id| hex(&id));
        let (day, at) = (&row.day, row.seen_at);
        let (wrapped, leaves) = (hex(&[0; 60]), hex(&[0; 32]));
        let key = (row.camera, row.day.clone());
        if !keys.contains(&key) {
            keys.push(key);
        }
        writeln!(
            pictures,
            "{picture},{camera},no-hit,{day},{at},{wrapped},{},{},{leaves}",
            row.sha256, row.number
        )
        .unwrap();
        let reading = row.reading.replace('"', "\"\"");
        writeln!(
            reads,
            "{read},{picture},\"{reading}\",0.9,410.5,220.25,96.5,48.25,0"
        )
        .unwrap();
        let issuer = row.issuer.unwrap_or_default();
        for (text, probability) in &row.texts {
            writeln!(plates, "{text},{at},{read},{camera},{issuer},{probability}").unwrap();
        }
    }
    for (camera, day) in keys {
        db.execute(
            "INSERT INTO picture_key (camera, class, day, wrapped) VALUES ($1, 'no-hit', $2, $3)
             ON CONFLICT DO NOTHING",
            &[&camera.as_slice(), &day, &[0_u8; 60].as_slice()],
        )
        .unwrap();
    }
    for (table, rows) in [
        (
            "picture (id, camera, class, day, seen_at, wrapped, sha256, entry, leaves)",
            pictures,
        ),
        (
            "read (id, picture, reading, confidence, x, y, width, height, leaf)",
            reads,
        ),
        (
            "read_plate (plate, seen_at, read, camera, issuer, probability)",
            plates,
        ),
    ] {
        let mut copy = db
            .copy_in(&format!("COPY {table} FROM STDIN (FORMAT csv)"))
            .unwrap();
        copy.write_all(rows.as_bytes()).unwrap();
        copy.finish().unwrap();
    }
}

/// As PostgreSQL reads bytes.
fn hex(bytes: &[u8]) -> String {
    let mut text = "\\x".to_owned();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}
