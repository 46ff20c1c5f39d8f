-- What takes two people, and how long data are kept.

CREATE TABLE proposal (
    id BLOB PRIMARY KEY,
    -- The act by which it was proposed.
    kind TEXT NOT NULL,
    -- What was proposed, as JSON, sealed.
    matter BLOB NOT NULL,
    -- The same in words, sealed.
    words BLOB NOT NULL,
    proposed_by BLOB NOT NULL REFERENCES member (id),
    -- 0 or 1: whether the proposer was Deputy Chief then.
    by_deputy_chief INTEGER NOT NULL,
    -- The number of the proposing decision in the ledger.
    entry INTEGER NOT NULL,
    proposed_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    confirmed_by BLOB REFERENCES member (id),
    confirmed_at INTEGER
) STRICT;

CREATE TABLE retention (
    -- The proposal by which it came into force.
    proposal BLOB PRIMARY KEY REFERENCES proposal (id),
    class TEXT NOT NULL,
    -- JSON: amount, and unit seconds, days or months.
    keep TEXT NOT NULL,
    schedule TEXT NOT NULL,
    preset TEXT,
    since INTEGER NOT NULL
) STRICT;
