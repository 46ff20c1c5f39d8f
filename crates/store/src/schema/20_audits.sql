-- Samples of accesses, and what reviewers found of each (5(c)).

CREATE TABLE audit_sample (
    id BLOB PRIMARY KEY,
    -- For people, counted from 1.
    serial INTEGER NOT NULL UNIQUE,
    -- Raised with each finding: of two at once, one is told to try again.
    revision INTEGER NOT NULL,
    drawn_at INTEGER NOT NULL,
    -- None where the station drew it by itself.
    drawn_by BLOB REFERENCES member (id),
    -- The number of the draw's decision in the ledger.
    entry INTEGER NOT NULL,
    -- Sealed JSON: days, seed, the accesses, and what was found of each.
    about BLOB NOT NULL
) STRICT;
