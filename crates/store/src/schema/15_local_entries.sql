-- Plates that members look out for (3(b)), and parts of plates (3(c)).

CREATE TABLE local_entry (
    id BLOB PRIMARY KEY,
    -- For people, counted from 1.
    number INTEGER NOT NULL UNIQUE,
    -- Sealed JSON: plate or part of one, vehicle, reason, case, document.
    entry BLOB NOT NULL,
    -- 0 or 1: part of a plate. What it finds is a possible, and never an alert.
    partial INTEGER NOT NULL,
    entered_by BLOB NOT NULL REFERENCES member (id),
    entered_at INTEGER NOT NULL,
    -- It ends by itself.
    ends_at INTEGER NOT NULL,
    -- By another member; nothing is compared with it before.
    confirmed_by BLOB REFERENCES member (id),
    confirmed_at INTEGER,
    renewed_by BLOB REFERENCES member (id),
    renewed_at INTEGER,
    withdrawn_at INTEGER,
    -- Nobody, where a restore knows it by the ledger alone.
    withdrawn_by BLOB REFERENCES member (id),
    -- Sealed.
    withdrawn_why BLOB
) STRICT;

CREATE TABLE possible (
    -- A read that may be of the vehicle of which part of a plate is known.
    entry BLOB NOT NULL REFERENCES local_entry (id),
    read BLOB NOT NULL REFERENCES read (id) ON DELETE CASCADE,
    seen_at INTEGER NOT NULL,
    probability REAL NOT NULL,
    PRIMARY KEY (entry, read)
) STRICT, WITHOUT ROWID;
CREATE INDEX possible_by_time ON possible (entry, seen_at);
CREATE INDEX possible_by_read ON possible (read);
