-- Evidence (4): what was booked, and where a read stands in the ledger that it came in so.

-- The batch's entry in the ledger, and its leaves' hashes, 32 bytes each; nothing for pictures that came
-- in before this was noted.
ALTER TABLE picture ADD COLUMN entry INTEGER;
ALTER TABLE picture ADD COLUMN leaves BLOB;
-- Which leaf is the read's, from 0.
ALTER TABLE read ADD COLUMN leaf INTEGER;

CREATE TABLE evidence (
    id BLOB PRIMARY KEY,
    -- For people, counted from 1.
    serial INTEGER NOT NULL UNIQUE,
    -- Raised with each change: two who change at once, change once.
    revision INTEGER NOT NULL,
    booked_at INTEGER NOT NULL,
    booked_by BLOB NOT NULL REFERENCES member (id),
    -- The number of the booking's decision in the ledger.
    entry INTEGER NOT NULL,
    -- The hold that it placed on its reads.
    hold BLOB NOT NULL REFERENCES hold (id),
    -- Sealed JSON: evidence number, case, and the chain of custody.
    about BLOB NOT NULL
) STRICT;
