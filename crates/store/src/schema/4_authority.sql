-- Confidential classes, who may see them, and the agency's cases.

-- The class that a camera carries, and with it its reads; none is for every trained member.
ALTER TABLE camera ADD COLUMN class TEXT;

CREATE TABLE authorisation (
    member BLOB NOT NULL REFERENCES member (id),
    class TEXT NOT NULL,
    -- How often the member was granted it, this time included.
    nth INTEGER NOT NULL,
    granted_by BLOB NOT NULL REFERENCES member (id),
    granted_at INTEGER NOT NULL,
    -- The moment it ends by itself.
    until INTEGER NOT NULL,
    -- Sealed.
    why BLOB NOT NULL,
    ended_by BLOB REFERENCES member (id),
    ended_at INTEGER,
    -- Sealed.
    ended_why BLOB,
    PRIMARY KEY (member, class, nth)
) STRICT;

CREATE TABLE agency_case (
    -- Finds a case by its number without telling it: a keyed hash of the number in capitals.
    number_key TEXT PRIMARY KEY,
    -- Sealed.
    number BLOB NOT NULL,
    -- 0 or 1.
    is_open INTEGER NOT NULL
) STRICT;

CREATE TABLE case_import (
    id BLOB PRIMARY KEY,
    -- SHA-256 of the file.
    file TEXT NOT NULL,
    cases INTEGER NOT NULL,
    imported_by BLOB NOT NULL REFERENCES member (id),
    imported_at INTEGER NOT NULL
) STRICT;
