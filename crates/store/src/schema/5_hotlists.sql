CREATE TABLE hotlist (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    -- JSON: source, class, purposes, refresh interval, mapping.
    about TEXT NOT NULL,
    -- The import whose entries reads are compared with; none before the first is in force.
    in_force BLOB
) STRICT;
CREATE UNIQUE INDEX hotlist_by_name ON hotlist (lower(name));

CREATE TABLE hotlist_import (
    id BLOB PRIMARY KEY,
    list BLOB NOT NULL REFERENCES hotlist (id),
    -- JSON, as it is once this import is in force.
    about TEXT NOT NULL,
    -- The member who brought it in.
    imported_by BLOB NOT NULL,
    imported_at INTEGER NOT NULL,
    -- Of the file's bytes.
    sha256 TEXT NOT NULL,
    entries INTEGER NOT NULL,
    -- Sealed: rows, rows dropped and why, bad rows by line.
    report BLOB NOT NULL,
    -- waiting: for a second person; in-force; past: its entries are gone.
    state TEXT NOT NULL
) STRICT;
CREATE INDEX hotlist_import_by_list ON hotlist_import (list, imported_at);

CREATE TABLE hotlist_part (
    -- The entries of an import, so many together.
    import BLOB NOT NULL REFERENCES hotlist_import (id),
    number INTEGER NOT NULL,
    -- Sealed: JSON array of entries.
    entries BLOB NOT NULL,
    PRIMARY KEY (import, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE hotlist_suspension (
    -- A record that the law enforcement database did not bear out. It raises nothing until the
    -- source enters it anew: under another date or number.
    list BLOB NOT NULL REFERENCES hotlist (id),
    -- A keyed hash of plate, state, date of entry and number.
    record_mark TEXT NOT NULL,
    -- refuted or stale.
    finding TEXT NOT NULL,
    alert BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (list, record_mark)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id BLOB PRIMARY KEY,
    -- For people, counted from 1.
    number INTEGER NOT NULL UNIQUE,
    list BLOB NOT NULL REFERENCES hotlist (id),
    record_mark TEXT NOT NULL,
    -- A keyed hash of plate and state: finds what earlier alerts of the plate turned out to be.
    plate_mark TEXT NOT NULL,
    priority INTEGER NOT NULL,
    restricted INTEGER NOT NULL,
    -- As `hotlist::State` writes it.
    state TEXT NOT NULL,
    -- What it turned out to be, if it is known: picture-refuted, verified, refuted, stale.
    finding TEXT,
    raised_at INTEGER NOT NULL,
    -- When the newest of its sightings was seen.
    last_seen INTEGER NOT NULL,
    -- Sealed JSON: the entry and the list, as they were.
    listed BLOB NOT NULL
) STRICT;
CREATE INDEX alert_by_record ON alert (list, record_mark, last_seen);
CREATE INDEX alert_by_plate ON alert (plate_mark);

CREATE TABLE alert_sighting (
    alert BLOB NOT NULL REFERENCES alert (id),
    number INTEGER NOT NULL,
    read BLOB NOT NULL REFERENCES read (id),
    -- JSON: fit, probability, states.
    matched TEXT NOT NULL,
    PRIMARY KEY (alert, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_step (
    alert BLOB NOT NULL REFERENCES alert (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- The member who took it.
    member BLOB NOT NULL,
    -- Sealed JSON: name, badge, and what was said.
    step BLOB NOT NULL,
    PRIMARY KEY (alert, number)
) STRICT, WITHOUT ROWID;
