-- Searches by part of a plate, by place and by time.

ALTER TABLE read_plate RENAME TO read_plate_before;

CREATE TABLE read_plate (
    -- A text that the read may be, with O as 0.
    plate TEXT NOT NULL,
    -- When and by which camera it was read, as the read's picture says.
    seen_at INTEGER NOT NULL,
    read BLOB NOT NULL REFERENCES read (id),
    camera BLOB NOT NULL REFERENCES camera (id),
    -- The state or country that issued the plate (ISO 3166), where that was read.
    issuer TEXT,
    probability REAL NOT NULL,
    PRIMARY KEY (plate, seen_at, read)
) STRICT, WITHOUT ROWID;

INSERT INTO read_plate (plate, seen_at, read, camera, issuer, probability)
SELECT before.plate, picture.seen_at, before.read, picture.camera, NULL, before.probability
FROM read_plate_before AS before
JOIN read ON read.id = before.read
JOIN picture ON picture.id = read.picture;

DROP TABLE read_plate_before;

CREATE INDEX read_by_picture ON read (picture);

CREATE TABLE plate_page (
    -- The dictionary: every plate of read_plate once. A page is up to 8,192 of them packed into eight
    -- bytes each, little end first.
    number INTEGER PRIMARY KEY,
    words BLOB NOT NULL
) STRICT;

CREATE TABLE plate_new (
    -- Plates of the dictionary that stand on no page yet, and those too long to be packed.
    plate TEXT PRIMARY KEY
) STRICT;

INSERT INTO plate_new (plate) SELECT DISTINCT plate FROM read_plate;

CREATE TABLE camera_heard (
    -- A camera handed in frames without a long break from one time to another: by the frames' own times.
    camera BLOB NOT NULL REFERENCES camera (id),
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (camera, from_at)
) STRICT;
