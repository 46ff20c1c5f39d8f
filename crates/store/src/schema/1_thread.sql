-- Times are milliseconds since 1970, UTC; ids are 16 random bytes; days are YYYY-MM-DD, UTC.
-- What is "sealed" is encrypted under the store's column key, for its row and column alone.

CREATE TABLE station (
    -- One row a fact: the agency's name, the host name, the ledger's signing key.
    fact TEXT PRIMARY KEY,
    -- Sealed.
    value BLOB NOT NULL
) STRICT;

CREATE TABLE member (
    id BLOB PRIMARY KEY,
    -- Finds a member by login without telling it: a keyed hash of the login in lower case. Never
    -- reused: a member who leaves keeps the row.
    login_key TEXT NOT NULL UNIQUE,
    -- Sealed.
    login BLOB NOT NULL,
    -- Sealed.
    name BLOB NOT NULL,
    -- Sealed.
    badge BLOB NOT NULL,
    -- JSON array of role ids.
    roles TEXT NOT NULL,
    -- A PHC string.
    password TEXT NOT NULL,
    -- Sealed.
    second_factor BLOB NOT NULL,
    -- The newest one-time code used, as its step: it and older ones are not accepted again.
    last_step INTEGER NOT NULL DEFAULT 0,
    -- When failed logins locked the account; an administrator releases it.
    locked_at INTEGER,
    enrolled_at INTEGER NOT NULL
) STRICT;

CREATE TABLE login_failure (
    member BLOB NOT NULL REFERENCES member (id),
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failure_by_member ON login_failure (member, at);

CREATE TABLE training (
    id BLOB PRIMARY KEY,
    member BLOB NOT NULL REFERENCES member (id),
    course TEXT NOT NULL,
    completed TEXT NOT NULL,
    -- The last day it is in force.
    expires TEXT NOT NULL,
    -- The member who recorded it.
    recorded_by BLOB NOT NULL REFERENCES member (id),
    recorded_at INTEGER NOT NULL,
    -- Recorded when the station was founded, by one founder for the other: 0 or 1.
    founding INTEGER NOT NULL
) STRICT;
CREATE INDEX training_by_member ON training (member);

CREATE TABLE camera (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    -- SHA-256 of the camera's key.
    key_digest TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX camera_by_name ON camera (lower(name));

CREATE TABLE picture_key (
    -- The key that wraps the keys of a camera's pictures of one class and one day.
    camera BLOB NOT NULL REFERENCES camera (id),
    class TEXT NOT NULL,
    day TEXT NOT NULL,
    -- Wrapped by the station's picture key.
    wrapped BLOB NOT NULL,
    PRIMARY KEY (camera, class, day)
) STRICT;

CREATE TABLE picture (
    id BLOB PRIMARY KEY,
    camera BLOB NOT NULL,
    class TEXT NOT NULL,
    day TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    -- The picture's own key, wrapped by its picture_key.
    wrapped BLOB NOT NULL,
    -- Of the bytes as captured. The same frame sent twice is kept once.
    sha256 TEXT NOT NULL,
    FOREIGN KEY (camera, class, day) REFERENCES picture_key (camera, class, day),
    UNIQUE (camera, seen_at, sha256)
) STRICT;

CREATE TABLE read (
    id BLOB PRIMARY KEY,
    picture BLOB NOT NULL REFERENCES picture (id),
    -- The distribution, as `plate::Reading` writes it.
    reading TEXT NOT NULL,
    -- Detector and reader together, 0 to 1.
    confidence REAL NOT NULL,
    -- Left, top, width, height in pixels of the picture.
    x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL
) STRICT;

CREATE TABLE read_plate (
    -- A text that the read may be, with O as 0.
    plate TEXT NOT NULL,
    read BLOB NOT NULL REFERENCES read (id),
    probability REAL NOT NULL,
    -- The probability in tenths, rounded: answers are ordered by it, then by time.
    tenths INTEGER NOT NULL,
    PRIMARY KEY (plate, read)
) STRICT, WITHOUT ROWID;

CREATE TABLE content (
    -- What is personal in a decision, retention class `audit`.
    decision BLOB PRIMARY KEY,
    salt BLOB NOT NULL,
    -- Sealed.
    content BLOB NOT NULL
) STRICT;
