-- What is past its time is destroyed (4).

-- The number of the disposal certificate, where the state wants one.
ALTER TABLE retention ADD COLUMN disposal TEXT;

CREATE TABLE purge_run (
    number INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    -- JSON: for each class, before when, and what was destroyed so far.
    about TEXT NOT NULL,
    ended_at INTEGER,
    -- Sealed: the signed certificate; it names the cases of holds.
    certificate BLOB
) STRICT;

CREATE TABLE picture_gone (
    -- Pictures whose keys are destroyed, and whose files are being removed.
    picture BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- When the decision was made; unknown for what was written before it was kept.
ALTER TABLE content ADD COLUMN at INTEGER;
CREATE INDEX content_by_time ON content (at);
CREATE INDEX use_seen_by_time ON use_seen (at);

-- What is destroyed is found by its time; what refers to it, by it.
CREATE INDEX picture_by_time ON picture (seen_at, id);
CREATE INDEX picture_by_key ON picture (camera, class, day);
CREATE INDEX read_plate_by_read ON read_plate (read);
CREATE INDEX alert_by_time ON alert (last_seen, id);
CREATE INDEX alert_sighting_by_read ON alert_sighting (read);
