-- What tripwires count, and the questions that they open.

CREATE TABLE use_seen (
    -- Beside the content of the same decision, and kept as long.
    decision BLOB PRIMARY KEY,
    member BLOB NOT NULL,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    -- 0 or 1.
    refused INTEGER NOT NULL,
    -- A keyed hash of the plate that was looked for.
    looked_for TEXT,
    -- 0 or 1: the case or call number has the form of a call's.
    for_a_call INTEGER NOT NULL
) STRICT;
CREATE INDEX use_seen_by_member ON use_seen (member, at);
CREATE INDEX use_seen_by_plate ON use_seen (member, looked_for, at);

CREATE TABLE question (
    id BLOB PRIMARY KEY,
    -- The tripwire, by its id in tripwires.toml.
    tripwire TEXT NOT NULL,
    -- The member whose uses it is about.
    member BLOB NOT NULL REFERENCES member (id),
    -- What else it is about; one question is open at a time for each.
    about TEXT NOT NULL,
    -- JSON array: the uses, by their decisions.
    uses TEXT NOT NULL,
    -- The number of entries of the ledger when it was opened.
    entries INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    -- in-order, not-in-order or referred.
    finding TEXT,
    answered_by BLOB REFERENCES member (id),
    answered_at INTEGER,
    -- Sealed: in the reviewer's words.
    words BLOB
) STRICT;
CREATE INDEX question_by_member ON question (member, tripwire, about, opened_at);
